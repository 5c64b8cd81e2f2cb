/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * devices.h - interfaces as 2.0 knew them: each with one address of its own, and
 * an alias such as eth0:1 being an interface too.
 */
#ifndef FW_DEVICES_H
#define FW_DEVICES_H

#include <linux/skbuff.h>
#include <net/net_namespace.h>

#include "kmod/core/packet.h"

/* => rcu_read_lock() in all of these but the last */

/* ndev itself */
void fw_device_read(struct fw_dev *dev, const struct net_device *ndev);

/* The alias of ndev that daddr belongs to, else ndev itself. */
void fw_device_receiving(struct fw_dev *dev, const struct net_device *ndev, u32 daddr);

/* The alias of ndev in whose network the next hop of the packet is, else ndev. */
void fw_device_sending(struct fw_dev *dev, const struct net_device *ndev,
		       const struct sk_buff *skb);

/* Is there an interface or alias of that name, with that address? */
bool fw_device_exists(struct net *net, const struct fw_dev *dev);

#endif
