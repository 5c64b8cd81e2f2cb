// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * conntrack_masq.c - masqueraded connections as 2.0 listed them.
 *
 * Sequence numbers, which 2.0 showed with -e, are not reported by today's kernel and
 * are 0.
 */
#include <linux/netfilter/nf_conntrack_common.h>
#include <stdlib.h>

#include "backend/conntrack/conntrack.h"
#include "backend/conntrack/conntrack_entry.h"

struct listing {
	struct fw_conn *conn;	/* malloc'ed */
	size_t count, cap;
	__u64 now;		/* ticks */
	__u32 forwarded;	/* bit of the mark */
};

static struct fw_conn *listing_more(struct listing *l)
{
	size_t cap = l->cap ? 2 * l->cap : 64;
	struct fw_conn *bigger;

	if (l->count == l->cap) {
		bigger = reallocarray(l->conn, cap, sizeof(*l->conn));
		if (!bigger)
			return NULL;
		l->conn = bigger;
		l->cap = cap;
	}
	return &l->conn[l->count++];
}

/* those that 2.0 could have masqueraded */
static bool of_2_0(const struct track_conn *c)
{
	return c->maddr != c->saddr &&
	       (c->proto == FW_PROTO_TCP || c->proto == FW_PROTO_UDP ||
		c->proto == FW_PROTO_ICMP);
}

static int listing_entry(const struct conntrack_entry *entry, const struct track_conn *c,
			 void *ctx)
{
	struct listing *l = ctx;
	struct fw_conn *conn;

	if (!of_2_0(c))
		return 0;
	conn = listing_more(l);
	if (!conn)
		return -ENOMEM;
	*conn = (struct fw_conn){
		.proto = c->proto,
		.saddr = c->saddr, .sport = c->sport,
		.daddr = c->daddr, .dport = c->dport,
		.maddr = c->maddr, .mport = c->mport,
		.flags = entry->status & IPS_SEEN_REPLY ? 0 : FW_CONN_NO_REPLY,
		.expires = l->now + (__u64)c->seconds * FW_HZ,
	};
	if (c->proto == FW_PROTO_ICMP) {
		conn->sport = c->icmp_id;
		conn->dport = (__u16)(256 * c->icmp_type + c->icmp_code);
	}
	return 0;
}

/* One that was made from outside, to a forwarded port: its inner side is the target. */
static int forwarded_entry(const struct conntrack_entry *entry, const struct track_conn *c,
			   void *ctx)
{
	struct listing *l = ctx;
	struct fw_conn *conn;

	if (!(entry->mark & l->forwarded) || entry->status & IPS_SRC_NAT)
		return 0;
	conn = listing_more(l);
	if (!conn)
		return -ENOMEM;
	*conn = (struct fw_conn){
		.proto = c->proto,
		.saddr = entry->back.saddr, .sport = entry->back.sport,
		.daddr = c->saddr, .dport = c->sport,
		.maddr = c->daddr, .mport = c->dport,
		.flags = entry->status & IPS_SEEN_REPLY ? 0 : FW_CONN_NO_REPLY,
		.expires = l->now + (__u64)c->seconds * FW_HZ,
	};
	return 0;
}

static int conn_compare(const void *a, const void *b)
{
	const struct fw_conn *x = a, *y = b;
	__u32 i = fw_conn_bucket(x), j = fw_conn_bucket(y);

	if (i != j)
		return i < j ? -1 : 1;
	/* newest first, as far as that is known */
	if (x->expires != y->expires)
		return x->expires > y->expires ? -1 : 1;
	if (x->mport != y->mport)
		return x->mport > y->mport ? -1 : 1;
	return x->saddr < y->saddr ? -1 : x->saddr > y->saddr;
}

int conntrack_masqueraded(struct netlink *l, __u32 mark_mask, struct fw_conn **conns,
			  size_t *n, struct fw_error *e)
{
	static const struct track_filter all = { NULL, 0 };
	struct listing listing = {
		.now = fw_ticks_now(), .forwarded = plan_marks_of(mark_mask).forwarded,
	};
	int err = conntrack_dump(l, &all, IPS_SRC_NAT, listing_entry, &listing);

	if (!err)
		err = conntrack_dump(l, &all, IPS_DST_NAT, forwarded_entry, &listing);

	if (err) {
		free(listing.conn);
		return conntrack_refused(-err, "list", e);
	}
	if (listing.count)
		qsort(listing.conn, listing.count, sizeof(*listing.conn), conn_compare);
	*conns = listing.conn;
	*n = listing.count;
	return 0;
}
