/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hooks.h - where packets of a network namespace meet the lists.
 */
#ifndef FW_HOOKS_H
#define FW_HOOKS_H

#include <net/net_namespace.h>

int fw_hooks_init(struct net *net);
void fw_hooks_exit(struct net *net);

#endif
