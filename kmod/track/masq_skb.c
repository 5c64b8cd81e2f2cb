// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * masq_skb.c - masquerading of a socket buffer: the core decides, the packet is rewritten.
 */
#include <linux/net.h>
#include <linux/printk.h>

#include "compat/kcompat.h"
#include "kmod/core/masq.h"
#include "kmod/linux/skb.h"
#include "kmod/linux/skb_rewrite.h"
#include "kmod/track/masq_skb.h"

static bool is_forwarding(const struct fwk_track *t)
{
	return READ_ONCE(t->forwards.count) || READ_ONCE(t->core.masq.forwarded);
}

bool fwk_may_demasquerade(const struct fwk_track *t, const struct fw_packet *pkt)
{
	return is_forwarding(t) || (fwk_is_masquerading(t) && fw_masq_may_answer(&t->core, pkt));
}

static int rewrite(struct sk_buff *skb, const struct fw_packet *from,
		   const struct fw_packet *to, u8 flag)
{
	fwk_seen(skb)->flags |= flag;
	fwk_skb_untrack(skb);
	return fwk_skb_rewrite(skb, from, to) ? 0 : -ENOMEM;
}

int fwk_masquerade(struct fwk_track *t, struct sk_buff *skb, const struct fw_packet *pkt,
		   u32 maddr, const struct nf_hook_state *state)
{
	struct fwk_seen *seen = fwk_seen(skb);
	u32 now = fwk_track_now();
	struct fw_packet to = *pkt;
	struct fwk_view v kcompat_uninitialized;
	struct fw_seen s kcompat_uninitialized;
	int err;

	if (!fwk_seen_valid(t, seen) || !fwk_view_read(&v, skb, state))
		return -EINVAL;
	fwk_seen_resume(t, seen, &v, now, &s);
	if (!s.state)
		return -ENOSPC;
	fwk_masq_lock(t);
	err = fw_masquerade(&t->core, &s, &to, maddr, now);
	spin_unlock_bh(&t->masq_lock);
	if (err < 0)
		return err;
	if (s.fresh)
		seen->flags |= FWK_SEEN_FRESH;
	if (pkt->proto == FW_PROTO_ICMP && !err)
		return 0;
	if (s.entry && s.entry->helper)
		seen->flags |= FWK_SEEN_HELPER;
	return rewrite(skb, pkt, &to, FWK_SEEN_MASQ);
}

/* The words are 2.0's. */
static void sum_report(const struct fw_packet *pkt)
{
	const __be32 saddr = htonl(pkt->saddr);

	if (pkt->proto != FW_PROTO_ICMP && net_ratelimit())
		printk(KERN_DEBUG "MASQ: failed TCP/UDP checksum from %pI4!\n", &saddr);
}

int fwk_demasquerade(struct fwk_track *t, struct sk_buff *skb,
		     const struct fw_packet *pkt)
{
	struct fwk_seen *seen = fwk_seen(skb);
	struct fw_packet to = *pkt;
	int result;

	if (!fwk_seen_valid(t, seen) || !fwk_is_masquerading(t) ||
	    !fw_masq_may_answer(&t->core, pkt))
		return 0;
	if (!(seen->flags & FWK_SEEN_SUM) && !fwk_skb_sum_is_right(skb)) {
		sum_report(pkt);
		return -EBADMSG;
	}
	spin_lock_bh(&t->masq_lock);
	result = fw_demasquerade(&t->core, &to, fwk_track_now());
	spin_unlock_bh(&t->masq_lock);
	if (result <= 0)
		return result;
	seen->flags &= ~FWK_SEEN_FRESH;
	return rewrite(skb, pkt, &to, FWK_SEEN_DEMASQ) ?: 1;
}

/* Is the packet, whose checksum is wrong, for a forward?  2.0 said so, and dropped it. */
static bool is_forwarded(struct fwk_track *t, const struct fw_packet *pkt)
{
	bool found;

	spin_lock_bh(&t->masq_lock);
	found = fw_portfw_find(&t->forwards, pkt, fwk_track_now());
	spin_unlock_bh(&t->masq_lock);
	return found;
}

int fwk_portfw(struct fwk_track *t, struct sk_buff *skb, const struct fw_packet *pkt,
	       const struct nf_hook_state *state)
{
	struct fwk_seen *seen = fwk_seen(skb);
	u32 now = fwk_track_now();
	struct fw_packet to = *pkt;
	struct fwk_view v kcompat_uninitialized;
	struct fw_seen s kcompat_uninitialized;
	__s32 rule;
	int result;

	if (!is_forwarding(t))
		return 0;
	/* By lo the answers would come back to the host. */
	if (!fwk_seen_valid(t, seen) || state->in->flags & IFF_LOOPBACK)
		return 0;
	if (!(seen->flags & FWK_SEEN_SUM) && !fwk_skb_sum_is_right(skb)) {
		if (!is_forwarded(t, pkt))
			return 0;
		sum_report(pkt);
		return -EBADMSG;
	}
	if (!fwk_view_read(&v, skb, state))
		return -EINVAL;
	fwk_seen_resume(t, seen, &v, now, &s);
	if (!s.state)
		return -ENOSPC;
	spin_lock_bh(&t->masq_lock);
	result = fw_masq_forward(&t->core, &s, &to, now, &rule);
	spin_unlock_bh(&t->masq_lock);
	if (s.fresh)
		seen->flags |= FWK_SEEN_FRESH;
	return result > 0 ? rewrite(skb, pkt, &to, FWK_SEEN_DEMASQ) ?: 1 : result;
}

int fwk_masquerade_error(struct fwk_track *t, struct sk_buff *skb,
			 const struct fw_packet *pkt)
{
	struct fw_packet to = *pkt;
	int result;

	if (!fw_masq_looks_into(pkt) || !fwk_seen_valid(t, fwk_seen(skb)) ||
	    !fwk_is_masquerading(t))
		return 0;
	spin_lock_bh(&t->masq_lock);
	result = fw_masquerade_error(&t->core, &to, fwk_track_now());
	spin_unlock_bh(&t->masq_lock);
	if (!result)
		return 0;
	if (!fwk_skb_sum_is_right(skb))
		return -EBADMSG;
	return rewrite(skb, pkt, &to, FWK_SEEN_MASQ) ?: 1;
}

bool fwk_masqueraded(struct fwk_track *t, const struct fw_packet *pkt)
{
	bool found;

	if (!fwk_is_masquerading(t))
		return false;
	spin_lock_bh(&t->masq_lock);
	found = fw_masqueraded(&t->core, pkt, fwk_track_now());
	spin_unlock_bh(&t->masq_lock);
	return found;
}
