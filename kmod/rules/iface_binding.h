/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * iface_binding.h - what rules with -W are bound to, as in 2.0.
 *
 * A rule that is loaded is bound to the interface of its name, up or down, if there
 * is one.  When an interface comes up, all rules of its name are bound to it; when
 * it goes down, they match nothing.  An alias such as eth0:1 is there while an
 * address has that label, and is up while its interface is, too.
 *
 * Rules of one name that are bound alike share a binding, so an event costs what
 * there are names, not rules, and waits for no transaction: whichever generations
 * a rule is in, its binding is one.
 */
#ifndef FW_BINDINGS_H
#define FW_BINDINGS_H

#include <linux/hashtable.h>
#include <linux/mutex.h>

#include "kmod/core/rule.h"

struct fw_net;

/* of a network namespace */
struct fw_bindings {
	struct mutex lock;	/* innermost: taken under RTNL and under fw_net.lock */
	DECLARE_HASHTABLE(by_name, 8);
};

struct fw_binding {
	struct fw_bindings *all;
	struct hlist_node node;
	u32 holders;		/* rules */
	int ifindex;		/* 0: bound to nothing; packets read it */
	char name[FW_IFNAMSIZ];
};

void fw_bindings_init(struct fw_bindings *all);

/* What a rule of that name is bound to that is loaded now; NULL: no memory. */
struct fw_binding *fw_binding_get(struct fw_net *fn, const char name[FW_IFNAMSIZ]);
/* No packet may be able to find a binding that has lost its last holder. */
void fw_binding_put(struct fw_binding *b);

/* Interfaces are watched, in all namespaces; while there are rules, they must be. */
int fw_bindings_watch(void);
void fw_bindings_unwatch(void);

#endif
