// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * nft_index.c - a plan's chains and rules by number.
 */
#include "backend/nft/nft_index.h"

#include <errno.h>
#include <stdlib.h>

const struct plan_chain *nft_rule_target(const struct plan_rule *r)
{
	const struct plan_action *a = r->nactions ? &r->action[r->nactions - 1] : NULL;

	return a && (a->type == PLAN_A_JUMP || a->type == PLAN_A_GOTO) ? a->chain : NULL;
}

/* A chain with rules of an ipfwadm rule belongs to it, unless glue leads there. */
static void chain_classify(struct nft_index *x, const struct plan_chain *c)
{
	x->belongs[c->id] = c->hook == PLAN_HOOKS && c->rules && c->rules->origin >= 0;
	x->alone[c->id] = x->belongs[c->id];
}

static void target_classify(struct nft_index *x, const struct plan_rule *r)
{
	const struct plan_chain *to = nft_rule_target(r);

	if (!to)
		return;
	x->alone[to->id] = false;
	if (r->origin < 0)
		x->belongs[to->id] = false;
}

int nft_index_make(struct nft_index *x, struct plan *p)
{
	__u32 n = p ? p->nchains + 1 : 1;
	const struct plan_rule *r;
	struct plan_chain *c;

	*x = (struct nft_index){
		.plan = p,
		.chain = calloc(n, sizeof(struct plan_chain *)),
		.first = calloc(n, sizeof(*x->first)),
		.belongs = calloc(n, sizeof(*x->belongs)),
		.alone = calloc(n, sizeof(*x->alone)),
	};
	if (!x->chain || !x->first || !x->belongs || !x->alone)
		return -ENOMEM;
	for (c = p ? p->chains : NULL; c; c = c->next) {
		x->chain[c->id] = c;
		x->first[c->id] = x->nrules;
		x->nrules += c->nrules;
		chain_classify(x, c);
	}
	for (c = p ? p->chains : NULL; c; c = c->next)
		for (r = c->rules; r; r = r->next)
			target_classify(x, r);
	return 0;
}

void nft_index_free(struct nft_index *x)
{
	free(x->chain);
	free(x->first);
	free(x->belongs);
	free(x->alone);
}
