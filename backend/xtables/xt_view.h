/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * xt_view.h - what the tables of iptables hold, compared with what they should.
 */
#ifndef BACKEND_XT_VIEW_H
#define BACKEND_XT_VIEW_H

#include "backend/store/store.h"
#include "backend/xtables/xt_table.h"

/* what is open of one backend */
struct xt {
	const struct ruleset_format *format;
	__u32 mark_mask;
	__u16 log_group;
	bool wants_deleted;
	__u32 helpers_missing; /* see struct backend */
};

struct xt_view {
	struct xt_tables tables;
	struct store_view store;
};

/* only a worker can read tables that were restored from text */
#define XT_NEEDS_WORKER 2

/*
 * Reads the tables; no chains are an empty rule set.  The caller has the lock.  0,
 * XT_NEEDS_WORKER, or -errno with a text.  To be freed in any case.
 */
int xt_view_read(struct xt_view *v, const struct xt *x, struct fw_error *e);
/* The same without comparison: tables and settings, but no rules. */
int xt_view_read_settings(struct xt_view *v, const struct xt *x, struct fw_error *e);
void xt_view_free(struct xt_view *v);

#endif
