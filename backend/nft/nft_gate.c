// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * nft_gate.c - the gate for IPv6 as messages of a batch, and compared with what is there.
 *
 * Reading writes the gate to a batch that is not sent, and looks for each of its chains
 * and rules in the kernel's answer.
 */
#include "backend/nft/nft_gate.h"

#include <errno.h>
#include <linux/in6.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <string.h>

#include "backend/nft/nft_put.h"
#include "backend/nft/nft_same.h"
#include "kmod/core/gate.h"
#include "kmod/core/rule.h"

#define PASSES "passes"		/* chain of what passes; the others are hooks */
#define OFFSET_HOP_LIMIT 7	/* offsets into the IPv6 header */
#define OFFSET_SOURCE 8

static struct nlmsghdr *message_begin(struct nft_batch *b, __u16 type, __u16 flags)
{
	struct nlmsghdr *h = nft_batch_message(b, type, flags, NFT_COOKIE_NONE);
	struct nfgenmsg *g = mnl_nlmsg_get_payload(h);

	g->nfgen_family = NFPROTO_IPV6;
	return h;
}

static void write_table(struct nft_batch *b, __u16 type, __u16 flags)
{
	struct nlmsghdr *h = message_begin(b, type, flags);

	netlink_put_text(h, NFTA_TABLE_NAME, NFT_TABLE);
	nft_batch_end_message(b, h);
}

/* hook: of packets that are dropped unless a rule lets them pass; -1: none */
static void write_chain(struct nft_batch *b, const char *name, int hook)
{
	struct nlmsghdr *h = message_begin(b, NFT_MSG_NEWCHAIN, NLM_F_CREATE);
	struct nlattr *nest;

	netlink_put_text(h, NFTA_CHAIN_TABLE, NFT_TABLE);
	netlink_put_text(h, NFTA_CHAIN_NAME, name);
	if (hook >= 0) {
		nest = netlink_nest_start(h, NFTA_CHAIN_HOOK);
		netlink_put_be32(h, NFTA_HOOK_HOOKNUM, (__u32)hook);
		netlink_put_be32(h, NFTA_HOOK_PRIORITY, 0);
		mnl_attr_nest_end(h, nest);
		netlink_put_be32(h, NFTA_CHAIN_POLICY, NF_DROP);
		netlink_put_text(h, NFTA_CHAIN_TYPE, "filter");
	}
	nft_batch_end_message(b, h);
}

static void put_protocol(struct nft_put *p, __u8 protocol)
{
	nft_put_meta(p, NFT_META_L4PROTO);
	nft_put_equal(p, false, &protocol, sizeof(protocol));
}

static void put_icmp(struct nft_put *p, const struct fw_gate_rule *r)
{
	put_protocol(p, IPPROTO_ICMPV6);
	nft_put_transport(p, 0, 1);
	if (r->icmp_first == r->icmp_last) {
		nft_put_equal(p, false, &r->icmp_first, 1);
	} else {
		nft_put_compare(p, NFT_CMP_GTE, &r->icmp_first, 1);
		nft_put_compare(p, NFT_CMP_LTE, &r->icmp_last, 1);
	}
}

static void put_states(struct nft_put *p)
{
	static const __u32 none, known = NF_CT_STATE_BIT(IP_CT_ESTABLISHED) |
					 NF_CT_STATE_BIT(IP_CT_RELATED);

	nft_put_ct(p, NFT_CT_STATE);
	nft_put_bitwise(p, &known, NULL, sizeof(known));
	nft_put_equal(p, true, &none, sizeof(none));
}

static void put_link_local(struct nft_put *p)
{
	static const struct in6_addr mask = { .s6_addr = { 0xff, 0xc0 } };
	static const struct in6_addr prefix = { .s6_addr = { 0xfe, 0x80 } };

	nft_put_header(p, OFFSET_SOURCE, sizeof(prefix));
	nft_put_bitwise(p, &mask, NULL, sizeof(mask));
	nft_put_equal(p, false, &prefix, sizeof(prefix));
}

static void put_matches(struct nft_put *p, const struct fw_gate_rule *r)
{
	static const char loopback[FW_IFNAMSIZ] = "lo";
	static const __u8 near = FW_GATE_NEAR;
	const __be16 ports[] = { htobe16(r->sport), htobe16(r->dport) };

	if (r->is_loopback) {
		nft_put_meta(p, NFT_META_IIFNAME);
		nft_put_equal(p, false, loopback, sizeof(loopback));
	}
	if (r->is_known)
		put_states(p);
	if (r->is_link_local)
		put_link_local(p);
	if (r->is_near) {
		nft_put_header(p, OFFSET_HOP_LIMIT, 1);
		nft_put_equal(p, false, &near, 1);
	}
	if (r->icmp_first)
		put_icmp(p, r);
	if (r->dport) {
		put_protocol(p, IPPROTO_UDP);
		nft_put_transport(p, 0, sizeof(ports));
		nft_put_equal(p, false, ports, sizeof(ports));
	}
}

/* r: what it lets pass; NULL: it leads to the chain of that */
static void write_rule(struct nft_batch *b, const char *chain, const struct fw_gate_rule *r)
{
	struct nlmsghdr *h = message_begin(b, NFT_MSG_NEWRULE, NLM_F_CREATE | NLM_F_APPEND);
	struct nft_put p = { .h = h };
	struct nlattr *nest;

	netlink_put_text(h, NFTA_RULE_TABLE, NFT_TABLE);
	netlink_put_text(h, NFTA_RULE_CHAIN, chain);
	nest = netlink_nest_start(h, NFTA_RULE_EXPRESSIONS);
	if (r)
		put_matches(&p, r);
	nft_put_verdict(&p, r ? NF_ACCEPT : NFT_JUMP, r ? NULL : PASSES);
	mnl_attr_nest_end(h, nest);
	nft_batch_end_message(b, h);
}

/* Rules are written in the order of chains, which is that of a dump. */
static void write_gate(struct nft_batch *b)
{
	const struct fw_gate_rule *r;

	write_table(b, NFT_MSG_NEWTABLE, NLM_F_CREATE);
	write_chain(b, PASSES, -1);
	write_chain(b, "input", NF_INET_LOCAL_IN);
	write_chain(b, "forward", NF_INET_FORWARD);
	for (r = fw_gate_rules; r->about; r++)
		write_rule(b, PASSES, r);
	write_rule(b, "input", NULL);
	write_rule(b, "forward", NULL);
}

/* the gate as it should be, compared with a dump */
struct comparison {
	struct netlink_messages expected;	/* the rest of the batch */
	bool differs;
};

static const struct nlattr *attr_of(const struct nlmsghdr *h, unsigned int type)
{
	struct netlink_attrs as = netlink_attrs_of(h, sizeof(struct nfgenmsg));
	const struct nlattr *a;

	while ((a = netlink_attrs_next(&as)))
		if (netlink_attr_type(a) == type)
			break;
	return a;
}

/* Has b all attributes of a? */
static bool message_same(const struct nlmsghdr *a, const struct nlmsghdr *b)
{
	struct netlink_attrs as = netlink_attrs_of(a, sizeof(struct nfgenmsg));
	const struct nlattr *x, *y;

	while ((x = netlink_attrs_next(&as))) {
		y = attr_of(b, netlink_attr_type(x));
		if (!y || !(netlink_attr_type(x) == NFTA_RULE_EXPRESSIONS &&
			    NFNL_MSG_TYPE(a->nlmsg_type) == NFT_MSG_NEWRULE ?
				    nft_expressions_same(x, y) : nft_bytes_same(x, y)))
			return false;
	}
	return true;
}

/* The next message of this type in the batch must be this one. */
static int message_compare(const struct nlmsghdr *h, void *ctx)
{
	bool is_chain = NFNL_MSG_TYPE(h->nlmsg_type) == NFT_MSG_NEWCHAIN;
	const struct nlattr *table = attr_of(h, is_chain ? NFTA_CHAIN_TABLE : NFTA_RULE_TABLE);
	struct comparison *c = ctx;
	const struct nlmsghdr *next;

	if (!netlink_attr_is(table, NFT_TABLE))
		return 0;
	do {
		next = netlink_messages_next(&c->expected);
	} while (next && next->nlmsg_type != h->nlmsg_type);
	c->differs |= !next || !message_same(next, h);
	return 0;
}

static int gate_query(struct netlink *l, __u16 type, __u16 flags, netlink_message_fn each,
		      void *ctx)
{
	char buf[NETLINK_REQUEST];
	struct nlmsghdr *h = nft_request(buf, type, flags);
	struct nfgenmsg *g = mnl_nlmsg_get_payload(h);

	g->nfgen_family = NFPROTO_IPV6;
	if (type != NFT_MSG_GETCHAIN)	/* one attribute for tables and rules */
		netlink_put_text(h, NFTA_TABLE_NAME, NFT_TABLE);
	return netlink_query(l, h, each, ctx, NULL);
}

/* Are there more messages of the type than have been compared? */
static bool is_incomplete(struct comparison *c, __u16 type)
{
	const struct nlmsghdr *h;

	while ((h = netlink_messages_next(&c->expected)))
		if (NFNL_MSG_TYPE(h->nlmsg_type) == type)
			return true;
	return false;
}

static int dump_compare(struct netlink *l, const struct nft_batch *b, __u16 get, __u16 type,
			bool *differs)
{
	struct comparison c = { .expected = { (const void *)b->buf, (int)b->len } };
	int err = gate_query(l, get, NLM_F_DUMP, message_compare, &c);

	*differs |= c.differs || is_incomplete(&c, type);
	return err;
}

static int passes_find(const struct nlmsghdr *h, void *found)
{
	if (netlink_attr_is(attr_of(h, NFTA_CHAIN_TABLE), NFT_TABLE) &&
	    netlink_attr_is(attr_of(h, NFTA_CHAIN_NAME), PASSES))
		*(bool *)found = true;
	return 0;
}

static int dormant_find(const struct nlmsghdr *h, void *found)
{
	*(bool *)found = netlink_attr_number(attr_of(h, NFTA_TABLE_FLAGS)) & NFT_TABLE_F_DORMANT;
	return 0;
}

static int gate_read(struct netlink *l, struct nft_gate *g)
{
	struct nft_batch b;
	int err = gate_query(l, NFT_MSG_GETTABLE, NLM_F_ACK, dormant_find, &g->is_changed);

	if (err)
		return err == -ENOENT ? 0 : err;
	err = gate_query(l, NFT_MSG_GETCHAIN, NLM_F_DUMP, passes_find, &g->is_closed);
	g->is_foreign = !err && !g->is_closed;
	if (err || g->is_foreign)
		return err;
	nft_batch_begin(&b, 0);
	write_gate(&b);
	err = b.failed ? -ENOMEM : 0;
	if (!err)
		err = dump_compare(l, &b, NFT_MSG_GETCHAIN, NFT_MSG_NEWCHAIN, &g->is_changed);
	if (!err)
		err = dump_compare(l, &b, NFT_MSG_GETRULE, NFT_MSG_NEWRULE, &g->is_changed);
	nft_batch_free(&b);
	return err;
}

int nft_gate_read(struct netlink *l, struct nft_gate *g, struct fw_error *e)
{
	int err;

	*g = (struct nft_gate){ .is_closed = false };
	err = gate_read(l, g);
	return err ? fw_error_set(e, -err, "cannot read table ip6 " NFT_TABLE ": %s",
				  strerror(-err)) : 0;
}

int nft_gate_write(struct nft_batch *b, struct netlink *l, bool closes, struct fw_error *e)
{
	struct nft_gate g;
	int err = nft_gate_read(l, &g, e);

	if (err || (g.is_closed == closes && !g.is_changed))
		return err;
	if (g.is_foreign)
		return fw_error_set(e, EEXIST, "table ip6 " NFT_TABLE " of nftables is another "
					       "program's, which has to rename it");
	if (g.is_closed)
		write_table(b, NFT_MSG_DELTABLE, 0);
	if (closes)
		write_gate(b);
	return 0;
}
