/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * device.h - interfaces as 2.0 knew them: each with one address of its own, and
 * an alias such as eth0:1 being an interface too.
 */
#ifndef FW_DEVICES_H
#define FW_DEVICES_H

#include <linux/skbuff.h>
#include <net/net_namespace.h>

#include "kmod/core/packet.h"

/* => rcu_read_lock() in these three */

/* ndev itself */
void fw_device_read(struct fw_dev *dev, const struct net_device *ndev);

/* The alias of ndev that daddr belongs to, else ndev itself. */
void fw_device_receiving(struct fw_dev *dev, const struct net_device *ndev, u32 daddr);

/* The alias of ndev in whose network the next hop of the packet is, else ndev. */
void fw_device_sending(struct fw_dev *dev, const struct net_device *ndev,
		       const struct sk_buff *skb);

/* Is there an interface or alias of that name, with that address? */
bool fw_device_exists(struct net *net, const struct fw_dev *dev);

/* The index of the interface that is, or whose alias is, of that name; 0: none. */
int fw_device_find(struct net *net, const char name[FW_IFNAMSIZ]);

/* Is that the name of ndev or of an alias of it?  => RTNL, or rcu_read_lock() */
bool fw_device_is_called(const struct net_device *ndev, const char name[FW_IFNAMSIZ]);

#endif
