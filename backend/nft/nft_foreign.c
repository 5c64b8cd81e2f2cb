// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * nft_foreign.c - chains of other programs in nftables, those of iptables-nft included.
 *
 * Their rules are counted and searched for marks that they set; what else they do is not
 * understood.
 */
#include "backend/nft/nft_foreign.h"

#include <ctype.h>
#include <errno.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nf_tables_compat.h>
#include <linux/netfilter/nfnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/nft/nft_batch.h"
#include "backend/plan/plan.h"
#include "backend/store/store_marks.h"

#define NAME_SIZE (2 * NFT_NAME_MAXLEN + 32)
#define ATTEMPTS 20	/* of a dump that other programs' changes spoil */

struct chain {
	char *name;	/* malloc'ed */
	unsigned int hook;
	__u8 family;
	bool drops, has_rules;
	__u32 mark_bits;
};

struct chains {
	struct chain *chain;	/* malloc'ed */
	__u32 count, cap;
	__u32 last;	/* index of the rule before's chain: rules come in the same order */
};

static unsigned int hook_of(__u8 family, __u32 number)
{
	static const unsigned int hook[] = {
		[NF_INET_PRE_ROUTING] = PLAN_PREROUTING,
		[NF_INET_LOCAL_IN] = PLAN_INPUT,
		[NF_INET_FORWARD] = PLAN_FORWARD,
		[NF_INET_LOCAL_OUT] = PLAN_OUTPUT,
		[NF_INET_POST_ROUTING] = PLAN_POSTROUTING,
		[NF_INET_INGRESS] = PLAN_PREROUTING,
	};

	if (family == NFPROTO_NETDEV)
		return number == NF_NETDEV_INGRESS ? PLAN_PREROUTING : PLAN_POSTROUTING;
	return number < FW_COUNT(hook) ? hook[number] : PLAN_HOOKS;
}

/* NULL: its chains see no packets, but those of a bridge see frames, some of which are. */
static const char *family_name(__u8 family)
{
	return family == NFPROTO_INET ? "inet" : family == NFPROTO_IPV4 ? "ip" :
	       family == NFPROTO_IPV6 ? "ip6" : family == NFPROTO_NETDEV ? "netdev" : NULL;
}

/* "chain input of table inet filter"; false if it is ours, or sees no packet */
static bool name_print(char name[NAME_SIZE], const struct nlmsghdr *h, unsigned int table,
		       unsigned int chain)
{
	const struct nfgenmsg *g = mnl_nlmsg_get_payload(h);
	const char *family = family_name(g->nfgen_family);
	struct netlink_attrs as = netlink_attrs_of(h, sizeof(*g));
	const struct nlattr *a;
	const char *of = "", *is = "";
	char *c;

	while ((a = netlink_attrs_next(&as))) {
		if (netlink_attr_type(a) == table)
			of = netlink_attr_text(a);
		if (netlink_attr_type(a) == chain)
			is = netlink_attr_text(a);
	}
	if (!family || (g->nfgen_family == NFPROTO_IPV4 && !strcmp(of, NFT_TABLE)))
		return false;
	snprintf(name, NAME_SIZE, "chain %s of table %s %s", is, family, of);
	for (c = name; *c; c++)
		if (!isprint((unsigned char)*c))
			*c = '?';
	return true;
}

static void hook_read(struct chain *c, const struct nlmsghdr *h)
{
	const struct nfgenmsg *g = mnl_nlmsg_get_payload(h);
	struct netlink_attrs as = netlink_attrs_of(h, sizeof(*g));
	const struct nlattr *a;

	while ((a = netlink_attrs_next(&as))) {
		if (netlink_attr_type(a) == NFTA_CHAIN_HOOK)
			c->hook = hook_of(g->nfgen_family, (__u32)netlink_attr_number(
				netlink_attr_find(a, NFTA_HOOK_HOOKNUM)));
		if (netlink_attr_type(a) == NFTA_CHAIN_POLICY)
			c->drops = netlink_attr_number(a) == NF_DROP;
	}
}

static int chain_message(const struct nlmsghdr *h, void *ctx)
{
	struct chains *all = ctx;
	char name[NAME_SIZE];
	struct chain *c;

	if (!name_print(name, h, NFTA_CHAIN_TABLE, NFTA_CHAIN_NAME))
		return 0;
	if (all->count == all->cap) {
		c = reallocarray(all->chain, 2 * (size_t)all->cap + 32, sizeof(*c));
		if (!c)
			return -ENOMEM;
		all->chain = c;
		all->cap = 2 * all->cap + 32;
	}
	c = &all->chain[all->count];
	*c = (struct chain){ .name = strdup(name), .hook = PLAN_HOOKS };
	if (!c->name)
		return -ENOMEM;
	all->count++;
	c->family = ((const struct nfgenmsg *)mnl_nlmsg_get_payload(h))->nfgen_family;
	hook_read(c, h);
	return 0;
}

/* what a register has that is then written into a mark */
struct value {
	bool is_connmark, is_mark;	/* it began as one of these */
	__u32 kept;	/* bits that it still has from there */
	__u32 on;	/* bits that are set for certain */
};

static __u32 register_number(const struct nlattr *data, unsigned int type)
{
	const struct nlattr *a = netlink_attr_find(netlink_attr_find(data, type),
						   NFTA_DATA_VALUE);
	__u32 number = 0;

	if (a && netlink_attr_len(a) == sizeof(number))
		memcpy(&number, netlink_attr_data(a), sizeof(number));
	return number;
}

/* Expressions of one statement follow each other, so one register is enough. */
static void value_follow(struct value *v, const char *name, const struct nlattr *data)
{
	__u32 mask;

	if (!strcmp(name, "immediate")) {
		*v = (struct value){ .on = register_number(data, NFTA_IMMEDIATE_DATA) };
	} else if (!strcmp(name, "bitwise")) {
		mask = register_number(data, NFTA_BITWISE_MASK);
		v->kept &= mask;
		v->on = (v->on & mask) | register_number(data, NFTA_BITWISE_XOR);
	} else {
		*v = (struct value){ .is_mark = !strcmp(name, "meta"),
				     .is_connmark = !strcmp(name, "ct"), .kept = ~0u };
	}
}

static __u32 target_bits(const struct nlattr *data)
{
	const struct nlattr *info = netlink_attr_find(data, NFTA_TARGET_INFO);

	return info ? store_target_marks(
			      netlink_attr_text(netlink_attr_find(data, NFTA_TARGET_NAME)),
			      (__u8)netlink_attr_number(
				      netlink_attr_find(data, NFTA_TARGET_REV)),
			      netlink_attr_data(info), netlink_attr_len(info))
		    : 0;
}

static __u64 number_in(const struct nlattr *data, unsigned int type)
{
	return netlink_attr_number(netlink_attr_find(data, type));
}

/* Bits of marks that an expression sets, v being in its register. */
static __u32 expression_bits(struct value *v, const struct nlattr *x)
{
	const char *name = netlink_attr_text(netlink_attr_find(x, NFTA_EXPR_NAME));
	const struct nlattr *data = netlink_attr_find(x, NFTA_EXPR_DATA);

	if (!strcmp(name, "target"))
		return target_bits(data);
	if (!strcmp(name, "meta") && netlink_attr_find(data, NFTA_META_SREG))
		return number_in(data, NFTA_META_KEY) == NFT_META_MARK ? v->on : 0;
	if (!strcmp(name, "ct") && netlink_attr_find(data, NFTA_CT_SREG))
		return number_in(data, NFTA_CT_KEY) != NFT_CT_MARK ? 0 :
		       v->is_connmark ? ~v->kept | v->on : ~0u;
	value_follow(v, name, data);
	return 0;
}

static __u32 rule_bits(const struct nlmsghdr *h)
{
	struct netlink_attrs as = netlink_attrs_of(h, sizeof(struct nfgenmsg)), row;
	struct value v = { .kept = ~0u };
	const struct nlattr *a, *x;
	__u32 bits = 0;

	while ((a = netlink_attrs_next(&as))) {
		row = netlink_attrs_in(netlink_attr_type(a) == NFTA_RULE_EXPRESSIONS ? a
										    : NULL);
		while ((x = netlink_attrs_next(&row)))
			bits |= expression_bits(&v, x);
	}
	return bits;
}

static int rule_message(const struct nlmsghdr *h, void *ctx)
{
	struct chains *all = ctx;
	char name[NAME_SIZE];
	struct chain *c;
	__u32 i;

	if (!name_print(name, h, NFTA_RULE_TABLE, NFTA_RULE_CHAIN))
		return 0;
	for (i = 0; i < all->count; i++) {
		c = &all->chain[(all->last + i) % all->count];
		if (strcmp(c->name, name) != 0)
			continue;
		all->last = (all->last + i) % all->count;
		c->has_rules = true;
		c->mark_bits |= rule_bits(h);
		return 0;
	}
	return -EAGAIN;	/* a chain that was not there a moment ago */
}

static int all_families(struct netlink *l, __u16 type, netlink_message_fn on_message,
			struct chains *all)
{
	char buf[NETLINK_REQUEST];
	struct nlmsghdr *h = nft_request(buf, type, NLM_F_DUMP);
	struct nfgenmsg *g = mnl_nlmsg_get_payload(h);

	g->nfgen_family = NFPROTO_UNSPEC;
	return netlink_query(l, h, on_message, all, NULL);
}

static void chains_free(struct chains *all)
{
	while (all->count)
		free(all->chain[--all->count].name);
	free(all->chain);
	*all = (struct chains){ 0 };
}

int nft_foreign_chains(struct netlink *l, foreign_chain_fn each, void *ctx)
{
	struct chains all = { 0 };
	unsigned int attempts = 0;
	const struct chain *c;
	int err;

	do {
		chains_free(&all);
		err = all_families(l, NFT_MSG_GETCHAIN, chain_message, &all);
		if (!err)
			err = all_families(l, NFT_MSG_GETRULE, rule_message, &all);
	} while (err == -EAGAIN && ++attempts < ATTEMPTS);
	for (c = all.chain; !err && c < all.chain + all.count; c++)
		each(ctx, &(struct foreign_chain){
			.name = c->name, .hook = c->hook, .drops = c->drops,
			.sees_ipv4 = c->family != NFPROTO_IPV6,
			.sees_ipv6 = c->family != NFPROTO_IPV4,
			.is_empty = !c->has_rules, .mark_bits = c->mark_bits,
		});
	chains_free(&all);
	return err;
}
