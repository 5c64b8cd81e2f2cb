// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * gate_hooks.c - the gate for IPv6 packets of a namespace.
 *
 * The module does not link nf_conntrack: it needs none while the gate is open.
 */
#include <linux/if.h>
#include <linux/kmod.h>
#include <linux/module.h>
#include <linux/netfilter_ipv6.h>
#include <linux/udp.h>
#include <net/ipv6.h>
#include <net/netfilter/nf_conntrack.h>
#include <net/netns/generic.h>

#include "kmod/core/gate.h"
#include "kmod/packet/gate_hooks.h"
#include "kmod/rules/rules.h"

static unsigned int hooks_id;

/* of a network namespace */
struct gate_hooks {
	bool registered;	/* guarded by fwk_rules.lock */
};

static bool is_known(const struct sk_buff *skb)
{
	enum ip_conntrack_info info;

	return nf_ct_get(skb, &info) && info % IP_CT_IS_REPLY != IP_CT_NEW;
}

/* Reads the transport header; of a later fragment, and behind AH, there is none. */
static void transport_read(struct fw_gate_packet *pkt, const struct sk_buff *skb)
{
	int flags = IP6_FH_F_AUTH, protocol;
	unsigned short fragment = 0;
	unsigned int offset = 0;
	struct udphdr buffer;
	const struct udphdr *udp;
	const u8 *type;

	protocol = ipv6_find_hdr(skb, &offset, -1, &fragment, &flags);
	if (fragment)
		return;
	if (protocol == IPPROTO_ICMPV6) {
		type = skb_header_pointer(skb, offset, 1, &buffer);
		pkt->icmp_type = type ? *type : 0;
	} else if (protocol == IPPROTO_UDP) {
		udp = skb_header_pointer(skb, offset, sizeof(buffer), &buffer);
		pkt->sport = udp ? ntohs(udp->source) : 0;
		pkt->dport = udp ? ntohs(udp->dest) : 0;
	}
}

static unsigned int gate_hook(void *priv, struct sk_buff *skb,
			      const struct nf_hook_state *state)
{
	const struct ipv6hdr *ip = ipv6_hdr(skb);
	struct fw_gate_packet pkt = {
		.is_loopback = state->in->flags & IFF_LOOPBACK,
		.is_known = is_known(skb),
		.is_link_local = ipv6_addr_type(&ip->saddr) & IPV6_ADDR_LINKLOCAL,
		.is_near = ip->hop_limit == FW_GATE_NEAR,
	};

	if (!fwk_rules_deny_ipv6(state->net))
		return NF_ACCEPT;
	transport_read(&pkt, skb);
	return fw_gate_passes(&pkt) ? NF_ACCEPT : NF_DROP;
}

#define HOOK(where)                                                                      \
	{                                                                                \
		.hook = gate_hook, .pf = NFPROTO_IPV6, .hooknum = where,                 \
		.priority = NF_IP6_PRI_FILTER,                                           \
	}

static const struct nf_hook_ops hooks[] = {
	HOOK(NF_INET_LOCAL_IN),
	HOOK(NF_INET_FORWARD),
};

/* Takes a reference to nf_conntrack. */
static int tracking_start(struct net *net)
{
	int (*start)(struct net *net, u8 family) = symbol_get(nf_ct_netns_get);
	int err = start ? start(net, NFPROTO_IPV6) : -ENOENT;

	if (err && start)
		symbol_put(nf_ct_netns_get);
	return err;
}

/* Drops that reference, until which the symbol is there. */
static void tracking_stop(struct net *net)
{
	void (*stop)(struct net *net, u8 family) = symbol_get(nf_ct_netns_put);

	stop(net, NFPROTO_IPV6);
	symbol_put(nf_ct_netns_put);
	symbol_put(nf_ct_netns_get);
}

void fwk_gate_hooks_load(void)
{
	if (symbol_get(nf_ct_netns_get))
		symbol_put(nf_ct_netns_get);
	else
		request_module("nf_conntrack");
}

int fwk_gate_hooks_start(struct net *net)
{
	struct gate_hooks *h = net_generic(net, hooks_id);
	int err = h->registered ? 0 : tracking_start(net);

	if (h->registered || err)
		return err;
	err = nf_register_net_hooks(net, hooks, ARRAY_SIZE(hooks));
	if (err)
		tracking_stop(net);
	h->registered = !err;
	return err;
}

void fwk_gate_hooks_stop(struct net *net)
{
	struct gate_hooks *h = net_generic(net, hooks_id);

	if (!h->registered)
		return;
	h->registered = false;
	nf_unregister_net_hooks(net, hooks, ARRAY_SIZE(hooks));
	tracking_stop(net);
}

static struct pernet_operations hooks_net_ops = {
	.pre_exit = fwk_gate_hooks_stop,
	.id = &hooks_id,
	.size = sizeof(struct gate_hooks),
};

int __init fwk_gate_hooks_init(void)
{
	return register_pernet_subsys(&hooks_net_ops);
}

void fwk_gate_hooks_exit(void)
{
	unregister_pernet_subsys(&hooks_net_ops);
}
