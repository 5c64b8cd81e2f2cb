// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * xt_write.c - a plan into a table, keeping what stays.
 *
 * Chains of one rule are called by its number.  When the number changes they get
 * another name, so that what is in force is always what the rules lower to.
 */
#include "backend/xtables/xt_write.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/plan/lower.h"

/* how far ahead an entry is looked for among the others */
#define LOOK_AHEAD 64

#define CHUNK (32 * 1024)

struct xt_chunk {
	struct xt_chunk *next;
	size_t size, used;
	__u8 byte[] __attribute__((aligned(8)));
};

struct writer {
	struct xt_next *next;
	struct xt_table *table;
	const struct xt_words *words;
	const struct xt_from *from;
	struct xt_builder *builder;	/* malloc'ed */
	struct xt_rule *new;	/* of the chain being written; malloc'ed */
	int error;
};

static void fail(struct writer *w, int error)
{
	if (!w->error)
		w->error = error;
}

static void *entry_alloc(struct xt_next *n, size_t size)
{
	struct xt_chunk *c = n->memory;
	size_t room = size > CHUNK ? size : CHUNK;

	if (!c || c->size - c->used < size) {
		c = malloc(sizeof(*c) + room);
		if (!c)
			return NULL;
		*c = (struct xt_chunk){ .next = n->memory, .size = room };
		n->memory = c;
	}
	c->used += size;
	return c->byte + c->used - size;
}

/* what follows the list's name and the rule's number in a chain of one rule, or NULL */
static const char *own_suffix(const struct plan_chain *c)
{
	char name[XT_TABLE_MAXNAMELEN];
	const struct plan_rule *r = c->rules;
	int n;

	if (!r || r->origin < 0)
		return NULL;
	n = snprintf(name, sizeof(name), XT_PREFIX "%s-%d", lower_list_name[r->list],
		     r->origin + 1);
	if (strncmp(c->name, name, (size_t)n) != 0 || (c->name[n] && c->name[n] != '-'))
		return NULL;
	return c->name + n;
}

/* what is in force of c, under the name that it had; NULL if nothing is */
static struct xt_chain *held_find(struct writer *w, const struct plan_chain *c)
{
	const char *suffix = own_suffix(c);
	char name[XT_TABLE_MAXNAMELEN];
	__s32 old;

	if (!w->from)
		return NULL;
	if (!suffix)
		return xt_table_find(w->table, c->name);
	old = w->from->old[c->rules->list][c->rules->origin];
	if (old < 0)
		return NULL;
	snprintf(name, sizeof(name), XT_PREFIX "%s-%d%s", lower_list_name[c->rules->list],
		 old + 1, suffix);
	return xt_table_find(w->table, name);
}

static bool in_table(const struct writer *w, const struct plan_chain *c)
{
	return !strcmp(c->table, w->table->name);
}

/* Chains that stay are known from here on, and called as they will be. */
static void held_rename(struct writer *w)
{
	struct xt_row *held = &w->table->row;
	const struct plan_chain *c;
	struct xt_chain *was;
	__u32 i;

	for (i = 0; i < held->count; i++)
		held->chain[i].known = false;
	for (c = w->words->plan->chains; c; c = c->next) {
		was = in_table(w, c) && c->hook == PLAN_HOOKS ? held_find(w, c) : NULL;
		if (was) {
			was->known = true;
			was->becomes = c->name;
		}
	}
	for (i = 0; i < held->rules; i++)
		if (held->rule[i].to && held->rule[i].to->becomes)
			held->rule[i].target = held->rule[i].to->becomes;
}

static bool entry_build(struct writer *w, const struct plan_chain *c,
			const struct plan_rule *r, struct xt_rule *new)
{
	struct xt_comment_info comment;
	bool has = xt_comment_make(&comment, w->words, c, r);
	int err = xt_entry_build(w->builder, r, has ? &comment : NULL);
	struct ipt_entry *entry = NULL;

	if (!err) {
		entry = entry_alloc(w->next, w->builder->len);
		if (!entry)
			err = -ENOMEM;
	}
	if (err) {
		fail(w, err);
		return false;
	}
	memcpy(entry, xt_builder_entry(w->builder), w->builder->len);
	*new = (struct xt_rule){
		.entry = entry, .target = w->builder->target, .was = -1,
		.more = { r->packets, r->bytes },
	};
	if (w->builder->target == xt_entry_target(xt_builder_entry(w->builder))->u.user.name)
		new->target = xt_entry_target(entry)->u.user.name;
	return true;
}

static bool entries_build(struct writer *w, const struct plan_chain *c)
{
	const struct plan_rule *r;
	__u32 i = 0;

	w->new = calloc(c->nrules + 1, sizeof(*w->new));
	if (!w->new)
		fail(w, -ENOMEM);
	for (r = c->rules; r && !w->error; r = r->next)
		entry_build(w, c, r, &w->new[i++]);
	return !w->error;
}

static void entries_free(struct writer *w)
{
	free(w->new);
	w->new = NULL;
}

static struct xt_chain *chain_begin(struct xt_row *row, const char *name)
{
	struct xt_chain *c = &row->chain[row->count++];

	*c = (struct xt_chain){ .name = name, .ours = true, .rule = row->rule + row->rules };
	return c;
}

static struct xt_rule *rule_add(struct xt_row *row, const struct xt_rule *r)
{
	struct xt_rule *new = &row->rule[row->rules++];

	*new = *r;
	row->chain[row->count - 1].count++;
	return new;
}

static bool same(const struct xt_rule *held, const struct xt_rule *new)
{
	return xt_entry_same(held, new, XT_ENTRY_TEXT);
}

/* how many of the held entries from at on stand before one like new; -1: none is near */
static int steps_to_held(const struct xt_chain *held, __u32 at, const struct xt_rule *new)
{
	__u32 i;

	for (i = 0; i < LOOK_AHEAD && at + i < held->count; i++)
		if (same(&held->rule[at + i], new))
			return (int)i;
	return -1;
}

static int steps_to_new(const struct writer *w, __u32 at, __u32 count,
			const struct xt_rule *held)
{
	__u32 i;

	for (i = 0; i < LOOK_AHEAD && at + i < count; i++)
		if (same(held, &w->new[at + i]))
			return (int)i;
	return -1;
}

/* Goes on counting where was did, or from 0. */
static void counters_keep(struct xt_rule *new, const struct xt_rule *was, bool zero)
{
	new->was = was->was;
	new->more = (struct xt_counters){ 0 };
	if (zero) {
		new->more.pcnt = -was->entry->counters.pcnt;
		new->more.bcnt = -was->entry->counters.bcnt;
	}
}

/* An entry stays; its counters may not. */
static void entry_keep(struct writer *w, const struct xt_rule *held,
		       const struct plan_rule *r)
{
	struct xt_rule *new = rule_add(&w->next->row, held);
	bool zero;

	if (!xt_rule_counts(r))
		return;
	zero = w->from->zero[r->list][r->origin];
	if (w->from->old[r->list][r->origin] < 0) {
		new->was = -1;
		new->more = (struct xt_counters){ r->packets, r->bytes };
		w->next->changed = true;
	} else if (zero) {
		counters_keep(new, held, zero);
		w->next->changed = true;
	}
}

/* A rule that takes another form goes on counting. */
static void entry_add(struct writer *w, const struct xt_rule *entry,
		      const struct plan_rule *r)
{
	struct xt_rule *new = rule_add(&w->next->row, entry);
	__s32 old = w->from && xt_rule_counts(r) ? w->from->old[r->list][r->origin] : -1;

	w->next->changed = true;
	if (old >= 0)
		counters_keep(new, w->from->teller[r->list][old],
			      w->from->zero[r->list][r->origin]);
}

/* Of two entries that differ, does the one in force go first? */
static bool held_goes(const struct writer *w, const struct plan_chain *c, __u32 i,
		      const struct xt_chain *held, __u32 at)
{
	int remove, add;

	if (at == held->count)
		return false;
	remove = steps_to_held(held, at, &w->new[i]);
	add = steps_to_new(w, i, c->nrules, &held->rule[at]);
	return add < 0 || (remove >= 0 && remove <= add);
}

/*
 * Goes along both; where they differ, the nearer of what is to be removed and what is
 * to be added comes first.
 */
static void chain_diff(struct writer *w, const struct plan_chain *c,
		       const struct xt_chain *held)
{
	const struct plan_rule *r = c->rules;
	__u32 i = 0, at = 0;

	while (r || at < held->count) {
		if (r && at < held->count && same(&held->rule[at], &w->new[i])) {
			entry_keep(w, &held->rule[at], r);
			at++;
		} else if (!r || held_goes(w, c, i, held, at)) {
			w->next->changed = true;
			at++;
			continue;
		} else {
			entry_add(w, &w->new[i], r);
		}
		r = r->next;
		i++;
	}
}

static void chain_write(struct writer *w, const struct plan_chain *c)
{
	static const struct xt_chain nothing;
	const struct xt_chain *held = held_find(w, c);
	struct xt_chain *new = chain_begin(&w->next->row, c->name);

	if (held)
		new->last = held->last;
	if (!held || strcmp(held->name, c->name) != 0)
		w->next->changed = true;
	if (entries_build(w, c))
		chain_diff(w, c, held ? held : &nothing);
	entries_free(w);
}

/* A built-in chain or one of others, of which nothing is copied yet. */
static void chain_copy(struct xt_row *row, const struct xt_chain *c)
{
	struct xt_chain *new = chain_begin(row, c->name);
	struct xt_rule *rule = new->rule;

	*new = *c;
	new->rule = rule;
	new->count = 0;
}

static const struct plan_chain *plan_hook(const struct writer *w, const struct xt_chain *c)
{
	const struct plan_chain *p;

	for (p = w->words->plan->chains; p; p = p->next)
		if (in_table(w, p) && !strcmp(xt_chain_name(p), c->name))
			return p;
	return NULL;
}

/* the one of ours in a built-in chain that is wanted; its count if there is none */
static __u32 hook_find(const struct writer *w, const struct xt_chain *held)
{
	__u32 i = held->count;

	while (i-- > 0)
		if (xt_rule_is_ours(held, &held->rule[i]) && same(&held->rule[i], w->new))
			return i;
	return held->count;
}

/* It stays where it is; a new one comes first. */
static void hook_write(struct writer *w, const struct xt_chain *held)
{
	const struct plan_chain *c = plan_hook(w, held);
	__u32 i, keep = held->count;

	chain_copy(&w->next->row, held);
	if (c && !entries_build(w, c))
		goto out;
	if (c)
		keep = hook_find(w, held);
	if (c && keep == held->count)
		entry_add(w, w->new, c->rules);
	for (i = 0; i < held->count; i++) {
		if (!xt_rule_is_ours(held, &held->rule[i]) || i == keep)
			rule_add(&w->next->row, &held->rule[i]);
		else
			w->next->changed = true;
	}
out:
	entries_free(w);
}

/* what belongs to others */
static void others_copy(struct xt_row *row, const struct xt_chain *c)
{
	__u32 i;

	chain_copy(row, c);
	for (i = 0; i < c->count; i++)
		rule_add(row, &c->rule[i]);
}

static void held_write(struct writer *w)
{
	const struct xt_row *held = &w->table->row;
	const struct xt_chain *c;

	for (c = held->chain; c < held->chain + held->count && !w->error; c++) {
		if (c->builtin)
			hook_write(w, c);
		else if (!c->ours)
			others_copy(&w->next->row, c);
		else if (!c->known)
			w->next->changed = true;
	}
}

static int row_alloc(struct writer *w)
{
	const struct plan_chain *c;
	__u32 chains = w->table->row.count, rules = w->table->row.rules;

	for (c = w->words->plan->chains; c; c = c->next) {
		if (in_table(w, c)) {
			chains++;
			rules += c->nrules;
		}
	}
	return xt_row_alloc(&w->next->row, chains, rules);
}

int xt_write_plan(struct xt_next *n, struct xt_table *t, const struct xt_words *words,
		  const struct xt_from *from)
{
	struct writer w = { .next = n, .table = t, .words = words, .from = from };
	const struct plan_chain *c;

	*n = (struct xt_next){ .changed = false };
	w.builder = malloc(sizeof(*w.builder));
	if (!w.builder || row_alloc(&w)) {
		free(w.builder);
		return -ENOMEM;
	}
	held_rename(&w);
	held_write(&w);
	for (c = words->plan->chains; c && !w.error; c = c->next)
		if (in_table(&w, c) && c->hook == PLAN_HOOKS)
			chain_write(&w, c);
	free(w.builder);
	return w.error;
}

/* What counted goes on from what it had. */
static void rule_restore(struct xt_row *row, const struct xt_rule *r)
{
	struct xt_rule *new = rule_add(row, r);

	new->was = -1;
	new->more = r->entry->counters;
	if (r->to)
		new->target = r->to->name;
}

static void hook_restore(struct xt_row *row, const struct xt_chain *now,
			 const struct xt_chain *before)
{
	__u32 i, at = 0;

	chain_copy(row, now);
	for (i = 0; before && i < before->count; i++) {
		if (xt_rule_is_ours(before, &before->rule[i])) {
			rule_restore(row, &before->rule[i]);
			continue;
		}
		while (at < now->count && xt_rule_is_ours(now, &now->rule[at]))
			at++;
		if (at < now->count)
			rule_add(row, &now->rule[at++]);
	}
	for (; at < now->count; at++)
		if (!xt_rule_is_ours(now, &now->rule[at]))
			rule_add(row, &now->rule[at]);
}

int xt_write_back(struct xt_next *n, const struct xt_table *t,
		  const struct xt_table *before)
{
	const struct xt_chain *c;
	__u32 i;

	*n = (struct xt_next){ .changed = true };
	if (xt_row_alloc(&n->row, t->row.count + before->row.count,
			 t->row.rules + before->row.rules))
		return -ENOMEM;
	for (c = t->row.chain; c < t->row.chain + t->row.count; c++) {
		if (c->builtin)
			hook_restore(&n->row, c, xt_table_find(before, c->name));
		else if (!c->ours)
			others_copy(&n->row, c);
	}
	for (c = before->row.chain; c < before->row.chain + before->row.count; c++) {
		if (!c->ours)
			continue;
		chain_begin(&n->row, c->name);
		for (i = 0; i < c->count; i++)
			rule_restore(&n->row, &c->rule[i]);
	}
	return 0;
}

void xt_next_free(struct xt_next *n)
{
	struct xt_chunk *c, *next;

	for (c = n->memory; c; c = next) {
		next = c->next;
		free(c);
	}
	xt_row_free(&n->row);
	n->memory = NULL;
}
