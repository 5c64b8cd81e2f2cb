/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * xt_write.h - a plan into the tables, keeping what stays.
 */
#ifndef BACKEND_XT_WRITE_H
#define BACKEND_XT_WRITE_H

#include "backend/xt_comment.h"
#include "backend/xt_table.h"

/* Where the rules of a new plan come from.  All by list and rule; NULL: all are new. */
struct xt_from {
	__s32 *old[FW_LISTS];	/* index among the rules in force, -1: new */
	bool *zero[FW_LISTS];	/* has its counters set to 0 */
};

/*
 * Makes our part of t what the plan has for it, in memory.  Entries that stay keep
 * counting.  0, -ENOMEM, -EINVAL, or what libiptc says.
 */
int xt_write_table(struct xt_table *t, const struct xt_words *w, const struct xt_from *from);

/* Puts back our part of t, in memory, as it was in the table that before read. */
int xt_write_back(struct xt_table *t, const struct xt_table *before);

#endif
