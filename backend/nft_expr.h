/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * nft_expr.h - a plan's rule as nf_tables expressions: what nft makes of the
 * text that the emitter writes for it.
 */
#ifndef BACKEND_NFT_EXPR_H
#define BACKEND_NFT_EXPR_H

#include <libnftnl/rule.h>
#include <libnftnl/set.h>

#include "backend/plan.h"

#define NFT_TABLE "ipfwadm"
#define NFT_RULE_SETS 8		/* more than a rule's matches can need */

/* the anonymous sets of one rule; they go to the kernel before it */
struct nft_sets {
	struct nftnl_set *set[NFT_RULE_SETS];
	unsigned int count;
	__u32 last_id;		/* given to a set of the batch so far */
};

void nft_sets_free(struct nft_sets *s);

/*
 * Adds to r the expressions of p, and to *sets what they look up.  0, -ENOMEM, or
 * -EINVAL when p has what nf_tables cannot hold.
 */
int nft_expr_build(struct nftnl_rule *r, struct nft_sets *sets,
		   const struct plan_rule *p);

#endif
