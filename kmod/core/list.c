// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * list.c - edits of a list of rules.
 */
#include "kmod/core/list.h"

static void slot_fill(struct fw_rule *slot, const struct fw_rule *r)
{
	*slot = *r;
	fw_rule_prepare(slot);
}

int fw_list_append(struct fw_list *l, const struct fw_rule *r)
{
	if (l->first + l->count >= l->cap)
		return -ENOSPC;
	slot_fill(&l->slots[l->first + l->count], r);
	l->count++;
	return 0;
}

int fw_list_insert(struct fw_list *l, const struct fw_rule *r)
{
	if (!l->first)
		return -ENOSPC;
	l->first--;
	slot_fill(&l->slots[l->first], r);
	l->count++;
	return 0;
}

/* Closes the gap from the nearer end. */
static void list_remove(struct fw_list *l, __u32 index)
{
	__u32 i;

	if (index < l->count / 2) {
		for (i = index; i > 0; i--)
			*fw_list_rule(l, i) = *fw_list_rule(l, i - 1);
		l->first++;
	} else {
		for (i = index; i + 1 < l->count; i++)
			*fw_list_rule(l, i) = *fw_list_rule(l, i + 1);
	}
	l->count--;
}

int fw_list_delete(struct fw_list *l, const struct fw_rule *r)
{
	__u32 i;

	for (i = 0; i < l->count; i++) {
		if (fw_rule_equal(fw_list_rule(l, i), r)) {
			list_remove(l, i);
			return 0;
		}
	}
	return -EINVAL;
}

void fw_list_flush(struct fw_list *l)
{
	l->first = l->cap / 2;
	l->count = 0;
}

void fw_list_zero(struct fw_list *l)
{
	__u32 i;

	for (i = 0; i < l->count; i++) {
		fw_list_rule(l, i)->pcnt = 0;
		fw_list_rule(l, i)->bcnt = 0;
	}
}
