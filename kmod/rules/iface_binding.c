// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * iface_binding.c - the interface that a rule with -W is bound to.
 */
#include <linux/hashtable.h>
#include <linux/inetdevice.h>
#include <linux/mutex.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>
#include <linux/stringhash.h>
#include <net/netns/generic.h>

#include "kmod/linux/device.h"
#include "kmod/rules/iface_binding.h"

/* the bindings of a network namespace */
struct fwk_ifaces {
	struct mutex lock;	/* innermost: taken under RTNL and under fwk_rules.lock */
	DECLARE_HASHTABLE(by_name, 8);
};

static unsigned int ifaces_id;

static struct fwk_ifaces *net_ifaces(const struct net *net)
{
	return net_generic(net, ifaces_id);
}

static u32 name_hash(const char name[FW_IFNAMSIZ])
{
	return full_name_hash(NULL, name, strnlen(name, FW_IFNAMSIZ));
}

static struct fwk_iface_binding *binding_find(struct fwk_ifaces *ifaces,
					      const char name[FW_IFNAMSIZ], int ifindex)
{
	struct fwk_iface_binding *b;

	hash_for_each_possible(
		ifaces->by_name, b, node,
		name_hash(name)) if (b->ifindex == ifindex &&
				     fw_name_equal(b->name, name)) return b;
	return NULL;
}

static struct fwk_iface_binding *binding_new(struct fwk_ifaces *ifaces,
					     const char name[FW_IFNAMSIZ], int ifindex)
{
	struct fwk_iface_binding *b = kzalloc(sizeof(*b), GFP_KERNEL_ACCOUNT);

	if (!b)
		return NULL;
	b->ifaces = ifaces;
	b->ifindex = ifindex;
	memcpy(b->name, name, sizeof(b->name));
	hash_add(ifaces->by_name, &b->node, name_hash(name));
	return b;
}

/* The lock is held across lookup and insert, so a concurrent event sees the binding. */
struct fwk_iface_binding *fwk_iface_binding_get(struct net *net,
						const char name[FW_IFNAMSIZ])
{
	struct fwk_ifaces *ifaces = net_ifaces(net);
	struct fwk_iface_binding *b;
	int ifindex;

	mutex_lock(&ifaces->lock);
	ifindex = fwk_device_ifindex(net, name);
	b = binding_find(ifaces, name, ifindex) ?: binding_new(ifaces, name, ifindex);
	if (b)
		b->users++;
	mutex_unlock(&ifaces->lock);
	return b;
}

void fwk_iface_binding_put(struct fwk_iface_binding *b)
{
	struct fwk_ifaces *ifaces = b->ifaces;

	mutex_lock(&ifaces->lock);
	if (!--b->users) {
		hash_del(&b->node);
		kfree(b);
	}
	mutex_unlock(&ifaces->lock);
}

/* Updates all bindings after a change of ndev's name, aliases or state. */
static void bindings_update(const struct net_device *ndev, bool up, bool gone)
{
	struct fwk_ifaces *ifaces = net_ifaces(dev_net(ndev));
	struct fwk_iface_binding *b;
	unsigned int i;

	ASSERT_RTNL();
	mutex_lock(&ifaces->lock);
	hash_for_each(ifaces->by_name, i, b, node)
	{
		bool named = fwk_device_has_name(ndev, b->name);

		if (named && up)
			WRITE_ONCE(b->ifindex, ndev->ifindex);
		else if (b->ifindex == ndev->ifindex && (gone || !named))
			WRITE_ONCE(b->ifindex, 0);
	}
	mutex_unlock(&ifaces->lock);
}

static int device_event(struct notifier_block *block, unsigned long event, void *data)
{
	const struct net_device *ndev = netdev_notifier_info_to_dev(data);

	switch (event) {
	case NETDEV_PRE_UP: /* before the first packet can be received */
		bindings_update(ndev, true, false);
		break;
	case NETDEV_CHANGENAME:
		bindings_update(ndev, ndev->flags & IFF_UP, false);
		break;
	case NETDEV_DOWN:
	case NETDEV_UNREGISTER: /* the end, or a move to another namespace */
		bindings_update(ndev, false, true);
		break;
	}
	return NOTIFY_DONE;
}

/* An alias exists from its first address to its last. */
static int address_event(struct notifier_block *block, unsigned long event, void *data)
{
	const struct in_ifaddr *ifa = data;
	const struct net_device *ndev = ifa->ifa_dev->dev;

	bindings_update(ndev, ndev->flags & IFF_UP, false);
	return NOTIFY_DONE;
}

/* after inetdev_event(), which renames the aliases of a renamed interface */
static struct notifier_block device_notifier = {
	.notifier_call = device_event,
};

/* before fib_inetaddr_event(), which adds the route by which packets arrive */
static struct notifier_block address_notifier = {
	.notifier_call = address_event,
	.priority = 1,
};

static int __net_init ifaces_net_init(struct net *net)
{
	mutex_init(&net_ifaces(net)->lock);
	hash_init(net_ifaces(net)->by_name);
	return 0;
}

static struct pernet_operations ifaces_net_ops = {
	.init = ifaces_net_init,
	.id = &ifaces_id,
	.size = sizeof(struct fwk_ifaces),
};

int __init fwk_iface_init(void)
{
	int err = register_pernet_subsys(&ifaces_net_ops);

	if (err)
		return err;
	err = register_netdevice_notifier(&device_notifier);
	if (err)
		goto failed_device;
	err = register_inetaddr_notifier(&address_notifier);
	if (err)
		goto failed_address;
	return 0;

failed_address:
	unregister_netdevice_notifier(&device_notifier);
failed_device:
	unregister_pernet_subsys(&ifaces_net_ops);
	return err;
}

void fwk_iface_exit(void)
{
	unregister_inetaddr_notifier(&address_notifier);
	unregister_netdevice_notifier(&device_notifier);
	unregister_pernet_subsys(&ifaces_net_ops);
}
