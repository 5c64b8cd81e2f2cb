// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * rule_array.c - an array of rules that generations share.
 */
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include "kmod/rules/rule_array.h"

/* The sender receives an error, so no warning is logged. */
#define GFP_ARRAY (GFP_KERNEL_ACCOUNT | __GFP_NOWARN)

static size_t array_size_of(u32 cap)
{
	const struct fwk_rule_array *a = NULL;

	return sizeof(*a) +
	       cap * (sizeof(*a->match) + sizeof(*a->bound) + sizeof(*a->counter));
}

static void array_free(struct fwk_counters *cs, struct fwk_rule_array *a)
{
	fwk_memory_uncharge(cs, array_size_of(a->cap));
	kvfree(a->counter);
	kvfree(a->bound);
	kvfree(a->match);
	kfree(a);
}

struct fwk_rule_array *fwk_rule_array_new(struct fwk_counters *cs, u32 cap, u32 begin)
{
	struct fwk_rule_array *a;

	if (!fwk_memory_charge(cs, array_size_of(cap)))
		return NULL;
	a = kmalloc(sizeof(*a), GFP_KERNEL_ACCOUNT);
	if (!a) {
		fwk_memory_uncharge(cs, array_size_of(cap));
		return NULL;
	}
	*a = (struct fwk_rule_array){
		.users = 1, .cap = cap, .begin = begin, .end = begin
	};
	a->match = kvmalloc_array(cap, sizeof(*a->match), GFP_ARRAY);
	a->bound = kvmalloc_array(cap, sizeof(*a->bound), GFP_ARRAY);
	a->counter = kvmalloc_array(cap, sizeof(*a->counter), GFP_ARRAY);
	if (a->match && a->bound && a->counter)
		return a;
	array_free(cs, a);
	return NULL;
}

void fwk_rule_array_put(struct fwk_counters *cs, struct fwk_rule_array *a)
{
	if (!a || --a->users)
		return;
	fwk_rule_array_trim(cs, a, a->end, a->end);
	array_free(cs, a);
}

void fwk_rule_array_copy(struct fwk_rule_array *a, const struct fwk_rule_array *from,
			 const struct fw_list *l)
{
	u32 i;

	for (i = l->first; i < l->first + l->count; i++) {
		from->counter[i]->users++;
		a->counter[a->end] = from->counter[i];
		a->bound[a->end] = from->bound[i];
		a->match[a->end++] = from->match[i];
		cond_resched();
	}
}

void fwk_rule_array_add(struct fwk_rule_array *a, struct fw_list *l, bool head,
			const struct fw_rule *r, struct fwk_counter *c)
{
	u32 slot = head ? --a->begin : a->end++;

	a->match[slot] = r->match;
	fw_match_prepare(&a->match[slot]);
	a->bound[slot] = c->binding ? &c->binding->ifindex : NULL;
	a->counter[slot] = c;
	l->first -= head;
	l->count++;
}

/* Closes the gap from the nearer end. */
void fwk_rule_array_remove(struct fwk_counters *cs, struct fwk_rule_array *a,
			   struct fw_list *l, u32 index)
{
	u32 slot = l->first + index, from = slot + 1, to = slot, n;

	fwk_counter_put(cs, a->counter[slot]);
	if (index < l->count / 2) {
		n = slot - a->begin;
		from = a->begin++;
		to = a->begin;
		l->first++;
	} else {
		n = --a->end - slot;
	}
	memmove(&a->match[to], &a->match[from], n * sizeof(*a->match));
	memmove(&a->bound[to], &a->bound[from], n * sizeof(*a->bound));
	memmove(&a->counter[to], &a->counter[from], n * sizeof(*a->counter));
	l->count--;
}

void fwk_rule_array_trim(struct fwk_counters *cs, struct fwk_rule_array *a, u32 begin,
			 u32 end)
{
	for (; a->begin < begin; cond_resched())
		fwk_counter_put(cs, a->counter[a->begin++]);
	for (; a->end > end; cond_resched())
		fwk_counter_put(cs, a->counter[--a->end]);
}
