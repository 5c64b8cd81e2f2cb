// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plan_origins.c - which rules of a plan that was read are which of another plan.
 *
 * Base chains belong together by their hooks, others by the rules that lead to them, since
 * names of chains contain numbers that edits change.  The rules of two chains are aligned so
 * that as many as possible are the same.  A rule without a partner has moved, or is a part
 * of its neighbour.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "backend/analysis/plan_read.h"
#include "backend/plan/plan_same.h"

#define TABLE_MAX 4000000	/* of two chains' rules, without those alike at both ends */
#define ALIKE 4			/* likeness of two rules that do not differ */

/* rules of a chain, by number */
struct rules {
	struct plan_rule **rule;
	__u32 n;
};

struct pairing {
	const struct plan_chain **partner;	/* by chain that was read */
	bool *done;
};

/* Are they the same but for numbers? */
static bool names_alike(const char *a, const char *b)
{
	static const char digits[] = "0123456789";

	for (;;) {
		a += strspn(a, digits);
		b += strspn(b, digits);
		if (*a != *b || !*a)
			return *a == *b;
		a++;
		b++;
	}
}

static const struct plan_action *last_action(const struct plan_rule *r)
{
	const struct plan_action *a = r->nactions ? &r->action[r->nactions - 1] : NULL;

	return a && a->type != PLAN_A_COUNTER ? a : NULL;
}

static const struct plan_chain *rule_target(const struct plan_rule *r)
{
	const struct plan_action *a = last_action(r);

	return a && (a->type == PLAN_A_JUMP || a->type == PLAN_A_GOTO) ? a->chain : NULL;
}

/* 2: the last actions are the same; 1: they are of one type */
static unsigned int actions_alike(const struct plan_rule *a, const struct plan_rule *b)
{
	const struct plan_action *x = last_action(a), *y = last_action(b);
	const struct plan_chain *to = rule_target(a), *where = rule_target(b);

	if (!x || !y)
		return x || y ? 0 : 2;
	if (x->type != y->type)
		return 0;
	return (to ? names_alike(to->name, where->name) : plan_action_same(x, y)) ? 2 : 1;
}

static bool match_is_among(const struct plan_match *m, const struct plan_rule *r)
{
	for (unsigned int i = 0; i < r->nmatches; i++)
		if (plan_match_same(m, &r->match[i]))
			return true;
	return false;
}

/* 2: the conditions are the same; 1: some are */
static unsigned int matches_alike(const struct plan_rule *a, const struct plan_rule *b)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < a->nmatches; i++)
		n += match_is_among(&a->match[i], b);
	return n == a->nmatches && n == b->nmatches ? 2 : n > 0;
}

static unsigned int rules_alike(const struct plan_rule *a, const struct plan_rule *b)
{
	return actions_alike(a, b) + matches_alike(a, b);
}

static const struct plan_action *actions_of(const struct plan_rule *r, unsigned int *n)
{
	bool counts = r->nactions && r->action[0].type == PLAN_A_COUNTER;

	*n = r->nactions - counts;
	return r->action + counts;
}

/* Do two rules differ in nothing? */
static bool rules_same(const struct plan_rule *a, const struct plan_rule *b)
{
	unsigned int n, m, i;
	const struct plan_action *x = actions_of(a, &n), *y = actions_of(b, &m);

	if (rules_alike(a, b) != ALIKE || n != m)
		return false;
	for (i = 0; i + 1 < n; i++)	/* the last ones are alike */
		if (!plan_action_same(&x[i], &y[i]))
			return false;
	return true;
}

static bool rule_is_exact(const struct plan_read *r, const struct plan_rule *of)
{
	if (of->origin == PLAN_ORIGIN_POLICY)
		return r->wanted->policy_report[of->list].exactness == PLAN_EXACT;
	return of->origin < 0 ||
	       r->wanted->report[of->list][of->origin].exactness == PLAN_EXACT;
}

/*
 * A proof leaves out the rules that are not exact, so these must be as they are wanted, and
 * no other rule may pass for one of them.
 */
static void altered_note(struct plan_read *r, const struct plan_rule *of)
{
	if (r->is_altered)
		return;
	r->is_altered = true;
	r->altered_list = (enum fw_list_id)of->list;
	r->altered_rule = of->origin;
}

static void origin_set(struct plan_read *r, struct plan_rule *rule, const struct plan_rule *from)
{
	struct plan_action *all;

	rule->list = from->list;
	rule->origin = from->origin;
	if (r->plan->target != PLAN_XTABLES || !from->nactions ||
	    from->action[0].type != PLAN_A_COUNTER)
		return;
	/* all count; those that do so for a rule of ipfwadm are marked */
	all = plan_alloc(r->plan, (rule->nactions + 1u) * sizeof(*all));
	all[0].type = PLAN_A_COUNTER;
	if (rule->nactions)
		memcpy(all + 1, rule->action, rule->nactions * sizeof(*all));
	rule->action = all;
	rule->nactions++;
}

static int rules_make(struct rules *all, const struct plan_chain *c)
{
	all->rule = calloc((size_t)c->nrules + 1, sizeof(struct plan_rule *));
	if (!all->rule)
		return -ENOMEM;
	all->n = 0;
	for (struct plan_rule *r = c->rules; r; r = r->next)
		all->rule[all->n++] = r;
	return 0;
}

static void pair_make(struct plan_read *r, struct pairing *p, struct plan_rule *a,
		      const struct plan_rule *b)
{
	const struct plan_chain *to = rule_target(a), *where = rule_target(b);

	if (rule_is_exact(r, b) || rules_same(a, b))
		origin_set(r, a, b);
	if (to && where && !p->partner[to->id])
		p->partner[to->id] = where;
}

/*
 * Rules [0, n) of a and [0, m) of b: most[i][k] is the likeness of what follows.  The
 * partner of each rule of a is found from there; NULL: it has none.
 */
static int middle_pair(struct plan_rule *const *a, __u32 n, struct plan_rule *const *b, __u32 m,
		       const struct plan_rule **partner)
{
	__u32 i, k, wide = m + 1, alike;
	__u32 *most = calloc((size_t)(n + 1) * wide, sizeof(*most));

	if (!most)
		return -ENOMEM;
	for (i = n; i-- > 0;)
		for (k = m; k-- > 0;) {
			__u32 *at = &most[i * wide + k];

			alike = rules_alike(a[i], b[k]);
			*at = at[1] > at[wide] ? at[1] : at[wide];
			if (alike && alike + at[wide + 1] > *at)
				*at = alike + at[wide + 1];
		}
	for (i = k = 0; i < n && k < m;) {
		const __u32 *at = &most[i * wide + k];

		alike = rules_alike(a[i], b[k]);
		if (alike && *at == alike + at[wide + 1])
			partner[i++] = b[k++];
		else if (*at == at[wide])
			i++;
		else
			k++;
	}
	free(most);
	return 0;
}

static bool is_origin(const struct plan_read *r, const struct plan_rule *of)
{
	return of->origin >= 0 && rule_is_exact(r, of);
}

/* A rule without a partner: the same elsewhere in the other chain, or a neighbour's part. */
static void single_place(struct plan_read *r, const struct rules *a, const struct rules *b,
			 const struct plan_rule *const *partner, __u32 at)
{
	__u32 i = 0;

	while (i < b->n && rules_alike(a->rule[at], b->rule[i]) != ALIKE)
		i++;
	if (i < b->n && is_origin(r, b->rule[i]))
		origin_set(r, a->rule[at], b->rule[i]);
	else if (at && is_origin(r, a->rule[at - 1]))
		origin_set(r, a->rule[at], a->rule[at - 1]);
	else if (at + 1 < a->n && partner[at + 1] && is_origin(r, partner[at + 1]))
		origin_set(r, a->rule[at], partner[at + 1]);
}

/* Is there a rule that is not exact, and not as it is wanted? */
static void altered_find(struct plan_read *r, const struct rules *a, const struct rules *b,
			 const struct plan_rule *const *partner)
{
	__u32 i, k;

	for (k = 0; k < b->n; k++) {
		if (rule_is_exact(r, b->rule[k]))
			continue;
		for (i = 0; i < a->n && partner[i] != b->rule[k];)
			i++;
		if (i == a->n || !rules_same(a->rule[i], b->rule[k]))
			altered_note(r, b->rule[k]);
	}
}

static int rules_pair(struct plan_read *r, struct pairing *p, const struct rules *a,
		      const struct rules *b, const struct plan_rule **partner)
{
	__u32 begin = 0, end = 0, n, m, i;
	int err = 0;

	while (begin < a->n && begin < b->n &&
	       rules_alike(a->rule[begin], b->rule[begin]) == ALIKE) {
		partner[begin] = b->rule[begin];
		begin++;
	}
	while (begin + end < a->n && begin + end < b->n &&
	       rules_alike(a->rule[a->n - end - 1], b->rule[b->n - end - 1]) == ALIKE) {
		end++;
		partner[a->n - end] = b->rule[b->n - end];
	}
	n = a->n - begin - end;
	m = b->n - begin - end;
	if ((__u64)(n + 1) * (m + 1) <= TABLE_MAX)
		err = middle_pair(a->rule + begin, n, b->rule + begin, m, partner + begin);
	else
		for (i = 0; i < n && i < m; i++)
			partner[begin + i] = b->rule[begin + i];
	for (i = 0; i < a->n && !err; i++)
		if (partner[i])
			pair_make(r, p, a->rule[i], partner[i]);
	for (i = 0; i < a->n && !err; i++)
		if (!partner[i])
			single_place(r, a, b, partner, i);
	if (!err)
		altered_find(r, a, b, partner);
	return err;
}

static int chains_pair(struct plan_read *r, struct pairing *p, const struct plan_chain *c)
{
	struct rules a = { 0 }, b = { 0 };
	const struct plan_rule **partner = calloc((size_t)c->nrules + 1, sizeof(*partner));
	int err = partner ? rules_make(&a, c) : -ENOMEM;

	if (!err)
		err = rules_make(&b, p->partner[c->id]);
	if (!err)
		err = rules_pair(r, p, &a, &b, partner);
	free(a.rule);
	free(b.rule);
	free(partner);
	return err;
}

/* Of base chains the partner is at the same place, of others it may have the same name. */
static const struct plan_chain *partner_find(const struct plan_read *r, const struct plan_chain *c)
{
	const struct plan_chain *w = r->wanted->chains;

	for (; w; w = w->next) {
		if (c->table && strcmp(c->table, w->table) != 0)
			continue;
		if (c->hook != w->hook)
			continue;
		if (c->hook == PLAN_HOOKS || r->plan->target == PLAN_NFT ?
		    !strcmp(c->name, w->name) : c->priority == w->priority)
			return w;
	}
	return NULL;
}

static int chains_all(struct plan_read *r, struct pairing *p)
{
	bool changed = true, is_last = false;
	int err = 0;

	while ((changed || !is_last) && !err) {
		is_last = !changed;	/* those that nothing leads to go by their names */
		changed = false;
		for (const struct plan_chain *c = r->plan->chains; c && !err; c = c->next) {
			if (p->done[c->id])
				continue;
			if (!p->partner[c->id] && (is_last || c->hook != PLAN_HOOKS))
				p->partner[c->id] = partner_find(r, c);
			if (!p->partner[c->id])
				continue;
			p->done[c->id] = changed = true;
			err = chains_pair(r, p, c);
		}
	}
	return err;
}

int plan_origins_find(struct plan_read *r)
{
	__u32 n = r->plan->nchains + 1;
	struct pairing p = {
		.partner = plan_alloc(r->plan, n * sizeof(*p.partner)),
		.done = plan_alloc(r->plan, n * sizeof(*p.done)),
	};

	int err = chains_all(r, &p);

	/* chains that are not there any more */
	for (const struct plan_chain *w = r->wanted->chains; w && !err; w = w->next) {
		__u32 i = 0;

		while (i + 1 < n && p.partner[i] != w)
			i++;
		for (const struct plan_rule *rule = w->rules; rule && i + 1 == n; rule = rule->next)
			if (!rule_is_exact(r, rule))
				altered_note(r, rule);
	}
	return err;
}
