/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rule_array.h - an array of rules that generations share.
 *
 * A list of a generation is a range inside [begin, end).  Slots outside of it are free:
 * no reader looks at them.  All functions need fwk_rules.lock; packets only read.
 */
#ifndef FWK_RULE_ARRAY_H
#define FWK_RULE_ARRAY_H

#include "kmod/rules/counters.h"

#define FWK_RULES_MAX (1u << 22)	/* of a list, which keeps the array below 2 GiB */

struct fwk_rule_array {
	u32 users;	/* generations */
	u32 cap, begin, end;	/* slots */
	/* of the rule in each slot */
	struct fw_match *match;
	const volatile int **bound;	/* interface index of its binding, or NULL */
	struct fwk_counter **counter;
};

/* Returns an empty array with one user, whose first rule will be at begin; or NULL. */
struct fwk_rule_array *fwk_rule_array_new(struct fwk_counters *cs, u32 cap, u32 begin);
void fwk_rule_array_put(struct fwk_counters *cs, struct fwk_rule_array *a);

/* Appends the rules of list l, which are in from, with their counters.  It has room. */
void fwk_rule_array_copy(struct fwk_rule_array *a, const struct fwk_rule_array *from,
			 const struct fw_list *l);

/* Adds a rule at the head or the tail of list l, where a has a free slot. */
void fwk_rule_array_add(struct fwk_rule_array *a, struct fw_list *l, bool head,
			const struct fw_rule *r, struct fwk_counter *c);

/* Removes rule index of list l, which is all of a; a has no other user. */
void fwk_rule_array_remove(struct fwk_counters *cs, struct fwk_rule_array *a,
			   struct fw_list *l, u32 index);

/* Frees the slots outside of [begin, end). */
void fwk_rule_array_trim(struct fwk_counters *cs, struct fwk_rule_array *a, u32 begin,
			 u32 end);

#endif
