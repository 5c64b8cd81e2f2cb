/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * xt_write.h - a plan into the tables of iptables: all of them, or none.
 */
#ifndef BACKEND_XT_WRITE_H
#define BACKEND_XT_WRITE_H

#include "backend/xtables/xt_entry.h"
#include "backend/xtables/xt_view.h"

/*
 * Edits the view's tables so that they hold next's plan, and commits them.  Entries that
 * stay keep counting; an entry of a rule that takes another form begins with what the
 * rule has counted.  No entry stays if c replaces all rules.  leaves_foreign: entries of
 * others do.
 * Returns 0; -EAGAIN if a process without the lock has changed a table meanwhile; or
 * -errno with a text, and the tables are as before.  For the worker.
 */
int xt_write(struct xt_view *v, const struct store_next *next,
	     const struct store_change *c, bool leaves_foreign,
	     const struct ruleset_format *format, struct fw_error *e);

/* Commits edited tables: as xt_write(). */
int xt_commit(struct xt_tables *t, const struct plan *p, const bool is_edited[XT_TABLES],
	      struct fw_error *e);

/* What iptc_commit() or an edit failed with, as a sentence; returns -code. */
int xt_write_refused(int code, enum xt_table_id id, struct fw_error *e);

#endif
