// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * nft_same.c - is a kernel rule what a plan's rule would be?
 *
 * The rule is written as if it were to be sent, which is how the kernel dumps it,
 * and compared with the dump: byte for byte where it can be.
 */
#include "backend/nft/nft_same.h"

#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <string.h>

#include "backend/nft/nft_expr.h"
#include "backend/nft/nft_batch.h"

#define TYPES 16	/* of an expression's attributes */

/* what of an expression differs from one load to the next */
static const struct {
	const char *name;
	__u32 ignored;	/* bits of attribute types */
} varying[] = {
	{ "counter", ~0u },
	{ "lookup", 1u << NFTA_LOOKUP_SET | 1u << NFTA_LOOKUP_SET_ID },
};

bool nft_bytes_same(const struct nlattr *a, const struct nlattr *b)
{
	return a->nla_len == b->nla_len &&
	       !memcmp(netlink_attr_data(a), netlink_attr_data(b), netlink_attr_len(a));
}

/* Are there the same attributes in any order, but for the ignored? */
static bool attributes_same(const struct nlattr *a, const struct nlattr *b, __u32 ignored)
{
	struct netlink_attrs as = netlink_attrs_in(a), bs = netlink_attrs_in(b);
	const struct nlattr *x, *y;
	__u32 seen = ignored;

	while ((x = netlink_attrs_next(&as))) {
		unsigned int type = netlink_attr_type(x);

		if (type >= TYPES || seen >> type & 1)
			continue;
		seen |= 1u << type;
		y = netlink_attr_find(b, type);
		if (!y || !nft_bytes_same(x, y))
			return false;
	}
	while ((y = netlink_attrs_next(&bs)))
		if (netlink_attr_type(y) >= TYPES || !(seen >> netlink_attr_type(y) & 1))
			return false;
	return true;
}

static const char *expression_name(const struct nlattr *expression)
{
	return netlink_attr_text(netlink_attr_find(expression, NFTA_EXPR_NAME));
}

static __u32 expression_varies(const char *name)
{
	unsigned int i;

	for (i = 0; i < FW_COUNT(varying); i++)
		if (!strcmp(varying[i].name, name))
			return varying[i].ignored;
	return 0;
}

static bool expression_same(const struct nlattr *a, const struct nlattr *b)
{
	const char *name;

	if (nft_bytes_same(a, b))
		return true;
	name = expression_name(a);
	return !strcmp(name, expression_name(b)) &&
	       attributes_same(netlink_attr_find(a, NFTA_EXPR_DATA),
			       netlink_attr_find(b, NFTA_EXPR_DATA),
			       expression_varies(name));
}

bool nft_expressions_same(const struct nlattr *a, const struct nlattr *b)
{
	struct netlink_attrs as = netlink_attrs_in(a), bs = netlink_attrs_in(b);
	const struct nlattr *x, *y;

	do {
		x = netlink_attrs_next(&as);
		y = netlink_attrs_next(&bs);
		if (!x || !y)
			return !x && !y;
	} while (expression_same(x, y));
	return false;
}

/* The expressions of a message that holds nothing else. */
static const struct nlattr *message_expressions(const struct nlmsghdr *h)
{
	struct netlink_attrs row = netlink_attrs_of(h, sizeof(struct nfgenmsg));

	return netlink_attrs_next(&row);
}

bool nft_rule_same(const struct plan_rule *plan, const struct nft_rule *held)
{
	__u64 buf[NFT_MESSAGE / sizeof(__u64)];
	struct nlmsghdr *h = nft_request(buf, NFT_MSG_NEWRULE, 0);
	struct emit_rule simple;

	return !emit_rule_simplify(&simple, plan) && !nft_expr_write(h, &simple, 0) &&
	       nft_expressions_same(message_expressions(h), held->expressions);
}

const char *nft_installed_target(const struct nft_rule *held)
{
	struct netlink_attrs as = netlink_attrs_in(held->expressions);
	const struct nlattr *a, *last = NULL;

	while ((a = netlink_attrs_next(&as)))
		last = a;
	if (!netlink_attr_is(netlink_attr_find(last, NFTA_EXPR_NAME), "immediate"))
		return NULL;
	a = netlink_attr_find(last, NFTA_EXPR_DATA);
	a = netlink_attr_find(a, NFTA_IMMEDIATE_DATA);
	a = netlink_attr_find(a, NFTA_DATA_VERDICT);
	a = netlink_attr_find(a, NFTA_VERDICT_CHAIN);
	return a ? netlink_attr_text(a) : NULL;
}
