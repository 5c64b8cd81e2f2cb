/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * track_skb.h - the tracker's two phases for a socket buffer.
 *
 * What the first phase found travels in the last eight bytes of skb->cb, struct fwk_seen.
 * From PRE_ROUTING or LOCAL_OUT to POST_ROUTING or LOCAL_IN nothing else uses these: IP has
 * the first 24 bytes, a bridge up to 40, and TCP begins after LOCAL_IN.  A queue to user
 * space keeps them, unless it cuts a packet into segments.  A record of another namespace
 * or of no one has another magic number: the first phase is done again then.
 *
 * A packet without entry is prepared again by the second phase, because the draft of an
 * entry is larger than the record.  That costs a second lookup for the first packet of a
 * connection, and a packet that lost the race of two first packets joins the winner.
 */
#ifndef FWK_TRACK_SKB_H
#define FWK_TRACK_SKB_H

#include <linux/netfilter.h>
#include <linux/skbuff.h>

#include "kmod/track/track.h"

struct fwk_seen {
	u32 magic;	/* struct fwk_track.magic */
	u8 state;	/* FW_STATE_* */
	u8 dir;		/* FW_ORIGINAL, FW_REPLY, FW_NO_DIR */
	u8 flags;	/* FWK_SEEN_* */
	u8 helper;	/* of a rule, for the connection that begins */
};

#define FWK_SEEN_FRESH 0x01	/* it begins a connection, unless that is there by then */
#define FWK_SEEN_HELPER 0x02	/* its connection has a helper */
#define FWK_SEEN_KEPT 0x04	/* its connection passes the lists */
#define FWK_SEEN_KEEP 0x08	/* a rule has said so, of this packet */
#define FWK_SEEN_EXPECTED 0x10	/* an expectation was used up for it */
#define FWK_SEEN_MASQ 0x20	/* it was masqueraded */
#define FWK_SEEN_DEMASQ 0x40	/* it was demasqueraded */
#define FWK_SEEN_SUM 0x80	/* its transport checksum is right */

/* IP and TCP header with options, or what an ICMP error quotes of them */
#define FWK_HEADERS_MAX 160

/* What the tracker reads of a packet, with room for headers that are not linear. */
struct fwk_view {
	struct fw_track_packet p;
	u8 buf[FWK_HEADERS_MAX];
};

static inline struct fwk_seen *fwk_seen(const struct sk_buff *skb)
{
	static_assert(sizeof(struct fwk_seen) == 8);
	return (struct fwk_seen *)(skb->cb + sizeof(skb->cb) - sizeof(struct fwk_seen));
}

/* Was the packet in the first phase of this table? */
static inline bool fwk_seen_valid(const struct fwk_track *t, const struct fwk_seen *s)
{
	return s->magic == t->magic && s->state;
}

/*
 * First phase, of a whole datagram.  Returns its record, or NULL if it must be dropped.
 * Caller holds rcu_read_lock().
 */
struct fwk_seen *fwk_track_in(struct fwk_track *t, struct sk_buff *skb,
			      const struct nf_hook_state *state);

/* Private to this folder: reads a packet; false if it must be dropped. */
bool fwk_view_read(struct fwk_view *v, const struct sk_buff *skb,
		   const struct nf_hook_state *state);
/* Likewise: what the first phase and the rules have found, of a packet read by view. */
void fwk_seen_resume(struct fwk_track *t, struct fwk_seen *seen, const struct fwk_view *v,
		     u32 now, struct fw_seen *s);

/*
 * Second phase, after all lists.  Returns false if it must be dropped.  Caller holds
 * rcu_read_lock().
 */
bool fwk_track_confirm(struct fwk_track *t, struct sk_buff *skb,
		       const struct nf_hook_state *state);

#endif
