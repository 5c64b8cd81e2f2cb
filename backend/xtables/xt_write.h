/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * xt_write.h - a plan into a table, keeping what stays.
 */
#ifndef BACKEND_XT_WRITE_H
#define BACKEND_XT_WRITE_H

#include "backend/xtables/xt_comment.h"
#include "backend/xtables/xt_table.h"

/* Where the rules of a new plan come from.  All by list and rule; NULL: all are new. */
struct xt_from {
	__s32 *old[FW_LISTS];	/* index among the rules in force, -1: new */
	bool *zero[FW_LISTS];	/* has its counters set to 0 */
	/* by rule in force: tells of it and counts */
	const struct xt_rule *const *teller[FW_LISTS];
};

struct xt_chunk;

/* what a table is to become; names and targets are those of the plan and the table */
struct xt_next {
	struct xt_row row;
	bool changed;		/* from what it is */
	struct xt_chunk *memory;	/* of new entries */
};

/*
 * Makes our part of t what the plan has for it, in memory.  Rules that stay keep
 * counting.  0, -ENOMEM, or -EINVAL.  To be freed in any case.
 */
int xt_write_plan(struct xt_next *n, struct xt_table *t, const struct xt_words *w,
		  const struct xt_from *from);

/* Puts our part of t, in memory, back as it was in the table that before read. */
int xt_write_back(struct xt_next *n, const struct xt_table *t,
		  const struct xt_table *before);

void xt_next_free(struct xt_next *n);

#endif
