// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * track_packet.c - what the tracker reads of a packet's bytes.
 */
#include "kmod/core/track_packet.h"

#include "kmod/core/packet.h"
#include "kmod/core/tcp.h"

#define PROTO_GRE 47

#define ICMP_HEADER 8
#define UDP_HEADER 8
#define TCP_HEADER 20
#define IP_HEADER 20
#define PPTP_HEADER 8
#define PORTS 4	/* bytes that hold both ports */

#define ICMP_TIMESTAMP		13
#define ICMP_TIMESTAMPREPLY	14
#define ICMP_INFO_REQUEST	15
#define ICMP_INFO_REPLY		16
#define ICMP_ADDRESS		17
#define ICMP_ADDRESSREPLY	18

static __u16 get16(const __u8 *at)
{
	return (__u16)(at[0] << 8 | at[1]);
}

static __u32 get32(const __u8 *at)
{
	return (__u32)get16(at) << 16 | get16(at + 2);
}

/* The kind of an ICMP message, with *query the type that asks. */
static enum fw_icmp_class icmp_class(__u8 type, __u8 *query)
{
	*query = type;
	switch (type) {
	case FW_ICMP_ECHO:
	case ICMP_TIMESTAMP:
	case ICMP_INFO_REQUEST:
	case ICMP_ADDRESS:
		return FW_ICMP_CLASS_QUERY;
	case FW_ICMP_ECHOREPLY:
		*query = FW_ICMP_ECHO;
		return FW_ICMP_CLASS_ANSWER;
	case ICMP_TIMESTAMPREPLY:
	case ICMP_INFO_REPLY:
	case ICMP_ADDRESSREPLY:
		*query = (__u8)(type - 1);
		return FW_ICMP_CLASS_ANSWER;
	case FW_ICMP_UNREACH:
	case FW_ICMP_SOURCEQUENCH:
	case FW_ICMP_REDIRECT:
	case FW_ICMP_TIMXCEED:
	case FW_ICMP_PARAMPROB:
		return FW_ICMP_CLASS_ERROR;
	default:
		return FW_ICMP_CLASS_NONE;
	}
}

/*
 * Ports, or what is used as ports, of the len bytes of a transport header, into a
 * key that has proto.  False if there is no key.
 */
static bool key_ports(struct fw_key *k, const __u8 *at, __u32 len)
{
	__u8 query;

	switch (k->proto) {
	case FW_PROTO_TCP:
	case FW_PROTO_UDP:
		if (len < PORTS)
			return false;
		k->sport = get16(at);
		k->dport = get16(at + 2);
		return true;
	case FW_PROTO_ICMP:
		if (len < ICMP_HEADER)
			return false;
		switch (icmp_class(at[0], &query)) {
		case FW_ICMP_CLASS_QUERY:
			k->sport = get16(at + 4);
			k->dport = (__u16)(query << 8 | at[1]);
			return true;
		case FW_ICMP_CLASS_ANSWER:
			k->sport = (__u16)(query << 8 | at[1]);
			k->dport = get16(at + 4);
			k->kind = FW_KEY_ANSWER;
			return true;
		default:
			return false;
		}
	case PROTO_GRE:
		if (len < 4 || (at[1] & 7) != 1)
			return true;
		if (len < PPTP_HEADER)
			return false;
		k->dport = get16(at + 6);
		return true;
	default:
		return true;
	}
}

static void tcp_read(struct fw_track_packet *p, const __u8 *at, __u32 have, __u32 len)
{
	__u32 hlen;

	if (have < TCP_HEADER) {
		p->fault = FW_WHY_SHORT;
		return;
	}
	hlen = 4u * (at[12] >> 4);
	p->tcpflags = at[13];
	if (hlen < TCP_HEADER || hlen > have)
		p->fault = FW_WHY_OFFSET;
	else if (!fw_tcp_flags_good(p->tcpflags))
		p->fault = FW_WHY_FLAGS;
	if (p->fault)
		return;
	p->seq = get32(at + 4);
	p->ack = get32(at + 8);
	p->win = get16(at + 14);
	p->options = at + TCP_HEADER;
	p->options_len = (__u8)(hlen - TCP_HEADER);
	p->payload_len = len - hlen;
	if (have == len)
		p->payload = at + hlen;
}

static void udp_read(struct fw_track_packet *p, const __u8 *at, __u32 have, __u32 len)
{
	if (have < UDP_HEADER) {
		p->fault = FW_WHY_SHORT;
		return;
	}
	if (get16(at + 4) < UDP_HEADER || get16(at + 4) > len) {
		p->fault = FW_WHY_LENGTH;
		return;
	}
	p->payload_len = get16(at + 4) - UDP_HEADER;
	if (have == len)
		p->payload = at + UDP_HEADER;
}

/* The packet that an ICMP error quotes: its key, turned round. */
static void quote_read(struct fw_track_packet *p, const __u8 *q, __u32 len)
{
	struct fw_key k = { 0 };
	__u32 hlen;

	p->has_key = false;
	p->quote_to = p->key.daddr;
	p->fault = FW_WHY_QUOTE_SHORT;
	if (len < IP_HEADER)
		return;
	hlen = 4u * (q[0] & 15);
	p->quote_version = q[0] >> 4;
	if (hlen < IP_HEADER || hlen > len)
		return;
	p->fault = FW_WHY_QUOTE_FRAGMENT;
	if (get16(q + 6) & FW_IP_OFFSET)
		return;
	k.proto = q[9];
	k.saddr = get32(q + 12);
	k.daddr = get32(q + 16);
	p->fault = k.proto == FW_PROTO_ICMP && len - hlen >= ICMP_HEADER
			   ? FW_WHY_QUOTE_TYPE
			   : FW_WHY_QUOTE_SHORT;
	if (!key_ports(&k, q + hlen, len - hlen))
		return;
	p->fault = FW_WHY_NONE;
	p->has_key = true;
	p->key = (struct fw_key){
		.saddr = k.daddr,
		.daddr = k.saddr,
		.sport = k.dport,
		.dport = k.sport,
		.proto = k.proto,
		.kind = k.proto == FW_PROTO_ICMP && !k.kind ? FW_KEY_ANSWER : FW_KEY_PLAIN,
	};
	if (k.proto == FW_PROTO_TCP && len - hlen >= 8) {
		p->quote_has_seq = true;
		p->quote_seq = get32(q + hlen + 4);
	}
}

static void icmp_read(struct fw_track_packet *p, const __u8 *at, __u32 have)
{
	__u8 query;

	if (have < ICMP_HEADER) {
		p->fault = FW_WHY_SHORT;
		return;
	}
	p->icmp_class = (__u8)icmp_class(at[0], &query);
	if (p->icmp_class == FW_ICMP_CLASS_ERROR)
		quote_read(p, at + ICMP_HEADER, have - ICMP_HEADER);
	else if (p->icmp_class == FW_ICMP_CLASS_NONE)
		p->fault = FW_WHY_ICMP_TYPE;
}

void fw_track_packet_read(struct fw_track_packet *p, const __u8 *ip, __u32 have,
			  __u32 total)
{
	__u32 hlen = 4u * (ip[0] & 15);
	const __u8 *at = ip + hlen;

	*p = (struct fw_track_packet){
		.key = { get32(ip + 12), get32(ip + 16), 0, 0, ip[9], 0 },
		.total = total,
	};
	p->has_key = key_ports(&p->key, at, have - hlen);
	switch (p->key.proto) {
	case FW_PROTO_TCP:
		tcp_read(p, at, have - hlen, total - hlen);
		break;
	case FW_PROTO_UDP:
		udp_read(p, at, have - hlen, total - hlen);
		break;
	case FW_PROTO_ICMP:
		icmp_read(p, at, have - hlen);
		break;
	default:
		if (!p->has_key)
			p->fault = FW_WHY_SHORT;
	}
}
