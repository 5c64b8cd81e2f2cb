// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * reject.c - the answer to a packet that a list rejects.
 *
 * The kernel knows as 2.0 did what is not answered: fragments, broadcasts, errors,
 * and too much of it.
 */
#include <linux/icmp.h>
#include <linux/ip.h>
#include <net/dst_metadata.h>
#include <net/icmp.h>
#include <net/route.h>

#include "kmod/linux/reject.h"

bool fw_route_find(struct sk_buff *skb, __be32 daddr)
{
	const struct iphdr *iph = ip_hdr(skb);

	skb_dst_drop(skb);
	return !ip_route_input_noref(skb, daddr, iph->saddr, iph->tos, skb->dev);
}

void fw_reject(struct sk_buff *skb, u8 code)
{
	if (skb_valid_dst(skb) || fw_route_find(skb, ip_hdr(skb)->daddr))
		icmp_send(skb, ICMP_DEST_UNREACH, code, 0);
}
