// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * hooks.c - the order in which a packet passes the lists.
 *
 *	received	PRE_ROUTING	accounting (in), reassembly, input, demasquerading
 *	forwarded	FORWARD		forward, masquerading
 *	sent		POST_ROUTING	output, accounting (out)
 *
 * Accounting of received packets sees raw fragments, before any other hook.  That of sent
 * packets comes last, after all hooks that may drop the packet.  A packet sent by lo is
 * received again.  All hooks run under rcu_read_lock(); hook_set.c registers them.
 *
 * If an accounting rule asks for states, received packets are counted after reassembly
 * and tracking, before the input list.
 */
#include <linux/netfilter_ipv4.h>
#include <net/ip.h>

#include "compat/kcompat.h"
#include "kmod/core/hook.h"
#include "kmod/linux/device.h"
#include "kmod/linux/reject.h"
#include "kmod/linux/skb.h"
#include "kmod/packet/fragment.h"
#include "kmod/packet/hooks.h"
#include "kmod/packet/masquerade.h"
#include "kmod/packet/track_hooks.h"
#include "kmod/track/masq_skb.h"

/* a packet in a hook */
struct hook_ctx {
	struct fwk_hook_net *net;
	struct fwk_generation *generation;
	struct sk_buff *skb;
	const struct nf_hook_state *state;
	struct fw_packet pkt;
	struct fw_dev dev;	/* set by device_read() */
	bool has_dev;
	struct fw_decision decision;
};

static inline void ctx_init(struct hook_ctx *ctx, void *priv, struct fwk_generation *g,
			    struct sk_buff *skb, const struct nf_hook_state *state)
{
	ctx->net = priv;
	ctx->generation = g;
	ctx->skb = skb;
	ctx->state = state;
	ctx->has_dev = false;
}

/*
 * Does an empty list accept the packet, whatever it is, and is it none to be translated?
 * Then there is nothing to read.
 */
static __always_inline bool is_accepted(const struct fwk_hook_net *h,
					const struct fwk_generation *g,
					enum fw_list_id list, const struct sk_buff *skb)
{
	if (!(g->accepts & BIT(list)) || fwk_skb_is_odd(skb))
		return false;
	if (!fwk_is_tracked(h, g))
		return true;
	return fwk_seen_valid(h->track, fwk_seen(skb)) &&
	       (list == FW_OUTPUT || !fwk_is_translating(h->track));
}

/* The interface is looked up where it is needed, because that costs as much as a list. */
static const struct fw_dev *device_read(struct hook_ctx *ctx, enum fw_list_id list)
{
	if (ctx->has_dev)
		return &ctx->dev;
	ctx->has_dev = true;
	if (list == FW_INPUT)
		fwk_device_receiving_alias(&ctx->dev, ctx->skb, ctx->state, ctx->pkt.daddr);
	else
		fwk_device_sending(&ctx->dev, ctx->skb, ctx->state);
	return &ctx->dev;
}

static void account_in(struct hook_ctx *ctx)
{
	struct fw_walk w = { .list = FW_ACCT, .direction = FW_DIR_IN };
	struct fw_dev dev;

	if (ctx->generation->devices[FW_ACCT]) {
		fwk_device_receiving(&dev, ctx->skb, ctx->state);
		w.dev = &dev;
	}
	fwk_list_walk(ctx->generation, &w, &ctx->pkt, &ctx->decision);
}

/*
 * Walks the list by the state of the packet's connection, and writes the new TOS into the
 * packet; without memory it is dropped.
 */
static inline struct fw_outcome decide(struct hook_ctx *ctx, enum fw_list_id list)
{
	struct fw_walk w = { .list = list };

	if (ctx->generation->devices[list])
		w.dev = device_read(ctx, list);
	fwk_list_walk(ctx->generation, &w, &ctx->pkt, &ctx->decision);
	if (ctx->decision.keep_state || ctx->decision.helper)
		fwk_track_hooks_note(ctx->net, ctx->skb, &ctx->decision);
	if (ctx->decision.tos != ctx->pkt.tos &&
	    !fwk_skb_set_tos(ctx->skb, ctx->decision.tos))
		return (struct fw_outcome){ .action = FW_DROP };
	return fw_list_outcome(list, ctx->decision.verdict);
}

unsigned int fwk_acct_in_hook(void *priv, struct sk_buff *skb, const struct nf_hook_state *state)
{
	struct fwk_generation *g = fwk_hook_generation(priv);
	struct hook_ctx ctx kcompat_uninitialized;

	if (!g->rules.list[FW_ACCT].count || g->stateful[FW_ACCT])
		return NF_ACCEPT;
	ctx_init(&ctx, priv, g, skb, state);
	if (!fwk_skb_read(&ctx.pkt, skb))
		return NF_DROP;
	account_in(&ctx);
	return NF_ACCEPT;
}

unsigned int fwk_defrag_hook(void *priv, struct sk_buff *skb, const struct nf_hook_state *state)
{
	if (!ip_is_fragment(ip_hdr(skb)))
		return NF_ACCEPT;
	return fwk_fragment_reassemble(skb, state) ? NF_ACCEPT : NF_STOLEN;
}

static noinline unsigned int input_list(struct fwk_hook_net *h, struct fwk_generation *g,
				   struct sk_buff *skb, const struct nf_hook_state *state)
{
	struct hook_ctx ctx kcompat_uninitialized;
	struct fw_outcome out;
	unsigned int verdict;

	ctx_init(&ctx, h, g, skb, state);
	if (!fwk_skb_read(&ctx.pkt, skb))
		return NF_DROP;
	fwk_track_hooks_read(h, g, &ctx.pkt, skb, state);
	if (g->stateful[FW_ACCT])
		account_in(&ctx);
	out = decide(&ctx, FW_INPUT);
	if ((out.action == FW_PASS || out.action == FW_REDIRECT) &&
	    fwk_is_translating(h->track) &&
	    fwk_masquerade_received(h->track, skb, state, &ctx.pkt, ctx.decision.redirport,
				    &verdict))
		return verdict;
	switch (out.action) {
	case FW_PASS:
		if (!READ_ONCE(h->redirect.used))
			return NF_ACCEPT;
		return fwk_redirect_continue(skb, device_read(&ctx, FW_INPUT));
	case FW_REDIRECT:
		return fwk_redirect(&h->redirect, skb, device_read(&ctx, FW_INPUT),
				    ctx.decision.redirport);
	case FW_ANSWER:
		fwk_reject(skb, out.icmp_code);
		return NF_DROP;
	default:
		return NF_DROP;
	}
}

static noinline unsigned int forward_list(struct fwk_hook_net *h, struct fwk_generation *g,
				   struct sk_buff *skb, const struct nf_hook_state *state)
{
	struct hook_ctx ctx kcompat_uninitialized;
	struct fw_outcome out;
	unsigned int verdict;

	ctx_init(&ctx, h, g, skb, state);
	if (!fwk_skb_read(&ctx.pkt, skb))
		return NF_DROP;
	fwk_track_hooks_read(h, g, &ctx.pkt, skb, state);
	if (fwk_masquerade_skips_list(h->track, skb, &ctx.pkt, &verdict))
		return verdict;
	out = decide(&ctx, FW_FORWARD);
	/* a kept connection stays masqueraded if it began so */
	if (out.action == FW_PASS && ctx.decision.by == FW_BY_STATE &&
	    fwk_masqueraded(h->track, &ctx.pkt))
		out.action = FW_MASQUERADE;
	switch (out.action) {
	case FW_PASS:
		return NF_ACCEPT;
	case FW_MASQUERADE:
		return fwk_masquerade(h->track, skb, &ctx.pkt,
				      device_read(&ctx, FW_FORWARD)->addr, state)
			       ? NF_DROP
			       : NF_ACCEPT;
	case FW_ANSWER:
		fwk_reject(skb, out.icmp_code);
		return NF_DROP;
	default:
		return NF_DROP;
	}
}

/* A drop in POST_ROUTING makes a local sender's send() fail with EPERM. */
static noinline unsigned int output_list(struct fwk_hook_net *h, struct fwk_generation *g,
				   struct sk_buff *skb, const struct nf_hook_state *state)
{
	struct hook_ctx ctx kcompat_uninitialized;
	struct fw_outcome out;

	ctx_init(&ctx, h, g, skb, state);
	if (!fwk_skb_read(&ctx.pkt, skb))
		return NF_DROP;
	fwk_track_hooks_read(h, g, &ctx.pkt, skb, state);
	out = decide(&ctx, FW_OUTPUT);
	if (out.action == FW_PASS)
		return NF_ACCEPT;
	if (out.action == FW_ANSWER && IPCB(skb)->flags & IPSKB_FORWARDED)
		fwk_reject(skb, out.icmp_code);
	return NF_DROP;
}

/* The hooks have no more than the common case, so that it needs no room on the stack. */
unsigned int fwk_input_hook(void *priv, struct sk_buff *skb, const struct nf_hook_state *state)
{
	struct fwk_hook_net *h = priv;
	struct fwk_generation *g = fwk_hook_generation(h);

	if (is_accepted(h, g, FW_INPUT, skb) && !g->stateful[FW_ACCT] &&
	    !READ_ONCE(h->redirect.used))
		return NF_ACCEPT;
	return input_list(h, g, skb, state);
}

unsigned int fwk_forward_hook(void *priv, struct sk_buff *skb, const struct nf_hook_state *state)
{
	struct fwk_hook_net *h = priv;
	struct fwk_generation *g = fwk_hook_generation(h);

	if (is_accepted(h, g, FW_FORWARD, skb))
		return NF_ACCEPT;
	return forward_list(h, g, skb, state);
}

unsigned int fwk_output_hook(void *priv, struct sk_buff *skb, const struct nf_hook_state *state)
{
	struct fwk_hook_net *h = priv;
	struct fwk_generation *g = fwk_hook_generation(h);

	if (is_accepted(h, g, FW_OUTPUT, skb))
		return NF_ACCEPT;
	return output_list(h, g, skb, state);
}

unsigned int fwk_acct_out_hook(void *priv, struct sk_buff *skb, const struct nf_hook_state *state)
{
	struct fwk_hook_net *h = priv;
	struct fwk_generation *g = fwk_hook_generation(h);
	struct fw_walk w = { .list = FW_ACCT, .direction = FW_DIR_OUT };
	struct fw_packet whole kcompat_uninitialized;
	struct hook_ctx ctx kcompat_uninitialized;
	u32 size, offset = 0;

	if (!g->rules.list[FW_ACCT].count)
		return NF_ACCEPT;
	ctx_init(&ctx, h, g, skb, state);
	if (!fwk_skb_read(&ctx.pkt, skb))
		return NF_DROP;
	if (g->stateful[FW_ACCT])
		fwk_track_hooks_read(h, g, &ctx.pkt, skb, state);
	if (g->devices[FW_ACCT])
		w.dev = device_read(&ctx, FW_ACCT);
	size = fwk_fragment_size(skb, &ctx.pkt, state);
	if (size == U32_MAX) {
		fwk_list_walk(g, &w, &ctx.pkt, &ctx.decision);
		return NF_ACCEPT;
	}
	whole = ctx.pkt;
	do {
		offset = fwk_fragment_make(&ctx.pkt, &whole, size, offset);
		fwk_list_walk(g, &w, &ctx.pkt, &ctx.decision);
	} while (offset);
	return NF_ACCEPT;
}
