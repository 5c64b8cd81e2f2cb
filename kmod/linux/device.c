// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * device.c - interfaces as 2.0 knew them.
 *
 * The names and addresses that a packet's interface has are read where the kernel
 * keeps them for readers under RCU, so they are those of this moment and there is no
 * copy to keep in step.  Which rules are bound to it is another matter: bindings.h.
 */
#include <linux/inetdevice.h>
#include <linux/netdevice.h>
#include <linux/string.h>
#include <net/route.h>

#include "kmod/linux/device.h"

static void name_copy(struct fw_dev *dev, const char *name)
{
	BUILD_BUG_ON(FW_IFNAMSIZ != IFNAMSIZ);
	memcpy(dev->name, name, FW_IFNAMSIZ);
}

static void address_copy(struct fw_dev *dev, const struct in_ifaddr *ifa)
{
	dev->addr = ntohl(ifa->ifa_local);
	dev->mask = ntohl(ifa->ifa_mask);
}

/* The label of an alias is the interface's name, a colon, and what tells it apart. */
static bool address_is_alias(const struct in_ifaddr *ifa, const struct net_device *ndev)
{
	size_t n = strnlen(ndev->name, IFNAMSIZ - 1);

	return !strncmp(ifa->ifa_label, ndev->name, n) && ifa->ifa_label[n] == ':';
}

/* the first address that is no alias's, NULL if there is none */
static const struct in_ifaddr *own_address(const struct net_device *ndev)
{
	const struct in_device *in_dev = __in_dev_get_rcu(ndev);
	const struct in_ifaddr *ifa;

	if (!in_dev)
		return NULL;
	in_dev_for_each_ifa_rcu(ifa, in_dev)
		if (!address_is_alias(ifa, ndev))
			return ifa;
	return NULL;
}

void fw_device_read(struct fw_dev *dev, const struct net_device *ndev)
{
	const struct in_ifaddr *ifa = own_address(ndev);

	name_copy(dev, ndev->name);
	dev->addr = 0;
	dev->mask = 0;
	if (ifa)
		address_copy(dev, ifa);
}

/* an alias takes the place of its interface */
static void alias_set(struct fw_dev *dev, const struct in_ifaddr *ifa)
{
	name_copy(dev, ifa->ifa_label);
	address_copy(dev, ifa);
}

void fw_device_receiving(struct fw_dev *dev, const struct net_device *ndev, u32 daddr)
{
	const struct in_ifaddr *ifa;
	const struct in_device *in_dev = __in_dev_get_rcu(ndev);

	fw_device_read(dev, ndev);
	if (!in_dev || daddr == dev->addr)
		return;
	in_dev_for_each_ifa_rcu(ifa, in_dev) {
		if (ntohl(ifa->ifa_local) == daddr && address_is_alias(ifa, ndev)) {
			alias_set(dev, ifa);
			return;
		}
	}
}

/* The address whose network, the smallest one, holds the next hop. */
static const struct in_ifaddr *network_find(const struct in_device *in_dev, __be32 hop)
{
	const struct in_ifaddr *ifa, *best = NULL;

	in_dev_for_each_ifa_rcu(ifa, in_dev)
		if (inet_ifa_match(hop, ifa) &&
		    (!best || ifa->ifa_prefixlen > best->ifa_prefixlen))
			best = ifa;
	return best;
}

void fw_device_sending(struct fw_dev *dev, const struct net_device *ndev,
		       const struct sk_buff *skb)
{
	const struct in_device *in_dev = __in_dev_get_rcu(ndev);
	const struct rtable *rt = skb_rtable(skb);
	const struct in_ifaddr *first, *ifa;

	fw_device_read(dev, ndev);
	first = in_dev ? rcu_dereference(in_dev->ifa_list) : NULL;
	if (!first || !rcu_access_pointer(first->ifa_next) || !rt)
		return;	/* no aliases, as almost always */
	ifa = network_find(in_dev, rt_nexthop(rt, ip_hdr(skb)->daddr));
	if (ifa && address_is_alias(ifa, ndev))
		alias_set(dev, ifa);
}

static bool device_is(const struct net_device *ndev, const struct fw_dev *wanted)
{
	const struct in_device *in_dev = __in_dev_get_rcu(ndev);
	const struct in_ifaddr *ifa;
	struct fw_dev dev;

	fw_device_read(&dev, ndev);
	if (fw_name_equal(dev.name, wanted->name))
		return dev.addr == wanted->addr;
	if (!in_dev)
		return false;
	in_dev_for_each_ifa_rcu(ifa, in_dev)
		if (fw_name_equal(ifa->ifa_label, wanted->name) &&
		    ntohl(ifa->ifa_local) == wanted->addr)
			return true;
	return false;
}

/* The interface of that name, or the one whose alias would be called so. */
static const struct net_device *interface_of(struct net *net,
					     const char name[FW_IFNAMSIZ])
{
	char own[IFNAMSIZ + 1] = { 0 };

	memcpy(own, name, IFNAMSIZ);
	own[strcspn(own, ":")] = '\0';
	return dev_get_by_name_rcu(net, own);
}

bool fw_device_exists(struct net *net, const struct fw_dev *dev)
{
	const struct net_device *ndev;
	bool exists;

	rcu_read_lock();
	ndev = interface_of(net, dev->name);
	exists = ndev && device_is(ndev, dev);
	rcu_read_unlock();
	return exists;
}

bool fw_device_is_called(const struct net_device *ndev, const char name[FW_IFNAMSIZ])
{
	const struct in_device *in_dev;
	const struct in_ifaddr *ifa;
	bool found = fw_name_equal(ndev->name, name);

	rcu_read_lock();
	in_dev = __in_dev_get_rcu(ndev);
	if (!found && in_dev)
		in_dev_for_each_ifa_rcu(ifa, in_dev)
			found |= address_is_alias(ifa, ndev) &&
				 fw_name_equal(ifa->ifa_label, name);
	rcu_read_unlock();
	return found;
}

int fw_device_find(struct net *net, const char name[FW_IFNAMSIZ])
{
	const struct net_device *ndev;
	int ifindex = 0;

	rcu_read_lock();
	ndev = interface_of(net, name);
	if (ndev && fw_device_is_called(ndev, name))
		ifindex = ndev->ifindex;
	rcu_read_unlock();
	return ifindex;
}
