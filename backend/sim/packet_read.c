// SPDX-License-Identifier: GPL-2.0-or-later
#include "backend/sim/packet_read.h"

static __u16 get16(const __u8 *at)
{
	return (__u16)(at[0] << 8 | at[1]);
}

static __u32 get32(const __u8 *at)
{
	return (__u32)get16(at) << 16 | get16(at + 2);
}

/* What an ICMP error quotes; len bytes are there. */
static void quote_read(struct fw_quote *q, const __u8 *ip, __u32 len)
{
	__u32 hlen = len < 20 ? len : 4u * (ip[0] & 15);
	const __u8 *at = ip + hlen;

	if (hlen < 20 || len < hlen + 8)
		return;
	q->proto = ip[9];
	q->saddr = get32(ip + 12);
	q->daddr = get32(ip + 16);
	if (q->proto == FW_PROTO_ICMP) {
		q->icmp_type = at[0];
		q->icmp_code = at[1];
		q->sport = get16(at + 4);
		return;
	}
	q->sport = get16(at);
	q->dport = get16(at + 2);
}

void sim_packet_read(struct fw_packet *pkt, const __u8 *ip, __u32 total)
{
	__u32 hlen = 4u * (ip[0] & 15), len = total - hlen, i;
	const __u8 *at = ip + hlen;

	*pkt = (struct fw_packet){
		.saddr = get32(ip + 12),
		.daddr = get32(ip + 16),
		.proto = ip[9],
		.tos = ip[1],
		.ttl = ip[8],
		.len = (__u16)total,
		.id = get16(ip + 4),
		.frag_off = get16(ip + 6),
		.noptions = (__u8)(hlen / 4 - 5),
	};
	for (i = 0; i < pkt->noptions; i++)
		pkt->options[i] = get32(ip + 20 + 4 * i);
	if (len < 4)
		return;
	switch (pkt->proto) {
	case FW_PROTO_TCP:
		pkt->tcpflags = len >= 14 ? at[13] & 0x3f : 0;
		/* fall through */
	case FW_PROTO_UDP:
		pkt->sport = get16(at);
		pkt->dport = get16(at + 2);
		break;
	case FW_PROTO_ICMP:
		pkt->icmp_type = at[0];
		pkt->icmp_code = at[1];
		if (len < 8)
			break;
		pkt->icmp_id = get16(at + 4);
		if (pkt->icmp_type == FW_ICMP_UNREACH ||
		    pkt->icmp_type == FW_ICMP_SOURCEQUENCH ||
		    pkt->icmp_type == FW_ICMP_REDIRECT ||
		    pkt->icmp_type == FW_ICMP_TIMXCEED ||
		    pkt->icmp_type == FW_ICMP_PARAMPROB)
			quote_read(&pkt->quote, at + 8, len - 8);
	}
}
