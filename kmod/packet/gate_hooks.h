/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * gate_hooks.h - the gate for IPv6 packets of a namespace.
 *
 *	delivered	LOCAL_IN	what does not pass the gate is dropped
 *	forwarded	FORWARD		likewise
 *
 * The hooks are there while the gate is closed.  nf_conntrack, which is used for nothing
 * else, then tracks the IPv6 connections of the namespace, for answers to pass.
 */
#ifndef FWK_GATE_HOOKS_H
#define FWK_GATE_HOOKS_H

#include <linux/netfilter.h>

int fwk_gate_hooks_init(void);
void fwk_gate_hooks_exit(void);

/* Has nf_conntrack loaded.  Caller holds no lock, because that may wait for namespaces. */
void fwk_gate_hooks_load(void);

/* The gate will be closed.  0, or -errno: -ENOENT without nf_conntrack.  Caller holds
 * fwk_rules.lock.
 */
int fwk_gate_hooks_start(struct net *net);
/* It is open.  Likewise. */
void fwk_gate_hooks_stop(struct net *net);

#endif
