// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * xt_write.c - a plan into the tables, keeping what stays.
 *
 * Chains of one rule are called by its number.  When the number changes they are
 * renamed, so that what is in force is always what the rules lower to.
 */
#include "backend/xt_write.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/lower.h"

/* how far ahead an entry is looked for among the others */
#define LOOK_AHEAD 64

struct writer {
	struct xt_table *table;
	const struct xt_words *words;
	const struct xt_from *from;
	struct xt_builder *builder;	/* malloc'ed */
	struct ipt_entry **entry;	/* of the chain being written; malloc'ed */
	int error;
};

static void fail(struct writer *w, int error)
{
	if (!w->error)
		w->error = error ? error : -EINVAL;
}

/* libiptc has done something, or says in errno why not. */
static void done(struct writer *w, int ok)
{
	w->table->changed = true;
	if (!ok)
		fail(w, -errno);
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

/* Does this name belong to one rule, by its number? */
static bool name_is_own(const char *name)
{
	size_t n;
	unsigned int i;

	for (i = 0; i < FW_LISTS; i++) {
		n = strlen(lower_list_name[i]);
		if (!strncmp(name + sizeof(XT_PREFIX) - 1, lower_list_name[i], n) &&
		    name[sizeof(XT_PREFIX) - 1 + n] == '-' &&
		    name[sizeof(XT_PREFIX) + n] >= '0' && name[sizeof(XT_PREFIX) + n] <= '9')
			return true;
	}
	return false;
}

static void held_rename(struct writer *w, struct xt_held *c, const char *name)
{
	done(w, iptc_rename_chain(c->name, name, w->table->handle));
	snprintf(c->name, sizeof(c->name), "%s", name);
}

/* the chain in force that is to have the name of c, NULL if there is none */
static struct xt_held *held_of_own(struct writer *w, const struct plan_chain *c)
{
	const char *suffix = own_suffix(c);
	char name[XT_TABLE_MAXNAMELEN];
	__s32 old;

	if (!suffix)
		return NULL;
	old = w->from->old[c->rules->list][c->rules->origin];
	if (old < 0)
		return NULL;
	snprintf(name, sizeof(name), XT_PREFIX "%s-%d%s", lower_list_name[c->rules->list],
		 old + 1, suffix);
	return xt_table_find(w->table, name);
}

/*
 * New names may be those of others that leave or move.  So first all that do not
 * keep their names get names out of the way.
 */
static void own_chains_rename(struct writer *w)
{
	struct xt_table *t = w->table;
	const char **name = calloc(t->count + 1, sizeof(*name));
	char aside[XT_TABLE_MAXNAMELEN];
	const struct plan_chain *c;
	struct xt_held *held;
	__u32 i;

	if (!name) {
		fail(w, -ENOMEM);
		return;
	}
	for (c = w->words->plan->chains; c; c = c->next) {
		held = strcmp(c->table, t->name) ? NULL : held_of_own(w, c);
		if (held)
			name[held - t->held] = c->name;
	}
	for (i = 0; i < t->count && !w->error; i++) {
		if (t->held[i].builtin || !name_is_own(t->held[i].name) ||
		    (name[i] && !strcmp(name[i], t->held[i].name)))
			continue;
		snprintf(aside, sizeof(aside), XT_PREFIX "%u", i);
		held_rename(w, &t->held[i], aside);
	}
	for (i = 0; i < t->count && !w->error; i++)
		if (name[i] && strcmp(name[i], t->held[i].name) != 0)
			held_rename(w, &t->held[i], name[i]);
	free(name);
	xt_table_sort(t);
}

static struct ipt_entry *entry_copy(struct writer *w, const struct plan_chain *c,
				    const struct plan_rule *r)
{
	struct xt_comment_info comment;
	bool has = xt_comment_make(&comment, w->words, c, r);
	int err = xt_entry_build(w->builder, r, has ? &comment : NULL);
	struct ipt_entry *copy;

	if (err) {
		fail(w, err);
		return NULL;
	}
	copy = malloc(w->builder->len);
	if (copy)
		memcpy(copy, xt_builder_entry(w->builder), w->builder->len);
	else
		fail(w, -ENOMEM);
	return copy;
}

static bool entries_build(struct writer *w, const struct plan_chain *c)
{
	const struct plan_rule *r;
	__u32 i = 0;

	w->entry = calloc(c->nrules + 1, sizeof(struct ipt_entry *));
	if (!w->entry)
		fail(w, -ENOMEM);
	for (r = c->rules; r && !w->error; r = r->next)
		w->entry[i++] = entry_copy(w, c, r);
	return !w->error;
}

static void entries_free(struct writer *w, const struct plan_chain *c)
{
	__u32 i;

	for (i = 0; w->entry && i < c->nrules; i++)
		free(w->entry[i]);
	free(w->entry);
	w->entry = NULL;
}

static bool same(const struct xt_held_rule *held, const struct ipt_entry *new)
{
	return xt_entry_same(held->entry, held->target, new, XT_ENTRY_TEXT);
}

/* how many of the held entries from at on stand before one like new; -1: none is near */
static int steps_to_held(const struct xt_held *held, __u32 at, const struct ipt_entry *new)
{
	__u32 i;

	for (i = 0; i < LOOK_AHEAD && at + i < held->count; i++)
		if (same(&held->rule[at + i], new))
			return (int)i;
	return -1;
}

static int steps_to_new(const struct writer *w, __u32 at, __u32 count,
			const struct xt_held_rule *held)
{
	__u32 i;

	for (i = 0; i < LOOK_AHEAD && at + i < count; i++)
		if (same(held, w->entry[at + i]))
			return (int)i;
	return -1;
}

/* An entry stays; its counters may not. */
static void entry_keep(struct writer *w, const char *chain, __u32 number,
		       const struct plan_rule *r)
{
	struct xt_counters counters = { r->packets, r->bytes };

	if (!xt_rule_counts(r))
		return;
	if (w->from->old[r->list][r->origin] < 0)
		done(w, iptc_set_counter(chain, number, &counters, w->table->handle));
	else if (w->from->zero[r->list][r->origin])
		done(w, iptc_zero_counter(chain, number, w->table->handle));
}

/* Of two entries that differ, does the one in force go first? */
static bool held_goes(const struct writer *w, const struct plan_chain *c, __u32 i,
		      const struct xt_held *held, __u32 at)
{
	int remove, add;

	if (at == held->count)
		return false;
	remove = steps_to_held(held, at, w->entry[i]);
	add = steps_to_new(w, i, c->nrules, &held->rule[at]);
	return add < 0 || (remove >= 0 && remove <= add);
}

/*
 * Goes along both; where they differ, the nearer of what is to be removed and what is
 * to be added comes first.
 */
static void chain_diff(struct writer *w, const struct plan_chain *c,
		       const struct xt_held *held)
{
	struct xtc_handle *h = w->table->handle;
	const struct plan_rule *r = c->rules;
	__u32 i = 0, at = 0;

	while ((r || at < held->count) && !w->error) {
		if (r && at < held->count && same(&held->rule[at], w->entry[i])) {
			entry_keep(w, held->name, i + 1, r);
			at++;
		} else if (!r || held_goes(w, c, i, held, at)) {
			done(w, iptc_delete_num_entry(held->name, i, h));
			at++;
			continue;
		} else {
			done(w, iptc_insert_entry(held->name, w->entry[i], i, h));
		}
		r = r->next;
		i++;
	}
}

static void chain_write(struct writer *w, const struct plan_chain *c)
{
	struct xtc_handle *h = w->table->handle;
	struct xt_held *held = xt_table_find(w->table, c->name);
	__u32 i;

	if (!entries_build(w, c))
		goto out;
	if (held && w->from) {
		chain_diff(w, c, held);
		goto out;
	}
	if (held)
		done(w, iptc_flush_entries(c->name, h));
	for (i = 0; i < c->nrules && !w->error; i++)
		done(w, iptc_append_entry(c->name, w->entry[i], h));
out:
	entries_free(w, c);
}

/* Of ours in a built-in chain the one that is wanted stays where it is. */
static void hook_write(struct writer *w, const char *name, const struct plan_chain *c)
{
	const struct xt_held *held = xt_table_find(w->table, name);
	bool found = false;
	__u32 i;

	if (c && !entries_build(w, c))
		goto out;
	for (i = held ? held->count : 0; i-- > 0 && !w->error;) {
		if (c && !found && same(&held->rule[i], w->entry[0]))
			found = true;
		else
			done(w, iptc_delete_num_entry(name, held->rule[i].number - 1,
						      w->table->handle));
	}
	if (c && !found && !w->error)
		done(w, iptc_insert_entry(name, w->entry[0], 0, w->table->handle));
out:
	if (c)
		entries_free(w, c);
}

static void chains_create(struct writer *w)
{
	const struct plan_chain *c;
	struct xt_held *held;

	for (c = w->words->plan->chains; c && !w->error; c = c->next) {
		if (strcmp(c->table, w->table->name) != 0)
			continue;
		held = xt_table_find(w->table, xt_chain_name(c));
		if (held)
			held->known = true;
		else if (c->hook == PLAN_HOOKS)
			done(w, iptc_create_chain(c->name, w->table->handle));
	}
}

/* A chain can go when nothing leads to it. */
static void chains_remove(struct writer *w)
{
	const struct xt_table *t = w->table;
	const struct xt_held *c, *end = t->held + t->count;

	for (c = t->held; c < end && !w->error; c++)
		if (c->builtin && !c->known && c->count)
			hook_write(w, c->name, NULL);
	for (c = t->held; c < end && !w->error; c++)
		if (!c->builtin && !c->known)
			done(w, iptc_flush_entries(c->name, t->handle));
	for (c = t->held; c < end && !w->error; c++)
		if (!c->builtin && !c->known)
			done(w, iptc_delete_chain(c->name, t->handle));
}

int xt_write_table(struct xt_table *t, const struct xt_words *words,
		   const struct xt_from *from)
{
	struct writer w = { .table = t, .words = words, .from = from };
	const struct plan_chain *c;
	__u32 i;

	w.builder = malloc(sizeof(*w.builder));
	if (!w.builder)
		return -ENOMEM;
	for (i = 0; i < t->count; i++)
		t->held[i].known = false;
	if (from)
		own_chains_rename(&w);
	chains_create(&w);
	for (c = words->plan->chains; c && !w.error; c = c->next) {
		if (strcmp(c->table, t->name) != 0)
			continue;
		if (c->hook == PLAN_HOOKS)
			chain_write(&w, c);
		else
			hook_write(&w, xt_chain_name(c), c);
	}
	chains_remove(&w);
	free(w.builder);
	return w.error;
}

/* Chains are given by name, whatever the kernel called their place. */
static void entry_restore(struct writer *w, const char *chain, const struct xt_held_rule *r,
			  __u32 place)
{
	struct ipt_entry *e = malloc(r->entry->next_offset);
	struct xt_entry_target *target;

	if (!e) {
		fail(w, -ENOMEM);
		return;
	}
	memcpy(e, r->entry, r->entry->next_offset);
	target = (struct xt_entry_target *)((__u8 *)e + e->target_offset);
	memset(target->u.user.name, 0, sizeof(target->u.user.name));
	strncpy(target->u.user.name, r->target, sizeof(target->u.user.name) - 1);
	done(w, iptc_insert_entry(chain, e, place, w->table->handle));
	free(e);
}

static void ours_remove(struct writer *w)
{
	__u32 i;

	for (i = 0; i < w->table->count; i++)
		w->table->held[i].known = false;
	chains_remove(w);
}

int xt_write_back(struct xt_table *t, const struct xt_table *before)
{
	struct writer w = { .table = t };
	const struct xt_held *c, *end = before->held + before->count;
	__u32 i;

	ours_remove(&w);
	for (c = before->held; c < end && !w.error; c++)
		if (!c->builtin)
			done(&w, iptc_create_chain(c->name, t->handle));
	for (c = before->held; c < end; c++)
		for (i = 0; i < c->count && !w.error; i++)
			entry_restore(&w, c->name, &c->rule[i], c->rule[i].number - 1);
	return w.error;
}
