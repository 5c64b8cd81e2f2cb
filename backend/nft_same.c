// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * nft_same.c - is a kernel rule what a plan's rule would be?
 *
 * The rule is built as if it were to be sent, and its attributes are compared
 * with those that the kernel told.
 */
#include "backend/nft_same.h"

#include <errno.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <string.h>

#include "backend/nft_attr.h"
#include "backend/nft_link.h"
#include "backend/nft_write.h"

#define DEPTH 6	/* of attributes within attributes */
#define TYPES 16

/* what of an expression differs from one load to the next */
static const struct {
	const char *name;
	__u32 ignored;	/* bits of attribute types */
} varying[] = {
	{ "counter", ~0u },
	{ "lookup", 1u << NFTA_LOOKUP_SET | 1u << NFTA_LOOKUP_SET_ID },
};

/* The same bytes; the NUL of a string may be left out on sending. */
static bool payload_same(const struct nlattr *a, const struct nlattr *b)
{
	unsigned int m = nft_attr_len(a), n = nft_attr_len(b);
	const char *sent = nft_attr_data(a), *told = nft_attr_data(b);

	return !memcmp(sent, told, m < n ? m : n) && (m == n || (n == m + 1 && !told[m]));
}

static bool attributes_same(const struct nlattr *a, const struct nlattr *b, __u32 ignored,
			    unsigned int depth)
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
		if (!y)
			return false;
		if (payload_same(x, y))
			continue;
		if (!(x->nla_type & NLA_F_NESTED) || !depth ||
		    !attributes_same(x, y, 0, depth - 1))
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
	const struct nlattr *x = nft_attr_find(a, NFTA_EXPR_DATA);
	const struct nlattr *y = nft_attr_find(b, NFTA_EXPR_DATA);
	const char *name = expression_name(a);

	if (strcmp(name, expression_name(b)) != 0)
		return false;
	if (!x || !y)
		return !x == !y;
	return attributes_same(x, y, expression_varies(name), DEPTH);
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

/* The rule's message; the expressions in it, or NULL. */
static const struct nlattr *message_build(void *buf, struct nftnl_rule *rule)
{
	struct nlmsghdr *h = nft_request(buf, NFT_MSG_NEWRULE, 0);
	struct nft_attrs as;
	const struct nlattr *a;

	nftnl_rule_nlmsg_build_payload(h, rule);
	as = nft_attrs_of(h, sizeof(struct nfgenmsg));
	while ((a = nft_attrs_take(&as)))
		if (nft_attr_type(a) == NFTA_RULE_EXPRESSIONS)
			break;
	return a;
}

int nft_rule_same(const struct plan_rule *plan, const struct nft_rule *held)
{
	__u64 buf[NFT_MESSAGE / sizeof(__u64)];
	struct nftnl_rule *rule = nft_rule_new("");
	struct nft_sets sets = { 0 };
	int err = rule ? nft_expr_build(rule, &sets, plan) : -ENOMEM;

	if (!err)
		err = expressions_same(message_build(buf, rule), held->expressions);
	nft_sets_free(&sets);
	if (rule)
		nftnl_rule_free(rule);
	return err;
}

const char *nft_held_target(const struct nft_rule *held)
{
	struct nft_attrs as = nft_attrs_in(held->expressions);
	const struct nlattr *a, *last = NULL;

	while ((a = nft_attrs_take(&as)))
		last = a;
	if (!last || strcmp(expression_name(last), "immediate") != 0)
		return NULL;
	a = nft_attr_find(last, NFTA_EXPR_DATA);
	a = nft_attr_find(a, NFTA_IMMEDIATE_DATA);
	a = nft_attr_find(a, NFTA_DATA_VERDICT);
	a = nft_attr_find(a, NFTA_VERDICT_CHAIN);
	return a ? nft_attr_text(a) : NULL;
}
