// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * main.c - loading and unloading of the module.
 *
 * Each layer registers the state of all network namespaces that it owns, lowest layer
 * first, so that no layer is used before it exists or after it is freed.
 */
#include <linux/module.h>

#include "kmod/control/control.h"
#include "kmod/packet/hooks.h"
#include "kmod/rules/rules.h"

static int __init fwk_init(void)
{
	int err;

	err = fwk_rules_init(fwk_netlink_report);
	if (err)
		return err;
	err = fwk_hooks_init();
	if (err)
		goto failed_hooks;
	err = fwk_proc_init();
	if (err)
		goto failed_proc;
	err = fwk_netlink_init();
	if (err)
		goto failed_netlink;
	err = fwk_sockopt_init();
	if (err)
		goto failed_sockopt;
	return 0;

failed_sockopt:
	fwk_netlink_exit();
failed_netlink:
	fwk_proc_exit();
failed_proc:
	fwk_hooks_exit();
failed_hooks:
	fwk_rules_exit();
	return err;
}

static void __exit fwk_exit(void)
{
	fwk_sockopt_exit();
	fwk_netlink_exit();
	fwk_proc_exit();
	fwk_hooks_exit();
	fwk_rules_exit();
}

module_init(fwk_init);
module_exit(fwk_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("The firewall, accounting and control interfaces of Linux 2.0");
MODULE_VERSION("1.0");
