// SPDX-License-Identifier: GPL-2.0-or-later
#include "kmod/core/expect.h"

#include FW_HOST_H

static unsigned int head_of(__u8 proto, __u32 daddr, __u16 dport)
{
	__u32 h = (proto ^ daddr ^ dport) * 0x9e3779b1;

	return h >> 24;
}

void fw_expect_init(struct fw_track *t)
{
	unsigned int i;

	for (i = 0; i < FW_EXPECT_HEADS; i++)
		t->expect_head[i] = 0;
	t->expect_free = t->help_free = 0;
	for (i = t->nexpects; i-- > 1;) {
		t->expects[i] = (struct fw_expect){ .next = t->expect_free };
		t->expect_free = (__u16)i;
	}
	for (i = t->nhelps; i-- > 1;) {
		t->helps[i] = (struct fw_help){ .next_free = t->help_free };
		t->help_free = (__u16)i;
	}
}

bool fw_expect_live(const struct fw_track *t, const struct fw_expect *e, __u32 now)
{
	if (!e->proto || fw_tick_over(e->expires, now))
		return false;
	return !(t->set->own & FW_OWN_EXPECT_TIME) ||
	       !fw_tick_over(e->master->expires, now);
}

/* Unlinks a slot from its chain and its master, and frees it. */
static void slot_free(struct fw_track *t, __u16 slot)
{
	struct fw_expect *e = &t->expects[slot];
	__u16 *at = &t->expect_head[head_of(e->proto, e->daddr, e->dport)];

	while (*at != slot)
		at = &t->expects[*at].next;
	*at = e->next;
	at = &e->master->expects;
	while (*at != slot) /* NOLINT: a slot in use has a master */
		at = &t->expects[*at].sibling;
	*at = e->sibling;
	*e = (struct fw_expect){ .next = t->expect_free };
	t->expect_free = slot;
}

/* Does the packet that begins with that key fulfil it? */
static bool is_fulfilled(const struct fw_expect *e, const struct fw_key *k, __u32 now)
{
	return e->proto == k->proto && e->daddr == k->daddr && e->dport == k->dport &&
	       (e->any_source || e->saddr == k->saddr) && !fw_tick_over(e->expires, now);
}

bool fw_expect_match(struct fw_track *t, const struct fw_key *k, bool use, __u32 now,
		     struct fw_seen *s, struct fw_entry *c)
{
	__u16 slot;

	if (!t->nexpects)
		return false;
	fw_host_expect_lock(t);
	slot = t->expect_head[head_of(k->proto, k->daddr, k->dport)];
	for (; slot; slot = t->expects[slot].next) {
		const struct fw_expect *e = &t->expects[slot];

		if (!is_fulfilled(e, k, now))
			continue;
		if (fw_tick_over(e->master->expires, now) &&
		    fw_own(t->set, s, FW_OWN_EXPECT_TIME))
			continue;
		s->expect = e->id;
		s->expect_slot = slot;
		c->flags |= FW_ENTRY_EXPECTED;
		c->kept = e->master->kept;
		if (use)
			slot_free(t, slot);
		break;
	}
	fw_host_expect_unlock(t);
	return slot;
}

bool fw_expect_masqueraded(struct fw_track *t, const struct fw_key *k, __u32 now)
{
	bool found = false;
	__u16 slot;

	fw_host_expect_lock(t);
	slot = t->nexpects ? t->expect_head[head_of(k->proto, k->daddr, k->dport)] : 0;
	for (; slot && !found; slot = t->expects[slot].next) {
		const struct fw_expect *e = &t->expects[slot];

		found = is_fulfilled(e, k, now) && fw_expect_live(t, e, now) &&
			e->master->masq && e->master->saddr == k->saddr;
	}
	fw_host_expect_unlock(t);
	return found;
}

bool fw_expect_use(struct fw_track *t, const struct fw_seen *s, __u32 now)
{
	const struct fw_expect *e = &t->expects[s->expect_slot];
	bool found;

	fw_host_expect_lock(t);
	found = e->id == s->expect && fw_expect_live(t, e, now);
	if (found)
		slot_free(t, s->expect_slot);
	fw_host_expect_unlock(t);
	return found;
}

/* Ends what is not in force, to make room. */
static void slots_sweep(struct fw_track *t, __u32 now)
{
	unsigned int i;

	for (i = 1; i < t->nexpects; i++)
		if (t->expects[i].proto && !fw_expect_live(t, &t->expects[i], now))
			slot_free(t, (__u16)i);
}

/* Could one packet fulfil both? */
static bool overlap(const struct fw_expect *a, const struct fw_expect *b)
{
	return a->proto == b->proto && a->daddr == b->daddr && a->dport == b->dport &&
	       (a->any_source || b->any_source || a->saddr == b->saddr);
}

/* Makes way for a new one.  0, or -EEXIST. */
static int overlap_end(struct fw_track *t, const struct fw_entry *master,
		       const struct fw_expect *like, __u32 now)
{
	__u16 slot = t->expect_head[head_of(like->proto, like->daddr, like->dport)], next;

	for (; slot; slot = next) {
		struct fw_expect *e = &t->expects[slot];

		next = e->next;
		if (!overlap(e, like))
			continue;
		if (e->master != master && fw_expect_live(t, e, now))
			return -EEXIST;
		slot_free(t, slot);
	}
	return 0;
}

static int slot_add(struct fw_track *t, struct fw_entry *master,
		    const struct fw_expect *like, unsigned int limit, __u32 now)
{
	__u16 *head = &t->expect_head[head_of(like->proto, like->daddr, like->dport)];
	__u16 *at, slot;
	unsigned int n = 0;
	int err = overlap_end(t, master, like, now);

	if (err)
		return err;
	for (slot = master->expects; slot; slot = t->expects[slot].sibling)
		n++;
	if (n >= limit)
		slot_free(t, master->expects);
	if (!t->expect_free)
		slots_sweep(t, now);
	slot = t->expect_free;
	if (!slot)
		return -ENOSPC;
	t->expect_free = t->expects[slot].next;
	t->expects[slot] = (struct fw_expect){
		.saddr = like->saddr,
		.daddr = like->daddr,
		.dport = like->dport,
		.proto = like->proto,
		.any_source = like->any_source,
		.expires = now + FW_EXPECT_SECONDS * FW_TRACK_HZ,
		.id = fw_host_id(t),
		.master = master,
		.next = *head,
	};
	*head = slot;
	for (at = &master->expects; *at;)
		at = &t->expects[*at].sibling;
	*at = slot;
	return 0;
}

int fw_expect_add(struct fw_track *t, struct fw_entry *master,
		  const struct fw_expect *like, unsigned int limit, __u32 now)
{
	int err;

	fw_host_expect_lock(t);
	/* An entry may end between the two phases of a packet. */
	err = master->flags & FW_ENTRY_ENDED ? -ESTALE
					     : slot_add(t, master, like, limit, now);
	fw_host_expect_unlock(t);
	return err;
}

void fw_expect_end(struct fw_track *t, struct fw_entry *master)
{
	fw_host_expect_lock(t);
	master->flags |= FW_ENTRY_ENDED;
	while (master->expects)
		slot_free(t, master->expects);
	fw_host_expect_unlock(t);
}

struct fw_help *fw_help_of(struct fw_track *t, struct fw_entry *c)
{
	fw_host_expect_lock(t);
	if (!c->help && t->help_free && !(c->flags & FW_ENTRY_ENDED)) {
		c->help = t->help_free;
		t->help_free = t->helps[c->help].next_free;
		t->helps[c->help] = (struct fw_help){ 0 };
	}
	fw_host_expect_unlock(t);
	return c->help ? &t->helps[c->help] : NULL;
}

void fw_help_end(struct fw_track *t, struct fw_entry *c)
{
	fw_host_expect_lock(t);
	if (c->help) {
		t->helps[c->help].next_free = t->help_free;
		t->help_free = c->help;
		c->help = 0;
	}
	fw_host_expect_unlock(t);
}
