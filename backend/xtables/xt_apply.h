/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * xt_apply.h - changes of the rules in force, by a worker that holds the lock.
 */
#ifndef BACKEND_XT_APPLY_H
#define BACKEND_XT_APPLY_H

#include "backend/xtables/xt_view.h"
#include "backend/xtables/xt_worker.h"

static inline struct xt *xt_of(struct backend *b)
{
	struct xt *x = b->state;

	x->format = b->format;
	x->mark_mask = b->mark_mask;
	x->log_group = b->log_group;
	x->wants_deleted = b->wants_deleted;
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
/* All connections have ended: what let remembered ones pass is removed. */
void xt_apply_forget(struct xt *x);

/* All rules; a warning if others have changed them.  Needs the lock, but no worker. */
int xt_apply_load(struct xt *x, struct fw_ruleset *rs, struct fw_error *e);

#endif
