// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plan_shape.c - counters for each rule, one target for each rule of
 * iptables, names that fit, no mark but ours, jumps that end.
 */
#include <string.h>

#include "tests/programs/plan/plan_shape.h"

#define DEPTH_MAX	16	/* of jumps, as in nft */
#define XTABLES_NAME	28	/* characters of a chain's name */

static const char *action_fault(const struct plan *p, const struct plan_rule *r,
				unsigned int i)
{
	const struct plan_action *a = &r->action[i];

	if (a->type >= PLAN_A_ACCEPT && i + 1u != r->nactions)
		return "an action behind one that ends the rule";
	if ((a->type == PLAN_A_MARK || a->type == PLAN_A_CT_MARK) &&
	    ((a->bits.mask & ~p->mark_mask) || (a->bits.value & ~a->bits.mask)))
		return "a mark outside our bits";
	if ((a->type == PLAN_A_JUMP || a->type == PLAN_A_GOTO) &&
	    a->chain->hook != PLAN_HOOKS)
		return "a jump to a base chain";
	return NULL;
}

static const char *rule_fault(const struct plan *p, const struct plan_chain *c,
			      const struct plan_rule *r)
{
	bool counts = r->nactions && r->action->type == PLAN_A_COUNTER;
	const char *fault = NULL;
	unsigned int i;

	if (p->target == PLAN_XTABLES && r->nactions > (counts ? 2 : 1))
		return "a rule with several targets";
	for (i = 0; i < r->nactions && !fault; i++) {
		const struct plan_action *a = &r->action[i];

		fault = action_fault(p, r, i);
		if (!fault && c->table && a->type >= PLAN_A_JUMP &&
		    a->type <= PLAN_A_GOTO && strcmp(c->table, a->chain->table) != 0)
			fault = "a jump to another table";
	}
	return fault;
}

/* Does every way from c end, within depth jumps? */
static bool chain_ends(const struct plan_chain *c, unsigned int depth)
{
	const struct plan_rule *r;

	if (depth > DEPTH_MAX)
		return false;
	for (r = c->rules; r; r = r->next) {
		const struct plan_action *a = r->nactions ? &r->action[r->nactions - 1]
							  : NULL;

		if (a && (a->type == PLAN_A_JUMP || a->type == PLAN_A_GOTO) &&
		    !chain_ends(a->chain, depth + 1))
			return false;
	}
	return true;
}

static const char *chain_fault(const struct plan *p, const struct plan_chain *c)
{
	const char *fault = NULL;
	const struct plan_chain *o;
	const struct plan_rule *r;

	if (p->target == PLAN_XTABLES && strlen(c->name) > XTABLES_NAME)
		return "a name that is too long";
	for (o = p->chains; o != c; o = o->next)
		if (!strcmp(o->name, c->name) &&
		    (!c->table || !strcmp(o->table, c->table)))
			return "two chains of one name";
	for (r = c->rules; r && !fault; r = r->next)
		fault = rule_fault(p, c, r);
	if (!fault && c->hook != PLAN_HOOKS && !chain_ends(c, 0))
		return "jumps without end";
	return fault;
}

/*
 * Do the rule's plan rules count, and begin with what it has counted, in sum?  One of
 * nft, and one of xtables at least, because an xtables rule has one target.
 */
static bool counters_good(const struct plan *p, unsigned int list, __u32 index,
			  const struct fw_rule *rule)
{
	bool impossible = p->report[list][index].exactness == PLAN_IMPOSSIBLE;
	__u64 packets = 0, bytes = 0;
	const struct plan_chain *c;
	const struct plan_rule *r;
	unsigned int n = 0;

	for (c = p->chains; c; c = c->next) {
		for (r = c->rules; r; r = r->next) {
			if (r->list != list || r->origin != (__s32)index ||
			    r->action->type != PLAN_A_COUNTER)
				continue;
			n++;
			packets += r->packets;
			bytes += r->bytes;
		}
	}
	if (impossible || !n)
		return impossible && !n;
	return packets == rule->pcnt && bytes == rule->bcnt &&
	       (n == 1 || p->target == PLAN_XTABLES);
}

static const char *counters_fault(const struct plan *p, const struct fw_ruleset *rs)
{
	unsigned int list;
	__u32 i;

	for (list = 0; list < FW_LISTS; list++) {
		for (i = 0; i < rs->list[list].count; i++) {
			if (!counters_good(p, list, i, fw_list_rule(&rs->list[list], i)))
				return "a rule has not got its counters";
			if (p->report[list][i].exactness != PLAN_EXACT &&
			    !p->report[list][i].reason)
				return "no reason why a rule is not exact";
		}
	}
	return NULL;
}

const char *plan_shape_fault(const struct plan *p, const struct fw_ruleset *rs)
{
	const char *fault = NULL;
	const struct plan_chain *c;

	for (c = p->chains; c && !fault; c = c->next)
		fault = chain_fault(p, c);
	return fault ? fault : counters_fault(p, rs);
}
