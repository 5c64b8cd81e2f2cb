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

#include "kmod/core/hook.h"
#include "kmod/linux/device.h"
#include "kmod/linux/reject.h"
#include "kmod/linux/skb.h"
#include "kmod/packet/fragment.h"
#include "kmod/packet/hooks.h"
#include "kmod/packet/masquerade.h"
#include "kmod/packet/redirect.h"
#include "kmod/packet/track_hooks.h"
#include "kmod/rules/rules.h"
#include "kmod/track/masq_skb.h"

/* a packet in a hook */
struct hook_ctx {
	struct fw_packet pkt;
	struct fw_dev dev;
	struct fw_decision decision;
};

static void account(struct hook_ctx *ctx, enum fw_direction direction,
		    const struct nf_hook_state *state)
{
	struct fw_walk w = { .list = FW_ACCT, .direction = direction, .dev = &ctx->dev };

	fwk_list_walk(state->net, &w, &ctx->pkt, &ctx->decision);
}

/*
 * Walks the list by the state of the packet's connection, and writes the new TOS into the
 * packet; without memory it is dropped.
 */
static struct fw_outcome decide(struct hook_ctx *ctx, enum fw_list_id list,
				struct sk_buff *skb, const struct nf_hook_state *state)
{
	struct fw_walk w = { .list = list, .dev = &ctx->dev };

	fwk_list_walk(state->net, &w, &ctx->pkt, &ctx->decision);
	if (ctx->decision.keep_state || ctx->decision.helper)
		fwk_track_hooks_note(skb, state, &ctx->decision);
	if (ctx->decision.tos != ctx->pkt.tos && !fwk_skb_set_tos(skb, ctx->decision.tos))
		return (struct fw_outcome){ .action = FW_DROP };
	return fw_list_outcome(list, ctx->decision.verdict);
}

unsigned int fwk_acct_in_hook(void *priv, struct sk_buff *skb, const struct nf_hook_state *state)
{
	struct hook_ctx ctx;

	if (fwk_list_is_empty(state->net, FW_ACCT) ||
	    fwk_list_needs_states(state->net, FW_ACCT))
		return NF_ACCEPT;
	if (!fwk_skb_read(&ctx.pkt, skb))
		return NF_DROP;
	fwk_device_receiving(&ctx.dev, skb, state);
	account(&ctx, FW_DIR_IN, state);
	return NF_ACCEPT;
}

unsigned int fwk_defrag_hook(void *priv, struct sk_buff *skb, const struct nf_hook_state *state)
{
	return fwk_fragment_reassemble(skb, state) ? NF_ACCEPT : NF_STOLEN;
}

unsigned int fwk_input_hook(void *priv, struct sk_buff *skb, const struct nf_hook_state *state)
{
	struct fwk_redirect *redirect = priv;
	struct fw_outcome out;
	struct hook_ctx ctx;
	unsigned int verdict;

	if (!fwk_skb_read(&ctx.pkt, skb))
		return NF_DROP;
	fwk_track_hooks_read(&ctx.pkt, skb, state);
	if (fwk_list_needs_states(state->net, FW_ACCT)) {
		fwk_device_receiving(&ctx.dev, skb, state);
		account(&ctx, FW_DIR_IN, state);
	}
	fwk_device_receiving_alias(&ctx.dev, skb, state, ctx.pkt.daddr);
	out = decide(&ctx, FW_INPUT, skb, state);
	if ((out.action == FW_PASS || out.action == FW_REDIRECT) &&
	    fwk_masquerade_received(skb, state, &ctx.pkt, ctx.decision.redirport, &verdict))
		return verdict;
	switch (out.action) {
	case FW_PASS:
		return fwk_redirect_continue(redirect, skb, &ctx.dev);
	case FW_REDIRECT:
		return fwk_redirect(redirect, skb, &ctx.dev, ctx.decision.redirport);
	case FW_ANSWER:
		fwk_reject(skb, out.icmp_code);
		return NF_DROP;
	default:
		return NF_DROP;
	}
}

unsigned int fwk_forward_hook(void *priv, struct sk_buff *skb, const struct nf_hook_state *state)
{
	struct fwk_track *t = fwk_track(state->net);
	struct fw_outcome out;
	struct hook_ctx ctx;
	unsigned int verdict;

	if (!fwk_skb_read(&ctx.pkt, skb))
		return NF_DROP;
	fwk_track_hooks_read(&ctx.pkt, skb, state);
	if (fwk_masquerade_skips_list(skb, state, &ctx.pkt, &verdict))
		return verdict;
	fwk_device_sending(&ctx.dev, skb, state);
	out = decide(&ctx, FW_FORWARD, skb, state);
	/* a kept connection stays masqueraded if it began so */
	if (out.action == FW_PASS && ctx.decision.by == FW_BY_STATE &&
	    fwk_masqueraded(t, &ctx.pkt))
		out.action = FW_MASQUERADE;
	switch (out.action) {
	case FW_PASS:
		return NF_ACCEPT;
	case FW_MASQUERADE:
		return fwk_masquerade(t, skb, &ctx.pkt, ctx.dev.addr, state) ? NF_DROP
									     : NF_ACCEPT;
	case FW_ANSWER:
		fwk_reject(skb, out.icmp_code);
		return NF_DROP;
	default:
		return NF_DROP;
	}
}

/* A drop in POST_ROUTING makes a local sender's send() fail with EPERM. */
unsigned int fwk_output_hook(void *priv, struct sk_buff *skb, const struct nf_hook_state *state)
{
	struct fw_outcome out;
	struct hook_ctx ctx;

	if (!fwk_skb_read(&ctx.pkt, skb))
		return NF_DROP;
	fwk_track_hooks_read(&ctx.pkt, skb, state);
	fwk_device_sending(&ctx.dev, skb, state);
	out = decide(&ctx, FW_OUTPUT, skb, state);
	if (out.action == FW_PASS)
		return NF_ACCEPT;
	if (out.action == FW_ANSWER && IPCB(skb)->flags & IPSKB_FORWARDED)
		fwk_reject(skb, out.icmp_code);
	return NF_DROP;
}

unsigned int fwk_acct_out_hook(void *priv, struct sk_buff *skb, const struct nf_hook_state *state)
{
	struct fw_packet whole;
	struct hook_ctx ctx;
	u32 size, offset = 0;

	if (fwk_list_is_empty(state->net, FW_ACCT))
		return NF_ACCEPT;
	if (!fwk_skb_read(&whole, skb))
		return NF_DROP;
	fwk_track_hooks_read(&whole, skb, state);
	fwk_device_sending(&ctx.dev, skb, state);
	ctx.pkt = whole;
	size = fwk_fragment_size(skb, &whole, state);
	do {
		offset = fwk_fragment_make(&ctx.pkt, &whole, size, offset);
		account(&ctx, FW_DIR_OUT, state);
	} while (offset);
	return NF_ACCEPT;
}
