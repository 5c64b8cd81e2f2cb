/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * iface_binding.h - the interface that a rule with -W is bound to, as in 2.0.
 *
 * A new rule is bound to the interface of its name, up or down, if that exists.  When an
 * interface comes up, all rules of its name are bound to it.  When it goes down, they are
 * unbound and match nothing.  An alias such as eth0:1 exists while an address has that
 * label, and is up while its interface is up.
 *
 * Rules with the same name and the same interface share a binding, so an event costs one
 * step per name and not per rule.  All generations share it too, so an event does
 * not wait for a transaction.
 */
#ifndef FWK_IFACE_BINDING_H
#define FWK_IFACE_BINDING_H

#include <net/net_namespace.h>

#include "kmod/core/rule.h"

struct fwk_ifaces;

struct fwk_iface_binding {
	struct fwk_ifaces *ifaces;
	struct hlist_node node;
	u32 users;		/* rules */
	int ifindex;		/* 0: unbound; packets read it without a lock */
	char name[FW_IFNAMSIZ];
};

/* Registers the bindings of all namespaces, and notifiers for all interfaces. */
int fwk_iface_init(void);
void fwk_iface_exit(void);

/* Returns the binding for a new rule, NULL without memory. */
struct fwk_iface_binding *fwk_iface_binding_get(struct net *net,
						const char name[FW_IFNAMSIZ]);
/* The last put frees it: a grace period has passed since packets could read the rule. */
void fwk_iface_binding_put(struct fwk_iface_binding *b);

#endif
