// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * nft_set.c - anonymous sets, as nft makes them of "{ 1, 5-9 }".
 */
#include "backend/nft/nft_set.h"

#include <linux/netfilter/nf_tables.h>
#include <string.h>

#include "backend/text/emit_text.h"
#include "backend/netlink/netlink_attr.h"

/* nft's numbers for data types; listings depend on them */
enum {
	TYPE_INET_PROTO = 12,
	TYPE_INET_SERVICE = 13,
	TYPE_ICMP_TYPE = 14,
	TYPE_IFNAME = 41,
	TYPE_INTEGER = 4,
	TYPE_BITS = 6,		/* bits of each type of a concatenation */
};

/* user data that nft needs to list a set again: type, length, value */
#define UDATA_ORDER(order) 0, 4, order, 0, 0, 0
#define UDATA_MERGE 2, 4, 1, 0, 0, 0

enum { ORDER_NONE, ORDER_HOST, ORDER_NETWORK };

static const __u8 udata_ranges[] = { UDATA_ORDER(ORDER_NETWORK), UDATA_MERGE };
static const __u8 udata_names[] = { UDATA_ORDER(ORDER_HOST) };
/* "typeof ip hdrlength . ip length": two payload expressions in a concatenation */
static const __u8 udata_short[] = {
	UDATA_ORDER(ORDER_NONE), UDATA_MERGE,
	3, 64, 0, 4, 13, 0, 0, 0,
	1, 56,
	0, 26, 0, 4, 7, 0, 0, 0,
	1, 18, 0, 4, 12, 0, 0, 0, 1, 4, 2, 0, 0, 0, 4, 4, 4, 0, 0, 0,
	1, 26, 0, 4, 7, 0, 0, 0,
	1, 18, 0, 4, 12, 0, 0, 0, 1, 4, 5, 0, 0, 0, 4, 4, 16, 0, 0, 0,
};
static const __u8 udata_open_end[] = { 1, 4, 1, 0, 0, 0 };

/* a set being written */
struct set {
	struct nft_batch *batch;
	__u32 id, cookie;
	__u32 flags, type, key_size, count;
	const __u8 *udata;
	__u32 udata_len;
	struct nlmsghdr *h;	/* message at hand */
	struct nlattr *list;	/* of elements in it */
};

const void *nft_number_wire(__u8 wire[2], __u32 number, unsigned int size)
{
	wire[0] = (__u8)(size == 1 ? number : number >> 8);
	wire[1] = (__u8)number;
	return wire;
}

/* The sizes of a concatenation's parts, in bytes. */
static void parts_write(struct nlmsghdr *h, const __u8 *part, unsigned int n)
{
	struct nlattr *concat = netlink_nest_start(h, NFTA_SET_DESC_CONCAT), *nest;
	unsigned int i;

	for (i = 0; i < n; i++) {
		nest = netlink_nest_start(h, NFTA_LIST_ELEM);
		netlink_put_be32(h, NFTA_SET_FIELD_LEN, part[i]);
		mnl_attr_nest_end(h, nest);
	}
	mnl_attr_nest_end(h, concat);
}

/* part: sizes of nparts parts, if it is a concatenation */
static void set_begin(struct set *s, const __u8 *part, unsigned int nparts)
{
	struct nlmsghdr *h =
		nft_batch_message(s->batch, NFT_MSG_NEWSET, NLM_F_CREATE, s->cookie);
	struct nlattr *nest;

	netlink_put_text(h, NFTA_SET_TABLE, NFT_TABLE);
	netlink_put_text(h, NFTA_SET_NAME, NFT_SET_NAME);
	netlink_put_be32(h, NFTA_SET_FLAGS,
			 NFT_SET_ANONYMOUS | NFT_SET_CONSTANT | s->flags);
	netlink_put_be32(h, NFTA_SET_KEY_TYPE, s->type);
	netlink_put_be32(h, NFTA_SET_KEY_LEN, s->key_size);
	netlink_put_be32(h, NFTA_SET_ID, s->id);
	nest = netlink_nest_start(h, NFTA_SET_DESC);
	netlink_put_be32(h, NFTA_SET_DESC_SIZE, s->count);
	if (nparts)
		parts_write(h, part, nparts);
	mnl_attr_nest_end(h, nest);
	netlink_put(h, NFTA_SET_USERDATA, s->udata, s->udata_len);
	nft_batch_end_message(s->batch, h);
}

static void list_begin(struct set *s)
{
	s->h = nft_batch_message(s->batch, NFT_MSG_NEWSETELEM, NLM_F_CREATE, s->cookie);
	netlink_put_text(s->h, NFTA_SET_ELEM_LIST_TABLE, NFT_TABLE);
	netlink_put_text(s->h, NFTA_SET_ELEM_LIST_SET, NFT_SET_NAME);
	netlink_put_be32(s->h, NFTA_SET_ELEM_LIST_SET_ID, s->id);
	s->list = netlink_nest_start(s->h, NFTA_SET_ELEM_LIST_ELEMENTS);
}

static void list_end(struct set *s)
{
	mnl_attr_nest_end(s->h, s->list);
	nft_batch_end_message(s->batch, s->h);
}

static void element_put_key(struct set *s, unsigned int type, const void *key)
{
	struct nlattr *nest = netlink_nest_start(s->h, type);

	netlink_put(s->h, NFTA_DATA_VALUE, key, s->key_size);
	mnl_attr_nest_end(s->h, nest);
}

/* Begins an element, in a message of its own if this one is rather full. */
static struct nlattr *element_begin(struct set *s, const void *key)
{
	struct nlattr *nest;

	if (s->h->nlmsg_len > NFT_MESSAGE / 2) {
		list_end(s);
		list_begin(s);
	}
	nest = netlink_nest_start(s->h, NFTA_LIST_ELEM);
	element_put_key(s, NFTA_SET_ELEM_KEY, key);
	return nest;
}

static void element_write(struct set *s, const void *key)
{
	mnl_attr_nest_end(s->h, element_begin(s, key));
}

static void number_write(struct set *s, __u32 number, __u32 flags)
{
	__u8 wire[2];
	struct nlattr *nest = element_begin(s, nft_number_wire(wire, number, s->key_size));

	if (flags)
		netlink_put_be32(s->h, NFTA_SET_ELEM_FLAGS, flags);
	mnl_attr_nest_end(s->h, nest);
}

/* The last range reaches the top: it has no end, and says so. */
static void open_range_write(struct set *s, __u32 lo)
{
	__u8 wire[2];
	struct nlattr *nest = element_begin(s, nft_number_wire(wire, lo, s->key_size));

	netlink_put(s->h, NFTA_SET_ELEM_USERDATA, udata_open_end, sizeof(udata_open_end));
	mnl_attr_nest_end(s->h, nest);
}

static bool ranges_are_single(const struct plan_range *range, unsigned int n)
{
	unsigned int i;

	for (i = 0; i < n; i++)
		if (range[i].lo != range[i].hi)
			return false;
	return true;
}

/*
 * An interval set holds where each range begins, and one behind where it ends;
 * what precedes the first range is an end too.
 */
static unsigned int intervals_count(const struct plan_range *range, unsigned int n,
				    __u32 top)
{
	return (range[0].lo != 0) + 2 * n - (range[n - 1].hi == top);
}

static void intervals_write(struct set *s, const struct plan_range *range, unsigned int n,
			    __u32 top)
{
	unsigned int i;

	if (range[0].lo)
		number_write(s, 0, NFT_SET_ELEM_INTERVAL_END);
	for (i = 0; i < n; i++) {
		if (range[i].hi == top) {
			open_range_write(s, range[i].lo);
		} else {
			number_write(s, range[i].lo, 0);
			number_write(s, range[i].hi + 1u, NFT_SET_ELEM_INTERVAL_END);
		}
	}
}

/* ranges of numbers of size bytes (1 or 2), in order and disjoint */
static void ranges_write(struct set *s, const struct plan_match *m, __u32 type,
			 __u32 size)
{
	const struct plan_range *range = m->ranges.item;
	bool single = ranges_are_single(range, m->ranges.count);
	__u32 top = size == 1 ? 0xff : 0xffff, i;

	s->flags = single ? 0 : NFT_SET_INTERVAL;
	s->type = type;
	s->key_size = size;
	s->count = single ? m->ranges.count
			  : intervals_count(range, m->ranges.count, top);
	s->udata = udata_ranges;
	s->udata_len = sizeof(udata_ranges);
	set_begin(s, NULL, 0);
	list_begin(s);
	if (!single)
		intervals_write(s, range, m->ranges.count, top);
	for (i = 0; single && i < m->ranges.count; i++)
		number_write(s, range[i].lo, 0);
	list_end(s);
}

static void names_write(struct set *s, const struct plan_match *m)
{
	char key[FW_IFNAMSIZ];
	__u32 i;

	s->type = TYPE_IFNAME;
	s->key_size = sizeof(key);
	s->count = m->names.count;
	s->udata = udata_names;
	s->udata_len = sizeof(udata_names);
	set_begin(s, NULL, 0);
	list_begin(s);
	for (i = 0; i < m->names.count; i++) {
		memset(key, 0, sizeof(key));
		memcpy(key, m->names.item[i], strnlen(m->names.item[i], sizeof(key) - 1));
		element_write(s, key);
	}
	list_end(s);
}

/* a concatenation: each part fills four bytes */
struct short_key {
	__u8 header;
	__u8 pad[3];
	__be16 length;
	__u8 pad2[2];
};

/* (header length, total length) of packets with too few bytes behind the header */
static void short_write(struct set *s, const struct plan_match *m)
{
	static const __u8 parts[] = { 1, 2 };
	struct short_key key = { 0 }, end = { 0 };
	unsigned int ihl;
	struct nlattr *nest;

	s->flags = NFT_SET_INTERVAL | NFT_SET_CONCAT;
	s->type = TYPE_INTEGER << TYPE_BITS | TYPE_INTEGER;
	s->key_size = sizeof(key);
	s->count = EMIT_IHL_MAX - EMIT_IHL_MIN + 1;
	s->udata = udata_short;
	s->udata_len = sizeof(udata_short);
	set_begin(s, parts, sizeof(parts));
	list_begin(s);
	for (ihl = EMIT_IHL_MIN; ihl <= EMIT_IHL_MAX; ihl++) {
		key.header = end.header = (__u8)ihl;
		end.length = htobe16((__u16)emit_short_max(m, ihl));
		nest = element_begin(s, &key);
		element_put_key(s, NFTA_SET_ELEM_KEY_END, &end);
		mnl_attr_nest_end(s->h, nest);
	}
	list_end(s);
}

bool nft_match_has_set(const struct plan_match *m)
{
	switch (m->type) {
	case PLAN_M_PROTO:
	case PLAN_M_SPORT:
	case PLAN_M_DPORT:
	case PLAN_M_ICMP_TYPE:
		return m->ranges.count > 1;
	case PLAN_M_IIFNAME:
	case PLAN_M_OIFNAME:
		return m->names.count > 1;
	case PLAN_M_SHORT:
		return true;
	default:
		return false;
	}
}

void nft_set_write(struct nft_batch *b, const struct plan_match *m, __u32 id,
		   __u32 cookie)
{
	struct set s = {.batch = b, .id = id, .cookie = cookie};

	switch (m->type) {
	case PLAN_M_PROTO:
		ranges_write(&s, m, TYPE_INET_PROTO, 1);
		break;
	case PLAN_M_ICMP_TYPE:
		ranges_write(&s, m, TYPE_ICMP_TYPE, 1);
		break;
	case PLAN_M_SPORT:
	case PLAN_M_DPORT:
		ranges_write(&s, m, TYPE_INET_SERVICE, 2);
		break;
	case PLAN_M_SHORT:
		short_write(&s, m);
		break;
	default:
		names_write(&s, m);
		break;
	}
}
