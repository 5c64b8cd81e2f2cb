/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * xt_view.h - our chains understood: the rule set they tell of, and the plan of that.
 */
#ifndef BACKEND_XT_VIEW_H
#define BACKEND_XT_VIEW_H

#include "backend/xtables/xt_comment.h"
#include "backend/xtables/xt_table.h"

struct xt_view {
	struct xt_table table[XT_TABLES];
	bool present;		/* anything of ours */
	struct fw_ruleset rules;
	struct nft_settings settings;
	/* by list and rule; malloc'ed */
	__s32 *order[FW_LISTS];
	const struct xt_rule **teller[FW_LISTS];	/* tells of it and counts */
	struct fw_interfaces interfaces;	/* that the plan was made for */
	struct plan *plan;	/* what the rules lower to */
	bool stale;		/* rules were loaded for other interfaces */
	bool foreign;		/* no chain is of our making: they came from a dump, say */
	bool changed;		/* not by us */
	char change[160];	/* the first change, in words */
};

/*
 * Reads the tables and understands them; no chains are an empty rule set.  The lock
 * is the caller's.  0, or -errno with a text.  To be freed in any case.
 */
int xt_view_read(struct xt_view *v, __u32 mark_mask, struct fw_error *e);
/* what table mangle tells that belongs to no rule; the default if it does not */
void xt_settings_read(struct nft_settings *s, const struct xt_table *mangle,
		      __u32 mark_mask);
void xt_view_free(struct xt_view *v);

#endif
