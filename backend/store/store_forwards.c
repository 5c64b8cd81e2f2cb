// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * store_forwards.c - port forwards: what their kernel rules have counted, and their turns.
 *
 * The record has the forwards as their kernel rules were made, which is how these are
 * lowered and compared.  Whose turn it is follows from the connections since then.
 */
#include "backend/store/store.h"

#include <string.h>

void store_view_count(struct store_view *v, const struct plan_rule *r, __u64 packets)
{
	__s32 index = plan_rule_forward(r);

	if (index >= 0)
		v->rules.portfw.entry[index].conns += packets;
}

static __u32 left_of(const struct fw_portfw *f)
{
	return f->left ? f->left : 1;
}

/* Puts forward from after the last one of its outer side. */
static void forward_rotate(struct fw_portfw_table *t, __u32 from)
{
	const struct fw_portfw moved = t->entry[from];
	__u32 i;

	for (i = from + 1; i < t->count; i++) {
		if (!fw_portfw_same_side(&t->entry[i], &moved))
			continue;
		memmove(&t->entry[from], &t->entry[from + 1],
			(i - from) * sizeof(t->entry[0]));
		t->entry[from = i] = moved;
	}
}

/* n connections to the outer side of the forward at first, which is the next one's target */
static void side_use(struct fw_portfw_table *t, __u32 first, __u64 n)
{
	struct fw_portfw *f = &t->entry[first];
	__u64 round = 0;
	__u32 i, targets = 0;

	for (i = first; i < t->count; i++) {
		if (!fw_portfw_same_side(&t->entry[i], f))
			continue;
		round += t->entry[i].weight;
		targets++;
	}
	if (targets < 2)
		return;
	for (n %= round; n && f->weight; f->left = f->weight, forward_rotate(t, first)) {
		if (n < left_of(f)) {
			f->left = left_of(f) - (__u32)n;
			return;
		}
		n -= left_of(f);
	}
}

void store_view_settle(struct store_view *v)
{
	struct fw_portfw_table *t = &v->rules.portfw, *base = &v->recorded.portfw;
	__u32 i, k;

	for (i = 0; i < t->count; i++) {
		__u64 n = 0;
		bool first = true;

		for (k = 0; k < t->count; k++) {
			if (!fw_portfw_same_side(&base->entry[k], &base->entry[i]))
				continue;
			first &= k >= i;
			n += t->entry[k].conns - base->entry[k].conns;
		}
		if (first)
			side_use(t, i, n);
	}
	if (t->count)
		memcpy(base->entry, t->entry, t->count * sizeof(*t->entry));
}

bool store_change_has_forwards(const struct store_change *c)
{
	size_t i = 0;

	while (i < c->count && c->edit[i].op != FW_OP_PORTFW)
		i++;
	return i < c->count;
}
