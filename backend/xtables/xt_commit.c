// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * xt_commit.c - a plan put in force in all tables, or in none.
 *
 * Each table changes at once, but one after the other.  Table mangle decides, the
 * others carry out what its marks say.  So those that have work to do come before it,
 * and those that will have none come behind.
 */
#include "backend/xtables/xt_commit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/xtables/xt_child.h"
#include "backend/xtables/xt_row.h"

static bool plan_uses(const struct plan *p, const char *table)
{
	const struct plan_chain *c;

	for (c = p->chains; c; c = c->next)
		if (!strcmp(c->table, table))
			return true;
	return false;
}

/* Which match or target of the plan does the kernel not have? */
static bool module_missing(const struct xt_words *w, const char *table, char *what,
			   size_t size)
{
	struct xt_builder *b = malloc(sizeof(*b));
	struct xt_comment_info comment;
	const struct plan_chain *c;
	const struct plan_rule *r;
	bool missing = false;

	for (c = w->plan->chains; b && c; c = c->next) {
		if (strcmp(c->table, table) != 0)
			continue;
		for (r = c->rules; r && !missing; r = r->next) {
			bool has = xt_comment_make(&comment, w, c, r);

			missing = !xt_entry_build(b, r, has ? &comment : NULL) &&
				  xt_entry_lacks(xt_builder_entry(b), what, size);
		}
	}
	free(b);
	return missing;
}

/* what was refused, in words; returns -code */
static int refused(int code, const struct xt_table *t, const struct xt_words *w,
		   struct fw_error *e)
{
	char what[64];

	switch (code) {
	case EAGAIN:
		return fw_error_set(e, EAGAIN, "others change table '%s' of iptables without "
				    "taking its lock", t->name);
	case EPERM:
	case ENOMEM:
		return xt_kernel_refused(code, t->name, e);
	case EMLINK:
		return fw_error_set(e, EBUSY, "a chain " XT_PREFIX "* of table '%s' is used by "
				    "rules that were not loaded", t->name);
	}
	if (module_missing(w, t->name, what, sizeof(what)))
		return fw_error_set(e, EOPNOTSUPP, "this kernel has no %s of iptables, which "
				    "the rules need", what);
	return fw_error_set(e, code, "the kernel refuses the rules in table '%s' of iptables: "
			    "%s", t->name, strerror(code));
}

/* Puts our part of a table, read anew for that, back as it was. */
static void table_undo(enum xt_table_id id, const struct xt_table *was)
{
	struct xt_next back = { .changed = false };
	struct xt_table now;

	if (!xt_table_open(&now, id, NULL) && !xt_write_back(&back, &now, was))
		xt_row_commit(&now, &back.row);
	xt_next_free(&back);
	xt_table_close(&now);
}

/* what a child commits */
struct commit {
	const struct xt_table *table;
	struct xt_next *next;
	const struct xt_words *words;
	struct fw_error *e;
};

static int tables_commit(void *ctx)
{
	const struct commit *c = ctx;
	const struct xt_table *t = c->table;
	const struct xt_words *w = c->words;
	enum xt_table_id order[XT_TABLES], i;
	unsigned int n = 0, done;
	int err = 0;

	for (i = 0; i < XT_TABLES; i++)
		if (i != XT_MANGLE && plan_uses(w->plan, t[i].name))
			order[n++] = i;
	order[n++] = XT_MANGLE;
	for (i = 0; i < XT_TABLES; i++)
		if (i != XT_MANGLE && !plan_uses(w->plan, t[i].name))
			order[n++] = i;
	for (done = 0; done < n && !err; done++) {
		i = order[done];
		if (c->next[i].changed)
			err = xt_row_commit(&t[i], &c->next[i].row);
		if (err)
			err = refused(-err, &t[i], w, c->e);
	}
	/* the last one is not done */
	for (done = err ? done - 1 : 0; done > 0; done--)
		if (c->next[order[done - 1]].changed)
			table_undo(order[done - 1], &t[order[done - 1]]);
	return err;
}

static bool has_counted(const struct xt_rule *r)
{
	return r->entry && (r->entry->counters.pcnt || r->entry->counters.bcnt);
}

/* One table, and none of its entries has counted: there is no second step. */
static bool is_one_step(const struct xt_table *t, const struct xt_next *next)
{
	unsigned int changes = 0;
	__u32 i, k;

	for (i = 0; i < XT_TABLES; i++) {
		if (!next[i].changed)
			continue;
		changes++;
		for (k = 0; k < t[i].row.rules; k++)
			if (has_counted(&t[i].row.rule[k]))
				return false;
		for (k = 0; k < t[i].row.count; k++)
			if (has_counted(&t[i].row.chain[k].last))
				return false;
	}
	return changes <= 1;
}

int xt_commit_plan(struct xt_table *t, const struct xt_words *w, const struct xt_from *from,
		   struct fw_error *e)
{
	struct xt_next next[XT_TABLES] = { 0 };
	struct commit commit = { t, next, w, e };
	enum xt_table_id i;
	int err = 0;

	for (i = 0; i < XT_TABLES && !err; i++) {
		if (!t[i].entries && plan_uses(w->plan, t[i].name))
			err = xt_table_open(&t[i], i, e);
		if (err || !t[i].entries)
			continue;
		err = xt_write_plan(&next[i], &t[i], w, from);
		if (err)
			err = refused(-err, &t[i], w, e);
	}
	if (!err)
		err = is_one_step(t, next) ? tables_commit(&commit) :
					     xt_child_run(tables_commit, &commit);
	for (i = 0; i < XT_TABLES; i++)
		xt_next_free(&next[i]);
	return err;
}
