// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * masq.c - packets rewritten by the connection table, as 2.0 masqueraded.
 */
#include "kmod/core/conn.h"

#define ICMP_TIMESTAMP		13
#define ICMP_TIMESTAMPREPLY	14
#define ICMP_INFO_REQUEST	15
#define ICMP_INFO_REPLY		16
#define ICMP_ADDRESS		17
#define ICMP_ADDRESSREPLY	18

static bool icmp_is_query(__u8 type)
{
	return type == FW_ICMP_ECHO || type == ICMP_TIMESTAMP ||
	       type == ICMP_INFO_REQUEST || type == ICMP_ADDRESS;
}

/* the query that a reply of that type answers; -1 if it is no reply */
static int icmp_query_of(__u8 type)
{
	switch (type) {
	case FW_ICMP_ECHOREPLY:
		return FW_ICMP_ECHO;
	case ICMP_TIMESTAMPREPLY:
		return ICMP_TIMESTAMP;
	case ICMP_INFO_REPLY:
		return ICMP_INFO_REQUEST;
	case ICMP_ADDRESSREPLY:
		return ICMP_ADDRESS;
	default:
		return -1;
	}
}

/* what stands for the peer's port */
static __u16 icmp_port(int type, __u8 code)
{
	return (__u16)(code + 256 * type);
}

bool fw_masq_looks_into(const struct fw_packet *pkt)
{
	return pkt->proto == FW_PROTO_ICMP &&
	       (pkt->icmp_type == FW_ICMP_UNREACH ||
		pkt->icmp_type == FW_ICMP_SOURCEQUENCH ||
		pkt->icmp_type == FW_ICMP_TIMXCEED);
}

/* Ports 61000 to 65096, the latter too although it is never given out. */
static bool port_in_range(__u16 port)
{
	return port >= FW_MASQ_PORT_FIRST && port <= FW_MASQ_PORT_END;
}

static void conn_see_flags(struct fw_conn *c, const struct fw_packet *pkt, __u8 fin)
{
	if (c->proto != FW_PROTO_TCP)
		return;
	if (pkt->tcpflags & FW_TCP_FIN)
		c->flags |= fin;
	if (pkt->tcpflags & FW_TCP_RST)
		c->flags |= FW_CONN_RST;
}

static int payload_work(struct fw_conn_table *t, struct fw_conn *c,
			struct fw_packet *pkt, bool outgoing, __u64 now)
{
	if (!t->payload || !c->helper)
		return 0;
	return t->payload(t, c, pkt, outgoing, now);
}

/* The ends of an outgoing packet; false if its kind is never masqueraded. */
static bool packet_ends(const struct fw_packet *pkt, struct fw_end *inner,
			struct fw_end *peer)
{
	*inner = (struct fw_end){ pkt->saddr, pkt->sport };
	*peer = (struct fw_end){ pkt->daddr, pkt->dport };
	if (pkt->proto != FW_PROTO_ICMP)
		return pkt->proto == FW_PROTO_TCP || pkt->proto == FW_PROTO_UDP;
	inner->port = pkt->icmp_id;
	peer->port = icmp_port(pkt->icmp_type, pkt->icmp_code);
	return icmp_is_query(pkt->icmp_type);
}

bool fw_masqueraded(struct fw_conn_table *t, const struct fw_packet *pkt, __u64 now)
{
	struct fw_end inner, peer;

	fw_conn_expire(t, now);
	return packet_ends(pkt, &inner, &peer) &&
	       fw_conn_find_out(t, pkt->proto, inner, peer);
}

int fw_masquerade(struct fw_conn_table *t, struct fw_packet *pkt, __u32 maddr,
		  __u64 now)
{
	struct fw_end inner, peer;
	struct fw_conn *c;
	int err;

	if (!packet_ends(pkt, &inner, &peer))
		return pkt->proto == FW_PROTO_ICMP ? 0 : -EPROTONOSUPPORT;
	fw_conn_expire(t, now);
	c = fw_conn_find_out(t, pkt->proto, inner, peer);
	if (!c) {
		const struct fw_conn like = {
			.saddr = inner.addr,
			.sport = inner.port,
			.daddr = peer.addr,
			.dport = peer.port,
			.maddr = maddr,
			.proto = pkt->proto,
			.flags = pkt->proto == FW_PROTO_UDP ? FW_CONN_NO_DADDR : 0,
		};

		c = fw_conn_add(t, &like, now);
	}
	if (!c)
		return -ENOSPC;
	fw_conn_inner_learn(t, c, inner.port);
	err = payload_work(t, c, pkt, true, now);
	if (err)
		return err;
	conn_see_flags(c, pkt, FW_CONN_FIN_OUT);
	fw_conn_refresh(t, c, now);
	pkt->saddr = c->maddr;
	if (pkt->proto == FW_PROTO_ICMP)
		pkt->icmp_id = c->mport;
	else
		pkt->sport = c->mport;
	return pkt->proto == FW_PROTO_ICMP;
}

/* the port that the quoted packet's ICMP query or reply stands for, or its own */
static bool quote_port(const struct fw_quote *q, bool reply, __u16 own, __u16 *port)
{
	int type = q->icmp_type;

	*port = own;
	if (q->proto == FW_PROTO_TCP || q->proto == FW_PROTO_UDP)
		return true;
	if (q->proto != FW_PROTO_ICMP)
		return false;
	if (reply)
		type = icmp_query_of(q->icmp_type);
	else if (!icmp_is_query(q->icmp_type))
		return false;
	*port = icmp_port(type, q->icmp_code);
	return type >= 0;
}

/* Error from outside: it quotes what we sent out.  The timer stays. */
static int demasquerade_error(struct fw_conn_table *t, struct fw_packet *pkt)
{
	struct fw_quote *q = &pkt->quote;
	struct fw_end masq = { q->saddr, q->sport }, peer = { q->daddr, 0 };
	struct fw_conn *c;

	if (!port_in_range(masq.port) || !quote_port(q, false, q->dport, &peer.port))
		return 0;
	c = fw_conn_find_in(t, q->proto, peer, masq);
	if (!c)
		return 0;
	pkt->daddr = c->saddr;
	q->saddr = c->saddr;
	q->sport = c->sport;
	return 1;
}

int fw_masquerade_error(struct fw_conn_table *t, struct fw_packet *pkt, __u64 now)
{
	struct fw_quote *q = &pkt->quote;
	struct fw_end inner, peer = { q->saddr, 0 };
	struct fw_conn *c;

	if (!fw_masq_looks_into(pkt) || !quote_port(q, true, q->sport, &peer.port))
		return 0;
	inner.addr = q->daddr;
	inner.port = q->proto == FW_PROTO_ICMP ? q->sport : q->dport;
	fw_conn_expire(t, now);
	c = fw_conn_find_out(t, q->proto, inner, peer);
	if (!c)
		return 0;
	pkt->saddr = c->maddr;
	q->daddr = c->maddr;
	if (q->proto == FW_PROTO_ICMP)
		q->sport = c->mport;
	else
		q->dport = c->mport;
	return 1;
}

/* The ends of a packet from outside; false if it cannot be masqueraded traffic. */
static bool answer_ends(const struct fw_packet *pkt, struct fw_end *peer,
			struct fw_end *masq)
{
	int query;

	*peer = (struct fw_end){ pkt->saddr, pkt->sport };
	*masq = (struct fw_end){ pkt->daddr, pkt->dport };
	if (pkt->frag_off & FW_IP_OFFSET)
		return false;
	if (pkt->proto != FW_PROTO_ICMP)
		return (pkt->proto == FW_PROTO_TCP || pkt->proto == FW_PROTO_UDP) &&
		       port_in_range(pkt->dport);
	query = icmp_query_of(pkt->icmp_type);
	masq->port = pkt->icmp_id;
	peer->port = icmp_port(query, pkt->icmp_code);
	return query >= 0;
}

int fw_demasquerade(struct fw_conn_table *t, struct fw_packet *pkt, __u64 now)
{
	struct fw_end peer, masq;
	struct fw_conn *c;
	int err;

	fw_conn_expire(t, now);
	if (fw_masq_looks_into(pkt))
		return demasquerade_error(t, pkt);
	if (!answer_ends(pkt, &peer, &masq))
		return 0;
	c = fw_conn_find_in(t, pkt->proto, peer, masq);
	if (!c)
		return 0;
	fw_conn_peer_learn(c, peer);
	c->flags &= ~FW_CONN_NO_REPLY;
	err = payload_work(t, c, pkt, false, now);
	if (err)
		return err;
	conn_see_flags(c, pkt, FW_CONN_FIN_IN);
	fw_conn_refresh(t, c, now);
	pkt->daddr = c->saddr;
	if (pkt->proto == FW_PROTO_ICMP)
		pkt->icmp_id = c->sport;
	else
		pkt->dport = c->sport;
	return 1;
}
