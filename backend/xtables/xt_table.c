// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * xt_table.c - tables of iptables, and what of them is ours.
 */
#include "backend/xtables/xt_table.h"

#include <errno.h>
#include <linux/netfilter.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TABLES_IN_USE "/proc/thread-self/net/ip_tables_names"

const char *const xt_table_name[XT_TABLES] = {
	[XT_RAW] = "raw", [XT_MANGLE] = "mangle", [XT_NAT] = "nat", [XT_FILTER] = "filter",
};

const char *xt_chain_name(const struct plan_chain *c)
{
	static const char *const builtin[PLAN_HOOKS] = {
		[PLAN_PREROUTING] = "PREROUTING",
		[PLAN_INPUT] = "INPUT",
		[PLAN_FORWARD] = "FORWARD",
		[PLAN_OUTPUT] = "OUTPUT",
		[PLAN_POSTROUTING] = "POSTROUTING",
	};

	return c->hook == PLAN_HOOKS ? c->name : builtin[c->hook];
}

/* Bits of the tables that somebody has opened, which is when they come into use. */
static int tables_in_use(struct fw_error *e)
{
	FILE *in = fopen(TABLES_IN_USE, "re");
	char line[64];
	int i, used = 0;

	if (!in)
		return errno == ENOENT ? xt_kernel_check(e) :
			xt_kernel_refused(errno, xt_table_name[XT_MANGLE], e);
	while (fgets(line, sizeof(line), in)) {
		line[strcspn(line, "\n")] = '\0';
		for (i = 0; i < XT_TABLES; i++)
			if (!strcmp(line, xt_table_name[i]))
				used |= 1 << i;
	}
	fclose(in);
	return used;
}

int xt_row_alloc(struct xt_row *row, __u32 chains, __u32 rules)
{
	*row = (struct xt_row){
		.chain = calloc(chains + 1, sizeof(*row->chain)),
		.rule = calloc(rules + 1, sizeof(*row->rule)),
	};
	if (row->chain && row->rule)
		return 0;
	xt_row_free(row);
	return -ENOMEM;
}

void xt_row_free(struct xt_row *row)
{
	free(row->chain);
	free(row->rule);
	*row = (struct xt_row){ .count = 0 };
}

static int name_compare(const void *a, const void *b)
{
	return strcmp((*(struct xt_chain *const *)a)->name,
		      (*(struct xt_chain *const *)b)->name);
}

struct xt_chain *xt_table_find(const struct xt_table *t, const char *name)
{
	struct xt_chain key = { .name = name }, *at = &key, **found;

	if (!t->row.count)
		return NULL;
	found = bsearch(&at, t->by_name, t->row.count, sizeof(at), name_compare);
	return found ? *found : NULL;
}

/* Where does the entry at offset begin a built-in chain?  -1: it does not. */
static int hook_at(const struct ipt_getinfo *info, __u32 offset)
{
	int hook;

	for (hook = 0; hook < NF_INET_NUMHOOKS; hook++)
		if (info->valid_hooks >> hook & 1 && info->hook_entry[hook] == offset)
			return hook;
	return -1;
}

static const char *error_name(const struct ipt_entry *e)
{
	const struct xt_entry_target *target = xt_entry_target(e);

	return strcmp(target->u.user.name, XT_ERROR_TARGET) ? NULL :
	       ((const struct xt_error_target *)target)->errorname;
}

/* Of the rules of a chain that is at its end the last is none. */
static void chain_end(struct xt_row *row)
{
	struct xt_chain *c = row->chain + row->count - 1;

	if (!row->count)
		return;
	c->count = (__u32)(row->rule + row->rules - c->rule);
	if (c->count) {
		c->last = c->rule[--c->count];
		row->rules--;
	}
}

static void chain_begin(struct xt_row *row, const char *name, int hook, __u32 offset)
{
	chain_end(row);
	row->chain[row->count++] = (struct xt_chain){
		.name = name, .builtin = hook >= 0, .hook = hook >= 0 ? (__u32)hook : 0,
		.ours = hook < 0 && xt_name_is_ours(name),
		.rule = row->rule + row->rules, .offset = offset,
	};
}

static void row_fill(struct xt_table *t)
{
	static const char *const builtin[NF_INET_NUMHOOKS] = {
		"PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING",
	};
	const struct ipt_entry *e;
	const char *name;
	__u32 at, number = 0;
	int hook;

	for (at = 0; at < t->entries->size; at += e->next_offset, number++) {
		e = (const struct ipt_entry *)((const char *)t->entries->entrytable + at);
		hook = hook_at(&t->info, at);
		name = error_name(e);
		if (hook >= 0)
			chain_begin(&t->row, builtin[hook], hook, at);
		else if (name)	/* the last one begins no chain */
			chain_begin(&t->row, name, -1, at + e->next_offset);
		if (!name)
			t->row.rule[t->row.rules++] = (struct xt_rule){
				.entry = e, .target = xt_entry_target(e)->u.user.name,
				.was = (__s32)number,
			};
	}
	chain_end(&t->row);
	if (t->row.count)
		t->row.count--;
}

static const char *verdict_name(int verdict)
{
	switch (verdict) {
	case -NF_ACCEPT - 1:
		return "ACCEPT";
	case -NF_DROP - 1:
		return "DROP";
	case XT_RETURN:
		return "RETURN";
	default:
		return "QUEUE";
	}
}

static int offset_compare(const void *a, const void *b)
{
	const struct xt_chain *x = a, *y = b;

	return x->offset < y->offset ? -1 : x->offset > y->offset;
}

/* Finds the words for where a rule leads. */
static void target_find(const struct xt_table *t, struct xt_rule *r)
{
	const struct xt_standard_target *s;
	struct xt_chain key = { .offset = 0 };
	__u32 next;

	if (!r->entry || !xt_target_is_standard(xt_entry_target(r->entry)))
		return;
	s = (const struct xt_standard_target *)xt_entry_target(r->entry);
	next = (__u32)((const char *)r->entry - (const char *)t->entries->entrytable) +
	       r->entry->next_offset;
	if (s->verdict < 0) {
		r->target = verdict_name(s->verdict);
	} else if ((__u32)s->verdict != next) {
		key.offset = (__u32)s->verdict;
		r->to = bsearch(&key, t->row.chain, t->row.count, sizeof(key),
				offset_compare);
		r->target = r->to ? r->to->name : "";
	}
}

static int table_read(struct xt_table *t)
{
	__u32 i;
	int err = xt_row_alloc(&t->row, t->info.num_entries, t->info.num_entries);

	if (err)
		return err;
	row_fill(t);
	for (i = 0; i < t->row.rules; i++)
		target_find(t, &t->row.rule[i]);
	for (i = 0; i < t->row.count; i++)
		target_find(t, &t->row.chain[i].last);
	t->by_name = calloc(t->row.count + 1, sizeof(*t->by_name));
	if (!t->by_name)
		return -ENOMEM;
	for (i = 0; i < t->row.count; i++)
		t->by_name[i] = &t->row.chain[i];
	qsort(t->by_name, t->row.count, sizeof(*t->by_name), name_compare);
	return 0;
}

int xt_table_open(struct xt_table *t, enum xt_table_id id, struct fw_error *e)
{
	int err;

	*t = (struct xt_table){ .name = xt_table_name[id], .fd = xt_kernel_open() };
	err = t->fd < 0 ? t->fd : xt_kernel_read(t->fd, t->name, &t->info, &t->entries);
	if (err)
		return xt_kernel_refused(-err, t->name, e);
	return table_read(t) ? fw_error_set(e, ENOMEM, "out of memory") : 0;
}

int xt_tables_open(struct xt_table t[XT_TABLES], struct fw_error *e)
{
	int i, used, err = 0;

	for (i = 0; i < XT_TABLES; i++)
		t[i] = (struct xt_table){ .name = xt_table_name[i], .fd = -1 };
	used = tables_in_use(e);
	if (used < 0)
		return used;
	for (i = 0; i < XT_TABLES && !err; i++)
		if (used >> i & 1)
			err = xt_table_open(&t[i], i, e);
	return err;
}

void xt_table_close(struct xt_table *t)
{
	if (t->name && t->fd >= 0)
		close(t->fd);
	xt_row_free(&t->row);
	free(t->by_name);
	free(t->entries);
	*t = (struct xt_table){ .name = t->name, .fd = -1 };
}
