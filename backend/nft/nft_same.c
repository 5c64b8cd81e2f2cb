// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * nft_same.c - is a kernel rule what a plan's rule would be?
 *
 * The rule is written as if it were to be sent, which is how the kernel tells it,
 * and compared with what the kernel told: byte for byte where it can be.
 */
#include "backend/nft/nft_same.h"

#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <string.h>

#include "backend/nft/nft_expr.h"
#include "backend/nft/nft_link.h"

#define TYPES 16	/* of an expression's attributes */

/* what of an expression differs from one load to the next */
static const struct {
	const char *name;
	__u32 ignored;	/* bits of attribute types */
} varying[] = {
	{ "counter", ~0u },
	{ "lookup", 1u << NFTA_LOOKUP_SET | 1u << NFTA_LOOKUP_SET_ID },
};

static bool bytes_same(const struct nlattr *a, const struct nlattr *b)
{
	return a->nla_len == b->nla_len &&
	       !memcmp(nft_attr_data(a), nft_attr_data(b), nft_attr_len(a));
}

/* Are there the same attributes in any order, but for the ignored? */
static bool attributes_same(const struct nlattr *a, const struct nlattr *b, __u32 ignored)
{
	struct nft_attrs as = nft_attrs_in(a), bs = nft_attrs_in(b);
	const struct nlattr *x, *y;
	__u32 seen = ignored;

	while ((x = nft_attrs_take(&as))) {
		unsigned int type = nft_attr_type(x);

		if (type >= TYPES || seen >> type & 1)
			continue;
		seen |= 1u << type;
		y = nft_attr_find(b, type);
		if (!y || !bytes_same(x, y))
			return false;
	}
	while ((y = nft_attrs_take(&bs)))
		if (nft_attr_type(y) >= TYPES || !(seen >> nft_attr_type(y) & 1))
			return false;
	return true;
}

static const char *expression_name(const struct nlattr *expression)
{
	return nft_attr_text(nft_attr_find(expression, NFTA_EXPR_NAME));
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

	if (bytes_same(a, b))
		return true;
	name = expression_name(a);
	return !strcmp(name, expression_name(b)) &&
	       attributes_same(nft_attr_find(a, NFTA_EXPR_DATA),
			       nft_attr_find(b, NFTA_EXPR_DATA), expression_varies(name));
}

/* a: as sent; b: as told; NULL: none */
static bool expressions_same(const struct nlattr *a, const struct nlattr *b)
{
	struct nft_attrs as = nft_attrs_in(a), bs = nft_attrs_in(b);
	const struct nlattr *x, *y;

	do {
		x = nft_attrs_take(&as);
		y = nft_attrs_take(&bs);
		if (!x || !y)
			return !x && !y;
	} while (expression_same(x, y));
	return false;
}

/* The expressions of a message that holds nothing else. */
static const struct nlattr *message_expressions(const struct nlmsghdr *h)
{
	struct nft_attrs row = nft_attrs_of(h, sizeof(struct nfgenmsg));

	return nft_attrs_take(&row);
}

bool nft_rule_same(const struct plan_rule *plan, const struct nft_rule *held)
{
	__u64 buf[NFT_MESSAGE / sizeof(__u64)];
	struct nlmsghdr *h = nft_request(buf, NFT_MSG_NEWRULE, 0);
	struct emit_rule simple;

	return !emit_rule_simplify(&simple, plan) && !nft_expr_write(h, &simple, 0) &&
	       expressions_same(message_expressions(h), held->expressions);
}

const char *nft_held_target(const struct nft_rule *held)
{
	struct nft_attrs as = nft_attrs_in(held->expressions);
	const struct nlattr *a, *last = NULL;

	while ((a = nft_attrs_take(&as)))
		last = a;
	if (!nft_attr_is(nft_attr_find(last, NFTA_EXPR_NAME), "immediate"))
		return NULL;
	a = nft_attr_find(last, NFTA_EXPR_DATA);
	a = nft_attr_find(a, NFTA_IMMEDIATE_DATA);
	a = nft_attr_find(a, NFTA_DATA_VERDICT);
	a = nft_attr_find(a, NFTA_VERDICT_CHAIN);
	return a ? nft_attr_text(a) : NULL;
}
