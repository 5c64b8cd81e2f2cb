/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * nft_lasting.h - connections that rules remembered, and that outlive these rules.
 */
#ifndef BACKEND_NFT_KEPT_H
#define BACKEND_NFT_KEPT_H

#include "backend/nft/nft_handle.h"
#include "backend/rule_tag.h"

/* The settings of the table that is there, without reading the rest; or all 0. */
int nft_lasting_settings(struct nft *n, struct rule_settings *s, struct fw_error *e);

/*
 * What rs needs in place of the rules of s for the sake of connections that go on.
 * Another may begin until that has taken place: nft_lasting_recheck() finds it afterwards.
 */
__u32 nft_lasting_needs(struct nft *n, const struct rule_settings *s,
		     const struct fw_ruleset *rs);
/* What it would have needed, if so; else 0. */
__u32 nft_lasting_recheck(struct nft *n);

#endif
