/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * nft_view.h - our table understood: the rule set it tells of, the plan of that,
 * and which kernel rule is which rule of the plan.
 */
#ifndef BACKEND_NFT_VIEW_H
#define BACKEND_NFT_VIEW_H

#include "backend/nft_origin.h"
#include "backend/nft_table.h"
#include "backend/plan.h"

struct nft_view {
	struct nft_table table;
	struct fw_ruleset rules;
	struct nft_settings settings;
	struct fw_interfaces interfaces;	/* that the plan was made for */
	__s32 *order;		/* by accounting rule; malloc'ed */
	/*
	 * What the rules lower to.  Chains that belong to one rule have the names
	 * they have in the kernel, which are those of when the rule was added.
	 */
	struct plan *plan;
	struct plan_chain **chain;	/* by id; malloc'ed */
	struct nft_chain **held;	/* by id: the kernel's; malloc'ed */
	bool *belongs;			/* by id: to one rule; malloc'ed */
	__u32 *first;			/* by id: number of its first rule */
	struct nft_rule **rule;		/* by number; NULL: the kernel has none */
	bool stale;		/* rules were loaded for other interfaces */
	bool changed;		/* not by us */
	char change[160];	/* the first change, in words */
};

/*
 * Reads and understands the table; a missing one is an empty rule set.  0; -EAGAIN
 * when it changed meanwhile; or another error with a text.  To be freed in any
 * case.
 */
int nft_view_read(struct nft_view *v, struct nft_link *l, __u32 mark_mask,
		  struct fw_error *e);
void nft_view_free(struct nft_view *v);

/* Is chain `to' a part of what r's own rule lowers to? */
static inline bool nft_target_belongs(const struct plan_rule *r, const struct plan_chain *to)
{
	return r->origin >= 0 && to->rules && to->rules->origin == r->origin &&
	       to->rules->list == r->list;
}

/* the chain that r's last action leads to, or NULL */
static inline const struct plan_chain *nft_rule_target(const struct plan_rule *r)
{
	const struct plan_action *a = r->nactions ? &r->action[r->nactions - 1] : NULL;

	return a && (a->type == PLAN_A_JUMP || a->type == PLAN_A_GOTO) ? a->chain : NULL;
}

#endif
