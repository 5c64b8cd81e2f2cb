/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * skb.h - a socket buffer as the rules see it.
 */
#ifndef FW_SKB_PACKET_H
#define FW_SKB_PACKET_H

#include <linux/skbuff.h>

#include "kmod/core/packet.h"

/* false: it does not even hold the header that it claims to have */
bool fw_packet_read(struct fw_packet *p, const struct sk_buff *skb);

/* Puts tos into the header.  false: no memory for a header of its own */
bool fw_packet_set_tos(struct sk_buff *skb, u8 tos);

#endif
