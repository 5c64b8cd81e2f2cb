// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * main.c - the module's beginning and end, and those of a network namespace.
 */
#include <linux/module.h>
#include <net/netns/generic.h>

#include "kmod/rules/generation.h"
#include "kmod/packet/hooks.h"
#include "kmod/control/netlink.h"
#include "kmod/control/proc.h"
#include "kmod/control/sockopt.h"

static unsigned int net_id;

struct fw_net *fw_net(const struct net *net)
{
	return net_generic(net, net_id);
}

static int __net_init net_init(struct net *net)
{
	struct fw_net *fn = fw_net(net);
	int err;

	fn->net = net;
	mutex_init(&fn->lock);
	fw_bindings_init(&fn->bindings);
	err = fw_table_init(fn);
	if (err)
		goto failed_table;
	err = fw_proc_init(fn);
	if (err)
		goto failed_proc;
	err = fw_hooks_init(net);
	if (err)
		goto failed_hooks;
	return 0;

failed_hooks:
	fw_proc_exit(fn);
failed_proc:
	fw_table_exit(fn);
failed_table:
	mutex_destroy(&fn->lock);
	return err;
}

/* Packets that are still on their way are gone when net_exit() is called. */
static void __net_exit net_pre_exit(struct net *net)
{
	fw_hooks_exit(net);
}

static void __net_exit net_exit(struct net *net)
{
	struct fw_net *fn = fw_net(net);

	fw_proc_exit(fn);
	fw_table_exit(fn);
	mutex_destroy(&fn->lock);
}

static struct pernet_operations net_ops = {
	.init = net_init,
	.pre_exit = net_pre_exit,
	.exit = net_exit,
	.id = &net_id,
	.size = sizeof(struct fw_net),
};

static int __init fw_init(void)
{
	int err;

	err = fw_table_wait_init();
	if (err)
		goto failed_wait;
	err = register_pernet_subsys(&net_ops);
	if (err)
		goto failed_net;
	err = fw_bindings_watch();
	if (err)
		goto failed_watch;
	err = fw_netlink_init();
	if (err)
		goto failed_netlink;
	err = fw_sockopt_init();
	if (err)
		goto failed_sockopt;
	return 0;

failed_sockopt:
	fw_netlink_exit();
failed_netlink:
	fw_bindings_unwatch();
failed_watch:
	unregister_pernet_subsys(&net_ops);
failed_net:
	fw_table_wait_exit();
failed_wait:
	return err;
}

static void __exit fw_exit(void)
{
	fw_sockopt_exit();
	fw_netlink_exit();
	fw_bindings_unwatch();
	unregister_pernet_subsys(&net_ops);
	fw_table_wait_exit();
}

module_init(fw_init);
module_exit(fw_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("The firewall, accounting and control interfaces of Linux 2.0");
MODULE_VERSION("1.0");
