/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * store_restore.h - tags of a kernel table that was restored from text, from the
 * comments of its rules (backend/plan/plan_commands.h).
 */
#ifndef BACKEND_STORE_RESTORE_H
#define BACKEND_STORE_RESTORE_H

#include "backend/store/store.h"

/* a kernel rule; comment: NULL if it has none */
struct store_item {
	const char *chain, *comment;
	struct rule_tag tag; /* the result */
};

/*
 * Fills in the tags of all kernel rules, in the kernel's order, and adds them to the view
 * without counters.  If a command or the settings cannot be read, the view is changed by
 * others, and unknown; if none can, it stays foreign.  0, or -ENOMEM with a text.
 */
int store_restore(struct store_view *v, enum plan_target target, struct store_item *item,
		  size_t n, struct fw_error *e);

/* Records the forwards from their comments alone.  0, or -errno with a text. */
int store_restore_forwards(struct store_view *v, enum plan_target target,
			   struct store_item *item, size_t n, struct fw_error *e);

#endif
