/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * nft_put.h - expressions of nf_tables, one by one, put into a message.
 *
 * They are written as the kernel dumps them, to the order of attributes and with all that
 * are optional.  A test is of register 1, into which the expression before it has loaded
 * something.
 */
#ifndef BACKEND_NFT_PUT_H
#define BACKEND_NFT_PUT_H

#include "backend/netlink/netlink_attr.h"

struct nft_put {
	struct nlmsghdr *h;
	struct nlattr *expression, *data;	/* being written */
};

void nft_put_begin(struct nft_put *p, const char *name);
void nft_put_end(struct nft_put *p);
void nft_put_be32(struct nft_put *p, unsigned int type, __u32 value);
/* a value as registers hold it */
void nft_put_value(struct nft_put *p, unsigned int type, const void *value, __u32 len);

void nft_put_payload(struct nft_put *p, __u32 reg, __u32 base, __u32 offset, __u32 len);
void nft_put_header(struct nft_put *p, __u32 offset, __u32 len);
void nft_put_transport(struct nft_put *p, __u32 offset, __u32 len);
void nft_put_meta(struct nft_put *p, __u32 key);
void nft_put_ct(struct nft_put *p, __u32 key);
void nft_put_immediate(struct nft_put *p, __u32 reg, const void *data, __u32 len);
/* register 1 = (register 1 & mask) ^ xor; xor may be NULL */
void nft_put_bitwise(struct nft_put *p, const void *mask, const void *xor, __u32 len);
void nft_put_compare(struct nft_put *p, __u32 op, const void *data, __u32 len);
void nft_put_equal(struct nft_put *p, bool invert, const void *data, __u32 len);
/* chain: where a jump or goto leads; else NULL */
void nft_put_verdict(struct nft_put *p, int verdict, const char *chain);

#endif
