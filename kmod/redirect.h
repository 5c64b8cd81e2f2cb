/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * redirect.h - rules with -r: a packet for somebody else is taken in.
 */
#ifndef FW_REDIRECT_H
#define FW_REDIRECT_H

#include <linux/netfilter.h>

#include "kmod/core/packet.h"

/* The verdict for a packet received by dev; port 0: it is not redirected after all. */
unsigned int fw_redirect(struct sk_buff *skb, const struct nf_hook_state *state,
			 const struct fw_dev *dev, u16 port);

#endif
