// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * reject.c - routing and ICMP errors for received packets.
 */
#include <linux/icmp.h>
#include <linux/ip.h>
#include <net/dst_metadata.h>
#include <net/icmp.h>
#include <net/route.h>

#include "compat/kcompat.h"
#include "kmod/linux/reject.h"

/* Packets received by lo have a route already. */
bool fwk_route_input(struct sk_buff *skb, __be32 daddr)
{
	const struct iphdr *iph = ip_hdr(skb);

	if (skb_valid_dst(skb))
		return true;
	skb_dst_drop(skb);
	return !ip_route_input_noref(skb, daddr, iph->saddr, kcompat_route_tos(iph),
				     skb->dev);
}

/* icmp_send() limits the rate and ignores fragments, broadcasts and errors, as 2.0 did. */
void fwk_reject(struct sk_buff *skb, u8 code)
{
	if (fwk_route_input(skb, ip_hdr(skb)->daddr))
		icmp_send(skb, ICMP_DEST_UNREACH, code, 0);
}
