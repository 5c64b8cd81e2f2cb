// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * masq.c - packets rewritten by the connection table, as 2.0 masqueraded.
 */
#include "kmod/core/masq.h"

#include "kmod/core/expect.h"
#include "kmod/core/table.h"

#include FW_HOST_H

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

/*
 * 61000 to 65096 at first, the latter too although it is never given out; any port while
 * forwards let some keep their own.
 */
static bool port_in_range(const struct fw_track *t, __u16 port)
{
	return (port >= t->masq.port_first && port <= t->masq.port_end) ||
	       (t->portfw && t->portfw->keeps_ports);
}

/* The key of an outgoing packet; false if its kind is never masqueraded. */
static bool packet_key(const struct fw_packet *pkt, struct fw_key *k)
{
	*k = (struct fw_key){ pkt->saddr, pkt->daddr, pkt->sport,
			      pkt->dport, pkt->proto, FW_KEY_PLAIN };
	if (pkt->proto != FW_PROTO_ICMP)
		return pkt->proto == FW_PROTO_TCP || pkt->proto == FW_PROTO_UDP;
	k->sport = pkt->icmp_id;
	k->dport = icmp_port(pkt->icmp_type, pkt->icmp_code);
	return icmp_is_query(pkt->icmp_type);
}

bool fw_masqueraded(struct fw_track *t, const struct fw_packet *pkt, __u32 now)
{
	const struct fw_entry *c;
	unsigned int dir;
	struct fw_key k;

	if (!packet_key(pkt, &k))
		return false;
	c = fw_masq_find_out(t, &k, &dir, now);
	return c ? c->masq && dir == FW_ORIGINAL : fw_expect_masqueraded(t, &k, now);
}

/*
 * The masqueraded entry of an outgoing packet.  An answer that is masqueraded is none to
 * its receiver, who sees another sender: the entry that it answered ends.
 */
static struct fw_entry *entry_of(struct fw_track *t, struct fw_seen *s,
				 const struct fw_key *k, __u32 maddr, __u32 now)
{
	unsigned int dir = FW_ORIGINAL;
	struct fw_entry *c = s ? s->entry : NULL;

	/* The tracker has found it: the same entry, unless it has ended or is to be replaced. */
	if (!c || !fw_host_is_linked(c) || !c->masq || c->masq & FW_CONN_NO_SPORT ||
	    !fw_entry_is(c, FW_ORIGINAL, k) || fw_entry_over(t, c, now))
		c = fw_masq_find_out(t, k, &dir, now);
	if (c && dir == FW_REPLY) {
		fw_track_end(t, c);
		if (s)
			s->entry = NULL;
		c = NULL;
	}
	if (c) {
		c = c->masq ? fw_masq_inner_learn(t, c, k->sport, now)
			    : fw_masq_begin(t, c, maddr, now);
		if (s && s->entry)
			s->entry = c;
		return c;
	}
	if (s && s->fresh)
		return fw_masq_store(t, s, maddr, fw_masq_loose(t, k->proto), now);
	c = fw_masq_add(t, &(const struct fw_entry){
		.saddr = k->saddr,
		.daddr = k->daddr,
		.maddr = maddr,
		.sport = k->sport,
		.dport = k->dport,
		.proto = k->proto,
		.masq = fw_masq_loose(t, k->proto),
	}, now);
	if (s)
		s->entry = c;
	return c;
}

int fw_masquerade(struct fw_track *t, struct fw_seen *s, struct fw_packet *pkt,
		  __u32 maddr, __u32 now)
{
	struct fw_entry *c;
	struct fw_key k;

	if (!packet_key(pkt, &k))
		return pkt->proto == FW_PROTO_ICMP ? 0 : -EPROTONOSUPPORT;
	c = entry_of(t, s, &k, maddr, now);
	if (!c)
		return -ENOSPC;
	fw_masq_see_flags(c, pkt, FW_CONN_FIN_OUT);
	fw_masq_refresh(t, c, now);
	if (t->portfw)
		fw_portfw_trigger(t->portfw, pkt, now);
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
static int demasquerade_error(struct fw_track *t, struct fw_packet *pkt, __u32 now)
{
	struct fw_quote *q = &pkt->quote;
	struct fw_key k = { q->daddr, q->saddr, 0, q->sport, q->proto, FW_KEY_PLAIN };
	const struct fw_entry *c;

	if (!port_in_range(t, q->sport) || !quote_port(q, false, q->dport, &k.sport))
		return 0;
	c = fw_masq_find_in(t, &k, now);
	if (!c)
		return 0;
	pkt->daddr = c->saddr;
	q->saddr = c->saddr;
	q->sport = c->sport;
	return 1;
}

int fw_masquerade_error(struct fw_track *t, struct fw_packet *pkt, __u32 now)
{
	struct fw_quote *q = &pkt->quote;
	struct fw_key k = { q->daddr, q->saddr, 0, 0, q->proto, FW_KEY_PLAIN };
	const struct fw_entry *c;
	unsigned int dir;

	if (!fw_masq_looks_into(pkt) || !quote_port(q, true, q->sport, &k.dport))
		return 0;
	k.sport = q->proto == FW_PROTO_ICMP ? q->sport : q->dport;
	c = fw_masq_find_out(t, &k, &dir, now);
	if (!c || !c->masq || dir != FW_ORIGINAL)
		return 0;
	pkt->saddr = c->maddr;
	q->daddr = c->maddr;
	if (q->proto == FW_PROTO_ICMP)
		q->sport = c->mport;
	else
		q->dport = c->mport;
	return 1;
}

/* The key of a packet from outside; false if it cannot be masqueraded traffic. */
static bool answer_key(const struct fw_track *t, const struct fw_packet *pkt,
		       struct fw_key *k)
{
	int query;

	*k = (struct fw_key){ pkt->saddr, pkt->daddr, pkt->sport,
			      pkt->dport, pkt->proto, FW_KEY_PLAIN };
	if (pkt->frag_off & FW_IP_OFFSET)
		return false;
	if (pkt->proto != FW_PROTO_ICMP)
		return (pkt->proto == FW_PROTO_TCP || pkt->proto == FW_PROTO_UDP) &&
		       port_in_range(t, pkt->dport);
	query = icmp_query_of(pkt->icmp_type);
	k->dport = pkt->icmp_id;
	k->sport = icmp_port(query, pkt->icmp_code);
	return query >= 0;
}

bool fw_masq_may_answer(const struct fw_track *t, const struct fw_packet *pkt)
{
	struct fw_key k;

	return fw_masq_looks_into(pkt) ? port_in_range(t, pkt->quote.sport)
				       : answer_key(t, pkt, &k);
}

int fw_demasquerade(struct fw_track *t, struct fw_packet *pkt, __u32 now)
{
	struct fw_entry *c;
	struct fw_key k;

	if (fw_masq_looks_into(pkt))
		return demasquerade_error(t, pkt, now);
	if (!answer_key(t, pkt, &k))
		return 0;
	c = fw_masq_find_in(t, &k, now);
	if (!c)
		return 0;
	c = fw_masq_peer_learn(t, c, &k, now);
	if (!c)
		return -ENOSPC;
	c->masq &= (__u8)~FW_CONN_NO_REPLY;
	fw_masq_see_flags(c, pkt, FW_CONN_FIN_IN);
	fw_masq_refresh(t, c, now);
	pkt->daddr = c->saddr;
	if (pkt->proto == FW_PROTO_ICMP)
		pkt->icmp_id = c->sport;
	else
		pkt->dport = c->sport;
	return 1;
}
