// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * conntrack.c - the kernel's messages about connections, whole and damaged.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nf_conntrack_sctp.h>
#include <linux/netfilter/nf_conntrack_tcp.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>

#include "backend/conntrack/conntrack_entry.h"
#include "backend/netlink/netlink.h"

#define MESSAGE 1024
#define INNER 0x0a010002u
#define PEER 0xcb007106u
#define OUTER 0xcb007105u

static struct nlmsghdr *message_begin(char buf[MESSAGE], __u32 status)
{
	struct nlmsghdr *h =
		netlink_netfilter(buf, NFNL_SUBSYS_CTNETLINK, IPCTNL_MSG_CT_NEW, 0);

	netlink_put_be32(h, CTA_STATUS, status);
	netlink_put_be32(h, CTA_TIMEOUT, 77);
	return h;
}

static void tuple_put(struct nlmsghdr *h, __u16 which, __u8 proto, __u32 saddr,
		      __u32 daddr, __u16 first, __u16 second)
{
	struct nlattr *outer = netlink_nest_start(h, which);
	struct nlattr *nest = netlink_nest_start(h, CTA_TUPLE_IP);

	netlink_put_be32(h, CTA_IP_V4_SRC, saddr);
	netlink_put_be32(h, CTA_IP_V4_DST, daddr);
	mnl_attr_nest_end(h, nest);
	nest = netlink_nest_start(h, CTA_TUPLE_PROTO);
	netlink_put_u8(h, CTA_PROTO_NUM, proto);
	if (proto == FW_PROTO_ICMP) {
		netlink_put_be16(h, CTA_PROTO_ICMP_ID, first);
		netlink_put_u8(h, CTA_PROTO_ICMP_TYPE, (__u8)second);
		netlink_put_u8(h, CTA_PROTO_ICMP_CODE, 0);
	} else {
		netlink_put_be16(h, CTA_PROTO_SRC_PORT, first);
		netlink_put_be16(h, CTA_PROTO_DST_PORT, second);
	}
	mnl_attr_nest_end(h, nest);
	mnl_attr_nest_end(h, outer);
}

static void state_put(struct nlmsghdr *h, __u16 protocol, __u16 type, __u8 state)
{
	struct nlattr *outer = netlink_nest_start(h, CTA_PROTOINFO);
	struct nlattr *nest = netlink_nest_start(h, protocol);

	netlink_put_u8(h, type, state);
	mnl_attr_nest_end(h, nest);
	mnl_attr_nest_end(h, outer);
}

static void counters_put(struct nlmsghdr *h, __u16 which, __u64 packets, __u64 bytes)
{
	struct nlattr *nest = netlink_nest_start(h, which);

	netlink_put_be64(h, CTA_COUNTERS_PACKETS, packets);
	netlink_put_be64(h, CTA_COUNTERS_BYTES, bytes);
	mnl_attr_nest_end(h, nest);
}

static struct track_conn told(const struct nlmsghdr *h)
{
	struct conntrack_entry entry;
	struct track_conn c;

	conntrack_entry_read(&entry, h);
	conntrack_entry_tell(&entry, &c);
	return c;
}

static struct nlmsghdr *masqueraded(char buf[MESSAGE])
{
	struct nlmsghdr *h = message_begin(buf, IPS_SRC_NAT | IPS_SEEN_REPLY);

	tuple_put(h, CTA_TUPLE_ORIG, FW_PROTO_TCP, INNER, PEER, 5001, 80);
	tuple_put(h, CTA_TUPLE_REPLY, FW_PROTO_TCP, PEER, OUTER, 80, 61001);
	state_put(h, CTA_PROTOINFO_TCP, CTA_PROTOINFO_TCP_STATE, TCP_CONNTRACK_FIN_WAIT);
	counters_put(h, CTA_COUNTERS_ORIG, 3, 5000000000);
	counters_put(h, CTA_COUNTERS_REPLY, 2, 88);
	return h;
}

static void tells_masqueraded(void **state)
{
	char buf[MESSAGE];
	struct track_conn c = told(masqueraded(buf));

	(void)state;
	assert_int_equal(c.proto, FW_PROTO_TCP);
	assert_string_equal(c.state, "fin-wait");
	assert_int_equal(c.seconds, 77);
	assert_int_equal(c.saddr, INNER);
	assert_int_equal(c.daddr, PEER);
	assert_true(c.has_ports);
	assert_int_equal(c.sport, 5001);
	assert_int_equal(c.dport, 80);
	assert_true(c.masqueraded);
	assert_int_equal(c.maddr, OUTER);
	assert_int_equal(c.mport, 61001);
	assert_false(c.redirected);
	assert_true(c.counted);
	assert_int_equal(c.out.bytes, 5000000000);
	assert_int_equal(c.back.packets, 2);
}

static void tells_redirected(void **state)
{
	char buf[MESSAGE];
	struct nlmsghdr *h = message_begin(buf, IPS_DST_NAT);
	struct track_conn c;

	(void)state;
	tuple_put(h, CTA_TUPLE_ORIG, FW_PROTO_UDP, INNER, PEER, 5003, 53);
	tuple_put(h, CTA_TUPLE_REPLY, FW_PROTO_UDP, OUTER, INNER, 5353, 5003);
	c = told(h);
	assert_false(c.masqueraded);
	assert_true(c.redirected);
	assert_int_equal(c.raddr, OUTER);
	assert_int_equal(c.rport, 5353);
	assert_string_equal(c.state, "new");
	assert_false(c.counted);
}

static void tells_icmp(void **state)
{
	char buf[MESSAGE];
	struct nlmsghdr *h = message_begin(buf, IPS_SRC_NAT | IPS_SEEN_REPLY);
	struct track_conn c;

	(void)state;
	tuple_put(h, CTA_TUPLE_ORIG, FW_PROTO_ICMP, INNER, PEER, 700, 8);
	tuple_put(h, CTA_TUPLE_REPLY, FW_PROTO_ICMP, PEER, OUTER, 61700, 0);
	c = told(h);
	assert_false(c.has_ports);
	assert_int_equal(c.icmp_type, 8);
	assert_int_equal(c.icmp_id, 700);
	assert_int_equal(c.mport, 61700);
	assert_string_equal(c.state, "established");
}

static const char *state_told(__u32 status, __u16 protocol, __u16 type, __u8 number)
{
	char buf[MESSAGE];
	struct nlmsghdr *h = message_begin(buf, status);

	if (protocol)
		state_put(h, protocol, type, number);
	return told(h).state;
}

static void names_states(void **state)
{
	(void)state;
	assert_string_equal(state_told(0, CTA_PROTOINFO_TCP, CTA_PROTOINFO_TCP_STATE,
				       TCP_CONNTRACK_SYN_SENT2), "syn-sent");
	assert_string_equal(state_told(0, CTA_PROTOINFO_SCTP, CTA_PROTOINFO_SCTP_STATE,
				       SCTP_CONNTRACK_SHUTDOWN_ACK_SENT), "shutdown-ack-sent");
	assert_string_equal(state_told(IPS_EXPECTED, 0, 0, 0), "related");
	assert_string_equal(state_told(IPS_EXPECTED | IPS_SEEN_REPLY, 0, 0, 0),
			    "established");
	/* numbers of kernels to come, and of none */
	assert_string_equal(state_told(0, CTA_PROTOINFO_TCP, CTA_PROTOINFO_TCP_STATE, 255),
			    "new");
	assert_string_equal(state_told(0, CTA_PROTOINFO_SCTP, CTA_PROTOINFO_SCTP_STATE, 0),
			    "new");
	assert_string_equal(state_told(IPS_SEEN_REPLY, CTA_PROTOINFO_DCCP, 1, 3),
			    "established");
}

/* Cut short anywhere, in memory that ends there, and with any length damaged. */
static void damage_is_harmless(void **state)
{
	char buf[MESSAGE];
	const struct nlmsghdr *h = masqueraded(buf);
	__u32 whole = h->nlmsg_len, len, at;

	(void)state;
	for (len = NLMSG_HDRLEN; len <= whole; len += 4) {
		struct nlmsghdr *cut = malloc(len);

		assert_non_null(cut);
		memcpy(cut, h, len);
		cut->nlmsg_len = len;
		assert_non_null(told(cut).state);
		free(cut);
	}
	for (at = NLMSG_HDRLEN + 4; at < whole; at++) {
		struct nlmsghdr *damaged = malloc(whole);

		assert_non_null(damaged);
		memcpy(damaged, h, whole);
		((char *)damaged)[at] ^= 0x5a;
		assert_non_null(told(damaged).state);
		free(damaged);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tells_masqueraded),
		cmocka_unit_test(tells_redirected),
		cmocka_unit_test(tells_icmp),
		cmocka_unit_test(names_states),
		cmocka_unit_test(damage_is_harmless),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
