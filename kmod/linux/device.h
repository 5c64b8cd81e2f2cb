/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * device.h - network interfaces as 2.0 had them.
 *
 * An interface has one address.  An alias such as eth0:1 is an interface of its own,
 * with the name that is its address's label.  Names and addresses are read from the
 * kernel's own structures at each call; nothing is cached.
 */
#ifndef FWK_DEVICE_H
#define FWK_DEVICE_H

#include <linux/netfilter.h>
#include <linux/skbuff.h>
#include <net/net_namespace.h>

#include "kmod/core/packet.h"

/* The caller of the following three holds rcu_read_lock(). */

/* The interface that received skb; lo for a looped-back copy of a broadcast. */
void fwk_device_receiving(struct fw_dev *dev, const struct sk_buff *skb,
			  const struct nf_hook_state *state);

/* The same, or its alias with address daddr if the packet is for this host. */
void fwk_device_receiving_alias(struct fw_dev *dev, const struct sk_buff *skb,
				const struct nf_hook_state *state, u32 daddr);

/*
 * The interface that will send skb, or its alias whose network contains the next hop;
 * lo for the copy of a broadcast that is looped back to this host.
 */
void fwk_device_sending(struct fw_dev *dev, const struct sk_buff *skb,
			const struct nf_hook_state *state);

/* Does an interface or alias with dev's name and address exist? */
bool fwk_device_exists(struct net *net, const struct fw_dev *dev);

/* Index of the interface that has, or whose alias has, that name; 0: none. */
int fwk_device_ifindex(struct net *net, const char name[FW_IFNAMSIZ]);

/* Is it the name of ndev or of one of its aliases?  Caller holds RTNL or RCU. */
bool fwk_device_has_name(const struct net_device *ndev, const char name[FW_IFNAMSIZ]);

#endif
