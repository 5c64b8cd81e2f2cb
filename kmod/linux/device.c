// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * device.c - network interfaces as 2.0 had them.
 */
#include <linux/inetdevice.h>
#include <linux/netdevice.h>
#include <linux/string.h>
#include <net/route.h>

#include "kmod/linux/device.h"

static void device_set(struct fw_dev *dev, const char *name, const struct in_ifaddr *ifa)
{
	BUILD_BUG_ON(FW_IFNAMSIZ != IFNAMSIZ);
	memcpy(dev->name, name, FW_IFNAMSIZ);
	dev->addr = ifa ? ntohl(ifa->ifa_local) : 0;
	dev->mask = ifa ? ntohl(ifa->ifa_mask) : 0;
}

/* An alias has a label of the form "interface:suffix". */
static bool address_is_alias(const struct in_ifaddr *ifa, const struct net_device *ndev)
{
	size_t n = strnlen(ndev->name, IFNAMSIZ - 1);

	return !strncmp(ifa->ifa_label, ndev->name, n) && ifa->ifa_label[n] == ':';
}

/* ndev with its first address that is not an alias's */
static void device_read(struct fw_dev *dev, const struct net_device *ndev)
{
	const struct in_device *in_dev = __in_dev_get_rcu(ndev);
	const struct in_ifaddr *ifa = NULL;

	if (in_dev)
		ifa = rcu_dereference(in_dev->ifa_list);
	while (ifa && address_is_alias(ifa, ndev))
		ifa = rcu_dereference(ifa->ifa_next);
	device_set(dev, ndev->name, ifa);
}

void fwk_device_receiving(struct fw_dev *dev, const struct sk_buff *skb,
			  const struct nf_hook_state *state)
{
	/* 2.0 sent the copy of its own broadcast through lo */
	device_read(dev, skb->pkt_type == PACKET_LOOPBACK ? state->net->loopback_dev
							  : state->in);
}

void fwk_device_receiving_alias(struct fw_dev *dev, const struct sk_buff *skb,
				const struct nf_hook_state *state, u32 daddr)
{
	const struct in_device *in_dev = __in_dev_get_rcu(state->in);
	const struct in_ifaddr *ifa;

	fwk_device_receiving(dev, skb, state);
	if (skb->pkt_type != PACKET_HOST || !in_dev || daddr == dev->addr)
		return;
	in_dev_for_each_ifa_rcu(ifa, in_dev)
	{
		if (ntohl(ifa->ifa_local) == daddr && address_is_alias(ifa, state->in)) {
			device_set(dev, ifa->ifa_label, ifa);
			return;
		}
	}
}

/* A copy of a broadcast that is looped back is not charged to the sending socket. */
static bool packet_is_loop_copy(const struct sk_buff *skb,
				const struct nf_hook_state *state)
{
	return state->sk && !skb->sk && skb_dst(skb) &&
	       skb_rtable(skb)->rt_flags & (RTCF_BROADCAST | RTCF_MULTICAST);
}

/* The address with the longest prefix whose network contains the next hop. */
static const struct in_ifaddr *network_find(const struct in_device *in_dev, __be32 hop)
{
	const struct in_ifaddr *ifa, *best = NULL;

	in_dev_for_each_ifa_rcu(
		ifa, in_dev) if (inet_ifa_match(hop, ifa) &&
				 (!best || ifa->ifa_prefixlen > best->ifa_prefixlen))
		best = ifa;
	return best;
}

void fwk_device_sending(struct fw_dev *dev, const struct sk_buff *skb,
			const struct nf_hook_state *state)
{
	const struct in_device *in_dev = __in_dev_get_rcu(state->out);
	const struct rtable *rt = skb_rtable(skb);
	const struct in_ifaddr *first, *ifa;

	if (packet_is_loop_copy(skb, state)) {
		device_read(dev, state->net->loopback_dev);
		return;
	}
	device_read(dev, state->out);
	first = in_dev ? rcu_dereference(in_dev->ifa_list) : NULL;
	if (!first || !rcu_access_pointer(first->ifa_next) || !rt)
		return;		/* fast path: fewer than two addresses, so no alias */
	ifa = network_find(in_dev, rt_nexthop(rt, ip_hdr(skb)->daddr));
	if (ifa && address_is_alias(ifa, state->out))
		device_set(dev, ifa->ifa_label, ifa);
}

static bool device_equal(const struct net_device *ndev, const struct fw_dev *wanted)
{
	const struct in_device *in_dev = __in_dev_get_rcu(ndev);
	const struct in_ifaddr *ifa;
	struct fw_dev dev;

	device_read(&dev, ndev);
	if (fw_name_equal(dev.name, wanted->name))
		return dev.addr == wanted->addr;
	if (!in_dev)
		return false;
	in_dev_for_each_ifa_rcu(
		ifa, in_dev) if (fw_name_equal(ifa->ifa_label, wanted->name) &&
				 ntohl(ifa->ifa_local) == wanted->addr) return true;
	return false;
}

/* The interface of that name, or the one that an alias of that name belongs to. */
static const struct net_device *device_get(struct net *net, const char name[FW_IFNAMSIZ])
{
	char base[IFNAMSIZ + 1] = { 0 };

	memcpy(base, name, IFNAMSIZ);
	base[strcspn(base, ":")] = '\0';
	return dev_get_by_name_rcu(net, base);
}

bool fwk_device_exists(struct net *net, const struct fw_dev *dev)
{
	const struct net_device *ndev;
	bool exists;

	rcu_read_lock();
	ndev = device_get(net, dev->name);
	exists = ndev && device_equal(ndev, dev);
	rcu_read_unlock();
	return exists;
}

bool fwk_device_has_name(const struct net_device *ndev, const char name[FW_IFNAMSIZ])
{
	const struct in_device *in_dev;
	const struct in_ifaddr *ifa;
	bool found = fw_name_equal(ndev->name, name);

	rcu_read_lock();
	in_dev = __in_dev_get_rcu(ndev);
	if (!found && in_dev)
		in_dev_for_each_ifa_rcu(ifa, in_dev) found |=
			address_is_alias(ifa, ndev) &&
			fw_name_equal(ifa->ifa_label, name);
	rcu_read_unlock();
	return found;
}

int fwk_device_ifindex(struct net *net, const char name[FW_IFNAMSIZ])
{
	const struct net_device *ndev;
	int ifindex = 0;

	rcu_read_lock();
	ndev = device_get(net, name);
	if (ndev && fwk_device_has_name(ndev, name))
		ifindex = ndev->ifindex;
	rcu_read_unlock();
	return ifindex;
}
