/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * reject.h - routing and ICMP errors for received packets.
 */
#ifndef FWK_REJECT_H
#define FWK_REJECT_H

#include <linux/skbuff.h>

/* Sends ICMP destination unreachable.  Caller still owns skb. */
void fwk_reject(struct sk_buff *skb, u8 code);

/* Ensures that skb has a route; a new one is looked up as if it were sent to daddr. */
bool fwk_route_input(struct sk_buff *skb, __be32 daddr);

#endif
