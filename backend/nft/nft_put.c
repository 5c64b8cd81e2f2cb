// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * nft_put.c - expressions of nf_tables, one by one.
 */
#include "backend/nft/nft_put.h"

#include <linux/netfilter/nf_tables.h>

void nft_put_begin(struct nft_put *p, const char *name)
{
	p->expression = netlink_nest_start(p->h, NFTA_LIST_ELEM);
	netlink_put_text(p->h, NFTA_EXPR_NAME, name);
	p->data = netlink_nest_start(p->h, NFTA_EXPR_DATA);
}

void nft_put_end(struct nft_put *p)
{
	mnl_attr_nest_end(p->h, p->data);
	mnl_attr_nest_end(p->h, p->expression);
}

void nft_put_be32(struct nft_put *p, unsigned int type, __u32 value)
{
	netlink_put_be32(p->h, type, value);
}

void nft_put_value(struct nft_put *p, unsigned int type, const void *value, __u32 len)
{
	struct nlattr *nest = netlink_nest_start(p->h, type);

	netlink_put(p->h, NFTA_DATA_VALUE, value, len);
	mnl_attr_nest_end(p->h, nest);
}

void nft_put_payload(struct nft_put *p, __u32 reg, __u32 base, __u32 offset,
		     __u32 len)
{
	nft_put_begin(p, "payload");
	nft_put_be32(p, NFTA_PAYLOAD_DREG, reg);
	nft_put_be32(p, NFTA_PAYLOAD_BASE, base);
	nft_put_be32(p, NFTA_PAYLOAD_OFFSET, offset);
	nft_put_be32(p, NFTA_PAYLOAD_LEN, len);
	nft_put_end(p);
}

void nft_put_header(struct nft_put *p, __u32 offset, __u32 len)
{
	nft_put_payload(p, NFT_REG_1, NFT_PAYLOAD_NETWORK_HEADER, offset, len);
}

void nft_put_transport(struct nft_put *p, __u32 offset, __u32 len)
{
	nft_put_payload(p, NFT_REG_1, NFT_PAYLOAD_TRANSPORT_HEADER, offset, len);
}

void nft_put_compare(struct nft_put *p, __u32 op, const void *data, __u32 len)
{
	nft_put_begin(p, "cmp");
	nft_put_be32(p, NFTA_CMP_SREG, NFT_REG_1);
	nft_put_be32(p, NFTA_CMP_OP, op);
	nft_put_value(p, NFTA_CMP_DATA, data, len);
	nft_put_end(p);
}

void nft_put_equal(struct nft_put *p, bool invert, const void *data, __u32 len)
{
	nft_put_compare(p, invert ? NFT_CMP_NEQ : NFT_CMP_EQ, data, len);
}

void nft_put_bitwise(struct nft_put *p, const void *mask, const void *xor, __u32 len)
{
	static const __u8 zero[16];

	nft_put_begin(p, "bitwise");
	nft_put_be32(p, NFTA_BITWISE_SREG, NFT_REG_1);
	nft_put_be32(p, NFTA_BITWISE_DREG, NFT_REG_1);
	nft_put_be32(p, NFTA_BITWISE_LEN, len);
	nft_put_be32(p, NFTA_BITWISE_OP, NFT_BITWISE_BOOL);
	nft_put_value(p, NFTA_BITWISE_MASK, mask, len);
	nft_put_value(p, NFTA_BITWISE_XOR, xor ? xor : zero, len);
	nft_put_end(p);
}

void nft_put_meta(struct nft_put *p, __u32 key)
{
	nft_put_begin(p, "meta");
	nft_put_be32(p, NFTA_META_KEY, key);
	nft_put_be32(p, NFTA_META_DREG, NFT_REG_1);
	nft_put_end(p);
}

void nft_put_ct(struct nft_put *p, __u32 key)
{
	nft_put_begin(p, "ct");
	nft_put_be32(p, NFTA_CT_DREG, NFT_REG_1);
	nft_put_be32(p, NFTA_CT_KEY, key);
	nft_put_end(p);
}

void nft_put_immediate(struct nft_put *p, __u32 reg, const void *data, __u32 len)
{
	nft_put_begin(p, "immediate");
	nft_put_be32(p, NFTA_IMMEDIATE_DREG, reg);
	nft_put_value(p, NFTA_IMMEDIATE_DATA, data, len);
	nft_put_end(p);
}

void nft_put_verdict(struct nft_put *p, int verdict, const char *chain)
{
	struct nlattr *data, *nest;

	nft_put_begin(p, "immediate");
	nft_put_be32(p, NFTA_IMMEDIATE_DREG, NFT_REG_VERDICT);
	data = netlink_nest_start(p->h, NFTA_IMMEDIATE_DATA);
	nest = netlink_nest_start(p->h, NFTA_DATA_VERDICT);
	nft_put_be32(p, NFTA_VERDICT_CODE, (__u32)verdict);
	if (chain)
		netlink_put_text(p->h, NFTA_VERDICT_CHAIN, chain);
	mnl_attr_nest_end(p->h, nest);
	mnl_attr_nest_end(p->h, data);
	nft_put_end(p);
}
