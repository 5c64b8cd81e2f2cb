// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * nft_conn.c - masqueraded connections as the kernel tracks them.
 *
 * Read from connection tracking as it is: sequence numbers, which 2.0 showed with
 * -e, are not told there and are 0.
 */
#include "backend/nft_conn.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "backend/nft_attr.h"

struct listing {
	struct fw_conn *conn;	/* malloc'ed */
	size_t count, cap;
	__u64 now;		/* ticks */
};

/* one direction of a connection */
struct tuple {
	__u32 saddr, daddr;
	__u16 sport, dport;	/* ICMP: id; code + 256 * type */
	__u8 proto;
};

static __u32 number(const struct nlattr *nest, unsigned int type)
{
	return (__u32)nft_attr_number(nft_attr_find(nest, type));
}

static struct tuple tuple_read(const struct nlattr *nest)
{
	const struct nlattr *ip = nft_attr_find(nest, CTA_TUPLE_IP);
	const struct nlattr *proto = nft_attr_find(nest, CTA_TUPLE_PROTO);
	struct tuple t = {
		.saddr = number(ip, CTA_IP_V4_SRC),
		.daddr = number(ip, CTA_IP_V4_DST),
		.sport = (__u16)number(proto, CTA_PROTO_SRC_PORT),
		.dport = (__u16)number(proto, CTA_PROTO_DST_PORT),
		.proto = (__u8)number(proto, CTA_PROTO_NUM),
	};

	if (t.proto == FW_PROTO_ICMP) {
		t.sport = (__u16)number(proto, CTA_PROTO_ICMP_ID);
		t.dport = (__u16)(number(proto, CTA_PROTO_ICMP_CODE) +
				  256 * number(proto, CTA_PROTO_ICMP_TYPE));
	}
	return t;
}

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

/* what connection tracking tells of one connection */
struct entry {
	__u32 status, seconds;
	struct tuple out, back;
};

static struct entry entry_read(const struct nlmsghdr *h)
{
	struct entry entry = { 0 };
	struct nft_attrs row = nft_attrs_of(h, sizeof(struct nfgenmsg));
	const struct nlattr *a;

	while ((a = nft_attrs_take(&row))) {
		switch (nft_attr_type(a)) {
		case CTA_STATUS:
			entry.status = (__u32)nft_attr_number(a);
			break;
		case CTA_TIMEOUT:
			entry.seconds = (__u32)nft_attr_number(a);
			break;
		case CTA_TUPLE_ORIG:
			entry.out = tuple_read(a);
			break;
		case CTA_TUPLE_REPLY:
			entry.back = tuple_read(a);
			break;
		}
	}
	return entry;
}

static bool entry_is_masqueraded(const struct entry *e)
{
	return e->status & IPS_SRC_NAT && e->out.saddr != e->back.daddr &&
	       (e->out.proto == FW_PROTO_TCP || e->out.proto == FW_PROTO_UDP ||
		e->out.proto == FW_PROTO_ICMP);
}

static int conn_message(const struct nlmsghdr *h, void *ctx)
{
	struct entry entry = entry_read(h);
	struct listing *l = ctx;
	struct fw_conn *c;

	if (!entry_is_masqueraded(&entry))
		return 0;
	c = listing_more(l);
	if (!c)
		return -ENOMEM;
	*c = (struct fw_conn){
		.proto = entry.out.proto,
		.saddr = entry.out.saddr, .sport = entry.out.sport,
		.daddr = entry.out.daddr, .dport = entry.out.dport,
		.maddr = entry.back.daddr,
		.mport = entry.out.proto == FW_PROTO_ICMP ? entry.back.sport :
							     entry.back.dport,
		.flags = entry.status & IPS_SEEN_REPLY ? 0 : FW_CONN_NO_REPLY,
		.expires = l->now + (__u64)entry.seconds * FW_HZ,
	};
	return 0;
}

/* the place in 2.0's table, which listings followed */
static __u32 conn_bucket(const struct fw_conn *c)
{
	return (c->proto ^ c->maddr ^ c->mport) % FW_CONN_HASH;
}

static int conn_compare(const void *a, const void *b)
{
	const struct fw_conn *x = a, *y = b;
	__u32 i = conn_bucket(x), j = conn_bucket(y);

	if (i != j)
		return i < j ? -1 : 1;
	/* newest first, as far as that can be told */
	if (x->expires != y->expires)
		return x->expires > y->expires ? -1 : 1;
	if (x->mport != y->mport)
		return x->mport > y->mport ? -1 : 1;
	return x->saddr < y->saddr ? -1 : x->saddr > y->saddr;
}

static __u64 ticks_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (__u64)ts.tv_sec * FW_HZ + (__u64)ts.tv_nsec / (1000000000 / FW_HZ);
}

/* Kernels from 5.8 on leave out by themselves what is not asked for. */
static struct nlmsghdr *conn_request(void *buf)
{
	struct nlmsghdr *h = nft_link_request(buf, NFNL_SUBSYS_CTNETLINK, IPCTNL_MSG_CT_GET,
					      NLM_F_DUMP);

	mnl_attr_put_u32(h, CTA_STATUS, htonl(IPS_SRC_NAT));
	mnl_attr_put_u32(h, CTA_STATUS_MASK, htonl(IPS_SRC_NAT));
	return h;
}

/* A table that changes all the time is listed as it comes. */
int nft_conn_list(struct nft_link *l, struct fw_conn **conns, size_t *n, struct fw_error *e)
{
	struct listing listing = { .now = ticks_now() };
	char buf[NFT_REQUEST];
	int err = nft_link_query(l, conn_request(buf), conn_message, &listing);

	if (err && err != -EAGAIN) {
		free(listing.conn);
		if (err == -EINVAL || err == -EOPNOTSUPP)
			return fw_error_set(e, -err, "this kernel does not tell its connections "
					    "(nf_conntrack_netlink)");
		return fw_error_set(e, -err, "cannot read the connections: %s",
				    strerror(-err));
	}
	if (listing.count)
		qsort(listing.conn, listing.count, sizeof(*listing.conn), conn_compare);
	*conns = listing.conn;
	*n = listing.count;
	return 0;
}
