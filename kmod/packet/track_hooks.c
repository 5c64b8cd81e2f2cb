// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * track_hooks.c - connection tracking of the packets of a namespace.
 */
#include <linux/netfilter_ipv4.h>
#include <net/ip.h>

#include "kmod/packet/fragment.h"
#include "kmod/packet/track_hooks.h"

unsigned int fwk_track_in_hook(void *priv, struct sk_buff *skb, const struct nf_hook_state *state)
{
	const struct fwk_hook_net *h = priv;

	if (!fwk_is_tracked(h, fwk_hook_generation(h)))
		return NF_ACCEPT;
	return fwk_track_in(h->track, skb, state) ? NF_ACCEPT : NF_DROP;
}

unsigned int fwk_track_local_hook(void *priv, struct sk_buff *skb,
				  const struct nf_hook_state *state)
{
	const struct fwk_hook_net *h = priv;

	if (!fwk_is_tracked(h, fwk_hook_generation(h)))
		return NF_ACCEPT;
	if (!fwk_fragment_reassemble(skb, state))
		return NF_STOLEN;
	return fwk_track_in(h->track, skb, state) ? NF_ACCEPT : NF_DROP;
}

unsigned int fwk_track_confirm_hook(void *priv, struct sk_buff *skb,
				    const struct nf_hook_state *state)
{
	const struct fwk_hook_net *h = priv;
	struct fwk_seen *seen = fwk_seen(skb);

	if (!fwk_seen_valid(h->track, seen))
		return NF_ACCEPT;
	if (!(fwk_hook_generation(h)->needs & FWK_NEEDS_STATES))
		seen->flags &= ~FWK_SEEN_FRESH;
	if (!(seen->flags & (FWK_SEEN_FRESH | FWK_SEEN_KEEP | FWK_SEEN_HELPER)))
		return NF_ACCEPT;
	return fwk_track_confirm(h->track, skb, state) ? NF_ACCEPT : NF_DROP;
}

void fwk_track_hooks_read(const struct fwk_hook_net *h, const struct fwk_generation *g,
			  struct fw_packet *pkt, struct sk_buff *skb,
			  const struct nf_hook_state *state)
{
	struct fwk_seen *seen = fwk_seen(skb);

	if (!fwk_seen_valid(h->track, seen)) {
		seen = fwk_is_tracked(h, g) ? fwk_track_in(h->track, skb, state) : NULL;
		if (!seen)
			return;
	}
	pkt->state = seen->state;
	pkt->kept = seen->flags & FWK_SEEN_KEPT;
}

void fwk_track_hooks_note(const struct fwk_hook_net *h, struct sk_buff *skb,
			  const struct fw_decision *d)
{
	struct fwk_seen *seen = fwk_seen(skb);

	if (!fwk_seen_valid(h->track, seen))
		return;
	if (d->keep_state && seen->state != FW_STATE_INVALID)
		seen->flags |= FWK_SEEN_KEEP;
	if (d->helper)
		seen->helper = d->helper;
}
