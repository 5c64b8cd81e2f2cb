/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * nft_index.h - a plan's chains and rules by number.
 *
 * Some chains belong to one ipfwadm rule: its rules in the list's chain lead to
 * them.  Their names do not matter, and change when rules before them come or go.
 */
#ifndef BACKEND_NFT_INDEX_H
#define BACKEND_NFT_INDEX_H

#include "backend/plan/plan.h"

struct nft_index {
	struct plan *plan;
	struct plan_chain **chain;	/* by id; all arrays are malloc'ed */
	__u32 *first;			/* by id: number of the chain's first rule */
	bool *belongs;			/* by id: to one rule */
	bool *alone;			/* by id: belongs, and nothing leads to it */
	__u32 nrules;
};

/* p may be NULL.  To be freed in any case; 0 or -ENOMEM. */
int nft_index_make(struct nft_index *x, struct plan *p);
void nft_index_free(struct nft_index *x);	/* not the plan */

/* the chain that r's last action leads to, or NULL */
const struct plan_chain *nft_rule_target(const struct plan_rule *r);

#endif
