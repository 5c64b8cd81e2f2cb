// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * track_hooks.c - connection tracking of the packets of a namespace.
 */
#include <linux/netfilter_ipv4.h>
#include <net/ip.h>
#include <net/netns/generic.h>

#include "kmod/packet/fragment.h"
#include "kmod/packet/track_hooks.h"
#include "kmod/rules/rules.h"
#include "kmod/track/track_skb.h"

static unsigned int hooks_id;

/* of a network namespace */
struct track_hooks {
	bool registered; /* guarded by fwk_rules.lock, read by packets */
};

static struct track_hooks *hooks_of(const struct net *net)
{
	return net_generic(net, hooks_id);
}

/* Old connections are followed when no rule needs them any more, and none begins. */
static bool is_tracked(const struct net *net, const struct fwk_track *t)
{
	return fwk_rules_need_tracking(net) || atomic_read(&t->count);
}

static unsigned int in_hook(void *priv, struct sk_buff *skb,
			    const struct nf_hook_state *state)
{
	struct fwk_track *t = fwk_track(state->net);

	if (!is_tracked(state->net, t))
		return NF_ACCEPT;
	return fwk_track_in(t, skb, state) ? NF_ACCEPT : NF_DROP;
}

static unsigned int local_out_hook(void *priv, struct sk_buff *skb,
				   const struct nf_hook_state *state)
{
	if (!is_tracked(state->net, fwk_track(state->net)))
		return NF_ACCEPT;
	if (!fwk_fragment_reassemble(skb, state))
		return NF_STOLEN;
	return in_hook(priv, skb, state);
}

static unsigned int confirm_hook(void *priv, struct sk_buff *skb,
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

#define HOOK(function, where, order)                                                     \
	{                                                                                \
		.hook = function, .pf = NFPROTO_IPV4, .hooknum = where,                  \
		.priority = order,                                                       \
	}

static const struct nf_hook_ops hooks[] = {
	HOOK(in_hook, NF_INET_PRE_ROUTING, NF_IP_PRI_CONNTRACK_DEFRAG + 1),
	HOOK(local_out_hook, NF_INET_LOCAL_OUT, NF_IP_PRI_CONNTRACK_DEFRAG + 1),
	HOOK(confirm_hook, NF_INET_LOCAL_IN, NF_IP_PRI_LAST),
	HOOK(confirm_hook, NF_INET_POST_ROUTING, NF_IP_PRI_LAST - 1),
};

int fwk_track_hooks_start(struct net *net)
{
	struct track_hooks *h = hooks_of(net);
	int err = fwk_track_start(fwk_track(net));

	if (err || h->registered)
		return err;
	err = nf_register_net_hooks(net, hooks, ARRAY_SIZE(hooks));
	if (!err)
		WRITE_ONCE(h->registered, true);
	return err;
}

static void hooks_unregister(struct net *net)
{
	struct track_hooks *h = hooks_of(net);

	if (!h->registered)
		return;
	WRITE_ONCE(h->registered, false);
	nf_unregister_net_hooks(net, hooks, ARRAY_SIZE(hooks));
}

void fwk_track_hooks_stop(struct net *net)
{
	if (hooks_of(net)->registered && !atomic_read(&fwk_track(net)->count))
		hooks_unregister(net);
}

void fwk_track_hooks_read(struct fw_packet *pkt, struct sk_buff *skb,
			  const struct nf_hook_state *state)
{
	struct fwk_seen *seen = fwk_seen(skb);
	struct fwk_track *t;

	if (!READ_ONCE(hooks_of(state->net)->registered))
		return;
	t = fwk_track(state->net);
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

static int __net_init hooks_net_init(struct net *net)
{
	return 0;
}

/* A grace period follows, so no packet is in a hook when the table is freed. */
static void __net_exit hooks_net_pre_exit(struct net *net)
{
	hooks_unregister(net);
}

static struct pernet_operations hooks_net_ops = {
	.init = hooks_net_init,
	.pre_exit = hooks_net_pre_exit,
	.id = &hooks_id,
	.size = sizeof(struct track_hooks),
};

int __init fwk_track_hooks_init(void)
{
	return register_pernet_subsys(&hooks_net_ops);
}

void fwk_track_hooks_exit(void)
{
	unregister_pernet_subsys(&hooks_net_ops);
}
