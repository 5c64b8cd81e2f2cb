/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * plan_check.h - a change that netfilter has no words for is refused.
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

#endif
