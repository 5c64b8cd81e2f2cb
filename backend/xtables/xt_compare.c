// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * xt_compare.c - is what stands in the tables what the rules lower to?
 */
#include "backend/xtables/xt_compare.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/plan/plan_check.h"
#include "kmod/core/names.h"

/* how far ahead a rule is looked for that is not where it should be, and how much
 * farther at most when others before it were not found */
#define LOOK_AHEAD 64
#define MISSED_MAX 1024

struct compare {
	struct xt_view *v;
	struct xt_builder *builder;	/* malloc'ed */
	bool masquerades;
	char extra[160];	/* the first that the plan does not have, or "" */
};

void xt_view_change(struct xt_view *v, const char *format, ...)
{
	va_list args;

	if (v->changed)
		return;
	v->changed = true;
	va_start(args, format);
	vsnprintf(v->change, sizeof(v->change), format, args);
	va_end(args);
}

/* What is not in the plan may be of interfaces that are gone. */
__attribute__((format(printf, 2, 3)))
static void extra_note(struct compare *k, const char *format, ...)
{
	va_list args;

	if (k->extra[0])
		return;
	va_start(args, format);
	vsnprintf(k->extra, sizeof(k->extra), format, args);
	va_end(args);
}

/* Does the lowering of r's rule depend on interfaces and their addresses? */
static bool rule_may_be_stale(const struct compare *k, const struct plan_rule *r)
{
	const struct fw_rule *rule;

	if (r->origin < 0)
		return false;
	rule = fw_list_rule(&k->v->rules.list[r->list], (__u32)r->origin);
	return rule->via || rule->vianame[0] ||
	       (k->masquerades && (r->list == FW_OUTPUT || r->list == FW_ACCT));
}

/* The plan has r, the kernel something else in its place. */
static void rule_differs(struct compare *k, const struct plan_chain *c,
			 const struct plan_rule *r)
{
	if (rule_may_be_stale(k, r))
		k->v->stale = true;
	else if (r->origin >= 0)
		xt_view_change(k->v, "rule %d of the %s list is not as it was loaded",
			       r->origin + 1, fw_list_names[r->list]);
	else
		xt_view_change(k->v, "chain %s is not as it was loaded", xt_chain_name(c));
}

/* Does an entry say that it comes from this rule, or one of the same words? */
static bool says_origin(const struct compare *k, const struct xt_rule *held, __u32 list,
			__s32 origin)
{
	const struct xt_comment_info *said = xt_entry_comment(held->entry);
	const struct xt_comment_info *told;

	told = xt_entry_comment(k->v->teller[list][origin]->entry);
	return said && !strncmp(said->comment, told->comment, sizeof(said->comment));
}

/* where the rule for r stands in held, between at and so far; held->count if not there */
static __u32 rule_find(struct compare *k, const struct plan_rule *r,
		       const struct xt_chain *held, __u32 at, __u32 far)
{
	static const struct xt_comment_info any;	/* what it says is not compared */
	__u32 i, end = held->count - at > far ? at + far : held->count;
	struct xt_rule new = { .entry = xt_builder_entry(k->builder) };

	if (xt_entry_build(k->builder, r, xt_rule_has_comment(r) ? &any : NULL))
		return held->count;	/* no plan should hold it */
	new.target = k->builder->target;
	for (i = at; i < end; i++)
		if ((r->origin < 0 || says_origin(k, &held->rule[i], r->list, r->origin)) &&
		    xt_entry_same(&held->rule[i], &new, 0))
			return i;
	return held->count;
}

/* Does an entry say that it comes from a rule that depends on interfaces? */
static bool extra_is_stale(const struct compare *k, const struct xt_rule *extra)
{
	const struct fw_list *l = k->v->rules.list;
	struct plan_rule r = { .origin = 0 };
	__s32 i;

	for (r.list = 0; r.list < FW_LISTS; r.list++) {
		for (i = 0; i < (__s32)l[r.list].count; i++) {
			r.origin = i;
			if (rule_may_be_stale(k, &r) && says_origin(k, extra, r.list, i))
				return true;
		}
	}
	return false;
}

/* rules of a chain that the plan does not have */
static void extras_note(struct compare *k, const struct xt_chain *held, __u32 at, __u32 end)
{
	for (; at < end && !k->v->stale; at++) {
		if (extra_is_stale(k, &held->rule[at]))
			k->v->stale = true;
		else
			extra_note(k, "there is a rule in chain %s that was not loaded",
				   held->name);
	}
}

static void chain_compare(struct compare *k, const struct plan_chain *c,
			  const struct xt_chain *held)
{
	const struct plan_rule *r;
	__u32 at = 0, found, missed = 0;

	for (r = c->rules; r; r = r->next) {
		found = rule_find(k, r, held, at, LOOK_AHEAD + missed);
		if (found < held->count) {
			extras_note(k, held, at, found);
			at = found + 1;
			missed = 0;
			continue;
		}
		rule_differs(k, c, r);
		if (missed < MISSED_MAX)
			missed++;
		else if (at < held->count)
			at++;
	}
	extras_note(k, held, at, held->count);
}

/* A built-in chain has one rule of ours, among those of others. */
static void hook_compare(struct compare *k, const struct plan_chain *c,
			 const struct xt_table *t, const struct xt_chain *held)
{
	struct xt_rule ours = { .was = -1 };
	struct xt_chain only = { .name = held->name, .rule = &ours };
	bool found = false;
	__u32 i, others = 0;

	for (i = 0; i < held->count; i++) {
		if (!xt_rule_is_ours(held, &held->rule[i]))
			continue;
		ours = held->rule[i];
		only.count = 1;
		if (!found && !rule_find(k, c->rules, &only, 0, 1))
			found = true;
		else
			others++;
	}
	if (!found)
		rule_differs(k, c, c->rules);
	if (others)
		extra_note(k, "a rule of chain %s in table %s was not loaded", held->name,
			   t->name);
}

static enum xt_table_id table_id(const struct plan_chain *c)
{
	enum xt_table_id i = 0;

	while (i < XT_FILTER && strcmp(xt_table_name[i], c->table) != 0)
		i++;
	return i;
}

static void plan_compare(struct compare *k)
{
	const struct plan_chain *c;
	const struct xt_table *t;
	struct xt_chain *held;

	for (c = k->v->plan->chains; c; c = c->next) {
		t = &k->v->table[table_id(c)];
		held = xt_table_find(t, xt_chain_name(c));
		if (held)
			held->known = true;
		if (held && held->builtin)
			hook_compare(k, c, t, held);
		else if (held)
			chain_compare(k, c, held);
		else if (c->rules && rule_may_be_stale(k, c->rules))
			k->v->stale = true;
		else
			xt_view_change(k->v, "chain %s is missing in table %s",
				       xt_chain_name(c), c->table);
	}
}

static void extras_find(struct compare *k)
{
	const struct xt_table *t;
	const struct xt_chain *c;
	__u32 i;

	for (t = k->v->table; t < k->v->table + XT_TABLES; t++) {
		for (c = t->row.chain; c < t->row.chain + t->row.count; c++) {
			if (!c->known && c->ours)
				extra_note(k, "there is a chain %s in table %s that was not "
					   "loaded", c->name, t->name);
			for (i = 0; !c->known && c->builtin && i < c->count; i++)
				if (xt_rule_is_ours(c, &c->rule[i]))
					extra_note(k, "a rule of chain %s in table %s was "
						   "not loaded", c->name, t->name);
		}
	}
}

int xt_view_compare(struct xt_view *v)
{
	struct compare k = {
		.v = v, .builder = malloc(sizeof(*k.builder)),
	};
	const struct plan_chain *c;

	if (!k.builder)
		return -ENOMEM;
	for (c = v->plan->chains; c; c = c->next)
		k.masquerades |= !strcmp(c->name, "ipfw-output-masq");
	plan_compare(&k);
	extras_find(&k);
	if (k.extra[0] && !v->stale)
		xt_view_change(v, "%s", k.extra);
	free(k.builder);
	return 0;
}
