// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * nft_set.c - anonymous sets, as nft makes them of "{ 1, 5-9 }".
 */
#include "backend/nft_set.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <string.h>

#include "backend/emit_text.h"
#include "backend/nft_expr.h"

#define ANONYMOUS "__set%d"	/* the kernel puts a number in */

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

static struct nftnl_set *set_new(__u32 id, __u32 flags, __u32 type, __u32 key_size)
{
	struct nftnl_set *s = nftnl_set_alloc();

	if (!s)
		return NULL;
	if (nftnl_set_set_str(s, NFTNL_SET_TABLE, NFT_TABLE) ||
	    nftnl_set_set_str(s, NFTNL_SET_NAME, ANONYMOUS)) {
		nftnl_set_free(s);
		return NULL;
	}
	nftnl_set_set_u32(s, NFTNL_SET_FAMILY, NFPROTO_IPV4);
	nftnl_set_set_u32(s, NFTNL_SET_ID, id);
	nftnl_set_set_u32(s, NFTNL_SET_FLAGS,
			  NFT_SET_ANONYMOUS | NFT_SET_CONSTANT | flags);
	nftnl_set_set_u32(s, NFTNL_SET_KEY_TYPE, type);
	nftnl_set_set_u32(s, NFTNL_SET_KEY_LEN, key_size);
	return s;
}

/* Adds an element; false when memory is exhausted. */
static bool element_add(struct nftnl_set *s, const void *key, __u32 size,
			const void *key_end, __u32 flags)
{
	struct nftnl_set_elem *e = nftnl_set_elem_alloc();

	if (!e)
		return false;
	if (nftnl_set_elem_set(e, NFTNL_SET_ELEM_KEY, key, size) ||
	    (key_end && nftnl_set_elem_set(e, NFTNL_SET_ELEM_KEY_END, key_end, size))) {
		nftnl_set_elem_free(e);
		return false;
	}
	if (flags)
		nftnl_set_elem_set_u32(e, NFTNL_SET_ELEM_FLAGS, flags);
	nftnl_set_elem_add(s, e);
	return true;
}

/* Gives s its size and user data, or frees it when ok is not set. */
static struct nftnl_set *set_finish(struct nftnl_set *s, bool ok, __u32 size,
				    const void *udata, __u32 len)
{
	if (s && (!ok || nftnl_set_set_data(s, NFTNL_SET_USERDATA, udata, len))) {
		nftnl_set_free(s);
		return NULL;
	}
	if (s)
		nftnl_set_set_u32(s, NFTNL_SET_DESC_SIZE, size);
	return s;
}

const void *nft_number_wire(__u8 wire[2], __u32 number, unsigned int size)
{
	wire[0] = (__u8)(size == 1 ? number : number >> 8);
	wire[1] = (__u8)number;
	return wire;
}

static bool number_add(struct nftnl_set *s, __u32 number, unsigned int size, __u32 flags)
{
	__u8 wire[2];

	return element_add(s, nft_number_wire(wire, number, size), size, NULL, flags);
}

static bool ranges_are_single(const struct plan_range *range, unsigned int n)
{
	unsigned int i;

	for (i = 0; i < n; i++)
		if (range[i].lo != range[i].hi)
			return false;
	return true;
}

/* The last range reaches the top: it has no end, and says so. */
static bool open_range_add(struct nftnl_set *s, __u32 lo, unsigned int size)
{
	struct nftnl_set_elem *e = nftnl_set_elem_alloc();
	__u8 wire[2];

	if (!e)
		return false;
	nft_number_wire(wire, lo, size);
	if (nftnl_set_elem_set(e, NFTNL_SET_ELEM_KEY, wire, size) ||
	    nftnl_set_elem_set(e, NFTNL_SET_ELEM_USERDATA, udata_open_end,
			       sizeof(udata_open_end))) {
		nftnl_set_elem_free(e);
		return false;
	}
	nftnl_set_elem_add(s, e);
	return true;
}

/*
 * An interval set holds where each range begins, and one behind where it ends;
 * what lies in front of the first range is an end too.  Returns the number of
 * elements, 0 when memory is exhausted.
 */
static unsigned int intervals_add(struct nftnl_set *s, unsigned int size,
				  const struct plan_range *range, unsigned int n)
{
	__u32 top = size == 1 ? 0xff : 0xffff;
	unsigned int i, count = 0;
	bool ok = true;

	if (range[0].lo) {
		ok = number_add(s, 0, size, NFT_SET_ELEM_INTERVAL_END);
		count++;
	}
	for (i = 0; ok && i < n; i++) {
		if (range[i].hi >= top) {
			ok = open_range_add(s, range[i].lo, size);
			count++;
			continue;
		}
		ok = number_add(s, range[i].lo, size, 0) &&
		     number_add(s, range[i].hi + 1u, size, NFT_SET_ELEM_INTERVAL_END);
		count += 2;
	}
	return ok ? count : 0;
}

struct nftnl_set *nft_set_ranges(__u32 id, enum nft_set_type type, unsigned int size,
				 const struct plan_range *range, unsigned int n)
{
	bool single = ranges_are_single(range, n), ok = true;
	struct nftnl_set *s = set_new(id, single ? 0 : NFT_SET_INTERVAL, type, size);
	unsigned int i, count;

	if (!s)
		return NULL;
	if (!single) {
		count = intervals_add(s, size, range, n);
		return set_finish(s, count, count, udata_ranges, sizeof(udata_ranges));
	}
	for (i = 0; ok && i < n; i++)
		ok = number_add(s, range[i].lo, size, 0);
	return set_finish(s, ok, n, udata_ranges, sizeof(udata_ranges));
}

struct nftnl_set *nft_set_names(__u32 id, const char *const *name, unsigned int n)
{
	struct nftnl_set *s = set_new(id, 0, NFT_TYPE_IFNAME, FW_IFNAMSIZ);
	char key[FW_IFNAMSIZ];
	unsigned int i;
	bool ok = true;

	for (i = 0; s && ok && i < n; i++) {
		memset(key, 0, sizeof(key));
		memcpy(key, name[i], strnlen(name[i], sizeof(key) - 1));
		ok = element_add(s, key, sizeof(key), NULL, 0);
	}
	return set_finish(s, ok, n, udata_names, sizeof(udata_names));
}

/* a concatenation: each part fills four bytes */
struct short_key {
	__u8 header;
	__u8 pad[3];
	__be16 length;
	__u8 pad2[2];
};

struct nftnl_set *nft_set_short(__u32 id, const struct plan_match *m)
{
	static const __u8 parts[] = { 1, 2 };	/* bytes of each */
	struct nftnl_set *s = set_new(id, NFT_SET_INTERVAL | NFT_SET_CONCAT, 4 << 6 | 4,
				      sizeof(struct short_key));
	struct short_key key = { 0 }, end = { 0 };
	unsigned int ihl, n = 0;
	bool ok;

	if (!s)
		return NULL;
	ok = !nftnl_set_set_data(s, NFTNL_SET_DESC_CONCAT, parts, sizeof(parts));
	for (ihl = EMIT_IHL_MIN; ok && ihl <= EMIT_IHL_MAX; ihl++, n++) {
		key.header = end.header = (__u8)ihl;
		end.length = htons((__u16)emit_short_max(m, ihl));
		ok = element_add(s, &key, sizeof(key), &end, 0);
	}
	return set_finish(s, ok, n, udata_short, sizeof(udata_short));
}
