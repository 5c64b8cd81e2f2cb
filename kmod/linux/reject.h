/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * reject.h - the answer to a packet that a list rejects.
 */
#ifndef FW_REJECT_H
#define FW_REJECT_H

#include <linux/skbuff.h>

/* Tells the sender: destination unreachable.  The packet is still the caller's. */
void fw_reject(struct sk_buff *skb, u8 code);

/* A route for a packet that has none yet, as if it were for daddr. */
bool fw_route_find(struct sk_buff *skb, __be32 daddr);

#endif
