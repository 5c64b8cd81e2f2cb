/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * nft_put.h - netlink attributes being written.
 *
 * They go behind what the message has, which has room for them: NFT_MESSAGE bytes
 * in a batch, NFT_REQUEST in a query.  Numbers are put as netfilter reads them,
 * big-endian.
 */
#ifndef BACKEND_NFT_PUT_H
#define BACKEND_NFT_PUT_H

#include <endian.h>
#include <linux/netlink.h>
#include <string.h>

#include "backend/nft/nft_attr.h"

/* An attribute for size bytes, which the caller fills in. */
static inline void *nft_put_room(struct nlmsghdr *h, unsigned int type, unsigned int size)
{
	struct nlattr *a = (void *)((char *)h + h->nlmsg_len);
	unsigned int len = NFT_ATTR_HEADER + size;

	memset((char *)a + len, 0, NLA_ALIGN(len) - len);
	a->nla_type = (__u16)type;
	a->nla_len = (__u16)len;
	h->nlmsg_len += NLA_ALIGN(len);
	return (char *)a + NFT_ATTR_HEADER;
}

static inline void nft_put(struct nlmsghdr *h, unsigned int type, const void *data,
			   unsigned int size)
{
	memcpy(nft_put_room(h, type, size), data, size);
}

static inline void nft_put_text(struct nlmsghdr *h, unsigned int type, const char *text)
{
	nft_put(h, type, text, (unsigned int)strlen(text) + 1);
}

static inline void nft_put_u8(struct nlmsghdr *h, unsigned int type, __u8 value)
{
	nft_put(h, type, &value, sizeof(value));
}

static inline void nft_put_be16(struct nlmsghdr *h, unsigned int type, __u16 value)
{
	__be16 wire = htobe16(value);

	nft_put(h, type, &wire, sizeof(wire));
}

static inline void nft_put_be32(struct nlmsghdr *h, unsigned int type, __u32 value)
{
	__be32 wire = htobe32(value);

	nft_put(h, type, &wire, sizeof(wire));
}

static inline void nft_put_be64(struct nlmsghdr *h, unsigned int type, __u64 value)
{
	__be64 wire = htobe64(value);

	nft_put(h, type, &wire, sizeof(wire));
}

/*
 * Begins an attribute of attributes.  The kernel takes it with and without
 * NLA_F_NESTED, but for what it has learnt since 5.2: with it.
 */
static inline struct nlattr *nft_nest_begin(struct nlmsghdr *h, unsigned int type)
{
	return (void *)((char *)nft_put_room(h, type, 0) - NFT_ATTR_HEADER);
}

static inline void nft_nest_end(struct nlmsghdr *h, struct nlattr *nest)
{
	nest->nla_len = (__u16)((char *)h + h->nlmsg_len - (char *)nest);
}

#endif
