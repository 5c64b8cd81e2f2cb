/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * net.h - what the module keeps for a network namespace.
 */
#ifndef FW_NET_H
#define FW_NET_H

#include <linux/mutex.h>
#include <net/net_namespace.h>

#include "kmod/rules/iface_binding.h"
#include "kmod/rules/table.h"

struct fw_net {
	struct net *net;
	struct mutex lock;		/* transactions and zeroing, one at a time */
	struct fw_table __rcu *table;
	struct fw_counters *counters;	/* of all rules of all generations in use */
	struct fw_bindings bindings;	/* of all rules that name an interface */
	bool redirects;			/* packets for others have been taken in */
};

/* of a namespace; lives as long as the namespace while the module is loaded */
struct fw_net *fw_net(const struct net *net);

#endif
