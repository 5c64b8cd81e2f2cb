/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * xt_commit.h - a plan put in force in all tables, or in none.
 */
#ifndef BACKEND_XT_COMMIT_H
#define BACKEND_XT_COMMIT_H

#include "backend/xtables/xt_write.h"

/*
 * t: all tables as they are, XT_TABLES of them.  0; -EAGAIN when somebody without the
 * lock has changed them meanwhile; or -errno with a text, and all is as before.
 */
int xt_commit_plan(struct xt_table *t, const struct xt_words *w, const struct xt_from *from,
		   struct fw_error *e);

#endif
