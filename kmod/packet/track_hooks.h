/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * track_hooks.h - connection tracking of the packets of a namespace.
 *
 *	received	PRE_ROUTING, after reassembly	first phase
 *	own		LOCAL_OUT			reassembly, first phase
 *	delivered	LOCAL_IN, last			second phase
 *	sent		POST_ROUTING, after output	second phase
 *
 * Connections that are not masqueraded are stored only if a rule needs states.
 */
#ifndef FWK_TRACK_HOOKS_H
#define FWK_TRACK_HOOKS_H

#include "kmod/packet/hook_net.h"

nf_hookfn fwk_track_in_hook, fwk_track_local_hook, fwk_track_confirm_hook;

/* Old connections are followed when no rule needs them any more, and none begins. */
static inline bool fwk_is_tracked(const struct fwk_hook_net *h, const struct fwk_generation *g)
{
	return g->needs & FWK_NEEDS_TRACKING || atomic_read(&h->track->count);
}

/* Sets the state of a packet's connection, which was tracked or not. */
void fwk_track_hooks_read(const struct fwk_hook_net *h, const struct fwk_generation *g,
			  struct fw_packet *pkt, struct sk_buff *skb,
			  const struct nf_hook_state *state);

/* Notes what the rule that accepts the packet asks for its connection. */
void fwk_track_hooks_note(const struct fwk_hook_net *h, struct sk_buff *skb,
			  const struct fw_decision *d);

#endif
