/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * skb.h - conversion of a socket buffer to the packet that rules are matched against.
 */
#ifndef FWK_SKB_H
#define FWK_SKB_H

#include <linux/ip.h>
#include <linux/skbuff.h>
#include <net/ip.h>

#include "kmod/core/packet.h"

/* Returns false if the buffer is shorter than the IP header's own length. */
bool fwk_skb_read(struct fw_packet *p, const struct sk_buff *skb);

/*
 * May a list decide about the packet before any rule, or is it too short to be sure?  At
 * IP's hooks the header is linear.
 */
static inline bool fwk_skb_is_odd(const struct sk_buff *skb)
{
	const struct iphdr *iph = ip_hdr(skb);

	return iph->frag_off & htons(IP_OFFSET) || ntohs(iph->tot_len) < 4 * iph->ihl + 16;
}

/*
 * Is the transport checksum of a whole datagram right?  True if there is none, or a
 * device has verified it.
 */
bool fwk_skb_sum_is_right(struct sk_buff *skb);

/* nf_conntrack, if it is loaded, does not track the packet. */
void fwk_skb_untrack(struct sk_buff *skb);

/* Writes tos into the IP header.  Returns false without memory for a private copy. */
bool fwk_skb_set_tos(struct sk_buff *skb, u8 tos);

#endif
