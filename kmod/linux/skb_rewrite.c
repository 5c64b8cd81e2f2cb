// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * skb_rewrite.c - translated addresses and ports are written into a socket buffer.
 *
 * The buffer may be paged, cloned, of several segments (GSO), or have its transport
 * checksum computed by a device: the headers alone are made writable, and the sum is
 * updated as each of these needs it.
 */
#include <linux/icmp.h>
#include <linux/ip.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <net/checksum.h>
#include <net/ip.h>

#include "kmod/linux/skb_rewrite.h"

/* bytes of a transport header up to the end of its checksum */
#define TCP_SUM_END 18
#define UDP_HEADER 8

/* an address and a port that change; the checksums that cover them */
struct change {
	__be32 addr[2];	/* old, new */
	__be16 port[2];
};

static void change_init(struct change *c, u32 addr, u32 new_addr, u16 port, u16 new_port)
{
	*c = (struct change){
		.addr = { htonl(addr), htonl(new_addr) },
		.port = { htons(port), htons(new_port) },
	};
}

/* A transport checksum with a pseudo header. */
static void sum_change(struct sk_buff *skb, __sum16 *sum, const struct change *c)
{
	inet_proto_csum_replace4(sum, skb, c->addr[0], c->addr[1], true);
	inet_proto_csum_replace2(sum, skb, c->port[0], c->port[1], false);
}

/* The same of a quoted packet, which no device looks at. */
static void quoted_sum_change(__sum16 *sum, const struct change *c)
{
	csum_replace4(sum, c->addr[0], c->addr[1]);
	csum_replace2(sum, c->port[0], c->port[1]);
}

static void udp_sum_new(struct sk_buff *skb, struct udphdr *uh, int offset)
{
	u32 len = min_t(u32, ntohs(uh->len), skb->len - offset);

	uh->check = csum_tcpudp_magic(ip_hdr(skb)->saddr, ip_hdr(skb)->daddr, len,
				      IPPROTO_UDP, skb_checksum(skb, offset, len, 0));
	if (!uh->check)
		uh->check = CSUM_MANGLED_0;
	if (skb->ip_summed == CHECKSUM_COMPLETE)
		skb->ip_summed = CHECKSUM_NONE;
}

static void udp_rewrite(struct sk_buff *skb, int offset, const struct change *c)
{
	struct udphdr *uh = (struct udphdr *)(skb->data + offset);

	if (uh->check || skb->ip_summed == CHECKSUM_PARTIAL) {
		sum_change(skb, &uh->check, c);
		if (!uh->check)
			uh->check = CSUM_MANGLED_0;
	} else if (!skb_is_gso(skb)) {
		udp_sum_new(skb, uh, offset);
	}
}

/* n bytes of the header are writable. */
static void ports_rewrite(struct sk_buff *skb, int offset, unsigned int n, u8 proto,
			  const struct change *c, bool source)
{
	__be16 *port = (__be16 *)(skb->data + offset);
	struct tcphdr *th = (struct tcphdr *)port;

	port[source ? 0 : 1] = c->port[1];
	if (proto == IPPROTO_UDP)
		udp_rewrite(skb, offset, c);
	else if (n >= TCP_SUM_END)
		sum_change(skb, &th->check, c);
}

static void addr_rewrite(struct iphdr *iph, const struct change *c, bool source)
{
	*(source ? &iph->saddr : &iph->daddr) = c->addr[1];
	csum_replace4(&iph->check, c->addr[0], c->addr[1]);
}

/* A packet with ports, or an ICMP query or answer. */
static bool packet_rewrite(struct sk_buff *skb, const struct fw_packet *from,
			   const struct fw_packet *to)
{
	bool source = from->saddr != to->saddr || from->sport != to->sport;
	int offset = ip_hdrlen(skb);
	unsigned int n = min_t(unsigned int, skb->len - offset,
			       from->proto == IPPROTO_TCP ? sizeof(struct tcphdr)
							  : UDP_HEADER);
	struct icmphdr *icmp;
	struct change c;

	if (n < UDP_HEADER || skb_ensure_writable(skb, offset + n))
		return false;
	if (source)
		change_init(&c, from->saddr, to->saddr, from->sport, to->sport);
	else
		change_init(&c, from->daddr, to->daddr, from->dport, to->dport);
	addr_rewrite(ip_hdr(skb), &c, source);
	if (from->proto != IPPROTO_ICMP) {
		ports_rewrite(skb, offset, n, from->proto, &c, source);
		return true;
	}
	icmp = (struct icmphdr *)(skb->data + offset);
	icmp->un.echo.id = htons(to->icmp_id);
	inet_proto_csum_replace2(&icmp->checksum, skb, htons(from->icmp_id),
				 htons(to->icmp_id), false);
	return true;
}

/* The transport header that an ICMP error quotes; n bytes of it are writable. */
static void quoted_ports_rewrite(u8 *at, unsigned int n, const struct fw_quote *to,
				 const struct change *c, bool source)
{
	struct icmphdr *icmp = (struct icmphdr *)at;
	struct udphdr *uh = (struct udphdr *)at;

	switch (to->proto) {
	case IPPROTO_ICMP:
		icmp->un.echo.id = c->port[1];
		csum_replace2(&icmp->checksum, c->port[0], c->port[1]);
		return;
	case IPPROTO_UDP:
		if (uh->check)
			quoted_sum_change(&uh->check, c);
		break;
	case IPPROTO_TCP:
		if (n >= TCP_SUM_END)
			quoted_sum_change(&((struct tcphdr *)at)->check, c);
		break;
	}
	((__be16 *)at)[source ? 0 : 1] = c->port[1];
}

static bool error_rewrite(struct sk_buff *skb, const struct fw_packet *from,
			  const struct fw_packet *to)
{
	const struct fw_quote *old = &from->quote, *new = &to->quote;
	bool source = from->saddr == to->saddr;	/* it quotes what was sent out */
	int offset = ip_hdrlen(skb), quoted = offset + sizeof(struct icmphdr), l4;
	unsigned int n;
	struct icmphdr *icmp;
	struct iphdr *iph;
	struct change c;

	if (skb_ensure_writable(skb, quoted + sizeof(*iph)))
		return false;
	iph = (struct iphdr *)(skb->data + quoted);
	l4 = quoted + 4 * iph->ihl;
	if (l4 > skb->len)
		return false;
	n = min_t(unsigned int, skb->len - l4, sizeof(struct tcphdr));
	if (n < UDP_HEADER || skb_ensure_writable(skb, l4 + n))
		return false;
	if (source)
		change_init(&c, from->daddr, to->daddr, 0, 0);
	else
		change_init(&c, from->saddr, to->saddr, 0, 0);
	addr_rewrite(ip_hdr(skb), &c, !source);
	if (source)
		change_init(&c, old->saddr, new->saddr, old->sport, new->sport);
	else
		change_init(&c, old->daddr, new->daddr, old->dport, new->dport);
	if (new->proto == IPPROTO_ICMP) {
		c.port[0] = htons(old->sport);
		c.port[1] = htons(new->sport);
	}
	iph = (struct iphdr *)(skb->data + quoted);
	addr_rewrite(iph, &c, source);
	quoted_ports_rewrite(skb->data + l4, n, new, &c, source);
	icmp = (struct icmphdr *)(skb->data + offset);
	icmp->checksum = 0;
	icmp->checksum = csum_fold(skb_checksum(skb, offset, skb->len - offset, 0));
	if (skb->ip_summed == CHECKSUM_COMPLETE)
		skb->ip_summed = CHECKSUM_NONE;
	return true;
}

bool fwk_skb_rewrite(struct sk_buff *skb, const struct fw_packet *from,
		     const struct fw_packet *to)
{
	if (from->saddr == to->saddr && from->daddr == to->daddr &&
	    from->sport == to->sport && from->dport == to->dport &&
	    from->icmp_id == to->icmp_id)
		return true;
	return from->quote.proto ? error_rewrite(skb, from, to)
				 : packet_rewrite(skb, from, to);
}
