// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plan_check.c - changes that netfilter cannot express, or not exactly.
 */
#include "backend/plan/plan_check.h"
#include "kmod/core/names.h"

#include <errno.h>
#include <stdio.h>

static bool edit_adds(const struct fw_edit *edit, __u32 list, const struct fw_rule *r)
{
	return (edit->op == FW_OP_APPEND || edit->op == FW_OP_INSERT) && edit->list == list &&
	       fw_rule_equal(&edit->rule, r);
}

size_t plan_edit_find(const struct fw_edit *edit, size_t count, __u32 list,
		      const struct fw_rule *r)
{
	size_t i = count;

	while (i-- > 0)
		if (edit_adds(&edit[i], list, r))
			return i;
	return count ? count - 1 : 0;
}

static bool forward_is_added(const struct fw_edit *edit, const struct fw_portfw *f)
{
	return edit->op == FW_OP_PORTFW && edit->portfw.op <= FW_PORTFW_INSERT &&
	       fw_portfw_equal(&edit->portfw.forward, f);
}

static int forwards_check(const struct plan *p, const struct fw_ruleset *rs,
			  const struct fw_edit *edit, size_t count, struct fw_error *e)
{
	size_t k = count;
	__u32 i = 0;

	while (i < p->nportfw && p->portfw_report[i].exactness != PLAN_IMPOSSIBLE)
		i++;
	if (i == p->nportfw)
		return 0;
	fw_error_set(e, EOPNOTSUPP, "port forward %u cannot be expressed: %s%s", i + 1,
		     p->portfw_report[i].reason,
		     plan_portfw_refusal(&rs->portfw.entry[i]) ? PLAN_PORTFW_ELSEWHERE : "");
	while (k > 0 && !forward_is_added(&edit[k - 1], &rs->portfw.entry[i]))
		k--;
	if (e)
		e->edit = k ? k - 1 : 0;
	return -EOPNOTSUPP;
}

int plan_check(const struct plan *p, const struct fw_ruleset *rs,
	       const struct fw_edit *edit, size_t count, struct fw_error *e)
{
	__u32 list, i;
	int err;

	for (list = 0; list < FW_LISTS; list++) {
		for (i = 0; i < p->nreports[list]; i++) {
			if (p->report[list][i].exactness != PLAN_IMPOSSIBLE)
				continue;
			err = fw_error_set(e, EOPNOTSUPP, "rule %u of the %s list cannot be "
					   "expressed: %s", i + 1, fw_list_names[list],
					   p->report[list][i].reason);
			if (e)
				e->edit = plan_edit_find(edit, count, list,
							 fw_list_rule(&rs->list[list], i));
			return err;
		}
	}
	return forwards_check(p, rs, edit, count, e);
}

bool plan_passes_more(const struct plan *p, __u32 before, const struct fw_ruleset *rs,
		      const struct fw_edit *edit, size_t count, char *text, size_t size)
{
	const bool masquerades = p->needs & ~before & PLAN_MASQUERADES;
	__u32 list, i;
	size_t k;

	for (list = 0; list < FW_LISTS; list++) {
		for (i = 0; i < p->nreports[list]; i++) {
			if (!p->report[list][i].passes_more)
				continue;
			for (k = 0; k < count; k++) {
				if (!masquerades &&
				    !edit_adds(&edit[k], list, fw_list_rule(&rs->list[list], i)))
					continue;
				snprintf(text, size, "rule %u of the %s list lets more through "
					 "than it says: %s", i + 1, fw_list_names[list],
					 p->report[list][i].reason);
				return true;
			}
		}
	}
	return false;
}
