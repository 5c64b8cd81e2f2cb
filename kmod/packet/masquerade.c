// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * masquerade.c - masquerading in the hooks of the input and the forward list.
 */
#include <linux/icmp.h>
#include <linux/inetdevice.h>
#include <linux/ip.h>
#include <net/icmp.h>
#include <net/ip.h>
#include <net/route.h>

#include "kmod/linux/reject.h"
#include "kmod/packet/masquerade.h"
#include "kmod/track/masq_skb.h"

/*
 * Does IP forward what this interface receives?  Otherwise we do, because 2.0 forwarded
 * the answers to masqueraded packets in any case.  From lo IP accepts no packet with a
 * source address of our own, such as an ICMP error about a packet that was masqueraded.
 */
static bool is_forwarded_by_ip(const struct nf_hook_state *state)
{
	struct in_device *in_dev = __in_dev_get_rcu(state->in);

	return in_dev && IN_DEV_FORWARD(in_dev) && !(state->in->flags & IFF_LOOPBACK);
}

static bool is_too_big(const struct sk_buff *skb, u32 mtu)
{
	return skb->len > mtu && ip_hdr(skb)->frag_off & htons(IP_DF) &&
	       !skb->ignore_df && !skb_is_gso(skb);
}

/* What ip_forward() does, without the forward hooks. */
static unsigned int forward(struct sk_buff *skb, const struct nf_hook_state *state)
{
	const struct iphdr *iph = ip_hdr(skb);
	struct flowi4 fl4 = {
		.daddr = iph->daddr,
		.flowi4_tos = RT_TOS(iph->tos),
		.flowi4_mark = skb->mark,
	};
	struct rtable *rt = ip_route_output_key(state->net, &fl4);
	u32 mtu;

	if (IS_ERR(rt)) {
		fwk_reject(skb, ICMP_NET_UNREACH);
		return NF_DROP;
	}
	skb_dst_drop(skb);
	skb_dst_set(skb, &rt->dst);
	mtu = dst_mtu(&rt->dst);
	if (iph->ttl <= 1) {
		icmp_send(skb, ICMP_TIME_EXCEEDED, ICMP_EXC_TTL, 0);
		return NF_DROP;
	}
	if (is_too_big(skb, mtu)) {
		icmp_send(skb, ICMP_DEST_UNREACH, ICMP_FRAG_NEEDED, htonl(mtu));
		return NF_DROP;
	}
	if (skb_cow(skb, LL_RESERVED_SPACE(rt->dst.dev) + rt->dst.header_len))
		return NF_DROP;
	ip_decrease_ttl(ip_hdr(skb));
	skb_forward_csum(skb);
	IPCB(skb)->flags |= IPSKB_FORWARDED;
	dst_output(state->net, NULL, skb);
	return NF_STOLEN;
}

/* The interface's own address is, which costs less than to look for its route. */
static bool is_local(const struct nf_hook_state *state, __be32 addr)
{
	const struct in_device *in_dev = __in_dev_get_rcu(state->in);
	const struct in_ifaddr *ifa = in_dev ? rcu_dereference(in_dev->ifa_list) : NULL;

	return (ifa && ifa->ifa_local == addr) ||
	       inet_addr_type(state->net, addr) == RTN_LOCAL;
}

bool fwk_masquerade_received(struct fwk_track *t, struct sk_buff *skb,
			     const struct nf_hook_state *state, const struct fw_packet *pkt,
			     bool redirected, unsigned int *verdict)
{
	int result;

	if (!fwk_seen_valid(t, fwk_seen(skb)) || skb->pkt_type != PACKET_HOST ||
	    !fwk_may_demasquerade(t, pkt) ||
	    (!redirected && !is_local(state, htonl(pkt->daddr))))
		return false;
	result = fwk_demasquerade(t, skb, pkt) ?: fwk_portfw(t, skb, pkt, state);
	*verdict = NF_DROP;
	if (result <= 0)
		return result;
	*verdict = NF_ACCEPT;
	if (!is_forwarded_by_ip(state))
		*verdict = forward(skb, state);
	else
		skb_dst_drop(skb);
	return true;
}

bool fwk_masquerade_skips_list(struct fwk_track *t, struct sk_buff *skb,
			       const struct fw_packet *pkt, unsigned int *verdict)
{
	int result;

	*verdict = NF_ACCEPT;
	if (!fwk_seen_valid(t, fwk_seen(skb)))
		return false;
	if (fwk_seen(skb)->flags & FWK_SEEN_DEMASQ)
		return true;
	if (pkt->proto != FW_PROTO_ICMP)
		return false;
	result = fwk_masquerade_error(t, skb, pkt);
	if (result < 0)
		*verdict = NF_DROP;
	return result;
}
