/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hook_set.h - which netfilter hooks a network namespace has.
 *
 * Hooks come in sets, one for each bit of FWK_NEEDS_*.  A set is registered before the
 * first generation that needs it is active.  It is unregistered when no packet is in an
 * older one, so a packet never meets half of what its rules need.  Those of the lists and
 * of tracking stay while connections have to be followed.
 *
 * A namespace with neither rules, policies other than accept, nor connections has none.
 */
#ifndef FWK_HOOK_SET_H
#define FWK_HOOK_SET_H

#include <net/net_namespace.h>

/* Needs fwk_track_init() and fwk_rules_init() before. */
int fwk_hooks_init(void);
void fwk_hooks_exit(void);

/* See struct fwk_rules_events.  Caller holds fwk_rules.lock. */
int fwk_hooks_start(struct net *net, unsigned int needs);
void fwk_hooks_stop(struct net *net, unsigned int needs);

#endif
