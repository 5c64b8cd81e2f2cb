// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * masq_portfw.c - port forwarding: masqueraded entries that a packet from outside makes.
 *
 * Source is the target, destination the client, the masquerade address and port are the
 * outer side.  From then on masquerading does the rest.
 */
#include "kmod/core/masq.h"

#include "kmod/core/table.h"

/* The packet of the client, or the one that an ICMP error from outside quotes. */
static struct fw_entry *entry_find(struct fw_track *t, const struct fw_key *k, __u32 now)
{
	unsigned int dir = FW_ORIGINAL;
	struct fw_entry *c = fw_track_find(t, k, &dir, now);

	return c && c->forwarded && dir == FW_REPLY ? c : NULL;
}

/* A connection that was cut works again when a forward for its outer side is back. */
static bool entry_is_reached(const struct fw_track *t, struct fw_entry *c, __u32 mark)
{
	__u32 i;

	for (i = 0; c->forwarded == FW_FORWARDED_CUT && t->portfw && i < t->portfw->count; i++)
		if (fw_portfw_covers(&t->portfw->entry[i], c->proto, c->maddr, c->mport, mark))
			c->forwarded = FW_FORWARDED_LIVE;
	return c->forwarded == FW_FORWARDED_LIVE;
}

/* The quoted packet is an answer of the target, so that path MTU discovery works. */
static int error_forward(struct fw_track *t, struct fw_packet *pkt, __u32 now)
{
	struct fw_quote *q = &pkt->quote;
	const struct fw_key k = { q->daddr, q->saddr, q->dport, q->sport, q->proto, FW_KEY_PLAIN };
	struct fw_entry *c = entry_find(t, &k, now);

	if (!c || !entry_is_reached(t, c, pkt->mark))
		return 0;
	pkt->daddr = c->saddr;
	q->saddr = c->saddr;
	q->sport = c->sport;
	return 1;
}

/*
 * The entry of a packet that makes a connection: the draft of the tracker, or one without
 * state, because any packet makes one.  What the host had begun or answered itself ends.
 * As in 2.0 it has no helper.  A client that had another way to the target has closed that
 * connection, or must use another port.
 */
static struct fw_entry *entry_make(struct fw_track *t, struct fw_seen *s,
				   const struct fw_portfw *f, const struct fw_packet *pkt,
				   __u32 now)
{
	struct fw_entry *c = &s->draft, *winner;

	if (s->entry)
		fw_track_end(t, s->entry);
	if (!s->fresh)
		*c = (struct fw_entry){ .proto = pkt->proto, .begun = now, .expires = now,
					.iface = { FW_NO_IFACE, FW_NO_IFACE } };
	s->fresh = false;
	c->saddr = f->to;
	c->sport = f->flags & FW_PORTFW_HAS_PORT ? f->to_port : pkt->dport;
	c->daddr = pkt->saddr;
	c->dport = pkt->sport;
	c->maddr = pkt->daddr;
	c->mport = pkt->dport;
	c->helper = 0;
	c->flags |= FW_ENTRY_INWARD;
	c->masq = FW_CONN_MASQ;
	c->forwarded = FW_FORWARDED_LIVE;
	fw_masq_refresh(t, c, now);
	fw_masq_make_way(t, c, false, now);
	s->entry = fw_track_add(t, c, now, &winner);
	return s->entry;
}

int fw_masq_forward(struct fw_track *t, struct fw_seen *s, struct fw_packet *pkt, __u32 now,
		    __s32 *rule)
{
	const struct fw_key k = { pkt->saddr, pkt->daddr, pkt->sport,
				  pkt->dport, pkt->proto, FW_KEY_PLAIN };
	struct fw_portfw *f;
	struct fw_entry *c;

	*rule = -1;
	if (fw_masq_looks_into(pkt))
		return error_forward(t, pkt, now);
	if ((pkt->proto != FW_PROTO_TCP && pkt->proto != FW_PROTO_UDP) ||
	    pkt->frag_off & FW_IP_OFFSET)
		return 0;
	c = entry_find(t, &k, now);
	if (c && !entry_is_reached(t, c, pkt->mark))
		return 0;
	if (!c) {
		f = t->portfw ? fw_portfw_find(t->portfw, pkt, now) : NULL;
		if (!f)
			return 0;
		c = entry_make(t, s, f, pkt, now);
		if (!c)
			return -ENOSPC;
		*rule = (__s32)(f - t->portfw->entry);
		fw_portfw_use(t->portfw, f);
	}
	fw_masq_see_flags(c, pkt, FW_CONN_FIN_IN);
	fw_masq_refresh(t, c, now);
	pkt->daddr = c->saddr;
	pkt->dport = c->sport;
	return 1;
}

bool fw_masq_forward_made(const struct fw_portfw *f, const struct fw_entry *c)
{
	return c->forwarded && c->saddr == f->to &&
	       (!(f->flags & FW_PORTFW_HAS_PORT) || c->sport == f->to_port) &&
	       fw_portfw_covers(f, c->proto, c->maddr, c->mport, f->mark);
}
