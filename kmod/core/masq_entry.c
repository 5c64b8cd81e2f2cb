// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * masq_entry.c - masqueraded entries: given a port, aged.
 */
#include "kmod/core/masq.h"

#include "kmod/core/expect.h"
#include "kmod/core/masq_find.h"
#include "kmod/core/tcp.h"

#include FW_HOST_H

#define TIMEOUT_RST 1	/* tick */
#define PORTS_TRIED 128	/* for one to share, because packets wait */

__u32 fw_masq_ports_free(struct fw_track *t, __u8 proto)
{
	__u32 ports = t->masq.port_end - t->masq.port_first, used = *fw_masq_used(t, proto);

	return used < ports ? ports - used : 0;
}

/* Longer than ticks can tell is the longest. */
static __u32 ticks(__u32 seconds)
{
	return seconds > 0x7fffffff / FW_TRACK_HZ ? 0x7fffffff : seconds * FW_TRACK_HZ;
}

static __u32 timeout_of(const struct fw_track *t, const struct fw_entry *c)
{
	const __u8 fins = FW_CONN_FIN_OUT | FW_CONN_FIN_IN;

	switch (c->proto) {
	case FW_PROTO_UDP:
		return ticks(t->masq.timeouts.udp);
	case FW_PROTO_TCP:
		if (c->masq & FW_CONN_RST)
			return TIMEOUT_RST;
		return ticks((c->masq & fins) == fins ? t->masq.timeouts.tcpfin
						      : t->masq.timeouts.tcp);
	default:
		return FW_TIMEOUT_ICMP * FW_TRACK_HZ;
	}
}

void fw_masq_refresh(struct fw_track *t, struct fw_entry *c, __u32 now)
{
	c->masq_expires = now + timeout_of(t, c);
}

struct fw_entry *fw_masq_find_out(struct fw_track *t, const struct fw_key *k,
				  unsigned int *dir, __u32 now)
{
	struct fw_entry *c = fw_track_find(t, k, dir, now);
	struct fw_key unknown = *k;

	if (c && !(c->masq & FW_CONN_NO_SPORT))
		return c;
	unknown.sport = 0;
	c = fw_track_find(t, &unknown, dir, now);
	return c && c->masq & FW_CONN_NO_SPORT ? c : NULL;
}

static __u16 port_next(struct fw_masq *m)
{
	__u16 port = m->next_port++;

	if (m->next_port == m->port_end)
		m->next_port = m->port_first;
	return port;
}

/* Does c's peer use the port with an entry that shares it, or with the host itself? */
static bool port_has_peer(struct fw_track *t, const struct fw_entry *c, __u32 maddr,
			  __u16 port, __u32 now)
{
	const struct fw_key k = { c->daddr, maddr, c->dport, port, c->proto, FW_KEY_PLAIN };
	unsigned int dir;

	return fw_track_find(t, &k, &dir, now);
}

/* A port that others use with other peers alone, 0 if none is found. */
static __u16 port_share(struct fw_track *t, const struct fw_entry *c, __u32 maddr, __u32 now)
{
	unsigned int tried;

	for (tried = 0; tried < PORTS_TRIED; tried++) {
		__u16 port = port_next(&t->masq);
		const struct fw_entry *other = fw_masq_find_port(t, c->proto, maddr, port, now);

		if (!(other && fw_masq_has_peer(other, c->daddr, c->dport)) &&
		    !port_has_peer(t, c, maddr, port, now))
			return port;
	}
	return 0;
}

/*
 * The next port that no entry uses with c's protocol and that address, else one that c may
 * share; sets c->shares_port.  Returns 0 if there is none.
 */
static __u16 port_take(struct fw_track *t, struct fw_entry *c, __u32 maddr, __u32 now)
{
	const __u8 proto = c->proto;
	unsigned int tried;

	if (!fw_masq_ports_free(t, proto))
		fw_host_sweep(t, now);
	if (!fw_masq_ports_free(t, proto)) {
		c->shares_port = t->masq.share && proto == FW_PROTO_TCP &&
				 !(c->masq & FW_CONN_OPEN);
		return c->shares_port ? port_share(t, c, maddr, now) : 0;
	}
	if (t->portfw && proto != FW_PROTO_ICMP && fw_portfw_keeps_port(t->portfw, c->dport) &&
	    c->sport && !fw_masq_find_port(t, proto, maddr, c->sport, now))
		return c->sport;
	for (tried = t->masq.port_first; tried < t->masq.port_end; tried++) {
		__u16 port = port_next(&t->masq);

		if (!fw_masq_find_port(t, proto, maddr, port, now) &&
		    !(t->masq.sharing && port_has_peer(t, c, maddr, port, now)))
			return port;
	}
	return 0;
}

/* The outer end of an entry that is not in the table. */
static bool outer_set(struct fw_track *t, struct fw_entry *c, __u32 maddr, __u8 flags,
		      __u32 now)
{
	c->masq = flags | FW_CONN_NO_REPLY | FW_CONN_MASQ;
	if (!maddr)
		return false;
	c->mport = port_take(t, c, maddr, now);
	if (!c->mport) {
		fw_host_stat_add(t, FW_STAT_NO_PORT);
		return false;
	}
	c->maddr = maddr;
	if (!c->helper && !(c->flags & FW_ENTRY_EXPECTED))
		c->helper = fw_portfw_helper(t->portfw, c->proto, c->dport);
	fw_masq_refresh(t, c, now);
	return true;
}

void fw_masq_make_way(struct fw_track *t, const struct fw_entry *draft, bool live,
		      __u32 now)
{
	const struct fw_key k = fw_entry_key(draft, FW_ORIGINAL);
	unsigned int dir;
	struct fw_entry *c = fw_track_find(t, &k, &dir, now);

	if (c && (live || (c->proto == FW_PROTO_TCP &&
			   (!c->state || c->state >= FW_TCP_TIME_WAIT))))
		fw_track_end(t, c);
}

/*
 * Ends an entry in favour of a copy with other ends, because lookups must not see the
 * ends of an entry change.  An entry that has these ends is of an earlier connection: the
 * inner end uses its port anew, and 2.0 found the newest first.  NULL: no room, or another
 * packet was faster.
 */
static struct fw_entry *entry_replace(struct fw_track *t, struct fw_entry *c,
				      struct fw_entry *copy, __u32 now)
{
	struct fw_entry *winner;

	copy->help = copy->expects = 0;
	fw_track_end(t, c);
	fw_masq_make_way(t, copy, true, now);
	return fw_track_add(t, copy, now, &winner);
}

struct fw_entry *fw_masq_begin(struct fw_track *t, struct fw_entry *c, __u32 maddr,
			       __u32 now)
{
	struct fw_entry copy = *c;

	if (!outer_set(t, &copy, maddr, fw_masq_loose(t, c->proto), now))
		return NULL;
	return entry_replace(t, c, &copy, now);
}

struct fw_entry *fw_masq_store(struct fw_track *t, struct fw_seen *s, __u32 maddr,
			       __u8 flags, __u32 now)
{
	const struct fw_key k = fw_entry_key(&s->draft, FW_ORIGINAL);
	struct fw_entry *winner;

	s->fresh = false;
	if (!outer_set(t, &s->draft, maddr, flags, now))
		return NULL;
	s->entry = fw_track_add(t, &s->draft, now, &winner);
	if (s->entry && s->expect && t->set->own & FW_OWN_EXPECT_USE)
		fw_expect_use(t, s, now);
	/* A packet that lost a race is translated by the winner, if that is of its connection. */
	if (!s->entry && winner && winner->masq && fw_entry_is(winner, FW_ORIGINAL, &k)) {
		fw_host_stat_add(t, FW_STAT_JOINED);
		s->entry = winner;
	}
	return s->entry;
}

struct fw_entry *fw_masq_add(struct fw_track *t, const struct fw_entry *like, __u32 now)
{
	struct fw_seen s = { .fresh = true };

	s.draft = (struct fw_entry){
		.saddr = like->saddr,
		.daddr = like->daddr,
		.maddr = like->saddr,
		.sport = like->sport,
		.dport = like->dport,
		.mport = like->sport,
		.proto = like->proto,
		.begun = now,
		.expires = now,
		.iface = { FW_NO_IFACE, FW_NO_IFACE },
		.control = like->control,
		.flags = like->flags,
		.kept = like->kept,
	};
	return fw_masq_store(t, &s, like->maddr, like->masq, now);
}

struct fw_entry *fw_masq_inner_learn(struct fw_track *t, struct fw_entry *c, __u16 sport,
				     __u32 now)
{
	struct fw_entry copy;

	if (!(c->masq & FW_CONN_NO_SPORT))
		return c;
	copy = *c;
	copy.masq &= (__u8)~FW_CONN_NO_SPORT;
	copy.sport = sport;
	return entry_replace(t, c, &copy, now);
}

/* UDP keeps taking answers from any address, but not from any port. */
struct fw_entry *fw_masq_peer_learn(struct fw_track *t, struct fw_entry *c,
				    const struct fw_key *k, __u32 now)
{
	struct fw_entry copy;

	if (!(c->masq & FW_CONN_NO_DPORT) &&
	    !(c->masq & FW_CONN_NO_DADDR && c->proto == FW_PROTO_TCP))
		return c;
	copy = *c;
	if (c->masq & FW_CONN_NO_DPORT) {
		copy.masq &= (__u8)~FW_CONN_NO_DPORT;
		copy.dport = k->sport;
	}
	if (c->masq & FW_CONN_NO_DADDR && c->proto == FW_PROTO_TCP) {
		copy.masq &= (__u8)~FW_CONN_NO_DADDR;
		copy.daddr = k->saddr;
	}
	return entry_replace(t, c, &copy, now);
}

bool fw_masq_line(const struct fw_track *t, const struct fw_entry *c, __u32 now,
		  struct fw_conn *line)
{
	const struct fw_adjust *a = c->help ? &t->helps[c->help].adjust[FW_ORIGINAL] : NULL;

	if (!c->masq || (fw_tick_over(c->masq_expires, now) && !fw_entry_has_dependents(c)))
		return false;
	*line = (struct fw_conn){
		.saddr = c->saddr,
		.daddr = c->daddr,
		.maddr = c->maddr,
		.sport = c->sport,
		.dport = c->dport,
		.mport = c->mport,
		.proto = c->proto,
		.flags = c->masq & (FW_CONN_MASQ - 1),
		.init_seq = a ? a->pos : 0,
		.delta = a ? a->after : 0,
		.previous_delta = a ? a->before : 0,
		.expires = fw_tick_over(c->masq_expires, now) ? now : c->masq_expires,
		.id = c->id,
	};
	return true;
}
