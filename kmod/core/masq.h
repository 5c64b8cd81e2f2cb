/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * masq.h - masquerading as 2.0 did it, on the tracker's entries.
 *
 * The inner end of a masqueraded entry is saddr:sport, its outer end maddr:mport.  In
 * reply direction it is found by the outer end alone, because UDP takes answers from any
 * address.  Its translation has a clock and timeouts of its own, those of 2.0: any
 * segment renews it, two FINs and an RST shorten it.  The entry lasts as long as the
 * longer of its two clocks.  What the tracker calls invalid is masqueraded all the same,
 * as in 2.0; such an entry has no TCP state.
 *
 * All functions that are given a time end the entry that they find expired.  Their caller
 * holds a lock of the host, by which translations are decided one after the other.
 */
#ifndef FW_MASQ_H
#define FW_MASQ_H

#include "kmod/core/entry.h"
#include "kmod/core/packet.h"

void fw_masq_init(struct fw_masq *m);

/*
 * Outgoing packet with verdict masquerade, leaving by a device with address maddr: finds
 * the entry or stores the draft of s, and rewrites pkt.  s is what fw_track_in() made of
 * the packet; NULL: nobody tracked it.  0 (1 for an ICMP query, as 2.0 told them apart),
 * or a negative error when the packet must be dropped (other protocol, no port, no
 * memory).  ICMP that is no request passes unchanged with 0.
 */
int fw_masquerade(struct fw_track *t, struct fw_seen *s, struct fw_packet *pkt,
		  __u32 maddr, __u32 now);

/* Packet for a local address: 1 rewritten towards the inside, 0 not ours, <0 drop. */
int fw_demasquerade(struct fw_track *t, struct fw_packet *pkt, __u32 now);

/*
 * The same packet, if that did not take it: to the outer side of a forward of t->portfw,
 * or of a connection that one has made.  s is what fw_track_in() made of it.  rule: index
 * of the forward that makes a connection, -1: none does.
 */
int fw_masq_forward(struct fw_track *t, struct fw_seen *s, struct fw_packet *pkt, __u32 now,
		    __s32 *rule);

/* Has the forward made that entry? */
bool fw_masq_forward_made(const struct fw_portfw *f, const struct fw_entry *c);

/* Could it be for fw_demasquerade(), by its kind and port?  Its checksum must be right. */
bool fw_masq_may_answer(const struct fw_track *t, const struct fw_packet *pkt);

/* FW_CONN_NO_DADDR if a new entry of that protocol may be answered from any address. */
static inline __u8 fw_masq_loose(const struct fw_track *t, __u8 proto)
{
	return proto == FW_PROTO_UDP && !t->masq.strict_udp ? FW_CONN_NO_DADDR : 0;
}

/* Is it an ICMP error of the kinds that masquerading looks into? */
bool fw_masq_looks_into(const struct fw_packet *pkt);

/* ICMP error from inside about a masqueraded connection: 1 rewritten, 0 not. */
int fw_masquerade_error(struct fw_track *t, struct fw_packet *pkt, __u32 now);

/* Does the outgoing packet belong to a masqueraded entry, or does one expect it? */
bool fw_masqueraded(struct fw_track *t, const struct fw_packet *pkt, __u32 now);

/*
 * The masqueraded entry of a packet to its outer end, by the packet's key; NULL if there
 * is none or the peer may not answer.
 */
struct fw_entry *fw_masq_find_in(struct fw_track *t, const struct fw_key *k, __u32 now);
/* The entry of a packet from its inner end, masqueraded or not. */
struct fw_entry *fw_masq_find_out(struct fw_track *t, const struct fw_key *k,
				  unsigned int *dir, __u32 now);

/*
 * Stores an entry with a free port: proto, saddr, daddr, maddr, sport, dport, masq
 * (FW_CONN_*), flags, kept and control are taken from like.  NULL when no port or entry is free.
 */
struct fw_entry *fw_masq_add(struct fw_track *t, const struct fw_entry *like, __u32 now);

/*
 * Ends the entry that has the inner ends of a draft, if its TCP connection has closed;
 * live: in any case.
 */
void fw_masq_make_way(struct fw_track *t, const struct fw_entry *draft, bool live,
		      __u32 now);

/* Stores the draft of s likewise. */
struct fw_entry *fw_masq_store(struct fw_track *t, struct fw_seen *s, __u32 maddr,
			       __u8 flags, __u32 now);

/*
 * Gives an entry that is in the table a translation, and returns the entry that replaces
 * it.  NULL when no port is free.
 */
struct fw_entry *fw_masq_begin(struct fw_track *t, struct fw_entry *c, __u32 maddr,
			       __u32 now);

/*
 * Notes FIN, as the bit fin, and RST of a packet.  A SYN after an RST begins anew what is
 * expected still; for all else 2.0 knew no way back.
 */
static inline void fw_masq_see_flags(struct fw_entry *c, const struct fw_packet *pkt,
				     __u8 fin)
{
	if (c->proto != FW_PROTO_TCP)
		return;
	if (c->flags & FW_ENTRY_EXPECTED &&
	    (pkt->tcpflags & (FW_TCP_SYN | FW_TCP_ACK)) == FW_TCP_SYN)
		c->masq &= (__u8)~FW_CONN_RST;
	if (pkt->tcpflags & FW_TCP_FIN)
		c->masq |= fin;
	if (pkt->tcpflags & FW_TCP_RST)
		c->masq |= FW_CONN_RST;
}

/* A packet was seen: the translation's timeout begins anew. */
void fw_masq_refresh(struct fw_track *t, struct fw_entry *c, __u32 now);

/*
 * Fill in what FW_CONN_NO_SPORT, or NO_DADDR and NO_DPORT, left open.  Return the entry,
 * or the one that replaces it; NULL without room.
 */
struct fw_entry *fw_masq_inner_learn(struct fw_track *t, struct fw_entry *c, __u16 sport,
				     __u32 now);
struct fw_entry *fw_masq_peer_learn(struct fw_track *t, struct fw_entry *c,
				    const struct fw_key *k, __u32 now);

/* free masquerade ports of a protocol, as /proc/net/ip_masquerade has them */
__u32 fw_masq_ports_free(struct fw_track *t, __u8 proto);

/* The entry's line in /proc/net/ip_masquerade; false if 2.0 would not have it any more. */
bool fw_masq_line(const struct fw_track *t, const struct fw_entry *c, __u32 now,
		  struct fw_conn *line);

#endif
