// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * hook_set.c - registration of the hooks of a network namespace.
 */
#include <linux/netfilter_ipv4.h>
#include <linux/workqueue.h>
#include <net/netns/generic.h>

#include "kmod/packet/hook_set.h"
#include "kmod/packet/hooks.h"
#include "kmod/packet/track_hooks.h"

#define RELEASE_FIRST (HZ / 10)	/* a script that flushes lists often fills them again */
#define RELEASE_NEXT HZ		/* connections are left */

#define HOOK(function, where, order)                                                     \
	{                                                                                \
		.hook = function, .pf = NFPROTO_IPV4, .hooknum = where,                  \
		.priority = order,                                                       \
	}

static const struct nf_hook_ops hooks[] = {
	/* FWK_NEEDS_LISTS */
	HOOK(fwk_defrag_hook, NF_INET_PRE_ROUTING, NF_IP_PRI_CONNTRACK_DEFRAG),
	HOOK(fwk_input_hook, NF_INET_PRE_ROUTING, NF_IP_PRI_MANGLE),
	HOOK(fwk_output_hook, NF_INET_POST_ROUTING, NF_IP_PRI_NAT_SRC + 50),
	/* FWK_NEEDS_FORWARD */
	HOOK(fwk_forward_hook, NF_INET_FORWARD, NF_IP_PRI_FILTER),
	/* FWK_NEEDS_ACCT_IN, FWK_NEEDS_ACCT_OUT */
	HOOK(fwk_acct_in_hook, NF_INET_PRE_ROUTING, NF_IP_PRI_RAW_BEFORE_DEFRAG),
	HOOK(fwk_acct_out_hook, NF_INET_POST_ROUTING, NF_IP_PRI_LAST),
	/* FWK_NEEDS_TRACKING */
	HOOK(fwk_track_in_hook, NF_INET_PRE_ROUTING, NF_IP_PRI_CONNTRACK_DEFRAG + 1),
	HOOK(fwk_track_local_hook, NF_INET_LOCAL_OUT, NF_IP_PRI_CONNTRACK_DEFRAG + 1),
	HOOK(fwk_track_confirm_hook, NF_INET_LOCAL_IN, NF_IP_PRI_LAST),
	HOOK(fwk_track_confirm_hook, NF_INET_POST_ROUTING, NF_IP_PRI_LAST - 1),
};

static const struct hook_set {
	unsigned int need;
	u8 first, n;	/* of hooks[] */
} sets[] = {
	{ FWK_NEEDS_LISTS, 0, 3 },
	{ FWK_NEEDS_FORWARD, 3, 1 },
	{ FWK_NEEDS_ACCT_IN, 4, 1 },
	{ FWK_NEEDS_ACCT_OUT, 5, 1 },
	{ FWK_NEEDS_TRACKING, 6, 4 },
};

/* of a network namespace */
struct net_hooks {
	struct net *net;
	struct fwk_hook_net packets;	/* the hooks' priv */
	unsigned int registered;	/* FWK_NEEDS_*; guarded by fwk_rules.lock */
	struct delayed_work release;
	struct nf_hook_ops ops[ARRAY_SIZE(hooks)];
};

static unsigned int hooks_id;

static struct net_hooks *hooks_of(const struct net *net)
{
	return net_generic(net, hooks_id);
}

static int sets_register(struct net_hooks *h, unsigned int needs)
{
	unsigned int i;
	int err;

	for (i = 0; i < ARRAY_SIZE(sets); i++) {
		if (!(sets[i].need & needs & ~h->registered))
			continue;
		err = nf_register_net_hooks(h->net, &h->ops[sets[i].first], sets[i].n);
		if (err)
			return err;
		h->registered |= sets[i].need;
	}
	return 0;
}

static void sets_unregister(struct net_hooks *h, unsigned int which)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(sets); i++)
		if (sets[i].need & which & h->registered)
			nf_unregister_net_hooks(h->net, &h->ops[sets[i].first], sets[i].n);
	h->registered &= ~which;
}

/* The registered sets that nothing needs: the rules do not, and there are no connections. */
static unsigned int sets_unused(const struct net_hooks *h, unsigned int needs)
{
	if (atomic_read(&h->packets.track->count))
		needs |= FWK_NEEDS_TRACKING;
	if (needs & FWK_NEEDS_TRACKING)
		needs |= FWK_NEEDS_LISTS | FWK_NEEDS_FORWARD;
	if (READ_ONCE(h->packets.redirect.used))
		needs |= FWK_NEEDS_LISTS;
	return h->registered & ~needs;
}

int fwk_hooks_start(struct net *net, unsigned int needs)
{
	int err = 0;

	if (needs & FWK_NEEDS_TRACKING) {
		needs |= FWK_NEEDS_LISTS | FWK_NEEDS_FORWARD;
		err = fwk_track_start(fwk_track(net));
	}
	return err ?: sets_register(hooks_of(net), needs);
}

void fwk_hooks_stop(struct net *net, unsigned int needs)
{
	struct net_hooks *h = hooks_of(net);

	if (h->registered & ~needs)
		queue_delayed_work(system_unbound_wq, &h->release, RELEASE_FIRST);
}

static void hooks_release(struct work_struct *work)
{
	struct net_hooks *h = container_of(to_delayed_work(work), struct net_hooks, release);
	unsigned int needs = fwk_rules_lock(h->net);

	if (sets_unused(h, needs)) {
		/* A packet in the generation before may begin a connection. */
		synchronize_rcu();
		sets_unregister(h, sets_unused(h, needs));
	}
	if (h->registered & FWK_NEEDS_TRACKING & ~needs)
		queue_delayed_work(system_unbound_wq, &h->release, RELEASE_NEXT);
	fwk_rules_unlock(h->net);
}

static int __net_init hooks_net_init(struct net *net)
{
	struct net_hooks *h = hooks_of(net);
	unsigned int i;

	h->net = net;
	h->packets.active = fwk_rules_active(net);
	h->packets.track = fwk_track(net);
	INIT_DELAYED_WORK(&h->release, hooks_release);
	memcpy(h->ops, hooks, sizeof(hooks));
	for (i = 0; i < ARRAY_SIZE(hooks); i++)
		h->ops[i].priv = &h->packets;
	return 0;
}

/* A grace period follows, so no packet is in a hook when rules and connections are freed. */
static void __net_exit hooks_net_pre_exit(struct net *net)
{
	struct net_hooks *h = hooks_of(net);

	cancel_delayed_work_sync(&h->release);
	sets_unregister(h, h->registered);
}

static struct pernet_operations hooks_net_ops = {
	.init = hooks_net_init,
	.pre_exit = hooks_net_pre_exit,
	.id = &hooks_id,
	.size = sizeof(struct net_hooks),
};

int __init fwk_hooks_init(void)
{
	return register_pernet_subsys(&hooks_net_ops);
}

void fwk_hooks_exit(void)
{
	unregister_pernet_subsys(&hooks_net_ops);
}
