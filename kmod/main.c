// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * main.c - the module's beginning and end, and those of a network namespace.
 */
#include <linux/module.h>
#include <net/netns/generic.h>

#include "kmod/net.h"

static unsigned int net_id;

struct fw_net *fw_net(const struct net *net)
{
	return net_generic(net, net_id);
}

static int __net_init net_init(struct net *net)
{
	struct fw_net *fn = fw_net(net);

	fn->net = net;
	mutex_init(&fn->lock);
	return 0;
}

static void __net_exit net_exit(struct net *net)
{
	mutex_destroy(&fw_net(net)->lock);
}

static struct pernet_operations net_ops = {
	.init = net_init,
	.exit = net_exit,
	.id = &net_id,
	.size = sizeof(struct fw_net),
};

static int __init fw_init(void)
{
	return register_pernet_subsys(&net_ops);
}

static void __exit fw_exit(void)
{
	unregister_pernet_subsys(&net_ops);
}

module_init(fw_init);
module_exit(fw_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("The firewall, accounting and control interfaces of Linux 2.0");
MODULE_VERSION("1.0");
