/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * track_hooks.h - connection tracking of the packets of a namespace.
 *
 *	received	PRE_ROUTING, after reassembly	first phase
 *	own		LOCAL_OUT			reassembly, first phase
 *	delivered	LOCAL_IN, last			second phase
 *	sent		POST_ROUTING, after output	second phase
 *
 * The hooks are registered before the first rule of a namespace that needs states, or
 * masquerades, is in force, and unregistered when a transaction finds neither such rules nor
 * connections.  Connections that are not masqueraded are stored only if a rule needs states.
 */
#ifndef FWK_TRACK_HOOKS_H
#define FWK_TRACK_HOOKS_H

#include <linux/netfilter.h>

#include "kmod/core/match.h"

int fwk_track_hooks_init(void);
void fwk_track_hooks_exit(void);

/* Tracking is needed from now on.  0 or -errno.  Caller holds fwk_rules.lock. */
int fwk_track_hooks_start(struct net *net);
/* No rule needs it.  Caller holds fwk_rules.lock. */
void fwk_track_hooks_stop(struct net *net);

/* Sets the state of a packet's connection, which was tracked or not. */
void fwk_track_hooks_read(struct fw_packet *pkt, struct sk_buff *skb,
			  const struct nf_hook_state *state);

/* Notes what the rule that accepts the packet asks for its connection. */
void fwk_track_hooks_note(struct sk_buff *skb, const struct nf_hook_state *state,
			  const struct fw_decision *d);

#endif
