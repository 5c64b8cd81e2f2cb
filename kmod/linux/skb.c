// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * skb.c - conversion of a socket buffer to the packet that rules are matched against.
 *
 * 2.0 read past the end of packets too short for their protocol.  Here such bytes are 0.
 */
#include <linux/icmp.h>
#include <linux/ip.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter_ipv4.h>
#include <linux/udp.h>
#include <net/checksum.h>
#include <net/dsfield.h>
#include <net/ip.h>

#include "compat/kcompat.h"
#include "kmod/linux/skb.h"

#define L4_MAX 14		/* bytes of the header that are read, up to the TCP flags */

static void options_read(struct fw_packet *p, const struct sk_buff *skb, int offset)
{
	__be32 option[FW_PACKET_OPTIONS];
	unsigned int i;

	skb_copy_bits(skb, offset, option, 4 * p->noptions);
	for (i = 0; i < p->noptions; i++)
		p->options[i] = ntohl(option[i]);
}

static u16 be16_at(const u8 *bytes)
{
	return bytes[0] << 8 | bytes[1];
}

/* The datagram that an ICMP error quotes, if 8 bytes of its transport header are there. */
static void quote_read(struct fw_quote *q, const struct sk_buff *skb, int offset)
{
	u8 l4[8];
	struct iphdr buf;
	const struct iphdr *iph = skb_header_pointer(skb, offset, sizeof(buf), &buf);

	if (!iph || iph->ihl < 5 ||
	    skb_copy_bits(skb, offset + 4 * iph->ihl, l4, sizeof(l4)))
		return;
	*q = (struct fw_quote){
		.proto = iph->protocol,
		.saddr = ntohl(iph->saddr),
		.daddr = ntohl(iph->daddr),
		.sport = be16_at(l4),
		.dport = be16_at(l4 + 2),
	};
	if (q->proto == FW_PROTO_ICMP) {
		q->icmp_type = l4[0];
		q->icmp_code = l4[1];
		q->sport = be16_at(l4 + 4);
		q->dport = 0;
	}
}

static void l4_read(struct fw_packet *p, const struct sk_buff *skb, int offset)
{
	const u8 *l4 = skb->data + offset;
	u8 buf[L4_MAX] kcompat_uninitialized;
	int n;

	if (skb_headlen(skb) < offset + L4_MAX) {
		memset(buf, 0, sizeof(buf));
		n = min_t(int, skb->len - offset, L4_MAX);
		if (n > 0)
			skb_copy_bits(skb, offset, buf, n);
		l4 = buf;
	}
	switch (p->proto) {
	case FW_PROTO_TCP:
		p->tcpflags = l4[13];
		fallthrough;
	case FW_PROTO_UDP:
		p->sport = be16_at(l4);
		p->dport = be16_at(l4 + 2);
		break;
	case FW_PROTO_ICMP:
		p->icmp_type = l4[0];
		p->icmp_code = l4[1];
		p->icmp_id = be16_at(l4 + 4);
		if (icmp_is_err(p->icmp_type))
			quote_read(&p->quote, skb, offset + sizeof(struct icmphdr));
		break;
	}
}

/* Options that are not there are not written: to clear them costs as much as all else. */
bool fwk_skb_read(struct fw_packet *p, const struct sk_buff *skb)
{
	int offset = skb_network_offset(skb);
	struct iphdr buf kcompat_uninitialized;
	const struct iphdr *iph = skb_header_pointer(skb, offset, sizeof(buf), &buf);

	if (!iph || iph->ihl < 5 || skb->len - offset < 4 * iph->ihl)
		return false;
	p->saddr = ntohl(iph->saddr);
	p->daddr = ntohl(iph->daddr);
	p->proto = iph->protocol;
	p->tos = iph->tos;
	p->ttl = iph->ttl;
	p->tcpflags = 0;
	p->len = min_t(u32, iph_totlen(skb, iph), U16_MAX);
	p->id = ntohs(iph->id);
	p->frag_off = ntohs(iph->frag_off);
	p->sport = p->dport = 0;
	p->icmp_type = p->icmp_code = 0;
	p->icmp_id = 0;
	p->noptions = iph->ihl - 5;
	p->state = 0;
	p->kept = false;
	p->mark = skb->mark;
	p->quote = (struct fw_quote){ .proto = 0 };
	if (p->noptions)
		options_read(p, skb, offset + sizeof(*iph));
	if (!(p->frag_off & FW_IP_OFFSET))
		l4_read(p, skb, offset + 4 * iph->ihl);
	return true;
}

bool fwk_skb_set_tos(struct sk_buff *skb, u8 tos)
{
	if (skb_ensure_writable(skb, skb_network_offset(skb) + sizeof(struct iphdr)))
		return false;
	ipv4_change_dsfield(ip_hdr(skb), 0, tos);
	return true;
}

bool fwk_skb_sum_is_right(struct sk_buff *skb)
{
	const struct iphdr *iph = ip_hdr(skb);
	int offset = ip_hdrlen(skb);
	u32 len = iph_totlen(skb, iph) - offset;
	const struct udphdr *uh;
	struct udphdr buf;

	if (skb_csum_unnecessary(skb) || skb->ip_summed == CHECKSUM_PARTIAL)
		return true;
	switch (iph->protocol) {
	case IPPROTO_ICMP:
		return !csum_fold(skb_checksum(skb, offset, len, 0));
	case IPPROTO_UDP:
		uh = skb_header_pointer(skb, offset, sizeof(buf), &buf);
		if (!uh || !uh->check)
			return true;
		len = min_t(u32, len, ntohs(uh->len));
		break;
	case IPPROTO_TCP:
		break;
	default:
		return true;
	}
	if (skb->ip_summed == CHECKSUM_COMPLETE &&
	    !nf_ip_checksum(skb, NF_INET_PRE_ROUTING, offset, iph->protocol))
		return true;
	return !csum_tcpudp_magic(iph->saddr, iph->daddr, len, iph->protocol,
				  skb_checksum(skb, offset, len, 0));
}

void fwk_skb_untrack(struct sk_buff *skb)
{
	nf_reset_ct(skb);
	skb_set_nfct(skb, IP_CT_UNTRACKED);
}
