/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * redirect.h - rules with -r: delivery of a packet for another host to a local socket.
 *
 * Both functions return NF_ACCEPT or NF_DROP for a packet that dev received.
 */
#ifndef FWK_REDIRECT_H
#define FWK_REDIRECT_H

#include <linux/netfilter.h>

#include "kmod/core/packet.h"

/* of a network namespace */
struct fwk_redirect {
	bool used;		/* a packet has been redirected; never false again */
};

/* A rule redirects the packet to that port; 0: it is delivered unchanged. */
unsigned int fwk_redirect(struct fwk_redirect *redirect, struct sk_buff *skb,
			  const struct fw_dev *dev, u16 port);

/*
 * No rule redirects the packet, but others were.  It is delivered locally if it is part of
 * a connection that was redirected, or an ICMP error about one.
 */
unsigned int fwk_redirect_continue(struct sk_buff *skb, const struct fw_dev *dev);

#endif
