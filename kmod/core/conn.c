// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * conn.c - the entries of the connection table: made, found, aged.
 */
#include "kmod/core/conn.h"

#define TIMEOUT_RST 1	/* tick */
#define NEVER (~(__u64)0)

const struct fw_masq_helper fw_masq_helpers[FW_MASQ_HELPERS] = {
	{ FW_HELPER_FTP, FW_PROTO_TCP, 1, { 21 } },
	{ FW_HELPER_IRC, FW_PROTO_TCP, 1, { 6667 } },
	{ FW_HELPER_RAUDIO, FW_PROTO_TCP, 1, { 7070 } },
	{ FW_HELPER_VDOLIVE, FW_PROTO_TCP, 1, { 7000 } },
	{ FW_HELPER_CUSEEME, FW_PROTO_UDP, 1, { 7648 } },
	{ FW_HELPER_QUAKE, FW_PROTO_UDP, 2, { 26000, 27000 } },
};

enum fw_helper_id fw_masq_helper_bind(__u8 proto, __u16 dport)
{
	unsigned int n, i;

	for (n = 0; n < FW_MASQ_HELPERS; n++) {
		const struct fw_masq_helper *h = &fw_masq_helpers[n];

		for (i = 0; h->proto == proto && i < h->nports; i++)
			if (h->ports[i] == dport)
				return h->id;
	}
	return FW_HELPER_NONE;
}

void fw_conn_table_init(struct fw_conn_table *t, struct fw_conn *entries, __u32 n)
{
	__u32 i;

	*t = (struct fw_conn_table){
		.entries = entries,
		.nentries = n,
		.next_port = FW_MASQ_PORT_FIRST,
		.earliest = NEVER,
		.timeouts = {
			.tcp = FW_TIMEOUT_TCP,
			.tcpfin = FW_TIMEOUT_TCPFIN,
			.udp = FW_TIMEOUT_UDP,
		},
	};
	for (i = n; i-- > 0;) {
		entries[i] = (struct fw_conn){ .next = t->free };
		t->free = &entries[i];
	}
}

/* The order of listings depends on this hash of 2.0. */
static __u32 conn_hash(__u8 proto, __u32 addr, __u16 port)
{
	return (proto ^ addr ^ port) % FW_CONN_HASH;
}

static unsigned int used_index(__u8 proto)
{
	switch (proto) {
	case FW_PROTO_UDP:
		return 0;
	case FW_PROTO_TCP:
		return 1;
	default:
		return 2;
	}
}

__u32 fw_conn_ports_free(const struct fw_conn_table *t, __u8 proto)
{
	return FW_MASQ_MAX - t->used[used_index(proto)];
}

static struct fw_conn **out_head(struct fw_conn_table *t, const struct fw_conn *c)
{
	__u16 sport = c->flags & FW_CONN_NO_SPORT ? 0 : c->sport;

	return &t->out[conn_hash(c->proto, c->saddr, sport)];
}

static void out_link(struct fw_conn_table *t, struct fw_conn *c)
{
	struct fw_conn **head = out_head(t, c);

	c->out_next = *head;
	*head = c;
}

static void out_unlink(struct fw_conn_table *t, struct fw_conn *c)
{
	struct fw_conn **at = out_head(t, c);

	while (*at != c)
		at = &(*at)->out_next;
	*at = c->out_next;
}

static void conn_free(struct fw_conn_table *t, struct fw_conn *c)
{
	struct fw_conn **at = &t->head[conn_hash(c->proto, c->maddr, c->mport)];

	while (*at != c)
		at = &(*at)->next;
	*at = c->next;
	out_unlink(t, c);
	t->used[used_index(c->proto)]--;
	if (c->control)
		c->control->dependents--;
	*c = (struct fw_conn){ .next = t->free };
	t->free = c;
}

static __u64 timeout_of(const struct fw_conn_table *t, const struct fw_conn *c)
{
	const __u8 fins = FW_CONN_FIN_OUT | FW_CONN_FIN_IN;

	switch (c->proto) {
	case FW_PROTO_UDP:
		return (__u64)t->timeouts.udp * FW_HZ;
	case FW_PROTO_TCP:
		if (c->flags & FW_CONN_RST)
			return TIMEOUT_RST;
		return (__u64)FW_HZ * ((c->flags & fins) == fins ? t->timeouts.tcpfin :
							       t->timeouts.tcp);
	default:
		return (__u64)FW_TIMEOUT_ICMP * FW_HZ;
	}
}

void fw_conn_refresh(struct fw_conn_table *t, struct fw_conn *c, __u64 now)
{
	c->expires = now + timeout_of(t, c);
	if (c->expires < t->earliest)
		t->earliest = c->expires;
}

/*
 * One pass: over the entries with a control, or over the others.  A control
 * entry lives on while any entry points to it.
 */
static void expire_entries(struct fw_conn_table *t, __u64 now, bool controlled)
{
	__u32 i;

	for (i = 0; i < t->nentries; i++) {
		struct fw_conn *c = &t->entries[i];

		if (!c->proto || c->expires > now || !!c->control != controlled)
			continue;
		if (c->dependents)
			c->expires = now + (__u64)t->timeouts.tcp * FW_HZ;
		else
			conn_free(t, c);
	}
}

void fw_conn_expire(struct fw_conn_table *t, __u64 now)
{
	__u32 i;

	if (now < t->earliest)
		return;
	expire_entries(t, now, true);
	expire_entries(t, now, false);
	t->earliest = NEVER;
	for (i = 0; i < t->nentries; i++) {
		const struct fw_conn *c = &t->entries[i];

		if (c->proto && c->expires < t->earliest)
			t->earliest = c->expires;
	}
}

static struct fw_conn *find_by_port(const struct fw_conn_table *t, __u8 proto,
				    __u32 maddr, __u16 mport)
{
	struct fw_conn *c = t->head[conn_hash(proto, maddr, mport)];

	while (c && !(c->mport == mport && c->maddr == maddr && c->proto == proto))
		c = c->next;
	return c;
}

struct fw_conn *fw_conn_find_in(const struct fw_conn_table *t, __u8 proto,
				struct fw_end peer, struct fw_end masq)
{
	struct fw_conn *c = find_by_port(t, proto, masq.addr, masq.port);

	if (!c || (c->daddr != peer.addr && !(c->flags & FW_CONN_NO_DADDR)) ||
	    (c->dport != peer.port && !(c->flags & FW_CONN_NO_DPORT)))
		return NULL;
	return c;
}

/* sport NULL: an entry that does not know its inner port yet */
static struct fw_conn *find_out(const struct fw_conn_table *t, __u8 proto,
				__u32 saddr, const __u16 *sport, struct fw_end peer)
{
	struct fw_conn *c = t->out[conn_hash(proto, saddr, sport ? *sport : 0)];

	for (; c; c = c->out_next) {
		bool unknown = c->flags & FW_CONN_NO_SPORT;

		if (c->proto == proto && c->saddr == saddr && c->daddr == peer.addr &&
		    c->dport == peer.port &&
		    (sport ? !unknown && c->sport == *sport : unknown))
			return c;
	}
	return NULL;
}

struct fw_conn *fw_conn_find_out(struct fw_conn_table *t, __u8 proto,
				 struct fw_end inner, struct fw_end peer)
{
	struct fw_conn *c = find_out(t, proto, inner.addr, &inner.port, peer);

	return c ? c : find_out(t, proto, inner.addr, NULL, peer);
}

/* The next port that nobody uses with that protocol and address, 0 if none. */
static __u16 port_take(struct fw_conn_table *t, __u8 proto, __u32 maddr)
{
	unsigned int tried;

	for (tried = 0; tried < FW_MASQ_MAX; tried++) {
		__u16 port = t->next_port++;

		if (t->next_port == FW_MASQ_PORT_END)
			t->next_port = FW_MASQ_PORT_FIRST;
		if (!find_by_port(t, proto, maddr, port))
			return port;
	}
	return 0;
}

struct fw_conn *fw_conn_add(struct fw_conn_table *t, const struct fw_conn *like,
			    __u64 now)
{
	struct fw_conn *c, **head;
	__u16 mport;

	fw_conn_expire(t, now);
	c = t->free;
	if (!c || !fw_conn_ports_free(t, like->proto))
		return NULL;
	mport = port_take(t, like->proto, like->maddr);
	if (!mport)
		return NULL;
	t->free = c->next;
	*c = (struct fw_conn){
		.control = like->control,
		.saddr = like->saddr,
		.daddr = like->daddr,
		.maddr = like->maddr,
		.sport = like->sport,
		.dport = like->dport,
		.mport = mport,
		.proto = like->proto,
		.flags = like->flags | FW_CONN_NO_REPLY,
		.helper = fw_masq_helper_bind(like->proto, like->dport),
	};
	head = &t->head[conn_hash(c->proto, c->maddr, c->mport)];
	c->next = *head;
	*head = c;
	out_link(t, c);
	t->used[used_index(c->proto)]++;
	if (c->control)
		c->control->dependents++;
	fw_conn_refresh(t, c, now);
	return c;
}

void fw_conn_inner_learn(struct fw_conn_table *t, struct fw_conn *c, __u16 sport)
{
	if (!(c->flags & FW_CONN_NO_SPORT))
		return;
	out_unlink(t, c);
	c->flags &= ~FW_CONN_NO_SPORT;
	c->sport = sport;
	out_link(t, c);
}

/* UDP keeps taking answers from any address, but not from any port. */
void fw_conn_peer_learn(struct fw_conn *c, struct fw_end peer)
{
	if (c->flags & FW_CONN_NO_DPORT) {
		c->flags &= ~FW_CONN_NO_DPORT;
		c->dport = peer.port;
	}
	if (c->flags & FW_CONN_NO_DADDR && c->proto == FW_PROTO_TCP) {
		c->flags &= ~FW_CONN_NO_DADDR;
		c->daddr = peer.addr;
	}
}

struct fw_conn *fw_conn_next(const struct fw_conn_table *t, const struct fw_conn *c,
			     __u32 *bucket)
{
	struct fw_conn *next = c ? c->next : t->head[*bucket];

	while (!next && ++*bucket < FW_CONN_HASH)
		next = t->head[*bucket];
	return next;
}
