/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rule_array.h - an array of rules that several generations of a list look into.
 *
 * A generation sees the part that its struct fw_list tells of.  What lies outside
 * [begin, end) no generation sees, so the next one may grow into it; what lies
 * inside never changes while the array is shared.
 *
 * All of it needs fw_net.lock; packets only read.
 */
#ifndef FW_SLOTS_H
#define FW_SLOTS_H

#include "kmod/rules/counters.h"

#define FW_RULES_MAX (1u << 22)	/* of a list; the array stays below 2 GiB */

struct fw_slots {
	u32 holders;		/* generations */
	u32 cap, begin, end;
	struct fw_rule *rule;
	struct fw_counter **counter;	/* of the rule in the same slot */
};

/* Room for cap rules, with one holder; the first will come to slot begin. */
struct fw_slots *fw_slots_new(u32 cap, u32 begin);
void fw_slots_put(struct fw_counters *cs, struct fw_slots *s);

/* Copies l's rules behind those in s, which has room; they keep their counters. */
void fw_slots_copy(struct fw_slots *s, const struct fw_slots *from,
		   const struct fw_list *l);

#endif
