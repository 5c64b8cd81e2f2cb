/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * view.h - does a rule match a packet?
 *
 * What rules ask of a packet is computed once for a list: struct fw_view.  All of it is
 * inline because a list can have 10,000 rules.
 */
#ifndef FW_VIEW_H
#define FW_VIEW_H

#include "kmod/core/match.h"

/* ports and ICMP type of a packet that does not contain them */
#define FW_NO_PORT 65535
#define FW_NO_TYPE 255

#define FW_KIND_OTHER 0xffff /* no rule's kind */

/* a packet as rules see it during one walk */
struct fw_view {
	const struct fw_walk *walk;
	const struct fw_packet *pkt;
	__u16 kind; /* FW_KIND_*, FW_KIND_OTHER */
	__u16 sport, dport; /* ICMP: sport is the type */
	__u16 refused; /* rules with any of these flags do not match */
	__u8 state;
};

/* -y and -k apply to the first fragment of a TCP packet only; others pass them. */
static inline __u16 fw_view_tcp_flags(const struct fw_packet *pkt)
{
	bool ackish = pkt->tcpflags & (FW_TCP_ACK | FW_TCP_RST);
	bool initial = pkt->tcpflags & FW_TCP_SYN && !ackish;

	return (initial ? 0 : FW_TCPSYN) | (ackish ? 0 : FW_TCPACK);
}

static inline void fw_view_protocol(struct fw_view *v, const struct fw_packet *pkt)
{
	bool first = !(pkt->frag_off & FW_IP_OFFSET);

	v->sport = FW_NO_PORT;
	v->dport = FW_NO_PORT;
	switch (pkt->proto) {
	case FW_PROTO_TCP:
		v->kind = FW_KIND_TCP;
		if (first)
			v->refused |= fw_view_tcp_flags(pkt);
		break;
	case FW_PROTO_UDP:
		v->kind = FW_KIND_UDP;
		break;
	case FW_PROTO_ICMP:
		v->kind = FW_KIND_ICMP;
		v->sport = first ? pkt->icmp_type : FW_NO_TYPE;
		return;
	default:
		v->kind = FW_KIND_OTHER;
		return;
	}
	if (first) {
		v->sport = pkt->sport;
		v->dport = pkt->dport;
	}
}

static inline void fw_view_init(struct fw_view *v, const struct fw_walk *w,
				const struct fw_packet *pkt)
{
	v->walk = w;
	v->pkt = pkt;
	v->state = pkt->state ? pkt->state : FW_STATE_NEW;
	v->refused = 0;
	if (w->list == FW_ACCT)
		v->refused = w->direction == FW_DIR_IN ? FW_ACCTOUT : FW_ACCTIN;
	fw_view_protocol(v, pkt);
}

static inline bool fw_port_in(const __u16 *slot, unsigned int n, bool range, __u16 port)
{
	unsigned int i = 0;

	if (!n)
		return true;
	if (range) {
		if (slot[0] <= port && port <= slot[1])
			return true;
		i = 2;
	}
	for (; i < n; i++)
		if (slot[i] == port)
			return true;
	return false;
}

static inline bool fw_ports_match(const struct fw_match *m, __u16 sport, __u16 dport)
{
	return fw_port_in(m->pts, m->nsp, m->flags & FW_SRNG, sport) &&
	       fw_port_in(m->pts + m->nsp, m->ndp, m->flags & FW_DRNG, dport);
}

/* forth, back: the addresses match in this direction */
static inline bool fw_protocol_matches(const struct fw_match *m, const struct fw_view *v,
				       bool forth, bool back)
{
	__u16 kind = m->flags & FW_KIND_MASK;

	if (kind == FW_KIND_ALL)
		return true;
	if (kind != v->kind)
		return false;
	if (kind == FW_KIND_ICMP)
		return fw_port_in(m->pts, m->nsp, m->flags & FW_SRNG, v->sport);
	return (forth && fw_ports_match(m, v->sport, v->dport)) ||
	       (back && fw_ports_match(m, v->dport, v->sport));
}

/* Without a device -V always matches, and -W never. */
static inline bool fw_device_matches(const struct fw_match *m, const struct fw_dev *dev)
{
	if (m->via && dev && dev->addr != m->via)
		return false;
	if (!m->vianame[0])
		return true;
	return dev && fw_name_equal(dev->name, m->vianame);
}

/* The rule's address is not masked: bits outside the mask never match. */
static inline bool fw_addresses_match(const struct fw_match *m, __u32 saddr, __u32 daddr)
{
	return (saddr & m->smsk) == m->src && (daddr & m->dmsk) == m->dst;
}

/*
 * Does the rule match?  Decisions before any rule and interface bindings are the walk's.
 * The cheap tests and those that most rules fail come first.
 */
static inline bool fw_rule_match(const struct fw_match *m, const struct fw_view *v)
{
	const struct fw_packet *pkt = v->pkt;
	bool forth = fw_addresses_match(m, pkt->saddr, pkt->daddr);
	bool back = m->flags & FW_BIDIR && fw_addresses_match(m, pkt->daddr, pkt->saddr);

	if (!forth && !back)
		return false;
	return !(m->flags & v->refused) && (!m->state || m->state & v->state) &&
	       fw_protocol_matches(m, v, forth, back) &&
	       fw_device_matches(m, v->walk->dev);
}

#endif
