// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * rule_array.c - arrays of rules.
 */
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include "kmod/rules/rule_array.h"

struct fw_slots *fw_slots_new(u32 cap, u32 begin)
{
	struct fw_slots *s = kmalloc(sizeof(*s), GFP_KERNEL_ACCOUNT);

	if (!s)
		return NULL;
	*s = (struct fw_slots){ .holders = 1, .cap = cap, .begin = begin, .end = begin };
	s->rule = kvmalloc_array(cap, sizeof(*s->rule), GFP_KERNEL_ACCOUNT);
	s->counter = kvmalloc_array(cap, sizeof(*s->counter), GFP_KERNEL_ACCOUNT);
	if (s->rule && s->counter)
		return s;
	kvfree(s->counter);
	kvfree(s->rule);
	kfree(s);
	return NULL;
}

void fw_slots_put(struct fw_counters *cs, struct fw_slots *s)
{
	u32 i;

	if (!s || --s->holders)
		return;
	for (i = s->begin; i < s->end; i++) {
		fw_counter_put(cs, s->counter[i]);
		cond_resched();
	}
	kvfree(s->counter);
	kvfree(s->rule);
	kfree(s);
}

void fw_slots_copy(struct fw_slots *s, const struct fw_slots *from,
		   const struct fw_list *l)
{
	u32 i;

	for (i = 0; i < l->count; i++) {
		struct fw_counter *c = from->counter[l->first + i];

		fw_counter_hold(c);
		s->counter[s->end] = c;
		s->rule[s->end++] = from->rule[l->first + i];
		cond_resched();
	}
}
