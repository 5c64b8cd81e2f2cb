// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * main.c - loading and unloading of the module.
 *
 * Each layer registers the state of all network namespaces that it owns, lowest layer
 * first, so that no layer is used before it exists or after it is freed.
 */
#include <linux/module.h>

#include "kmod/control/control.h"
#include "kmod/packet/gate_hooks.h"
#include "kmod/packet/hook_set.h"
#include "kmod/rules/rules.h"
#include "kmod/track/track.h"

static const struct fwk_rules_events events = {
	.changed = fwk_netlink_report,
	.hooks_start = fwk_hooks_start,
	.hooks_stop = fwk_hooks_stop,
	.gate_start = fwk_gate_hooks_start,
	.gate_stop = fwk_gate_hooks_stop,
	.forwards_read = fwk_forwards_read,
	.forwards_exchange = fwk_forwards_exchange,
	.forwards_cut = fwk_forwards_cut,
	.timeouts = fwk_track_timeouts_set,
};

static int __init fwk_init(void)
{
	int err;

	err = fwk_track_init(fwk_conn_event_report);
	if (err)
		return err;
	err = fwk_rules_init(&events);
	if (err)
		goto failed_rules;
	err = fwk_gate_hooks_init();
	if (err)
		goto failed_gate_hooks;
	err = fwk_hooks_init();
	if (err)
		goto failed_hooks;
	err = fwk_sysctl_init();
	if (err)
		goto failed_sysctl;
	err = fwk_proc_init();
	if (err)
		goto failed_proc;
	err = fwk_proc_track_init();
	if (err)
		goto failed_proc_track;
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
	fwk_proc_track_exit();
failed_proc_track:
	fwk_proc_exit();
failed_proc:
	fwk_sysctl_exit();
failed_sysctl:
	fwk_hooks_exit();
failed_hooks:
	fwk_gate_hooks_exit();
failed_gate_hooks:
	fwk_rules_exit();
failed_rules:
	fwk_track_exit();
	return err;
}

static void __exit fwk_exit(void)
{
	fwk_sockopt_exit();
	fwk_netlink_exit();
	fwk_proc_track_exit();
	fwk_proc_exit();
	fwk_sysctl_exit();
	fwk_hooks_exit();
	fwk_gate_hooks_exit();
	fwk_rules_exit();
	fwk_track_exit();
}

module_init(fwk_init);
module_exit(fwk_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("The firewall, accounting and control interfaces of Linux 2.0");
MODULE_VERSION("3.0");
