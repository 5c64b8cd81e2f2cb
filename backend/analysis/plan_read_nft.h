/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * plan_read_nft.h - shared by the files that read our table in the JSON of nft.
 */
#ifndef BACKEND_PLAN_READ_NFT_H
#define BACKEND_PLAN_READ_NFT_H

#include <jansson.h>

#include "backend/analysis/plan_read.h"

/* the rules that are read, and which of them are not known */
struct nft_plan_reader {
	struct plan_read *r;
	const json_t *all;	/* the array "nftables" */
	struct filter_error *unknown;	/* by chain: the first one */
	bool has_hdrlength;	/* of the rule: its header has no options */
};

/* {"op", "left", "right"} as a condition of x->r; false: it is not known */
bool plan_read_nft_match(struct nft_plan_reader *x, const json_t *o);

#endif
