/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * redirect.h - rules with -r: a packet for somebody else is taken in.
 */
#ifndef FW_REDIRECT_H
#define FW_REDIRECT_H

#include <linux/netfilter.h>

#include "kmod/core/packet.h"
#include "kmod/net.h"

/* The verdict for a packet received by dev; port 0: it is not redirected after all. */
unsigned int fw_redirect(struct fw_net *fn, struct sk_buff *skb,
			 const struct fw_dev *dev, u16 port);

/*
 * The verdict for a packet that no rule redirects: it is taken in as well if it is
 * part of a connection that began so, or an ICMP error about one.
 */
unsigned int fw_redirect_go_on(struct fw_net *fn, struct sk_buff *skb,
			       const struct fw_dev *dev);

#endif
