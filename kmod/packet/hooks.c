// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * hooks.c - the way of a packet through 2.0, as far as netfilter has places for it.
 *
 * Received: accounting (raw fragments), reassembly, input.  Forwarded: forward, by
 * the outgoing interface.  Whatever leaves, forwarded or our own: output, and when
 * everybody has let it pass, accounting.  What goes out by lo comes in again.
 *
 * There is no place behind fragmentation.  So output sees a packet once, whole, while
 * what accounting would have seen is worked out.
 */
#include <linux/icmp.h>
#include <linux/netfilter_ipv4.h>
#include <net/ip.h>

#include "kmod/core/hook.h"
#include "kmod/linux/device.h"
#include "kmod/packet/hooks.h"
#include "kmod/linux/skb.h"
#include "kmod/rules/walk.h"
#include "kmod/packet/redirect.h"
#include "kmod/linux/reject.h"

#define DEFRAG_USER 0x69706677	/* fragments that we wait for are ours alone */

/* A packet at a list, and what became of it. */
struct meeting {
	struct fw_net *fn;
	struct sk_buff *skb;
	struct fw_packet pkt;
	struct fw_dev dev;
	struct fw_decision decision;
};

static bool meeting_begin(struct meeting *m, struct sk_buff *skb,
			  const struct nf_hook_state *state)
{
	m->fn = fw_net(state->net);
	m->skb = skb;
	return fw_packet_read(&m->pkt, skb);
}

static void account(struct meeting *m, enum fw_direction dir)
{
	fw_list_pass(m->fn, FW_ACCT, dir, &m->pkt, &m->dev, &m->decision);
}

/* The outcome; a new TOS is already in the packet.  No memory for that: drop. */
static struct fw_outcome decide(struct meeting *m, enum fw_list_id list)
{
	fw_list_pass(m->fn, list, FW_DIR_IN, &m->pkt, &m->dev, &m->decision);
	if (m->decision.tos != m->pkt.tos && !fw_packet_set_tos(m->skb, m->decision.tos))
		return (struct fw_outcome){ .action = FW_DROP };
	return fw_list_outcome(list, m->decision.verdict);
}

/* A copy of a broadcast of our own came by lo in 2.0. */
static const struct net_device *receiving_device(const struct sk_buff *skb,
						 const struct nf_hook_state *state)
{
	return skb->pkt_type == PACKET_LOOPBACK ? state->net->loopback_dev : state->in;
}

static unsigned int acct_in_hook(void *priv, struct sk_buff *skb,
				 const struct nf_hook_state *state)
{
	struct meeting m;

	if (fw_list_is_empty(fw_net(state->net), FW_ACCT))
		return NF_ACCEPT;
	if (!meeting_begin(&m, skb, state))
		return NF_DROP;
	fw_device_read(&m.dev, receiving_device(skb, state));
	account(&m, FW_DIR_IN);
	return NF_ACCEPT;
}

static unsigned int defrag_hook(void *priv, struct sk_buff *skb,
				const struct nf_hook_state *state)
{
	int err;

	if (!ip_is_fragment(ip_hdr(skb)))
		return NF_ACCEPT;
	local_bh_disable();
	err = ip_defrag(state->net, skb, DEFRAG_USER);
	local_bh_enable();
	if (err)
		return NF_STOLEN;
	skb->ignore_df = 1;	/* it was fragmented before, so it may be again */
	return NF_ACCEPT;
}

static unsigned int input_hook(void *priv, struct sk_buff *skb,
			       const struct nf_hook_state *state)
{
	struct meeting m;
	struct fw_outcome out;

	if (!meeting_begin(&m, skb, state))
		return NF_DROP;
	if (skb->pkt_type == PACKET_HOST)
		fw_device_receiving(&m.dev, state->in, m.pkt.daddr);
	else
		fw_device_read(&m.dev, receiving_device(skb, state));
	out = decide(&m, FW_INPUT);
	switch (out.action) {
	case FW_PASS:
		return fw_redirect_go_on(m.fn, skb, &m.dev);
	case FW_REDIRECT:
		return fw_redirect(m.fn, skb, &m.dev, m.decision.redirport);
	case FW_ANSWER:
		fw_reject(skb, out.icmp_code);
		return NF_DROP;
	default:
		return NF_DROP;
	}
}

static unsigned int forward_hook(void *priv, struct sk_buff *skb,
				 const struct nf_hook_state *state)
{
	struct meeting m;
	struct fw_outcome out;

	if (!meeting_begin(&m, skb, state))
		return NF_DROP;
	fw_device_sending(&m.dev, state->out, skb);
	out = decide(&m, FW_FORWARD);
	switch (out.action) {
	case FW_PASS:
		return NF_ACCEPT;
	case FW_MASQUERADE:
		net_notice_ratelimited("ipfwadm: no masquerading, packet to %pI4 dropped\n",
				       &ip_hdr(skb)->daddr);
		return NF_DROP;
	case FW_ANSWER:
		fw_reject(skb, out.icmp_code);
		return NF_DROP;
	default:
		return NF_DROP;
	}
}

/* The copy of a broadcast that its sender hears: it has left the socket behind. */
static bool packet_is_loop_copy(const struct sk_buff *skb,
				const struct nf_hook_state *state)
{
	return state->sk && !skb->sk && skb_dst(skb) &&
	       skb_rtable(skb)->rt_flags & (RTCF_BROADCAST | RTCF_MULTICAST);
}

static void leaving_device(struct fw_dev *dev, const struct sk_buff *skb,
			   const struct nf_hook_state *state)
{
	if (packet_is_loop_copy(skb, state))
		fw_device_read(dev, state->net->loopback_dev);
	else
		fw_device_sending(dev, state->out, skb);
}

/* To be dropped is what tells a sender of our own: EPERM, if it asks. */
static unsigned int output_hook(void *priv, struct sk_buff *skb,
				const struct nf_hook_state *state)
{
	struct meeting m;
	struct fw_outcome out;

	if (!meeting_begin(&m, skb, state))
		return NF_DROP;
	leaving_device(&m.dev, skb, state);
	out = decide(&m, FW_OUTPUT);
	if (out.action == FW_PASS)
		return NF_ACCEPT;
	if (out.action == FW_ANSWER && IPCB(skb)->flags & IPSKB_FORWARDED)
		fw_reject(skb, out.icmp_code);
	return NF_DROP;
}

/* How many bytes behind its header each fragment will carry; 0: it stays whole. */
static u32 fragment_size(const struct meeting *m, const struct nf_hook_state *state)
{
	const struct sk_buff *skb = m->skb;
	u32 mtu = ip_skb_dst_mtu(state->sk, skb), as_before = IPCB(skb)->frag_max_size;

	if (as_before && as_before < mtu)
		mtu = as_before;
	if (skb_is_gso(skb) || m->pkt.len <= mtu || mtu < fw_packet_hlen(&m->pkt) + 8)
		return 0;
	return (mtu - fw_packet_hlen(&m->pkt)) & ~7u;
}

static void account_fragments(struct meeting *m, u32 size)
{
	const struct fw_packet whole = m->pkt;
	u32 hlen = fw_packet_hlen(&whole), left = whole.len - hlen;

	while (left > size) {
		m->pkt.len = hlen + size;
		m->pkt.frag_off |= FW_IP_MF;
		account(m, FW_DIR_OUT);
		m->pkt.frag_off += size / 8;
		left -= size;
	}
	m->pkt.len = hlen + left;
	m->pkt.frag_off &= ~FW_IP_MF | whole.frag_off;
	account(m, FW_DIR_OUT);
}

static unsigned int acct_out_hook(void *priv, struct sk_buff *skb,
				  const struct nf_hook_state *state)
{
	struct meeting m;
	u32 size;

	if (fw_list_is_empty(fw_net(state->net), FW_ACCT))
		return NF_ACCEPT;
	if (!meeting_begin(&m, skb, state))
		return NF_DROP;
	leaving_device(&m.dev, skb, state);
	size = fragment_size(&m, state);
	if (size)
		account_fragments(&m, size);
	else
		account(&m, FW_DIR_OUT);
	return NF_ACCEPT;
}

static const struct nf_hook_ops hooks[] = {
	{
		.hook = acct_in_hook,
		.pf = NFPROTO_IPV4,
		.hooknum = NF_INET_PRE_ROUTING,
		.priority = NF_IP_PRI_RAW_BEFORE_DEFRAG,
	}, {
		.hook = defrag_hook,
		.pf = NFPROTO_IPV4,
		.hooknum = NF_INET_PRE_ROUTING,
		.priority = NF_IP_PRI_CONNTRACK_DEFRAG,
	}, {
		.hook = input_hook,
		.pf = NFPROTO_IPV4,
		.hooknum = NF_INET_PRE_ROUTING,
		.priority = NF_IP_PRI_MANGLE,
	}, {
		.hook = forward_hook,
		.pf = NFPROTO_IPV4,
		.hooknum = NF_INET_FORWARD,
		.priority = NF_IP_PRI_FILTER,
	}, {
		.hook = output_hook,
		.pf = NFPROTO_IPV4,
		.hooknum = NF_INET_POST_ROUTING,
		.priority = NF_IP_PRI_NAT_SRC + 50,
	}, {
		.hook = acct_out_hook,
		.pf = NFPROTO_IPV4,
		.hooknum = NF_INET_POST_ROUTING,
		.priority = NF_IP_PRI_LAST,
	},
};

int fw_hooks_init(struct net *net)
{
	return nf_register_net_hooks(net, hooks, ARRAY_SIZE(hooks));
}

void fw_hooks_exit(struct net *net)
{
	nf_unregister_net_hooks(net, hooks, ARRAY_SIZE(hooks));
}
