/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * masq_skb.h - masquerading of a socket buffer.
 *
 * pkt is what fwk_skb_read() reads of skb, which is a whole datagram and was in the first
 * phase of the tracker.  Translated packets are untracked for nf_conntrack.  Callers hold
 * rcu_read_lock().
 */
#ifndef FWK_MASQ_SKB_H
#define FWK_MASQ_SKB_H

#include "kmod/track/track_skb.h"

/*
 * A packet that leaves by an interface with address maddr, and that the forward list
 * masquerades.  0, or -errno when it must be dropped.
 */
int fwk_masquerade(struct fwk_track *t, struct sk_buff *skb, const struct fw_packet *pkt,
		   u32 maddr, const struct nf_hook_state *state);

/* A packet to a local address: 1 translated towards the inside, 0 not ours, <0 drop. */
int fwk_demasquerade(struct fwk_track *t, struct sk_buff *skb,
		     const struct fw_packet *pkt);

/*
 * The same packet, if that did not take it: to the outer side of a port forward, or of a
 * connection that one has made.
 */
int fwk_portfw(struct fwk_track *t, struct sk_buff *skb, const struct fw_packet *pkt,
	       const struct nf_hook_state *state);

/* An ICMP error from inside: 1 translated, 0 not about such a connection, <0 drop. */
int fwk_masquerade_error(struct fwk_track *t, struct sk_buff *skb,
			 const struct fw_packet *pkt);

static inline bool fwk_is_masquerading(const struct fwk_track *t)
{
	const u32 *used = t->core.masq.used;

	return READ_ONCE(used[0]) || READ_ONCE(used[1]) || READ_ONCE(used[2]);
}

/* May packets have to be translated? */
static inline bool fwk_is_translating(const struct fwk_track *t)
{
	return fwk_is_masquerading(t) || READ_ONCE(t->forwards.count);
}

/* May fwk_demasquerade() or fwk_portfw() take a packet to a local address? */
bool fwk_may_demasquerade(const struct fwk_track *t, const struct fw_packet *pkt);

/* Does the outgoing packet belong to a masqueraded connection? */
bool fwk_masqueraded(struct fwk_track *t, const struct fw_packet *pkt);

#endif
