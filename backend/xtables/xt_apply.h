/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * xt_apply.h - changes of the rules in force, each under the lock and in all tables or
 * none.
 */
#ifndef BACKEND_XT_APPLY_H
#define BACKEND_XT_APPLY_H

#include "backend/xtables/xt_view.h"

/* what is open of one backend */
struct xt {
	const struct ruleset_format *format;
	__u32 mark_mask;
};

static inline struct xt *xt_of(struct backend *b)
{
	struct xt *x = b->state;

	x->format = b->format;
	x->mark_mask = b->mark_mask;
	return x;
}

int xt_apply_edits(struct xt *x, const struct fw_edit *edit, size_t count,
		   struct fw_error *e);
int xt_apply_ruleset(struct xt *x, const struct fw_ruleset *rs, struct fw_error *e);
/*
 * Sets the counters of a list to 0, and gives all rules with what they had counted
 * until then in *rs, initialised empty by the caller.
 */
int xt_apply_zero(struct xt *x, enum fw_list_id list, struct fw_ruleset *rs,
		  struct fw_error *e);
int xt_apply_refresh(struct xt *x, struct fw_error *e);
/* All connections have been ended: nothing must look for remembered ones. */
void xt_apply_forget(struct xt *x);

/* A view under the lock, with a warning if others have changed our rules. */
int xt_apply_look(struct xt *x, struct xt_view *v, struct fw_error *e);

#endif
