/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * xt_row.h - chains and rules as the row of entries that the kernel takes.
 */
#ifndef BACKEND_XT_ROW_H
#define BACKEND_XT_ROW_H

#include "backend/xtables/xt_table.h"

/*
 * Puts row in force in place of what was read of t: built-in chains as they come, then
 * the others by name.  Counters go on as its rules say.  0, -EAGAIN: somebody has
 * changed the table; -EMLINK: a rule leads to a chain of ours that is not in the row;
 * or what the kernel says, and the table is as before.  Who is interrupted loses what
 * was counted: see xt_child.h.
 */
int xt_row_commit(const struct xt_table *t, struct xt_row *row);

/* Adds to the counters of what was read what its rules have in more: 0 or -errno. */
int xt_row_count(const struct xt_table *t);

#endif
