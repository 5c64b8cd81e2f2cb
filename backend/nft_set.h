/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * nft_set.h - anonymous sets, as nft makes them of "{ 1, 5-9 }".
 */
#ifndef BACKEND_NFT_SET_H
#define BACKEND_NFT_SET_H

#include <libnftnl/set.h>

#include "backend/plan.h"

/* nft's numbers for data types; listings depend on them */
enum nft_set_type {
	NFT_TYPE_INET_PROTO = 12,
	NFT_TYPE_INET_SERVICE = 13,
	NFT_TYPE_ICMP_TYPE = 14,
	NFT_TYPE_IFNAME = 41,
};

/* a number of size 1 or 2 as in a packet, in wire; returns it */
const void *nft_number_wire(__u8 wire[2], __u32 number, unsigned int size);

/* All return NULL when memory is exhausted. */

/* n ranges, in order and disjoint, of numbers of size bytes (1 or 2) */
struct nftnl_set *nft_set_ranges(__u32 id, enum nft_set_type type, unsigned int size,
				 const struct plan_range *range, unsigned int n);
struct nftnl_set *nft_set_names(__u32 id, const char *const *name, unsigned int n);
/* (header length, total length) of packets with too few bytes behind the header */
struct nftnl_set *nft_set_short(__u32 id, const struct plan_match *m);

#endif
