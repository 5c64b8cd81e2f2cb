/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * nft_view.h - our table understood: the rule set it tells of, the plan of that,
 * and which kernel rule is which rule of the plan.
 */
#ifndef BACKEND_NFT_VIEW_H
#define BACKEND_NFT_VIEW_H

#include "backend/nft/nft_index.h"
#include "backend/rule_tag.h"
#include "backend/nft/nft_table.h"
#include "backend/plan/plan.h"

struct nft_view {
	struct nft_table table;
	struct fw_ruleset rules;
	struct rule_settings settings;
	struct fw_interfaces interfaces;	/* that the plan was made for */
	__s32 *order;		/* by accounting rule; malloc'ed */
	struct nft_chain **teller; /* by accounting rule: where it is told; malloc'ed */
	/*
	 * What the rules lower to.  Chains that belong to one rule have the names
	 * they have in the kernel, which are those of when the rule was added.
	 */
	struct plan *plan;
	struct nft_index index;		/* of the plan */
	struct nft_chain **held;	/* by chain id: the kernel's; malloc'ed */
	struct nft_rule **rule;		/* by number; NULL: the kernel has none */
	bool stale;		/* rules were loaded for other interfaces */
	bool foreign;		/* none of the table is ours: it came from a dump, say */
	bool changed;		/* not by us */
	char change[160];	/* the first change, in words */
	char extra[160];	/* the first rule that is one unless the table is stale */
};

/*
 * Reads and understands the table; a missing one is an empty rule set.  0; -EAGAIN
 * when it changed meanwhile; or another error with a text.  To be freed in any
 * case.
 */
int nft_view_read(struct nft_view *v, struct netlink *l, __u32 mark_mask,
		  struct fw_error *e);
/* Finds for every kernel rule the rule that it belongs to, and counts it there. */
void nft_owners_find(struct nft_view *v);
void nft_view_free(struct nft_view *v);

#endif
