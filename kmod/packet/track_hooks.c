// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * track_hooks.c - connection tracking of the packets of a namespace.
 */
#include <linux/netfilter_ipv4.h>
#include <net/ip.h>

#include "kmod/packet/fragment.h"
#include "kmod/packet/track_hooks.h"
#include "kmod/rules/rules.h"
#include "kmod/track/track_skb.h"

/* Old connections are followed when no rule needs them any more, and none begins. */
static bool is_tracked(const struct net *net, const struct fwk_track *t)
{
	return fwk_rules_need_tracking(net) || atomic_read(&t->count);
}

unsigned int fwk_track_in_hook(void *priv, struct sk_buff *skb, const struct nf_hook_state *state)
{
	struct fwk_track *t = fwk_track(state->net);

	if (!is_tracked(state->net, t))
		return NF_ACCEPT;
	return fwk_track_in(t, skb, state) ? NF_ACCEPT : NF_DROP;
}

unsigned int fwk_track_local_hook(void *priv, struct sk_buff *skb,
				  const struct nf_hook_state *state)
{
	if (!is_tracked(state->net, fwk_track(state->net)))
		return NF_ACCEPT;
	if (!fwk_fragment_reassemble(skb, state))
		return NF_STOLEN;
	return fwk_track_in_hook(priv, skb, state);
}

unsigned int fwk_track_confirm_hook(void *priv, struct sk_buff *skb,
				    const struct nf_hook_state *state)
{
	struct fwk_track *t = fwk_track(state->net);
	struct fwk_seen *seen = fwk_seen(skb);

	if (!fwk_seen_valid(t, seen))
		return NF_ACCEPT;
	if (!fwk_rules_need_states(state->net))
		seen->flags &= ~FWK_SEEN_FRESH;
	if (!(seen->flags & (FWK_SEEN_FRESH | FWK_SEEN_KEEP | FWK_SEEN_HELPER)))
		return NF_ACCEPT;
	return fwk_track_confirm(t, skb, state) ? NF_ACCEPT : NF_DROP;
}

void fwk_track_hooks_read(struct fw_packet *pkt, struct sk_buff *skb,
			  const struct nf_hook_state *state)
{
	struct fwk_track *t = fwk_track(state->net);
	struct fwk_seen *seen = fwk_seen(skb);

	if (!fwk_seen_valid(t, seen)) {
		seen = is_tracked(state->net, t) ? fwk_track_in(t, skb, state) : NULL;
		if (!seen)
			return;
	}
	pkt->state = seen->state;
	pkt->kept = seen->flags & FWK_SEEN_KEPT;
}

void fwk_track_hooks_note(struct sk_buff *skb, const struct nf_hook_state *state,
			  const struct fw_decision *d)
{
	struct fwk_seen *seen = fwk_seen(skb);

	if (!fwk_seen_valid(fwk_track(state->net), seen))
		return;
	if (d->keep_state && seen->state != FW_STATE_INVALID)
		seen->flags |= FWK_SEEN_KEEP;
	if (d->helper)
		seen->helper = d->helper;
}
