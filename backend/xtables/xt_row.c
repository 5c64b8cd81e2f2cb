// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * xt_row.c - chains and rules as the row of entries that the kernel takes.
 */
#include "backend/xtables/xt_row.h"

#include <errno.h>
#include <linux/netfilter.h>
#include <stdlib.h>
#include <string.h>

/* what stands before the rules of a chain that is not built in, and at the very end */
#define HEAD_SIZE (sizeof(struct ipt_entry) + sizeof(struct xt_error_target))
/* what stands behind the rules of a new chain */
#define FOOT_SIZE (sizeof(struct ipt_entry) + sizeof(struct xt_standard_target))

/* a row being written */
struct put {
	const struct xt_table *table;
	struct xt_row *row;
	struct ipt_replace *replace;	/* malloc'ed; the entries follow */
	struct xt_counters_info *count;	/* malloc'ed; was and more, by entry */
	__s32 *was;			/* malloc'ed; by entry */
	__u32 at;			/* bytes written */
};

static int order_compare(const void *a, const void *b)
{
	const struct xt_chain *x = a, *y = b;

	if (x->builtin != y->builtin)
		return x->builtin ? -1 : 1;
	if (x->builtin)
		return x->offset < y->offset ? -1 : x->offset > y->offset;
	return strcmp(x->name, y->name);
}

static const struct xt_chain *chain_find(const struct xt_row *row, const char *name)
{
	struct xt_chain key = { .name = name };

	return bsearch(&key, row->chain, row->count, sizeof(key), order_compare);
}

static size_t last_size(const struct xt_chain *c)
{
	return c->last.entry ? c->last.entry->next_offset : FOOT_SIZE;
}

/* Finds where every chain begins; how long the row is, and of how many entries. */
static void row_measure(struct xt_row *row, struct ipt_replace *r)
{
	struct xt_chain *c;
	size_t at = 0;
	__u32 i, n = 0;

	for (c = row->chain; c < row->chain + row->count; c++) {
		if (!c->builtin)
			at += HEAD_SIZE;
		c->offset = (__u32)at;
		for (i = 0; i < c->count; i++)
			at += c->rule[i].entry->next_offset;
		if (c->builtin) {
			r->hook_entry[c->hook] = c->offset;
			r->underflow[c->hook] = (__u32)at;
		}
		at += last_size(c);
		n += c->count + 1 + !c->builtin;
	}
	r->size = (__u32)(at + HEAD_SIZE);
	r->num_entries = n + 1;
}

static void counters_note(struct put *p, __s32 was, struct xt_counters more)
{
	p->was[p->count->num_counters] = was;
	p->count->counters[p->count->num_counters++] = more;
}

static struct ipt_entry *put_entry(const struct put *p)
{
	return (struct ipt_entry *)((char *)p->replace->entries + p->at);
}

/* Begins an entry of size bytes that matches everything, its target yet to be named. */
static struct xt_entry_target *bare_put(struct put *p, size_t size)
{
	struct ipt_entry *e = put_entry(p);
	struct xt_entry_target *target = (struct xt_entry_target *)e->elems;

	memset(e, 0, size);
	e->target_offset = sizeof(*e);
	e->next_offset = (__u16)size;
	target->u.user.target_size = (__u16)(size - sizeof(*e));
	p->at += size;
	counters_note(p, -1, (struct xt_counters){ 0 });
	return target;
}

static void head_put(struct put *p, const char *name)
{
	struct xt_error_target *error = (void *)bare_put(p, HEAD_SIZE);

	strcpy(error->target.u.user.name, XT_ERROR_TARGET);
	strncpy(error->errorname, name, sizeof(error->errorname) - 1);
}

static int verdict_find(const char *name, int *verdict)
{
	if (!strcmp(name, "ACCEPT"))
		*verdict = -NF_ACCEPT - 1;
	else if (!strcmp(name, "DROP"))
		*verdict = -NF_DROP - 1;
	else if (!strcmp(name, "RETURN"))
		*verdict = XT_RETURN;
	else
		return -ENOENT;
	return 0;
}

/* Where does a standard target lead now?  0 or -errno. */
static int standard_put(struct put *p, const struct xt_rule *r, struct ipt_entry *e)
{
	struct xt_standard_target *s = (struct xt_standard_target *)xt_entry_target(e);
	const struct xt_chain *to;

	if (!*r->target) {
		s->verdict = (int)(p->at + e->next_offset);
		return 0;
	}
	/* other verdicts of others stay what they are */
	if ((r->was >= 0 && s->verdict < 0) || !verdict_find(r->target, &s->verdict))
		return 0;
	to = chain_find(p->row, r->target);
	if (!to)
		return -EMLINK;
	s->verdict = (int)to->offset;
	return 0;
}

static int rule_put(struct put *p, const struct xt_rule *r)
{
	struct ipt_entry *e = put_entry(p);
	int err = 0;

	memcpy(e, r->entry, r->entry->next_offset);
	if (xt_target_is_standard(xt_entry_target(e)))
		err = standard_put(p, r, e);
	p->at += e->next_offset;
	counters_note(p, r->was, r->more);
	return err;
}

static void foot_put(struct put *p)
{
	struct xt_standard_target *target = (void *)bare_put(p, FOOT_SIZE);

	target->verdict = XT_RETURN;
}

static int row_put(struct put *p)
{
	const struct xt_chain *c, *end = p->row->chain + p->row->count;
	int err = 0;
	__u32 i;

	for (c = p->row->chain; c < end && !err; c++) {
		if (!c->builtin)
			head_put(p, c->name);
		for (i = 0; i < c->count && !err; i++)
			err = rule_put(p, &c->rule[i]);
		if (!err && c->last.entry)
			err = rule_put(p, &c->last);
		else if (!err)
			foot_put(p);
	}
	head_put(p, XT_ERROR_TARGET);
	return err;
}

static bool counters_fill(struct put *p)
{
	const struct xt_counters *old = p->replace->counters;
	struct xt_counters *c = p->count->counters;
	bool any = false;
	__u32 i;

	for (i = 0; i < p->count->num_counters; i++) {
		if (p->was[i] >= 0) {
			c[i].pcnt += old[p->was[i]].pcnt;
			c[i].bcnt += old[p->was[i]].bcnt;
		}
		any |= c[i].pcnt || c[i].bcnt;
	}
	return any;
}

static int put_commit(struct put *p)
{
	int err = xt_kernel_replace(p->table->fd, p->replace);

	if (!err && counters_fill(p))
		xt_kernel_count(p->table->fd, p->count);
	return err;
}

static struct xt_counters_info *counters_alloc(const struct xt_table *t, __u32 n)
{
	struct xt_counters_info *c = calloc(1, sizeof(*c) + n * sizeof(*c->counters));

	if (c)
		memcpy(c->name, t->info.name, sizeof(c->name));
	return c;
}

static int put_alloc(struct put *p, const struct ipt_replace *r)
{
	p->replace = calloc(1, sizeof(*r) + r->size);
	p->count = counters_alloc(p->table, r->num_entries);
	p->was = calloc(r->num_entries, sizeof(*p->was));
	if (!p->replace || !p->count || !p->was)
		return -ENOMEM;
	*p->replace = *r;
	p->replace->counters = calloc(r->num_counters, sizeof(*r->counters));
	return p->replace->counters ? 0 : -ENOMEM;
}

int xt_row_commit(const struct xt_table *t, struct xt_row *row)
{
	struct ipt_replace r = {
		.valid_hooks = t->info.valid_hooks, .num_counters = t->info.num_entries,
	};
	struct put p = { .table = t, .row = row };
	int err;

	memcpy(r.name, t->info.name, sizeof(r.name));
	qsort(row->chain, row->count, sizeof(*row->chain), order_compare);
	row_measure(row, &r);
	err = put_alloc(&p, &r);
	if (!err)
		err = row_put(&p);
	if (!err)
		err = put_commit(&p);
	if (p.replace)
		free(p.replace->counters);
	free(p.replace);
	free(p.count);
	free(p.was);
	return err;
}

int xt_row_count(const struct xt_table *t)
{
	struct xt_counters_info *c = counters_alloc(t, t->info.num_entries);
	__u32 i;
	int err;

	if (!c)
		return -ENOMEM;
	c->num_counters = t->info.num_entries;
	for (i = 0; i < t->row.rules; i++)
		c->counters[t->row.rule[i].was] = t->row.rule[i].more;
	err = xt_kernel_count(t->fd, c);
	free(c);
	return err;
}
