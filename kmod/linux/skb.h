/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * skb.h - conversion of a socket buffer to the packet that rules are matched against.
 */
#ifndef FWK_SKB_H
#define FWK_SKB_H

#include <linux/skbuff.h>

#include "kmod/core/packet.h"

/* Returns false if the buffer is shorter than the IP header's own length. */
bool fwk_skb_read(struct fw_packet *p, const struct sk_buff *skb);

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
