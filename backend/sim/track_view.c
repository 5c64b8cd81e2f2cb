// SPDX-License-Identifier: GPL-2.0-or-later
#include "backend/sim/track_view.h"

#include "backend/sim/track_host.h"
#include "kmod/core/adjust.h"
#include "kmod/core/masq.h"
#include "kmod/core/tcp.h"
#include "kmod/core/track_packet.h"

#define WINDOW 32768
#define HEADER_MAX (60 + 28 + 20)

static void put16(__u8 *at, __u16 value)
{
	at[0] = (__u8)(value >> 8);
	at[1] = (__u8)value;
}

static void put32(__u8 *at, __u32 value)
{
	put16(at, (__u16)(value >> 16));
	put16(at + 2, (__u16)value);
}

/* An IP header without options, and the first bytes of the next, at ip. */
static void header_write(__u8 *ip, __u8 proto, __u32 saddr, __u32 daddr, __u16 sport,
			 __u16 dport)
{
	ip[0] = 0x45;
	ip[9] = proto;
	put32(ip + 12, saddr);
	put32(ip + 16, daddr);
	put16(ip + 20, sport);
	put16(ip + 22, dport);
}

/* An ICMP header at icmp; queries have their identifier, errors what they quote. */
static void icmp_write(__u8 *icmp, __u8 type, __u8 code, __u16 id)
{
	icmp[0] = type;
	icmp[1] = code;
	put16(icmp + 4, id);
}

/* The headers of pkt, as far as the tracker reads them; returns their length. */
static __u32 headers_write(__u8 *ip, const struct fw_packet *pkt)
{
	const struct fw_quote *q = &pkt->quote;

	header_write(ip, pkt->proto, pkt->saddr, pkt->daddr, pkt->sport, pkt->dport);
	switch (pkt->proto) {
	case FW_PROTO_TCP:
		ip[32] = 0x50;
		/* No flags given: any segment but the first. */
		ip[33] = pkt->tcpflags ? pkt->tcpflags : FW_TCP_ACK;
		put16(ip + 34, WINDOW);
		return 40;
	case FW_PROTO_UDP:
		put16(ip + 24, 8);
		return 28;
	case FW_PROTO_ICMP:
		icmp_write(ip + 20, pkt->icmp_type, pkt->icmp_code, pkt->icmp_id);
		if (!q->proto)
			return 28;
		header_write(ip + 28, q->proto, q->saddr, q->daddr, q->sport, q->dport);
		if (q->proto == FW_PROTO_ICMP)
			icmp_write(ip + 48, q->icmp_type, q->icmp_code, q->sport);
		/* 4 bytes of TCP: no sequence number is known */
		return q->proto == FW_PROTO_TCP ? 52 : 56;
	default:
		return 20;
	}
}

/* The numbers that come next in the connection of a segment. */
static void numbers_make(struct fw_track_packet *view, const struct fw_packet *pkt,
			 struct fw_track *track, __u32 now)
{
	unsigned int dir = FW_ORIGINAL;
	const struct fw_entry *c = fw_host_find(track, &view->key, &dir);
	bool syn = pkt->tcpflags & FW_TCP_SYN;

	if (!c) {
		c = fw_masq_find_in(track, &view->key, now);
		dir = FW_REPLY;
	}
	if (c && c->flags & FW_ENTRY_INWARD)
		dir = !dir;
	view->payload_len = pkt->len > fw_packet_hlen(pkt) + 20 ?
				    pkt->len - fw_packet_hlen(pkt) - 20 :
				    0;
	view->seq = 1;
	if (!c || !c->state)
		return;
	view->seq = c->side[dir].maxwin ? c->side[dir].end : 1;
	if (syn && c->state < FW_TCP_ESTABLISHED && c->side[dir].maxwin)
		view->seq--;	/* once more */
	if (view->tcpflags & FW_TCP_ACK)
		view->ack = c->side[!dir].end;
	/* as the peer's text arrived */
	if (c->help)
		view->ack = fw_adjust_seq(&track->helps[c->help].adjust[!dir], view->ack);
}

void sim_view_make(struct fw_track_packet *view, const struct fw_packet *pkt,
		   struct fw_track *track, __u32 now)
{
	__u8 bytes[HEADER_MAX] = { 0 };
	__u32 len = headers_write(bytes, pkt);

	fw_track_packet_read(view, bytes, len, len);
	view->payload = NULL;
	view->options_len = 0;
	view->options = NULL;
	view->total = pkt->len;
	if (view->key.proto == FW_PROTO_TCP && !view->fault)
		numbers_make(view, pkt, track, now);
}
