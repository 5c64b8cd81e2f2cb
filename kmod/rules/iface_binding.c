// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * iface_binding.c - rules bound to interfaces.
 */
#include <linux/inetdevice.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>
#include <linux/stringhash.h>

#include "kmod/rules/iface_binding.h"
#include "kmod/linux/device.h"
#include "kmod/net.h"

void fw_bindings_init(struct fw_bindings *all)
{
	mutex_init(&all->lock);
	hash_init(all->by_name);
}

static u32 name_hash(const char name[FW_IFNAMSIZ])
{
	return full_name_hash(NULL, name, strnlen(name, FW_IFNAMSIZ));
}

static struct fw_binding *binding_find(struct fw_bindings *all,
				       const char name[FW_IFNAMSIZ], int ifindex)
{
	struct fw_binding *b;

	hash_for_each_possible(all->by_name, b, node, name_hash(name))
		if (b->ifindex == ifindex && fw_name_equal(b->name, name))
			return b;
	return NULL;
}

static struct fw_binding *binding_new(struct fw_bindings *all,
				      const char name[FW_IFNAMSIZ], int ifindex)
{
	struct fw_binding *b = kzalloc(sizeof(*b), GFP_KERNEL_ACCOUNT);

	if (!b)
		return NULL;
	b->all = all;
	b->ifindex = ifindex;
	memcpy(b->name, name, sizeof(b->name));
	hash_add(all->by_name, &b->node, name_hash(name));
	return b;
}

/* An event that comes meanwhile finds the binding afterwards. */
struct fw_binding *fw_binding_get(struct fw_net *fn, const char name[FW_IFNAMSIZ])
{
	struct fw_bindings *all = &fn->bindings;
	struct fw_binding *b;
	int ifindex;

	mutex_lock(&all->lock);
	ifindex = fw_device_find(fn->net, name);
	b = binding_find(all, name, ifindex) ?: binding_new(all, name, ifindex);
	if (b)
		b->holders++;
	mutex_unlock(&all->lock);
	return b;
}

void fw_binding_put(struct fw_binding *b)
{
	struct fw_bindings *all = b->all;

	mutex_lock(&all->lock);
	if (!--b->holders) {
		hash_del(&b->node);
		kfree(b);
	}
	mutex_unlock(&all->lock);
}

/* Something about ndev has changed: its name, its aliases, whether it is up. */
static void device_changed(const struct net_device *ndev, bool up, bool gone)
{
	struct fw_bindings *all = &fw_net(dev_net(ndev))->bindings;
	struct fw_binding *b;
	unsigned int i;

	ASSERT_RTNL();
	mutex_lock(&all->lock);
	hash_for_each(all->by_name, i, b, node) {
		bool named = fw_device_is_called(ndev, b->name);

		if (named && up)
			WRITE_ONCE(b->ifindex, ndev->ifindex);
		else if (b->ifindex == ndev->ifindex && (gone || !named))
			WRITE_ONCE(b->ifindex, 0);
	}
	mutex_unlock(&all->lock);
}

/*
 * Rules are bound before the interface is up, so not even its first packet passes one
 * that denies it.  An interface that moves to another namespace, or ends, is unregistered
 * here.  One that is up when it goes down does not: we unwatch it, but packets meet the
 * rules yet.
 */
static int device_event(struct notifier_block *block, unsigned long event, void *data)
{
	const struct net_device *ndev = netdev_notifier_info_to_dev(data);
	bool up = ndev->flags & IFF_UP;

	switch (event) {
	case NETDEV_PRE_UP:
		device_changed(ndev, true, false);
		break;
	case NETDEV_CHANGENAME:
		device_changed(ndev, up, false);
		break;
	case NETDEV_DOWN:
	case NETDEV_UNREGISTER:
		device_changed(ndev, up, true);
		break;
	}
	return NOTIFY_DONE;
}

/* An alias comes with its first address and goes with its last. */
static int address_event(struct notifier_block *block, unsigned long event, void *data)
{
	const struct in_ifaddr *ifa = data;
	const struct net_device *ndev = ifa->ifa_dev->dev;

	device_changed(ndev, ndev->flags & IFF_UP, false);
	return NOTIFY_DONE;
}

/* behind the kernel's own, which gives the aliases of a renamed interface new names */
static struct notifier_block device_watch = {
	.notifier_call = device_event,
};

/* before the kernel's own, which makes the route by which packets come */
static struct notifier_block address_watch = {
	.notifier_call = address_event,
	.priority = 1,
};

int fw_bindings_watch(void)
{
	int err = register_netdevice_notifier(&device_watch);

	if (err)
		return err;
	err = register_inetaddr_notifier(&address_watch);
	if (err)
		unregister_netdevice_notifier(&device_watch);
	return err;
}

void fw_bindings_unwatch(void)
{
	unregister_inetaddr_notifier(&address_watch);
	unregister_netdevice_notifier(&device_watch);
}
