// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * track.c - the two phases: find or prepare, then confirm.
 */
#include "kmod/core/track.h"

#include "kmod/core/adjust.h"
#include "kmod/core/expect.h"
#include "kmod/core/helper.h"
#include "kmod/core/masq.h"
#include "kmod/core/packet.h"
#include "kmod/core/related.h"
#include "kmod/core/table.h"
#include "kmod/core/tcp.h"

#include FW_HOST_H

void fw_track_settings_default(struct fw_track_settings *set)
{
	unsigned int i;

	*set = (struct fw_track_settings){
		.tcp_max_retrans = 3,
		.tcp_loose = true,
		.checksum = true,
		.own = FW_OWN_ALL,
	};
	for (i = 0; i < FW_TIMEOUTS; i++)
		set->timeout[i] = fw_timeout_table[i].seconds;
}

void fw_track_init(struct fw_track *t, const struct fw_track_settings *set, __u32 max,
		   struct fw_expect *expects, __u16 nexpects, struct fw_help *helps,
		   __u16 nhelps)
{
	*t = (struct fw_track){
		.set = set,
		.max = max,
		.expects = expects,
		.nexpects = nexpects,
		.helps = helps,
		.nhelps = nhelps,
	};
	fw_masq_init(&t->masq);
	fw_expect_init(t);
}

/* What is begun from outside has its original direction there. */
static struct fw_entry *entry_toward(struct fw_entry *c, unsigned int *dir)
{
	if (c && c->flags & FW_ENTRY_INWARD)
		*dir = !*dir;
	return c;
}

/* The entry of a packet: of both its ends, or of the outer end that it goes to. */
static struct fw_entry *entry_find(struct fw_track *t, const struct fw_key *k,
				   unsigned int *dir, __u32 now)
{
	struct fw_entry *c = fw_track_find(t, k, dir, now);

	if (c || !(t->masq.used[0] | t->masq.used[1] | t->masq.used[2]))
		return entry_toward(c, dir);
	c = fw_masq_find_in(t, k, now);
	if (c && (k->kind == FW_KEY_ANSWER) != (c->proto == FW_PROTO_ICMP))
		return NULL;
	*dir = FW_REPLY;
	return entry_toward(c, dir);
}

/* What was subtracted from the acknowledgement to get the peer's own numbers. */
static __s32 ack_shift(const struct fw_track *t, const struct fw_entry *c,
		       unsigned int dir, __u32 ack)
{
	return c->help ? fw_adjust_shift(&t->helps[c->help].adjust[!dir], ack) : 0;
}

/*
 * The timeout of an unassured entry begins anew.  While more than seven eighths of the
 * table are in use it is shortened, to a 64th when there is no room.
 */
static void timeout_adapt(const struct fw_track *t, struct fw_entry *c, __u32 now,
			  struct fw_seen *s)
{
	__u32 eighth = t->max / 8, count = fw_host_count(t);
	__u32 room = count < t->max ? t->max - count : 0;

	if (c->flags & FW_ENTRY_ASSURED || room >= eighth || fw_tick_over(c->expires, now) ||
	    !fw_own(t->set, s, FW_OWN_FULL))
		return;
	c->expires = now + (c->expires - now) / 64 * (64 * room / eighth + 1);
}

/* A connection on an entry that has no state, which may be expected as any other. */
static enum fw_move entry_begin(struct fw_track *t, struct fw_entry *c,
				const struct fw_track_packet *p, __u32 now,
				struct fw_seen *s)
{
	enum fw_move move = fw_tcp_begin(t->set, c, p, now, s);

	if (move != FW_MOVE_INVALID && !(c->flags & FW_ENTRY_EXPECTED))
		fw_expect_match(t, &p->key, true, now, s, c);
	return move;
}

/* A packet of an entry; s->dir is known.  Returns what its protocol made of it. */
static enum fw_move entry_packet(struct fw_track *t, struct fw_entry *c,
				 const struct fw_track_packet *p, __u32 now,
				 struct fw_seen *s)
{
	enum fw_move move = FW_MOVE_TAKE;
	bool answered, assured;
	__u32 expires;

	if (p->fault) {
		s->why = p->fault;
		return FW_MOVE_INVALID;
	}
	fw_host_lock(c);
	assured = c->flags & FW_ENTRY_ASSURED;
	answered = c->flags & FW_ENTRY_ANSWERED;
	expires = c->expires;
	if (p->key.proto != FW_PROTO_TCP)
		fw_flow_packet(t->set, c, now);
	else if (c->state == FW_TCP_STATE_NONE && s->dir == FW_ORIGINAL)
		move = entry_begin(t, c, p, now, s);
	else
		move = fw_tcp_packet(t->set, c, p, ack_shift(t, c, s->dir, p->ack), now,
				     s);
	if (c->expires != expires)
		timeout_adapt(t, c, now, s);
	if (move != FW_MOVE_INVALID && move != FW_MOVE_AGAIN) {
		c->packets[s->dir]++;
		c->bytes[s->dir] += p->total;
		if (s->dir == FW_REPLY)
			c->flags |= FW_ENTRY_ANSWERED;
		if (s->dir == FW_REPLY || answered)
			s->state = FW_STATE_ESTABLISHED;
		else if (c->flags & FW_ENTRY_EXPECTED)
			s->state = FW_STATE_RELATED;
		else
			s->state = FW_STATE_NEW;
		s->kept = c->kept;
	}
	if (!assured && c->flags & FW_ENTRY_ASSURED)
		fw_host_assured(t, c);
	fw_host_unlock(c);
	return move;
}

/* Begins the draft of a packet's entry.  False if the packet cannot begin one. */
static bool draft_begin(struct fw_track *t, const struct fw_track_packet *p, __u32 now,
			struct fw_seen *s)
{
	struct fw_entry *c = &s->draft;

	s->why = p->fault;
	if (!s->why && p->icmp_class == FW_ICMP_CLASS_ANSWER)
		s->why = FW_WHY_NOT_ASKED;
	if (s->why)
		return false;
	s->dir = FW_ORIGINAL;
	if (p->key.proto != FW_PROTO_TCP)
		fw_flow_packet(t->set, c, now);
	else if (fw_tcp_begin(t->set, c, p, now, s) == FW_MOVE_INVALID)
		return false;
	timeout_adapt(t, c, now, s);
	c->packets[FW_ORIGINAL] = 1;
	c->bytes[FW_ORIGINAL] = p->total;
	return true;
}

/* A packet that belongs to no entry. */
static void packet_begins(struct fw_track *t, const struct fw_track_packet *p, __u32 now,
			  struct fw_seen *s)
{
	bool as_linux = !(t->set->own & FW_OWN_EXPECT_USE), expected = false, begun;

	s->draft = (struct fw_entry){
		.saddr = p->key.saddr,
		.daddr = p->key.daddr,
		.maddr = p->key.saddr,
		.sport = p->key.sport,
		.dport = p->key.dport,
		.mport = p->key.sport,
		.proto = p->key.proto,
		.begun = now,
		.expires = now,
		.iface = { p->iface, FW_NO_IFACE },
	};
	if (as_linux)
		expected = fw_expect_match(t, &p->key, true, now, s, &s->draft);
	begun = draft_begin(t, p, now, s);
	if (!as_linux) {
		expected = fw_expect_match(t, &p->key, false, now, s, &s->draft);
		/* Linux would have used it up. */
		if (expected && !begun)
			s->own |= FW_OWN_EXPECT_USE;
	}
	if (fw_host_count(t) >= fw_host_limit(t, &s->draft) && !begun && !fw_host_victim(t, now) &&
	    !fw_own(t->set, s, FW_OWN_FULL)) {
		s->state = 0;
		s->why = FW_WHY_FULL;
		fw_host_stat_add(t, FW_STAT_DROPPED);
	}
	if (!begun) {
		s->dir = FW_NO_DIR;
		return;
	}
	s->fresh = true;
	s->kept = s->draft.kept;
	s->state = expected ? FW_STATE_RELATED : FW_STATE_NEW;
}

/*
 * A connection is over.  Its translation may last longer, as 2.0's did: the entry has no
 * state then.  One that is expected and never came about is expected still: the end that
 * it came to may have taken it for an earlier one, and was told by a reset.  False if the
 * entry has ended.
 */
static bool entry_end(struct fw_track *t, struct fw_entry *c, __u32 now)
{
	bool awaited = c->flags & FW_ENTRY_EXPECTED && !(c->flags & FW_ENTRY_ASSURED);

	if (!c->masq || (fw_tick_over(c->masq_expires, now) && !awaited)) {
		fw_track_end(t, c);
		return false;
	}
	fw_expect_end(t, c);
	fw_help_end(t, c);
	fw_host_lock(c);
	if (c->flags & FW_ENTRY_ASSURED)
		fw_host_unassured(t, c);
	c->side[0] = c->side[1] = (struct fw_tcp_side){ 0 };
	c->tcp[0] = c->tcp[1] = c->scale[0] = c->scale[1] = 0;
	c->state = FW_TCP_STATE_NONE;
	c->flags &= awaited ? FW_ENTRY_INWARD | FW_ENTRY_EXPECTED : FW_ENTRY_INWARD;
	c->kept = awaited ? c->kept : 0;
	c->retrans = 0;
	c->last_win = 0;
	c->expires = now;
	fw_host_unlock(c);
	return true;
}

void fw_track_in(struct fw_track *t, const struct fw_track_packet *p, __u32 now,
		 struct fw_seen *s)
{
	unsigned int dir = FW_ORIGINAL;
	struct fw_entry *c;
	enum fw_move move;

	fw_seen_init(s, FW_STATE_INVALID, FW_NO_DIR);
	s->why = p->fault;
	if (!p->has_key)
		return;
	c = entry_find(t, &p->key, &dir, now);
	s->masq = c && c->masq;
	s->helped = c && c->helper;
	if (p->icmp_class == FW_ICMP_CLASS_ERROR) {
		if (p->fault)
			return;
		s->why = c ? FW_WHY_NONE : FW_WHY_QUOTE_NO_ENTRY;
		if (!c)
			return;
		fw_related_error(t->set, c, dir, p, s);
		if (s->state == FW_STATE_RELATED)
			s->entry = c;
		return;
	}
	if (!c) {
		packet_begins(t, p, now, s);
		return;
	}
	s->dir = (__u8)dir;
	move = entry_packet(t, c, p, now, s);
	switch (move) {
	case FW_MOVE_INVALID:
		s->dir = FW_NO_DIR;
		break;
	case FW_MOVE_AGAIN:
		if (!entry_end(t, c, now)) {
			packet_begins(t, p, now, s);
			break;
		}
		s->entry = c;
		if (entry_packet(t, c, p, now, s) != FW_MOVE_INVALID)
			break;
		s->entry = NULL;
		s->dir = FW_NO_DIR;
		break;
	case FW_MOVE_END:
		/* Its last packet is translated, too. */
		if (c->masq && fw_tick_over(c->masq_expires, now))
			c->masq_expires = now + FW_TRACK_HZ;
		if (entry_end(t, c, now))
			s->entry = c;
		break;
	default:
		s->entry = c;
	}
}

/*
 * Stores the draft.  1: the packet lost a race and joins the winner's entry, if that is
 * its.
 */
static int draft_store(struct fw_track *t, const struct fw_track_packet *p, __u32 now,
		       struct fw_seen *s)
{
	struct fw_entry *winner, *c = fw_track_add(t, &s->draft, now, &winner);
	unsigned int dir;

	s->fresh = false;
	if (!c && !winner)
		return -ENOSPC;
	if (!c) {
		fw_host_stat_add(t, FW_STAT_JOINED);
		/* The answers of the packet may belong to another entry: it has none. */
		if (entry_find(t, &p->key, &dir, now) != winner)
			return 1;
		s->dir = (__u8)dir;
		if (entry_packet(t, winner, p, now, s) == FW_MOVE_TAKE)
			s->entry = winner;
		return 1;
	}
	if (s->expect && t->set->own & FW_OWN_EXPECT_USE && !fw_expect_use(t, s, now)) {
		fw_track_end(t, c);
		return -EAGAIN;
	}
	s->entry = c;
	return 0;
}

int fw_track_confirm(struct fw_track *t, const struct fw_track_packet *p, __u32 now,
		     struct fw_seen *s)
{
	int err = s->fresh ? draft_store(t, p, now, s) : 0;

	if (err < 0)
		return err;
	/* The helper sees the winner's packet, not that of the loser. */
	if (err || !s->entry || !s->entry->helper || p->icmp_class == FW_ICMP_CLASS_ERROR)
		return 0;
	return fw_helper_packet(t, p, now, s);
}

void fw_track_keep(struct fw_seen *s, const struct fw_track_packet *p, __u8 bits)
{
	if (p->icmp_class == FW_ICMP_CLASS_ERROR)
		return;
	s->kept |= bits;
	if (s->fresh)
		s->draft.kept |= bits;
	else if (s->entry)
		s->entry->kept |= bits;
}

void fw_track_helper(struct fw_seen *s, __u8 helper)
{
	if (s->fresh && !(s->draft.flags & FW_ENTRY_EXPECTED))
		s->draft.helper = helper;
}
