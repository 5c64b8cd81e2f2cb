/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ruleset.h - rule sets in malloc'ed memory.
 */
#ifndef BACKEND_RULESET_H
#define BACKEND_RULESET_H

#include <stddef.h>

#include "backend/backend.h"

/* Where rules come from, such as "rc.firewall:12", by list and index; NULL: not known. */
struct rule_origins {
	const char **text[FW_LISTS];
	const char **forward;
};

/* o may be NULL */
static inline const char *rule_origin(const struct rule_origins *o, enum fw_list_id list, __u32 i)
{
	return o ? o->text[list][i] : NULL;
}

static inline const char *forward_origin(const struct rule_origins *o, __u32 i)
{
	return o ? o->forward[i] : NULL;
}

/* empty lists, policy accept, 2.0 timeouts */
void fw_ruleset_init(struct fw_ruleset *rs);

/* leaves it empty, ready to be used again */
void fw_ruleset_free(struct fw_ruleset *rs);

/* *to is overwritten; 0, or -ENOMEM and it is empty */
int fw_ruleset_copy(struct fw_ruleset *to, const struct fw_ruleset *from);

/*
 * For a list, or all of a rule set, that many packets are walked through.  An edit undoes it, as
 * fw_ruleset_free() does; who has a list of his own undoes it himself.
 */
void fw_list_classify(struct fw_list *l);
void fw_list_unclassify(struct fw_list *l);
void fw_ruleset_classify(struct fw_ruleset *rs);

/*
 * One edit: 0, -EINVAL (nothing to delete, bad rule), -ENOMEM; the rule set is as
 * before then.  n rules added at either end cost O(n).
 */
int fw_ruleset_edit(struct fw_ruleset *rs, const struct fw_edit *e);

/* what becomes of the gate for IPv6 */
enum fw_gate { FW_GATE_AS_IS, FW_GATE_OPEN, FW_GATE_CLOSED };

/* What n edits make of it.  *others: some are about something else. */
enum fw_gate fw_gate_wanted(const struct fw_edit *edit, size_t n, bool *others);

/* Makes n edits up to one that is refused, which *e describes. */
int fw_ruleset_edit_all(struct fw_ruleset *rs, const struct fw_edit *edit, size_t n,
			struct fw_error *e);

#endif
