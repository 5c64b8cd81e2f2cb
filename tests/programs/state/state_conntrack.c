// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * state_conntrack.c - nf_conntrack's table and settings, for nft and xtables.
 */
#include <errno.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/conntrack/conntrack.h"
#include "backend/conntrack/conntrack_entry.h"
#include "kmod/core/packet.h"
#include "kmod/core/text.h"
#include "kmod/core/tcp.h"
#include "tests/lib/namespace.h"
#include "tests/lib/recorded.h"
#include "tests/programs/state/state_backend.h"

static struct netlink table;

static int table_open(void)
{
	return netlink_open(&table, NETLINK_NETFILTER, NULL);
}

static void table_close(void)
{
	netlink_close(&table);
}

static int table_flush(void)
{
	return conntrack_flush(&table, NULL);
}

/* The time of fragments is a setting of IP, everything else of connection tracking. */
static int setting_write(const char *name, long value)
{
	char path[128], text[24];

	snprintf(path, sizeof(path),
		 strcmp(name, "ipfrag_time") ? "netfilter/nf_conntrack_%s" : "ipv4/%s",
		 name);
	snprintf(text, sizeof(text), "%ld", value);
	return namespace_sysctl(path, text);
}

static const char *proto_text(__u8 proto, char text[8])
{
	switch (proto) {
	case FW_PROTO_ICMP:
		return "icmp";
	case FW_PROTO_TCP:
		return "tcp";
	case FW_PROTO_UDP:
		return "udp";
	case 47:
		return "gre";
	default:
		snprintf(text, 8, "%u", proto);
		return text;
	}
}

#define ADDR "%u.%u.%u.%u"
#define ADDR_OF(a) (a) >> 24, (a) >> 16 & 255, (a) >> 8 & 255, (a)&255

/* The kernel's numbers are ours, from SYN_SENT on; only SYN_SENT2 has another place. */
static const char *tcp_state(const struct nlattr *info)
{
	__u64 state = netlink_attr_number(netlink_attr_find(
		netlink_attr_find(info, CTA_PROTOINFO_TCP), CTA_PROTOINFO_TCP_STATE));

	if (state == 9)
		return fw_tcp_state_names[FW_TCP_SYN_SENT2];
	return state && state < 9 ? fw_tcp_state_names[state + (state > 1)] : "?";
}

static int entry_line(const struct nlmsghdr *h, void *ctx)
{
	struct netlink_attrs as = netlink_attrs_of(h, sizeof(struct nfgenmsg));
	const struct nfgenmsg *g = mnl_nlmsg_get_payload(h);
	const char *state = "-", *helper = "";
	struct conntrack_entry e;
	char proto[8], port[16];
	const struct nlattr *a;

	if (g->nfgen_family != AF_INET)
		return 0;
	conntrack_entry_read(&e, h);
	while ((a = netlink_attrs_next(&as))) {
		if (netlink_attr_type(a) == CTA_PROTOINFO && e.out.proto == FW_PROTO_TCP)
			state = tcp_state(a);
		else if (netlink_attr_type(a) == CTA_HELP)
			helper = netlink_attr_text(netlink_attr_find(a, CTA_HELP_NAME));
	}
	if (e.out.proto == FW_PROTO_ICMP) {
		e.out.sport = e.out.icmp_id;
		snprintf(port, sizeof(port), "%u.%u", e.out.icmp_type, e.out.icmp_code);
	} else {
		snprintf(port, sizeof(port), "%u", e.out.dport);
	}
	state_lines_add(
		ctx, "%s " ADDR ":%u " ADDR ":%s %s %s%s%s%s %u%s%s",
		proto_text(e.out.proto, proto), ADDR_OF(e.out.saddr), e.out.sport,
		ADDR_OF(e.out.daddr), port, state, e.status & IPS_SEEN_REPLY ? "r" : "",
		e.status & IPS_ASSURED ? "a" : "", e.status & IPS_EXPECTED ? "x" : "",
		e.status & (IPS_SEEN_REPLY | IPS_ASSURED | IPS_EXPECTED) ? "" : "-",
		e.seconds, *helper ? " " : "", helper);
	return 0;
}

/* What a recorded line is about. */
static bool line_tuple(const char *line, struct conntrack_tuple *t)
{
	static const char *const names[] = {"icmp", "tcp", "udp", "gre"};
	static const __u8 protos[] = {FW_PROTO_ICMP, FW_PROTO_TCP, FW_PROTO_UDP, 47};
	char proto[8], from[16], to[16];
	unsigned int sport, dport, code = 0;
	size_t i;

	*t = (struct conntrack_tuple){.proto = 0};
	if (sscanf(line, "%7s %15[0-9.]:%u %15[0-9.]:%u.%u", proto, from, &sport, to,
		   &dport, &code) < 5)
		return false;
	t->proto = (__u8)atoi(proto);
	for (i = 0; i < FW_COUNT(names); i++)
		if (!strcmp(proto, names[i]))
			t->proto = protos[i];
	t->saddr = recorded_addr(from);
	t->daddr = recorded_addr(to);
	t->sport = t->icmp_id = (__u16)sport;
	t->dport = (__u16)dport;
	t->icmp_type = (__u8)dport;
	t->icmp_code = (__u8)code;
	return true;
}

static void tuple_put(struct nlmsghdr *h, const struct conntrack_tuple *t)
{
	struct nlattr *outer = netlink_nest_start(h, CTA_TUPLE_ORIG | NLA_F_NESTED),
		      *inner;

	inner = netlink_nest_start(h, CTA_TUPLE_IP | NLA_F_NESTED);
	netlink_put_be32(h, CTA_IP_V4_SRC, t->saddr);
	netlink_put_be32(h, CTA_IP_V4_DST, t->daddr);
	mnl_attr_nest_end(h, inner);
	inner = netlink_nest_start(h, CTA_TUPLE_PROTO | NLA_F_NESTED);
	netlink_put_u8(h, CTA_PROTO_NUM, t->proto);
	if (t->proto == FW_PROTO_ICMP) {
		netlink_put_be16(h, CTA_PROTO_ICMP_ID, t->icmp_id);
		netlink_put_u8(h, CTA_PROTO_ICMP_TYPE, t->icmp_type);
		netlink_put_u8(h, CTA_PROTO_ICMP_CODE, t->icmp_code);
	} else {
		netlink_put_be16(h, CTA_PROTO_SRC_PORT, t->sport);
		netlink_put_be16(h, CTA_PROTO_DST_PORT, t->dport);
	}
	mnl_attr_nest_end(h, inner);
	mnl_attr_nest_end(h, outer);
}

static unsigned int entries_count(void)
{
	FILE *in = fopen("/proc/sys/net/netfilter/nf_conntrack_count", "re");
	unsigned int n = ~0u;

	if (in) {
		if (fscanf(in, "%u", &n) != 1)
			n = ~0u;
		fclose(in);
	}
	return n;
}

/*
 * The kernel's hash table has 262,144 heads, which a dump walks in 8 ms, so the recorded
 * entries are asked for one by one.  A dump follows if one is missing or there are
 * others.
 */
static int table_read(struct state_lines *lines, const json_t *recorded)
{
	char buf[NETLINK_REQUEST];
	struct conntrack_tuple tuple;
	const json_t *line;
	struct nlmsghdr *h;
	int err = 0;
	size_t i;

	json_array_foreach(recorded, i, line)
	{
		h = netlink_netfilter(buf, NFNL_SUBSYS_CTNETLINK, IPCTNL_MSG_CT_GET,
				      NLM_F_ACK);
		if (!line_tuple(json_string_value(line), &tuple))
			return -EINVAL;
		tuple_put(h, &tuple);
		err = err ? err : netlink_query(&table, h, entry_line, lines, NULL);
	}
	if (!err && entries_count() == lines->n)
		return 0;
	lines->n = 0;
	return netlink_query(&table,
			     netlink_netfilter(buf, NFNL_SUBSYS_CTNETLINK,
					       IPCTNL_MSG_CT_GET, NLM_F_DUMP),
			     entry_line, lines, NULL);
}

static __u64 tuple_number(const struct nlattr *tuple, __u16 nest, __u16 type)
{
	return netlink_attr_number(
		netlink_attr_find(netlink_attr_find(tuple, nest), type));
}

static int expectation_line(const struct nlmsghdr *h, void *ctx)
{
	struct netlink_attrs as = netlink_attrs_of(h, sizeof(struct nfgenmsg));
	const struct nlattr *a, *tuple = NULL, *mask = NULL;
	char proto[8], source[16] = "*";
	__u32 saddr, daddr;

	while ((a = netlink_attrs_next(&as))) {
		if (netlink_attr_type(a) == CTA_EXPECT_TUPLE)
			tuple = a;
		else if (netlink_attr_type(a) == CTA_EXPECT_MASK)
			mask = a;
	}
	saddr = (__u32)tuple_number(tuple, CTA_TUPLE_IP, CTA_IP_V4_SRC);
	daddr = (__u32)tuple_number(tuple, CTA_TUPLE_IP, CTA_IP_V4_DST);
	if (tuple_number(mask, CTA_TUPLE_IP, CTA_IP_V4_SRC))
		snprintf(source, sizeof(source), ADDR, ADDR_OF(saddr));
	state_lines_add(
		ctx, "%s %s:* " ADDR ":%u",
		proto_text((__u8)tuple_number(tuple, CTA_TUPLE_PROTO, CTA_PROTO_NUM),
			   proto),
		source, ADDR_OF(daddr),
		(unsigned int)tuple_number(tuple, CTA_TUPLE_PROTO, CTA_PROTO_DST_PORT));
	return 0;
}

static int expected_read(struct state_lines *lines)
{
	char buf[NETLINK_REQUEST];

	return netlink_query(&table,
			     netlink_netfilter(buf, NFNL_SUBSYS_CTNETLINK_EXP,
					       IPCTNL_MSG_EXP_GET, NLM_F_DUMP),
			     expectation_line, lines, NULL);
}

#define CONNTRACK_TABLE                                                                  \
	.open = table_open, .close = table_close, .setting = setting_write,              \
	.flush = table_flush, .table = table_read, .expected = expected_read

const struct state_backend state_nft = {
	.name = "nft",
	.live = &live_nft,
	CONNTRACK_TABLE,
};

const struct state_backend state_xtables = {
	.name = "xtables",
	.live = &live_xtables,
	CONNTRACK_TABLE,
};
