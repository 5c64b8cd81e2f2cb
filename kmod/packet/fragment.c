// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * fragment.c - fragments: reassembled on receipt, predicted for accounting.
 *
 * 2.0 counted fragments when they were sent.  Netfilter has no hook after fragmentation,
 * so the fragments that ip_fragment() will make of a packet are computed.
 */
#include <linux/netfilter_ipv4.h>
#include <net/ip.h>

#include "kmod/packet/fragment.h"

/* Queue of our own, so that fragments are not mixed with those of nf_defrag_ipv4. */
#define DEFRAG_USER 0x69706677

bool fwk_fragment_reassemble(struct sk_buff *skb, const struct nf_hook_state *state)
{
	int err;

	if (!ip_is_fragment(ip_hdr(skb)))
		return true;
	local_bh_disable();
	err = ip_defrag(state->net, skb, DEFRAG_USER);
	local_bh_enable();
	if (err)
		return false;
	skb->ignore_df = 1;	/* it was fragmented before, so it may be again */
	return true;
}

u32 fwk_fragment_size(const struct sk_buff *skb, const struct fw_packet *pkt,
		      const struct nf_hook_state *state)
{
	u32 mtu = ip_skb_dst_mtu(state->sk, skb), hlen = fw_packet_hlen(pkt);
	u32 received = IPCB(skb)->frag_max_size;	/* 0: not in fragments */

	if (received && received < mtu)
		mtu = received;
	if (skb_is_gso(skb) || pkt->len <= mtu || mtu < hlen + 8)
		return U32_MAX;
	return (mtu - hlen) & ~7u;
}

u32 fwk_fragment_make(struct fw_packet *pkt, const struct fw_packet *whole, u32 size,
		      u32 offset)
{
	u32 hlen = fw_packet_hlen(whole), left = whole->len - hlen - offset;

	pkt->len = hlen + min(left, size);
	pkt->frag_off = whole->frag_off + offset / 8;
	if (left <= size)
		return 0;
	pkt->frag_off |= FW_IP_MF;
	return offset + size;
}
