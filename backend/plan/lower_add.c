// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * lower_add.c - adding rules to a plan: lists of actions, origins.
 */
#include <string.h>

#include "backend/plan/lower.h"
#include "backend/plan/plan_commands.h"
#include "kmod/core/names.h"

static struct plan_action *action_next(struct lower_actions *as,
				       enum plan_action_type type)
{
	struct plan_action *a = &as->a[as->n++];

	memset(a, 0, sizeof(*a));	/* equal actions are equal bytes */
	a->type = type;
	return a;
}

void lower_act(struct lower_actions *as, enum plan_action_type type)
{
	action_next(as, type);
}

void lower_act_bits(struct lower_actions *as, enum plan_action_type type,
		    __u32 value, __u32 mask)
{
	struct plan_action *a = action_next(as, type);

	a->bits.value = value;
	a->bits.mask = mask;
}

void lower_act_text(struct lower_actions *as, enum plan_action_type type,
		    const char *text)
{
	action_next(as, type)->text = text;
}

void lower_act_chain(struct lower_actions *as, enum plan_action_type type,
		     const struct plan_chain *chain)
{
	action_next(as, type)->chain = chain;
}

/* Most rules do what the rule before them did, and share its actions. */
static const struct plan_action *actions_keep(struct lower *l,
					      const struct lower_actions *as)
{
	size_t size = as->n * sizeof(as->a[0]);

	if (l->last_nactions == as->n && !memcmp(l->last_action, as->a, size))
		return l->last_action;
	l->last_action = plan_copy(l->plan, as->a, size);
	l->last_nactions = as->n;
	return l->last_action;
}

struct plan_rule *lower_add(struct lower *l, struct plan_chain *c,
			    const struct plan_match *match, unsigned int nmatches,
			    const struct lower_actions *as)
{
	return plan_rule_add(l->plan, c, match, nmatches, actions_keep(l, as), as->n);
}

/* The first plan rule that counts begins with what the ipfwadm rule has counted. */
static void rule_set_origin(struct lower *l, struct plan_rule *p, enum fw_list_id list,
			    __u32 index)
{
	const struct fw_rule *r = fw_list_rule(&l->rules->list[list], index);

	p->list = (__u8)list;
	p->origin = (__s32)index;
	if (p->action->type == PLAN_A_COUNTER && !l->counted) {
		l->counted = true;
		p->packets = r->pcnt;
		p->bytes = r->bcnt;
	}
}

void lower_add_conjuncts(struct lower *l, struct plan_chain *c, enum fw_list_id list,
			 __u32 index, const struct lower_actions *as)
{
	unsigned int i;

	for (i = 0; i < l->nconjuncts; i++)
		rule_set_origin(l, lower_add(l, c, l->conjunct[i].match,
					     l->conjunct[i].n, as), list, index);
}

void lower_add_targets(struct lower *l, struct plan_chain *c, enum fw_list_id list,
		       __u32 index, const struct lower_actions *targets)
{
	struct plan_rule *p;
	unsigned int i, k;

	for (i = 0; i < l->nconjuncts; i++) {
		for (k = 0; k < targets->n; k++) {
			struct lower_actions one = { .n = 0 };

			if (k + 1 == targets->n)
				lower_act(&one, PLAN_A_COUNTER);
			one.a[one.n++] = targets->a[k];
			p = lower_add(l, c, l->conjunct[i].match, l->conjunct[i].n, &one);
			rule_set_origin(l, p, list, index);
			p->is_lead = !i && k + 1 < targets->n;
		}
	}
}

void lower_add_tail(struct lower *l, struct plan_chain *c, enum fw_list_id list,
		    __u32 index, const struct lower_actions *as)
{
	rule_set_origin(l, lower_add(l, c, NULL, 0, as), list, index);
}

void lower_add_policy(struct lower *l, struct plan_chain *c, const struct plan_match *match,
		      unsigned int nmatches, enum fw_list_id list,
		      const struct lower_actions *as)
{
	struct plan_rule *p =
		lower_add(l, c, plan_copy(l->plan, match, nmatches * sizeof(*match)), nmatches, as);

	p->list = (__u8)list;
	p->origin = PLAN_ORIGIN_POLICY;
	p->comment = plan_text(l->plan, PLAN_POLICY_COMMENT "-%c -p %s", fw_list_letter(list),
			       fw_policy_name(l->rules->list[list].policy));
}

const char *const lower_list_name[FW_LISTS] = {
	[FW_FORWARD] = "forward",
	[FW_INPUT] = "input",
	[FW_OUTPUT] = "output",
	[FW_ACCT] = "acct",
};

const char *lower_chain_name(struct lower *l, enum fw_list_id list, __u32 index,
			     const char *suffix)
{
	const __s32 *number = l->options->number[list];

	return plan_text(l->plan, "%s%s-%d%s", l->plan->target == PLAN_NFT ? "" : "ipfw-",
			 lower_list_name[list], number ? number[index] : (__s32)index + 1,
			 suffix);
}

struct plan_chain *lower_chain_add(struct lower *l, enum fw_list_id list, __u32 index,
				   const char *suffix)
{
	return plan_chain_add(l->plan, l->plan->target == PLAN_NFT ? NULL : "mangle",
			      lower_chain_name(l, list, index, suffix));
}
