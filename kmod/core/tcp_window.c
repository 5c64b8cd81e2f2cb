// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * tcp_window.c - is a segment within what both ends have sent and allowed?
 */
#include "kmod/core/tcp.h"

#include "kmod/core/packet.h"

#define OPTION_END 0
#define OPTION_NOP 1
#define OPTION_SCALE 3
#define OPTION_SACK_PERMITTED 4
#define OPTION_TIMESTAMP 8

/* How far behind the highest number seen an acknowledgement may be. */
#define ACK_BEHIND_MIN 66000

__u8 fw_tcp_option_next(const __u8 *options, unsigned int size, unsigned int *at,
			unsigned int *len)
{
	while (*at < size && options[*at] == OPTION_NOP)
		++*at;
	if (*at + 2 > size)
		return OPTION_END;
	*len = options[*at + 1];
	if (*len < 2 || *len > size - *at)
		return OPTION_END;
	*at += *len;
	return options[*at - *len];
}

void fw_tcp_options(const struct fw_track_packet *p, __u8 *flags, __u8 *scale)
{
	unsigned int at = 0, len = 0;
	__u8 kind;

	*scale = 0;
	while ((kind = fw_tcp_option_next(p->options, p->options_len, &at, &len))) {
		if (kind == OPTION_SACK_PERMITTED && len == 2)
			*flags |= FW_SIDE_SACK;
		if (kind == OPTION_SCALE && len == 3) {
			*flags |= FW_SIDE_SCALE;
			*scale = p->options[at - 1];
			if (*scale > FW_TCP_SCALE_MAX)
				*scale = FW_TCP_SCALE_MAX;
		}
	}
}

static __u32 number_at(const __u8 *at)
{
	return (__u32)at[0] << 24 | (__u32)at[1] << 16 | (__u32)at[2] << 8 | at[3];
}

/* The highest right edge above ack in the first SACK option, else ack. */
static __u32 sack_edge(const struct fw_segment *seg)
{
	const __u8 *o = seg->pkt->options;
	unsigned int at = 0, len = 0, block;
	__u32 edge, sack = seg->ack;
	__u8 kind;

	/* The usual list of a timestamp alone is not worth a loop. */
	if (seg->pkt->options_len == 12 && o[0] == OPTION_NOP && o[1] == OPTION_NOP &&
	    o[2] == OPTION_TIMESTAMP && o[3] == 10)
		return sack;
	while ((kind = fw_tcp_option_next(o, seg->pkt->options_len, &at, &len))) {
		if (kind != FW_TCP_OPTION_SACK || len < 10 || (len - 2) % 8)
			continue;
		for (block = at - len + 2; block < at; block += 8) {
			edge = number_at(o + block + 4) - (__u32)seg->shift;
			if (fw_seq_after(edge, sack))
				sack = edge;
		}
		break;
	}
	return sack;
}

/* Begins a side by its SYN. */
static void side_begin(struct fw_entry *c, const struct fw_segment *seg)
{
	struct fw_tcp_side *side = &c->side[seg->dir];
	__u8 *flags = &c->tcp[seg->dir];

	side->end = side->maxend = seg->end;
	side->maxwin = seg->pkt->win ? seg->pkt->win : 1;
	if (seg->pkt->options_len) {
		*flags &= FW_SIDE_LIBERAL;
		fw_tcp_options(seg->pkt, flags, &c->scale[seg->dir]);
	}
	/* Scaling works only if both ends offered it. */
	if (seg->dir == FW_REPLY && !(c->tcp[0] & c->tcp[1] & FW_SIDE_SCALE))
		c->scale[0] = c->scale[1] = 0;
}

/* Begins a side in the middle of a connection; the other side was seen before. */
static void side_pick_up(struct fw_entry *c, const struct fw_segment *seg, __u32 sack)
{
	struct fw_tcp_side *side = &c->side[seg->dir], *peer = &c->side[!seg->dir];
	__u32 win = (__u32)seg->pkt->win << c->scale[seg->dir];

	side->end = seg->end;
	side->maxwin = win ? win : 1;
	side->maxend = seg->end + side->maxwin;
	if (sack == peer->end + 1)
		peer->end++;	/* the answer to a keep-alive */
}

/* Not in window: invalid or passing, but taken from a liberal side. */
static enum fw_move window_left(const struct fw_entry *c, const struct fw_segment *seg,
				struct fw_seen *s, enum fw_why why, __u32 amount)
{
	if (seg->set->tcp_liberal || c->tcp[seg->dir] & FW_SIDE_LIBERAL)
		return FW_MOVE_TAKE;
	s->why = (__u8)why;
	s->amount = amount;
	return why == FW_WHY_AHEAD || why == FW_WHY_ACK_AHEAD ? FW_MOVE_INVALID
							      : FW_MOVE_PASS;
}

/* Takes over what a segment in window says. */
static void window_update(struct fw_entry *c, const struct fw_segment *seg, __u32 seq,
			  __u32 end, __u32 ack, __u32 sack)
{
	struct fw_tcp_side *side = &c->side[seg->dir], *peer = &c->side[!seg->dir];
	__u32 win = seg->pkt->win, reach;

	if (!(seg->pkt->tcpflags & FW_TCP_SYN))
		win <<= c->scale[seg->dir];
	if (side->maxwin < win + (sack - ack))
		side->maxwin = win + (sack - ack);
	if (fw_seq_after(end, side->end)) {
		side->end = end;
		c->tcp[seg->dir] |= FW_SIDE_UNACKED;
	}
	if (seg->pkt->tcpflags & FW_TCP_ACK &&
	    (!(c->tcp[seg->dir] & FW_SIDE_MAXACK) || fw_seq_after(ack, side->maxack))) {
		side->maxack = ack;
		c->tcp[seg->dir] |= FW_SIDE_MAXACK;
	}
	if (peer->maxwin && fw_seq_after(end, side->maxend))
		peer->maxwin += end - side->maxend;
	reach = sack + win;
	if (fw_seq_after(reach, peer->maxend - 1))
		peer->maxend = win ? reach : reach + 1;	/* one byte may probe */
	if (ack == peer->end)
		c->tcp[!seg->dir] &= (__u8)~FW_SIDE_UNACKED;
	if (seg->kind != FW_TCP_KIND_ACK)
		return;
	if (c->last_dir == seg->dir && c->last_seq == seq && c->last_ack == ack &&
	    c->last_end == end && c->last_win == seg->pkt->win) {
		if (c->retrans < 255)
			c->retrans++;
		return;
	}
	c->last_dir = (__u8)seg->dir;
	c->last_seq = seq;
	c->last_ack = ack;
	c->last_end = end;
	c->last_win = seg->pkt->win;
	c->retrans = 0;
}

/* Begins the sender's side if need be.  True if that accepts the segment. */
static bool side_first(struct fw_entry *c, const struct fw_segment *seg, __u32 sack)
{
	bool syn = seg->pkt->tcpflags & FW_TCP_SYN, ack = seg->pkt->tcpflags & FW_TCP_ACK;

	if (!c->side[seg->dir].maxwin) {
		if (syn)
			side_begin(c, seg);
		else
			side_pick_up(c, seg, sack);
		return syn && !ack;
	}
	if (syn && fw_seq_after(seg->end, c->side[seg->dir].end) &&
	    (c->state == FW_TCP_SYN_SENT || c->state == FW_TCP_SYN_RECV)) {
		side_begin(c, seg);
		return seg->dir == FW_REPLY && !ack;
	}
	return false;
}

enum fw_move fw_tcp_window(struct fw_entry *c, const struct fw_segment *seg,
			   struct fw_seen *s)
{
	struct fw_tcp_side *side = &c->side[seg->dir], *peer = &c->side[!seg->dir];
	bool rst = seg->pkt->tcpflags & FW_TCP_RST;
	__u32 seq = seg->seq, end = seg->end, ack = seg->ack, sack = ack, far;
	bool recent;	/* the segment ends within what the peer may still want */

	if (c->tcp[!seg->dir] & FW_SIDE_SACK)
		sack = sack_edge(seg);
	if (side_first(c, seg, sack))
		return FW_MOVE_TAKE;
	if (!(seg->pkt->tcpflags & FW_TCP_ACK) || (rst && !seg->pkt->ack))
		ack = sack = peer->end;
	if (rst && !seq && c->state == FW_TCP_SYN_SENT)
		seq = end = side->end;

	far = side->maxwin > ACK_BEHIND_MIN ? side->maxwin : ACK_BEHIND_MIN;
	recent = peer->maxwin && fw_seq_after(end, side->end - peer->maxwin - 1);
	if (fw_seq_after(seq, side->maxend)) {
		if (recent && fw_seq_after(sack, peer->end - far - 1) &&
		    !fw_seq_after(sack, peer->end) &&
		    end - side->maxend + 1 <= peer->maxwin) {
			side->end = end;
			c->tcp[seg->dir] |= FW_SIDE_UNACKED;
			return window_left(c, seg, s, FW_WHY_OVERRUN, end - side->maxend);
		}
		return window_left(c, seg, s, FW_WHY_AHEAD, seq - side->maxend);
	}
	if (fw_seq_after(sack, peer->end))
		return window_left(c, seg, s, FW_WHY_ACK_AHEAD, sack - peer->end);
	if (peer->maxwin && !recent)
		return window_left(c, seg, s, FW_WHY_OLD_DATA,
				   side->end - peer->maxwin - end);
	if (!fw_seq_after(sack, peer->end - far - 1))
		return window_left(c, seg, s, FW_WHY_OLD_ACK, peer->end - far - sack);
	window_update(c, seg, seq, end, ack, sack);
	return FW_MOVE_TAKE;
}
