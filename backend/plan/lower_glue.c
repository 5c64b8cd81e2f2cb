// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * lower_glue.c - rows of glue as rules of a plan.
 */
#include "backend/plan/glue.h"
#include "backend/plan/lower.h"

/* Calls a chain from a hook: with nft c is the base chain, with xtables a built-in one is. */
static void hook_add(struct lower *l, const struct glue_chain *g, enum plan_hook hook,
		     struct plan_chain *c)
{
	struct lower_actions jump = {.n = 0};
	struct plan_chain *base = c;

	if (l->plan->target == PLAN_XTABLES) {
		base = plan_chain_add(l->plan, c->table, plan_hook_chains[hook]);
		lower_act_chain(&jump, PLAN_A_JUMP, c);
		lower_add(l, base, NULL, 0, &jump);
	}
	plan_chain_hook(l->plan, base, g->type, hook, g->priority);
}

struct plan_chain *glue_chain(struct lower *l, unsigned int id)
{
	const struct glue_chain *g = &l->chains[id];
	const char *table = NULL;
	unsigned int hook;

	if (l->chain[id])
		return l->chain[id];
	if (l->plan->target == PLAN_XTABLES)
		table = g->table ? g->table : "mangle";
	l->chain[id] = plan_chain_add(l->plan, table, g->name);
	for (hook = 0; hook < PLAN_HOOKS; hook++)
		if (g->hooks & 1u << hook)
			hook_add(l, g, hook, l->chain[id]);
	return l->chain[id];
}

static void action_add(struct lower *l, struct lower_actions *as,
		       const struct glue_action *g)
{
	static const struct plan_range ports = {FW_MASQ_PORT_FIRST, FW_MASQ_PORT_END - 1};
	const struct glue_mark_bits *mark = &l->mark[g->mark];

	switch (g->type) {
	case PLAN_A_MARK:
	case PLAN_A_CT_MARK:
		lower_act_bits(as, g->type, g->value ? mark->value : 0, mark->mask);
		break;
	case PLAN_A_REJECT:
		lower_act_bits(as, g->type, g->value, 0);
		break;
	case PLAN_A_REDIRECT:
		lower_act_bits(as, g->type, g->mark ? l->redirect_to : 0, 0);
		break;
	case PLAN_A_JUMP:
	case PLAN_A_GOTO:
		lower_act_chain(as, g->type, glue_chain(l, g->chain));
		break;
	case PLAN_A_MASQUERADE:
		lower_act(as, g->type);
		if (g->value)
			as->a[as->n - 1].range = ports;
		break;
	case PLAN_A_TIMEOUT:
		lower_act_text(as, g->type, lower_masq_timeout(l, (__u8)g->value)->name);
		break;
	default:
		lower_act(as, g->type);
		break;
	}
}

/* The ranges of a match that iptables can only ask one by one, or NULL. */
static struct plan_match *match_to_split(struct lower *l, struct plan_match *m,
					 unsigned int n)
{
	for (; l->plan->target == PLAN_XTABLES && n > 0; n--, m++)
		if ((m->type == PLAN_M_PROTO || m->type == PLAN_M_ICMP_TYPE) &&
		    m->ranges.count > 1)
			return m;
	return NULL;
}

void glue_add(struct lower *l, struct plan_chain *c, const struct glue *row)
{
	struct plan_match m[GLUE_MATCHES], *split;
	struct lower_actions as = {.n = 0};
	unsigned int i, n, times = 1;

	for (n = 0; n < GLUE_MATCHES && row->match[n].is.type != PLAN_M_NEVER; n++) {
		const struct glue_match *g = &row->match[n];

		m[n] = g->is;
		if (g->mark) {
			m[n].bits.mask = l->mark[g->mark].mask;
			m[n].bits.value = g->is.bits.value ? l->mark[g->mark].value : 0;
		}
	}
	for (i = 0; i < GLUE_ACTIONS && row->action[i].type != PLAN_A_COUNTER; i++)
		action_add(l, &as, &row->action[i]);
	split = match_to_split(l, m, n);
	if (split) {
		times = split->ranges.count;
		split->ranges.count = 1;
	}
	for (i = 0; i < times; i++) {
		lower_add(l, c, plan_copy(l->plan, m, n * sizeof(m[0])), n, &as)
			->comment = row->comment;
		if (split)
			split->ranges.item++;
	}
}

static void row_fill(struct lower *l, const struct glue *row, unsigned int id)
{
	__u32 needs = l->chains[id].needs;
	struct plan_chain *c;

	if (needs && !(needs & l->needs))
		return;
	c = glue_chain(l, id);
	if (row->fill)
		row->fill(l, c);
	else if (row->lower)
		row->lower(l, c, row->list);
	else if (row->action[0].type != PLAN_A_COUNTER)
		glue_add(l, c, row);
}

void glue_fill(struct lower *l, const struct glue *row, unsigned int n)
{
	unsigned int id;

	for (; n > 0; n--, row++)
		for (id = 0; id < GLUE_CHAINS && (row->needs & ~l->needs) == 0; id++)
			if (row->chains & 1u << id)
				row_fill(l, row, id);
}
