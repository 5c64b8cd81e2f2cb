// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * prove_blocks.c - which parts of a plan are lists, and which rules do the same.
 */
#include <errno.h>
#include <stdlib.h>

#include "backend/analysis/prove_state.h"
#include "backend/plan/plan_same.h"

#define DEPTH_MAX 8		/* chains that a rule's own chain goes on to */

static bool rule_is_listed(const struct plan_rule *r)
{
	return r->origin >= 0 && !rule_is_early(r);
}

static bool chain_has_rules(const struct plan_chain *c)
{
	const struct plan_rule *r = c->rules;

	while (r && !rule_is_listed(r))
		r = r->next;
	return r;
}

static const struct plan_chain *rule_leads_to(const struct plan_rule *r)
{
	const struct plan_action *last = r->nactions ? &r->action[r->nactions - 1] : NULL;

	return last && (last->type == PLAN_A_JUMP || last->type == PLAN_A_GOTO) ? last->chain :
										  NULL;
}

/* A list is a chain with rules that something else than a rule leads to. */
static void lists_find(struct prove *p)
{
	const struct plan_chain *c, *to;
	const struct plan_rule *r;

	for (c = p->plan->chains; c; c = c->next) {
		p->is_list[c->id] |= c->hook != PLAN_HOOKS && chain_has_rules(c);
		for (r = c->rules; r; r = r->next) {
			to = r->origin < 0 ? rule_leads_to(r) : NULL;
			if (to && chain_has_rules(to))
				p->is_list[to->id] = true;
		}
	}
}

static bool rule_lives(const struct plan_rule *r)
{
	unsigned int i = 0;

	while (i < r->nmatches && r->match[i].type != PLAN_M_NEVER)
		i++;
	return i == r->nmatches;
}

static bool rule_continues(const struct plan_rule *r, const struct plan_rule *of)
{
	return r && rule_is_listed(r) && r->origin == of->origin && r->list == of->list;
}

/* Calls found for each block of the lists. */
static void blocks_each(struct prove *p, void (*found)(struct prove *p, const struct block *b))
{
	const struct plan_chain *c;
	const struct plan_rule *r;

	for (c = p->plan->chains; c; c = c->next) {
		for (r = p->is_list[c->id] ? c->rules : NULL; r;) {
			struct block b = { .chain = c, .rule = r };

			if (!rule_is_listed(r)) {
				r = r->next;
				continue;
			}
			for (; rule_continues(r, b.rule); r = r->next) {
				b.nrules++;
				b.lives |= rule_lives(r);
			}
			found(p, &b);
		}
	}
}

static void block_count(struct prove *p, const struct block *b)
{
	p->first[b->rule->list][b->rule->origin + 1]++;
	p->nblocks++;
}

/* first[i + 1] is where the next block of rule i goes; afterwards it is right. */
static void block_place(struct prove *p, const struct block *b)
{
	p->block[p->first[b->rule->list][b->rule->origin + 1]++] = *b;
}

static int blocks_make(struct prove *p)
{
	__u32 sum = 0, list, i, n;

	for (list = 0; list < FW_LISTS; list++) {
		n = p->rs->list[list].count;
		p->first[list] = calloc((size_t)n + 2, sizeof(*p->first[list]));
		if (!p->first[list])
			return -ENOMEM;
	}
	blocks_each(p, block_count);
	p->block = calloc((size_t)p->nblocks + 1, sizeof(*p->block));
	if (!p->block)
		return -ENOMEM;
	for (list = 0; list < FW_LISTS; list++) {
		p->first[list][0] = sum;
		for (i = 0; i < p->rs->list[list].count; i++) {
			n = p->first[list][i + 1];
			p->first[list][i + 1] = sum;
			sum += n;
		}
	}
	blocks_each(p, block_place);
	return 0;
}

static bool conditions_same(const struct plan_rule *a, const struct plan_rule *b)
{
	unsigned int i = 0;

	if (a->match == b->match && a->nmatches == b->nmatches)
		return true;
	while (i < a->nmatches && i < b->nmatches &&
	       plan_match_same(&a->match[i], &b->match[i]))
		i++;
	return i == a->nmatches && i == b->nmatches;
}

static bool chains_do_same(const struct plan_chain *a, const struct plan_chain *b,
			   unsigned int depth);

/* Do two rules the same, each for its own origin? */
static bool rules_do_same(const struct plan_rule *a, const struct plan_rule *b,
			  unsigned int depth)
{
	const struct plan_chain *x = rule_leads_to(a), *y = rule_leads_to(b);
	unsigned int i, n = a->nactions - (x ? 1u : 0);

	if (a->nactions != b->nactions || !x != !y)
		return false;
	for (i = 0; i < n; i++)
		if (!plan_action_same(&a->action[i], &b->action[i]))
			return false;
	return !x || (a->action[n].type == b->action[n].type && chains_do_same(x, y, depth + 1));
}

static bool chains_do_same(const struct plan_chain *a, const struct plan_chain *b,
			   unsigned int depth)
{
	const struct plan_rule *x = a->rules, *y = b->rules;

	if (a == b)
		return true;
	if (depth > DEPTH_MAX)
		return false;
	for (; x && y; x = x->next, y = y->next)
		if (x->origin < 0 || y->origin < 0 || x->nmatches || y->nmatches ||
		    !rules_do_same(x, y, depth))
			return false;
	return !x && !y;
}

/* Are all rules that it leads to its own, or of no rule? */
static bool leads_to_own(const struct plan_rule *r, unsigned int depth)
{
	const struct plan_chain *to = rule_leads_to(r);
	const struct plan_rule *next;

	if (!to || !chain_has_rules(to))
		return true;
	if (depth > DEPTH_MAX)
		return false;
	for (next = to->rules; next; next = next->next)
		if (!rule_continues(next, r) || !leads_to_own(next, depth + 1))
			return false;
	return true;
}

/* Is nothing else asked in the chain of a rule after it? */
static bool rule_leaves(const struct plan_rule *r)
{
	enum plan_action_type last = r->nactions ? r->action[r->nactions - 1].type :
						   PLAN_A_COUNTER;

	return last >= PLAN_A_ACCEPT && last != PLAN_A_JUMP;
}

/* a firewall rule: some rules of the plan for each of its conditions, which leave */
static bool decision_is_regular(const struct block *b)
{
	const struct plan_rule *first = b->rule, *group = first, *r = first->next;
	__u32 size = 1, i;

	for (; size < b->nrules && conditions_same(r, first); r = r->next)
		size++;
	if (b->nrules % size)
		return false;
	for (r = first, i = 0; i < b->nrules; i++, r = r->next) {
		if (i % size == 0)
			group = r;
		if (!conditions_same(r, group) || !leads_to_own(r, 0) ||
		    ((i + 1) % size == 0 && !rule_leaves(r)))
			return false;
	}
	/* each group as the first one */
	for (r = first, group = first, i = 0; i < b->nrules; i++, r = r->next) {
		if (i % size == 0)
			group = first;
		if (!rules_do_same(r, group, 0))
			return false;
		group = group->next;
	}
	return true;
}

const struct plan_rule *block_conditions(const struct block *b, __u32 *n)
{
	const struct plan_chain *own = rule_leads_to(b->rule);
	const struct plan_rule *r;

	*n = b->nrules;
	if (b->rule->list != FW_ACCT || b->rule->nmatches || !own || !own->rules ||
	    !own->rules->nmatches)
		return b->rule;
	*n = 0;
	for (r = own->rules; r; r = r->next)
		++*n;
	return own->rules;
}

/* an accounting rule: one rule that goes on, perhaps to several of which one counts */
static bool count_is_regular(const struct block *b)
{
	const struct plan_rule *r, *first;
	__u32 n, i;

	if (b->nrules != 1 || rule_leaves(b->rule) || !leads_to_own(b->rule, 0))
		return false;
	r = first = block_conditions(b, &n);
	for (i = 0; first != b->rule && i < n; i++, r = r->next)
		if (!rule_leaves(r) || !rules_do_same(r, first, 0))
			return false;
	return true;
}

bool block_is_regular(const struct prove *p, const struct block *b, enum fw_list_id list)
{
	(void)p;
	return list == FW_ACCT ? count_is_regular(b) : decision_is_regular(b);
}

/* What the core makes of a packet that a rule decides. */
static bool effects_same(const struct fw_rule *a, const struct fw_rule *b)
{
	const __u16 flags = FW_POLICY_MASK | FW_REDIR | FW_PRN;

	return !((a->flags ^ b->flags) & flags) && (a->tosand | 1) == (b->tosand | 1) &&
	       !((a->tosxor ^ b->tosxor) & 0xfe) && a->keep_state == b->keep_state &&
	       a->helper == b->helper && fw_rule_redirect_port(a) == fw_rule_redirect_port(b);
}

static bool blocks_do_same(const struct block *a, const struct block *b)
{
	const struct plan_rule *x = a->rule, *y = b->rule, *first = x;

	if (a->chain != b->chain || a->lives != b->lives)
		return false;
	/* all groups of a regular block are as its first */
	for (;; x = x->next, y = y->next) {
		bool ends = !rule_continues(x, first) || !conditions_same(x, first);

		if (ends != (!rule_continues(y, b->rule) || !conditions_same(y, b->rule)))
			return false;
		if (ends)
			return true;
		if (!rules_do_same(x, y, 0))
			return false;
	}
}

static bool same_class(const struct prove *p, enum fw_list_id list, __u32 i, __u32 k)
{
	const __u32 *first = p->first[list];
	__u32 n = first[i + 1] - first[i], b;

	if (n != first[k + 1] - first[k] ||
	    !effects_same(fw_list_rule(&p->rs->list[list], i),
			  fw_list_rule(&p->rs->list[list], k)))
		return false;
	for (b = 0; b < n; b++)
		if (!blocks_do_same(&p->block[first[i] + b], &p->block[first[k] + b]))
			return false;
	return true;
}

static bool rule_has_life(const struct prove *p, enum fw_list_id list, __u32 i)
{
	__u32 b = p->first[list][i];

	while (b < p->first[list][i + 1] && !p->block[b].lives)
		b++;
	return b < p->first[list][i + 1];
}

/* A rule of each kind; those that match nothing are the lists' affair. */
static int classes_make(struct prove *p, enum fw_list_id list)
{
	__u32 count = p->rs->list[list].count, i, k;
	__s32 *class = calloc((size_t)count + 1, sizeof(*class));

	p->class[list] = class;
	if (!class)
		return -ENOMEM;
	class[p->nclasses[list]++] = FORCE_POLICY;
	for (i = 0; i < count; i++) {
		if (!prove_is_exact(p, list, (__s32)i) || !rule_has_life(p, list, i))
			continue;
		for (k = 1; k < p->nclasses[list] && !same_class(p, list, (__u32)class[k], i);)
			k++;
		if (k == p->nclasses[list])
			class[p->nclasses[list]++] = (__s32)i;
	}
	return 0;
}

int prove_blocks_make(struct prove *p)
{
	int err, list;

	p->is_list = calloc((size_t)p->plan->nchains + 1, sizeof(*p->is_list));
	p->asked = calloc((size_t)p->plan->nchains + 1, sizeof(*p->asked));
	if (!p->is_list || !p->asked)
		return -ENOMEM;
	lists_find(p);
	err = blocks_make(p);
	for (list = 0; list < FW_ACCT && !err; list++)
		err = classes_make(p, (enum fw_list_id)list);
	return err;
}

void prove_blocks_free(struct prove *p)
{
	int list;

	for (list = 0; list < FW_LISTS; list++)
		free(p->first[list]);
	for (list = 0; list < FW_ACCT; list++)
		free(p->class[list]);
	free(p->is_list);
	free(p->asked);
	free(p->block);
}
