/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * plan_check.h - changes that netfilter cannot express, or not exactly.
 */
#ifndef BACKEND_PLAN_CHECK_H
#define BACKEND_PLAN_CHECK_H

#include "backend/backend.h"
#include "backend/plan/plan.h"

/* Which edit brought this rule of a list?  The last that could have. */
size_t plan_edit_find(const struct fw_edit *edit, size_t count, __u32 list,
		      const struct fw_rule *r);

/*
 * 0, or -EOPNOTSUPP and the first rule of rs that p cannot express; the last of the
 * edits that could have brought it is e->edit.
 */
int plan_check(const struct plan *p, const struct fw_ruleset *rs,
	       const struct fw_edit *edit, size_t count, struct fw_error *e);

/*
 * Prints a sentence about a rule of the edits that lets more packets through than it
 * says, because p cannot express it; false: there is none.  Where the edits begin to
 * masquerade, which the needs before show, any rule may be one.
 */
bool plan_passes_more(const struct plan *p, __u32 before, const struct fw_ruleset *rs,
		      const struct fw_edit *edit, size_t count, char *text, size_t size);

#endif
