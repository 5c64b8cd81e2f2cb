// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * portfw.c - the table of forwards: edits, matching, turns of targets.
 */
#include "kmod/core/portfw.h"

#include "kmod/core/tick.h"

static bool has_target(const struct fw_portfw *f)
{
	return !fw_portfw_leaves(f) && !f->trigger_port;
}

static bool proto_has_ports(__u8 proto)
{
	return proto == FW_PROTO_TCP || proto == FW_PROTO_UDP;
}

/* The helper is one of 2.0, for its protocol and for one port. */
static bool helper_is_possible(const struct fw_portfw *f)
{
	unsigned int i;

	for (i = 0; i < FW_MASQ_HELPERS; i++)
		if (fw_masq_helpers[i].id == f->helper)
			return fw_masq_helpers[i].proto == f->proto && f->low == f->high &&
			       f->flags == FW_PORTFW_ANY_ADDR && !f->trigger_port;
	return false;
}

int fw_portfw_check(const struct fw_portfw *f)
{
	bool range = f->low != f->high, any = f->flags & FW_PORTFW_ANY_ADDR;

	if (f->flags & ~FW_PORTFW_FLAGS)
		return -EINVAL;
	if (f->trigger_port && !proto_has_ports(f->trigger_proto))
		return -EINVAL;
	if (f->proto ? !proto_has_ports(f->proto) : !f->mark)
		return -EINVAL;
	if (f->mark)
		return has_target(f) && !f->low && !f->high ? 0 : -EINVAL;
	if (!f->weight || !f->low || f->low > f->high)
		return -EINVAL;
	if (f->helper && !helper_is_possible(f))
		return -EINVAL;
	if (!has_target(f) && (!any || f->flags & FW_PORTFW_HAS_PORT))
		return -EINVAL;
	if (range && f->flags & FW_PORTFW_HAS_PORT)
		return -EINVAL;
	return !any && f->high > FW_PORTFW_PORT_MAX ? -EINVAL : 0;
}

bool fw_portfw_equal(const struct fw_portfw *a, const struct fw_portfw *b)
{
	if (!fw_portfw_same_side(a, b) || a->flags != b->flags ||
	    a->trigger_port != b->trigger_port || a->trigger_proto != b->trigger_proto)
		return false;
	return !has_target(a) || (a->to == b->to && a->to_port == b->to_port);
}

static void entry_move(struct fw_portfw_table *t, __u32 from, __u32 to)
{
	const struct fw_portfw moved = t->entry[from];

	for (; from < to; from++)
		t->entry[from] = t->entry[from + 1];
	for (; from > to; from--)
		t->entry[from] = t->entry[from - 1];
	t->entry[to] = moved;
}

/*
 * Where the last of a turn is: with a mark the last target of that mark, else the last
 * forward of the protocol, as 2.2 had a list for each.
 */
static __u32 turn_end(const struct fw_portfw_table *t, const struct fw_portfw *f)
{
	__u32 i = t->count;

	while (i > 0) {
		const struct fw_portfw *e = &t->entry[--i];

		if (e->mark == f->mark && e->proto == f->proto)
			return i;
	}
	return t->count;
}

/* An equal forward, NULL if there is none.  Those with a mark may be there twice. */
static struct fw_portfw *entry_find(struct fw_portfw_table *t, const struct fw_portfw *f)
{
	__u32 i = 0;

	while (i < t->count && !fw_portfw_equal(&t->entry[i], f))
		i++;
	return i < t->count && !f->mark ? &t->entry[i] : NULL;
}

/* Targets of a mark stay together. */
static int entry_add(struct fw_portfw_table *t, const struct fw_portfw_edit *e)
{
	const struct fw_portfw *f = &e->forward;
	struct fw_portfw *known = entry_find(t, f);
	__u32 at = 0;

	if (known) {
		known->weight = known->left = f->weight;
		known->trigger_time = f->trigger_time;
		return 0;
	}
	if (t->count == t->cap)
		return -ENOSPC;
	if (e->op == FW_PORTFW_APPEND) {
		at = f->mark ? turn_end(t, f) : t->count;
		at += at < t->count;
	}
	t->entry[t->count++] = *f;
	entry_move(t, t->count - 1, at);
	return 0;
}

bool fw_portfw_is_deleted(const struct fw_portfw *f, const struct fw_portfw_edit *e)
{
	return e->op == FW_PORTFW_FLUSH ||
	       (e->op == FW_PORTFW_DELETE && fw_portfw_equal(f, &e->forward)) ||
	       (e->op == FW_PORTFW_DELETE_SIDE && fw_portfw_same_side(f, &e->forward));
}

static int entries_delete(struct fw_portfw_table *t, const struct fw_portfw_edit *e)
{
	__u32 i, n = 0;

	for (i = 0; i < t->count; i++)
		if (!fw_portfw_is_deleted(&t->entry[i], e))
			t->entry[n++] = t->entry[i];
	i = t->count;
	t->count = n;
	return n < i ? 0 : -EINVAL;
}

static int table_edit(struct fw_portfw_table *t, const struct fw_portfw_edit *e)
{
	__u32 i;

	switch (e->op) {
	case FW_PORTFW_APPEND:
	case FW_PORTFW_INSERT:
		return fw_portfw_check(&e->forward) ? -EINVAL : entry_add(t, e);
	case FW_PORTFW_DELETE:
	case FW_PORTFW_DELETE_SIDE:
		return entries_delete(t, e);
	case FW_PORTFW_FLUSH:
		t->count = 0;
		return 0;
	case FW_PORTFW_ZERO:
		for (i = 0; i < t->count; i++)
			t->entry[i].conns = 0;
		return 0;
	}
	return -EINVAL;
}

int fw_portfw_table_edit(struct fw_portfw_table *t, const struct fw_portfw_edit *e)
{
	int err = table_edit(t, e);
	__u32 i;

	t->keeps_ports = false;
	for (i = 0; i < t->count; i++)
		t->keeps_ports |= !!(t->entry[i].flags & FW_PORTFW_SAME_PORT);
	return err;
}

bool fw_portfw_covers(const struct fw_portfw *f, __u8 proto, __u32 daddr, __u16 dport,
		       __u32 mark)
{
	if (fw_portfw_leaves(f) || (f->proto && f->proto != proto))
		return false;
	if (f->mark)
		return f->mark == mark;
	return dport >= f->low && dport <= f->high &&
	       (f->flags & FW_PORTFW_ANY_ADDR || f->addr == daddr);
}

/* A forward without a host, which a trigger has not learned yet, does nothing. */
struct fw_portfw *fw_portfw_find(const struct fw_portfw_table *t,
					const struct fw_packet *pkt, __u32 now)
{
	const __u8 begins = FW_TCP_SYN | FW_TCP_ACK;
	__u32 i;

	if (!proto_has_ports(pkt->proto) || pkt->frag_off & FW_IP_OFFSET)
		return NULL;
	for (i = 0; i < t->count; i++) {
		struct fw_portfw *f = &t->entry[i];

		if (!fw_portfw_covers(f, pkt->proto, pkt->daddr, pkt->dport, pkt->mark))
			continue;
		if (f->trigger_port && f->trigger_time && f->to && fw_tick_over(f->until, now))
			f->to = 0;
		if (!f->to && f->flags & FW_PORTFW_ANY_ADDR)
			continue;
		if (f->mark && pkt->proto == FW_PROTO_TCP &&
		    (pkt->tcpflags & begins) == FW_TCP_ACK)
			continue;
		return f;
	}
	return NULL;
}

/* 2.2 counted and moved nothing while its table had one forward only. */
void fw_portfw_use(struct fw_portfw_table *t, struct fw_portfw *f)
{
	bool alone = f->flags & FW_PORTFW_ANY_ADDR || f->mark;
	__u32 i, turns = 0;

	t->changes++;
	f->conns++;
	for (i = 0; i < t->count; i++) {
		const struct fw_portfw *e = &t->entry[i];

		turns += alone ? fw_portfw_same_side(e, f)
			       : !(e->flags & FW_PORTFW_ANY_ADDR) && !e->mark;
	}
	if (turns < 2 || !f->weight)
		return;
	if (f->left > 1) {
		f->left--;
		return;
	}
	f->left = f->weight;
	entry_move(t, (__u32)(f - t->entry), turn_end(t, f));
}
