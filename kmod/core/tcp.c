// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * tcp.c - what a segment does to its connection's entry.
 */
#include "kmod/core/tcp.h"

#include "kmod/core/packet.h"

/* An out-of-window FIN or RST shortens only what is longer than that. */
#define SHORTEN_MIN (120 * FW_TRACK_HZ)

static enum fw_tcp_kind kind_of(__u8 flags)
{
	if (flags & FW_TCP_RST)
		return FW_TCP_KIND_RST;
	if (flags & FW_TCP_SYN)
		return flags & FW_TCP_ACK ? FW_TCP_KIND_SYN_ACK : FW_TCP_KIND_SYN;
	return flags & FW_TCP_FIN ? FW_TCP_KIND_FIN : FW_TCP_KIND_ACK;
}

static struct fw_segment segment_of(const struct fw_track_settings *set,
				    const struct fw_track_packet *p, unsigned int dir,
				    __s32 shift)
{
	bool syn = p->tcpflags & FW_TCP_SYN, fin = p->tcpflags & FW_TCP_FIN;

	return (struct fw_segment){
		.pkt = p,
		.set = set,
		.kind = kind_of(p->tcpflags),
		.dir = dir,
		.seq = p->seq,
		.end = p->seq + p->payload_len + syn + fin,
		.ack = p->ack - (__u32)shift,
		.shift = shift,
	};
}

static enum fw_move invalid(struct fw_seen *s, enum fw_why why, __u32 amount)
{
	s->why = (__u8)why;
	s->amount = amount;
	return FW_MOVE_INVALID;
}

static enum fw_move pass(struct fw_seen *s, enum fw_why why)
{
	s->why = (__u8)why;
	return FW_MOVE_PASS;
}

enum fw_move fw_tcp_begin(const struct fw_track_settings *set, struct fw_entry *c,
			  const struct fw_track_packet *p, __u32 now, struct fw_seen *s)
{
	struct fw_segment seg = segment_of(set, p, FW_ORIGINAL, 0);
	struct fw_tcp_side *side = &c->side[FW_ORIGINAL];

	if (seg.kind != FW_TCP_KIND_SYN && (seg.kind != FW_TCP_KIND_ACK || !set->tcp_loose))
		return invalid(s, FW_WHY_NO_ENTRY, 0);
	c->last_kind = FW_TCP_KIND_NONE;
	side->end = side->maxend = seg.end;
	side->maxwin = p->win ? p->win : 1;
	if (seg.kind == FW_TCP_KIND_SYN) {
		fw_tcp_options(p, &c->tcp[FW_ORIGINAL], &c->scale[FW_ORIGINAL]);
	} else {
		/* The options of its SYNs are unknown, so windows cannot be. */
		side->maxend += side->maxwin;
		c->tcp[0] = c->tcp[1] = FW_SIDE_SACK | FW_SIDE_LIBERAL;
	}
	return fw_tcp_packet(set, c, p, 0, now, s);
}

/* Did the segment come in where its side's packets did? */
static bool iface_is_usual(const struct fw_entry *c, const struct fw_segment *seg)
{
	return c->iface[seg->dir] == FW_NO_IFACE || c->iface[seg->dir] == seg->pkt->iface;
}

/* Notes a segment that passes. */
static void note_passed(struct fw_entry *c, const struct fw_segment *seg)
{
	c->last_kind = (__u8)seg->kind;
	c->last_dir = (__u8)seg->dir;
	c->last_seq = seg->seq;
	c->last_end = seg->end;
	c->last_win = seg->pkt->win;
	if (seg->kind == FW_TCP_KIND_ACK && c->state == FW_TCP_SYN_SENT)
		c->last_ack = seg->ack;
	if (seg->kind != FW_TCP_KIND_SYN)
		return;
	c->flags &= (__u8)~FW_ENTRY_SYN_IFACE;
	if (iface_is_usual(c, seg))
		c->flags |= FW_ENTRY_SYN_IFACE;
	if (seg->dir != FW_ORIGINAL)
		return;
	c->offered_tcp = c->offered_scale = 0;
	fw_tcp_options(seg->pkt, &c->offered_tcp, &c->offered_scale);
	c->flags &= (__u8) ~(FW_ENTRY_SIMULTANEOUS | FW_ENTRY_CHALLENGE);
	if (c->state == FW_TCP_LAST_ACK)
		c->flags |= FW_ENTRY_CHALLENGE;
}

/* Was the last noted segment one of that kind from the other side? */
static bool last_was(const struct fw_entry *c, enum fw_tcp_kind kind, unsigned int dir)
{
	return c->last_kind == kind && c->last_dir == dir;
}

/*
 * A SYN ACK that answers a SYN which passed: both ends agree that the connection
 * starts over, so the entry does, too.  False if it is no such answer.
 */
static bool resync(struct fw_entry *c, const struct fw_segment *seg, struct fw_seen *s)
{
	unsigned int peer = !seg->dir;

	if (seg->kind != FW_TCP_KIND_SYN_ACK || !last_was(c, FW_TCP_KIND_SYN, peer) ||
	    seg->ack != c->last_end)
		return false;
	/* Two forged packets from one side must not do so. */
	if (!(c->flags & FW_ENTRY_SYN_IFACE && iface_is_usual(c, seg)) &&
	    fw_own(seg->set, s, FW_OWN_RESYNC))
		return false;
	c->side[peer] = (struct fw_tcp_side){
		.end = c->last_end,
		.maxend = c->last_end,
		.maxwin = c->last_win ? c->last_win : 1,
	};
	c->tcp[peer] = c->offered_tcp;
	c->scale[peer] = c->offered_scale;
	c->side[seg->dir] = (struct fw_tcp_side){ 0 };
	c->tcp[seg->dir] &= FW_SIDE_LIBERAL;
	c->scale[seg->dir] = 0;
	c->flags &= (__u8)~FW_ENTRY_CHALLENGE;
	return true;
}

/*
 * A reset before the connection closes: FW_MOVE_TAKE if no window is to be asked,
 * FW_MOVE_PASS if windows decide, with *next the state then.
 */
static enum fw_move reset_check(struct fw_entry *c, const struct fw_segment *seg,
				__u8 *next, struct fw_seen *s)
{
	unsigned int peer = !seg->dir;
	bool assured = c->flags & FW_ENTRY_ASSURED;
	/* a half-closed connection is one that lives, too */
	bool lasting = assured && c->state >= FW_TCP_ESTABLISHED;
	__u32 maxack = c->side[peer].maxack, seq = seg->seq;

	if (c->tcp[peer] & FW_SIDE_MAXACK && c->last_kind != FW_TCP_KIND_SYN) {
		if (!seq && !lasting)
			return FW_MOVE_PASS;
		if (fw_seq_before(seq, maxack) && !seg->set->tcp_ignore_invalid_rst)
			return invalid(s, FW_WHY_OLD_RESET, maxack - seq);
		if (!lasting || seq == maxack)
			return FW_MOVE_PASS;
		/* A reset right behind own data is exact, too. */
		if (last_was(c, FW_TCP_KIND_ACK, seg->dir) && c->last_end == seq)
			return FW_MOVE_PASS;
		/* A true endpoint answers by a challenge ACK; an exact reset follows. */
		*next = c->state;
	}
	if (seg->ack == c->last_end &&
	    ((c->flags & FW_ENTRY_ANSWERED && last_was(c, FW_TCP_KIND_SYN, peer)) ||
	     (!assured && c->last_kind == FW_TCP_KIND_ACK)))
		return FW_MOVE_TAKE;
	if (c->state == FW_TCP_SYN_SENT && last_was(c, FW_TCP_KIND_ACK, FW_REPLY) &&
	    seq == c->last_ack)
		return FW_MOVE_TAKE;
	return FW_MOVE_PASS;
}

/* An out-of-window FIN or RST shortens an assured entry's life if both ends send one. */
static void shorten(const struct fw_track_settings *set, struct fw_entry *c,
		    const struct fw_segment *seg, __u32 now)
{
	__u32 limit = set->timeout[FW_TIMEOUT_UNACKNOWLEDGED] * FW_TRACK_HZ;
	__u32 left = c->expires - now;

	if (!(c->flags & FW_ENTRY_ASSURED) ||
	    (seg->kind != FW_TCP_KIND_FIN && seg->kind != FW_TCP_KIND_RST))
		return;
	if (last_was(c, FW_TCP_KIND_FIN, !seg->dir) ||
	    last_was(c, FW_TCP_KIND_RST, !seg->dir)) {
		if (left >= SHORTEN_MIN && left > limit)
			c->expires = now + limit;
		return;
	}
	c->last_kind = (__u8)seg->kind;
	c->last_dir = (__u8)seg->dir;
}

/* The timeout of a segment that was taken, in seconds.  The order matters. */
static __u32 timeout_of(const struct fw_track_settings *set, const struct fw_entry *c,
			const struct fw_segment *seg)
{
	__u32 own = set->timeout[c->state - FW_TCP_SYN_SENT + FW_TIMEOUT_SYN_SENT];
	__u32 retrans = set->timeout[FW_TIMEOUT_MAX_RETRANS];
	__u32 unacked = set->timeout[FW_TIMEOUT_UNACKNOWLEDGED];

	if (c->retrans >= set->tcp_max_retrans && own > retrans)
		return retrans;
	if (seg->kind == FW_TCP_KIND_RST)
		return set->timeout[FW_TIMEOUT_CLOSE];
	if ((c->tcp[0] | c->tcp[1]) & FW_SIDE_UNACKED && own > unacked)
		return unacked;
	if (!c->last_win && own > retrans)
		return retrans;
	return own;
}

/* A segment that counts: note it, move, begin the timeout anew. */
static enum fw_move take(const struct fw_track_settings *set, struct fw_entry *c,
			 const struct fw_segment *seg, __u8 from, __u8 next, __u32 now)
{
	__u32 unacked = set->timeout[FW_TIMEOUT_UNACKNOWLEDGED], timeout;

	c->last_kind = (__u8)seg->kind;
	c->last_dir = (__u8)seg->dir;
	c->iface[seg->dir] = seg->pkt->iface;
	c->state = next;
	if (from != next && next == FW_TCP_FIN_WAIT)
		c->tcp[seg->dir] |= FW_SIDE_CLOSE;
	timeout = timeout_of(set, c, seg);
	if (!(c->flags & FW_ENTRY_ANSWERED)) {
		/* Refused, or given up, before there was an answer. */
		if (seg->kind == FW_TCP_KIND_RST)
			return FW_MOVE_END;
		/* Repeating a SYN must not keep an entry for ever. */
		if (seg->kind == FW_TCP_KIND_SYN && from == FW_TCP_SYN_SENT)
			return FW_MOVE_TAKE;
		if (next == FW_TCP_ESTABLISHED && timeout > unacked)
			timeout = unacked;
	} else if (next == FW_TCP_ESTABLISHED) {
		c->flags |= FW_ENTRY_ASSURED;
	}
	fw_entry_refresh(c, timeout, now);
	return FW_MOVE_TAKE;
}

/* Is a SYN on a closed connection the first of another? */
static bool reopens(const struct fw_entry *c, unsigned int dir)
{
	return (c->tcp[0] | c->tcp[1]) & FW_SIDE_CLOSE ||
	       last_was(c, FW_TCP_KIND_RST, dir);
}

enum fw_move fw_tcp_packet(const struct fw_track_settings *set, struct fw_entry *c,
			   const struct fw_track_packet *p, __s32 shift, __u32 now,
			   struct fw_seen *s)
{
	struct fw_segment seg = segment_of(set, p, s->dir, shift);
	__u8 from = c->state, next = fw_tcp_moves[seg.dir][seg.kind][from];
	enum fw_move move = FW_MOVE_PASS;

	if (next == FW_TCP_BAD)
		return invalid(s, FW_WHY_STATE, 0);
	if (next == FW_TCP_SYN_SENT && from >= FW_TCP_TIME_WAIT) {
		if (reopens(c, seg.dir))
			return FW_MOVE_AGAIN;
		next = FW_TCP_SAME;
	}
	if (next == FW_TCP_SAME) {
		if (!resync(c, &seg, s)) {
			note_passed(c, &seg);
			return pass(s, FW_WHY_REPEATED);
		}
		from = FW_TCP_SYN_SENT;
		next = FW_TCP_SYN_RECV;
	}
	if (from == FW_TCP_LAST_ACK && next == FW_TCP_TIME_WAIT &&
	    last_was(c, FW_TCP_KIND_SYN, !seg.dir) && c->flags & FW_ENTRY_CHALLENGE) {
		c->flags &= (__u8)~FW_ENTRY_CHALLENGE;
		return pass(s, FW_WHY_CHALLENGE);
	}
	if (seg.kind == FW_TCP_KIND_RST) {
		bool closing = from >= FW_TCP_FIN_WAIT;

		/* Ends that closed may be in use again; half-closed ones are not. */
		if ((from == FW_TCP_FIN_WAIT || from == FW_TCP_CLOSE_WAIT) &&
		    fw_own(set, s, FW_OWN_RESET))
			closing = false;
		move = closing ? FW_MOVE_TAKE : reset_check(c, &seg, &next, s);
		if (move == FW_MOVE_INVALID)
			return move;
	}
	if (seg.kind == FW_TCP_KIND_SYN && seg.dir == FW_REPLY && from == FW_TCP_SYN_SENT)
		c->flags |= FW_ENTRY_SIMULTANEOUS;
	if (seg.kind == FW_TCP_KIND_ACK && seg.dir == FW_REPLY &&
	    from == FW_TCP_SYN_RECV && c->flags & FW_ENTRY_SIMULTANEOUS)
		next = FW_TCP_ESTABLISHED;
	if (move == FW_MOVE_PASS)
		move = fw_tcp_window(c, &seg, s);
	if (move == FW_MOVE_INVALID)
		shorten(set, c, &seg, now);
	if (move != FW_MOVE_TAKE)
		return move;
	return take(set, c, &seg, from, next, now);
}
