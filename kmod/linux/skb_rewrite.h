/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * skb_rewrite.h - translated addresses and ports are written into a socket buffer.
 */
#ifndef FWK_SKB_REWRITE_H
#define FWK_SKB_REWRITE_H

#include <linux/skbuff.h>

#include "kmod/core/packet.h"

/*
 * Writes what of addresses, ports and quote differs between from, as fwk_skb_read() read
 * the packet, and to.  Checksums change by the difference, so a wrong one stays wrong;
 * a UDP datagram without one gets one, and that of an ICMP error is computed anew.
 * Returns false without memory for a private copy, or when the packet is too short.
 */
bool fwk_skb_rewrite(struct sk_buff *skb, const struct fw_packet *from,
		     const struct fw_packet *to);

#endif
