// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * portfw.c - the table of port forwards: edits, which forward a packet takes, turns.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "backend/ruleset.h"
#include "kmod/core/portfw.h"

#define OUTER 0xc2a00101	/* 194.160.1.1 */
#define INNER 0x0a000002

static struct fw_portfw forward_of(__u16 port, __u32 to, __u32 weight)
{
	return (struct fw_portfw){ .proto = FW_PROTO_TCP, .addr = OUTER, .low = port,
				   .high = port, .to = to, .to_port = 80, .weight = weight,
				   .left = weight, .flags = FW_PORTFW_HAS_PORT };
}

static int edit(struct fw_ruleset *rs, enum fw_portfw_op op, struct fw_portfw f)
{
	const struct fw_edit e = { .op = FW_OP_PORTFW, .portfw = { .op = op, .forward = f } };

	return fw_ruleset_edit(rs, &e);
}

static struct fw_packet packet_to(__u32 daddr, __u16 dport)
{
	return (struct fw_packet){ .proto = FW_PROTO_TCP, .saddr = 0x05050505, .daddr = daddr,
				   .sport = 1000, .dport = dport, .tcpflags = FW_TCP_SYN };
}

/* The target of a connection that is made; 0: none is. */
static __u32 connect(struct fw_ruleset *rs, const struct fw_packet *pkt)
{
	struct fw_portfw *f = fw_portfw_find(&rs->portfw, pkt, 0);
	__u32 to = f ? f->to : 0;

	if (f)
		fw_portfw_use(&rs->portfw, f);
	return to;
}

static void edits(void **state)
{
	struct fw_ruleset rs, copy;

	(void)state;
	fw_ruleset_init(&rs);
	for (__u16 port = 1; port <= 100; port++)
		assert_int_equal(edit(&rs, FW_PORTFW_APPEND, forward_of(port, INNER, 10)), 0);
	assert_int_equal(edit(&rs, FW_PORTFW_INSERT, forward_of(101, INNER, 10)), 0);
	assert_int_equal(rs.portfw.count, 101);
	assert_int_equal(rs.portfw.entry[0].low, 101);
	assert_int_equal(rs.portfw.entry[100].low, 100);
	/* the same again is no second one */
	assert_int_equal(edit(&rs, FW_PORTFW_INSERT, forward_of(50, INNER, 3)), 0);
	assert_int_equal(rs.portfw.count, 101);
	assert_int_equal(rs.portfw.entry[50].weight, 3);
	assert_int_equal(rs.portfw.entry[50].left, 3);
	assert_int_equal(edit(&rs, FW_PORTFW_APPEND, forward_of(50, INNER + 1, 1)), 0);
	assert_int_equal(edit(&rs, FW_PORTFW_DELETE, forward_of(50, INNER + 1, 9)), 0);
	assert_int_equal(edit(&rs, FW_PORTFW_DELETE, forward_of(50, INNER + 1, 1)), -EINVAL);
	assert_int_equal(edit(&rs, FW_PORTFW_DELETE_SIDE, forward_of(50, 0, 0)), 0);
	assert_int_equal(rs.portfw.count, 100);
	assert_int_equal(fw_ruleset_copy(&copy, &rs), 0);
	assert_int_equal(edit(&rs, FW_PORTFW_FLUSH, forward_of(0, 0, 0)), 0);
	assert_int_equal(rs.portfw.count, 0);
	assert_int_equal(copy.portfw.count, 100);
	fw_ruleset_free(&copy);
	fw_ruleset_free(&rs);
}

static void refused(void **state)
{
	struct fw_portfw f = forward_of(80, INNER, 10);
	struct fw_ruleset rs;

	(void)state;
	fw_ruleset_init(&rs);
	assert_int_equal(fw_portfw_check(&f), 0);
	f.proto = FW_PROTO_ICMP;
	assert_int_equal(edit(&rs, FW_PORTFW_APPEND, f), -EINVAL);
	f = forward_of(0, INNER, 10);
	assert_int_equal(edit(&rs, FW_PORTFW_APPEND, f), -EINVAL);
	f = forward_of(61000, INNER, 10);
	assert_int_equal(edit(&rs, FW_PORTFW_APPEND, f), -EINVAL);
	f = forward_of(80, INNER, 0);
	assert_int_equal(edit(&rs, FW_PORTFW_APPEND, f), -EINVAL);
	f = forward_of(80, INNER, 1);
	f.high = 81;
	assert_int_equal(edit(&rs, FW_PORTFW_APPEND, f), -EINVAL);
	f.flags = FW_PORTFW_SAME_PORT;
	assert_int_equal(edit(&rs, FW_PORTFW_APPEND, f), -EINVAL);
	f.flags = 0x80;
	assert_int_equal(edit(&rs, FW_PORTFW_APPEND, f), -EINVAL);
	assert_int_equal(rs.portfw.count, 0);
	fw_ruleset_free(&rs);
}

static void packets(void **state)
{
	struct fw_packet pkt = packet_to(OUTER, 80);
	struct fw_portfw any = forward_of(90, INNER + 9, 10);
	struct fw_ruleset rs;

	(void)state;
	fw_ruleset_init(&rs);
	any.flags = FW_PORTFW_ANY_ADDR;
	any.addr = 0;
	any.high = 95;
	edit(&rs, FW_PORTFW_APPEND, forward_of(80, INNER, 10));
	edit(&rs, FW_PORTFW_APPEND, any);
	assert_int_equal(connect(&rs, &pkt), INNER);
	pkt.tcpflags = FW_TCP_RST;	/* no SYN is needed */
	assert_int_equal(connect(&rs, &pkt), INNER);
	pkt.proto = FW_PROTO_UDP;
	assert_int_equal(connect(&rs, &pkt), 0);
	pkt = packet_to(OUTER + 1, 80);
	assert_int_equal(connect(&rs, &pkt), 0);
	pkt = packet_to(OUTER + 1, 95);
	assert_int_equal(connect(&rs, &pkt), INNER + 9);
	pkt.dport = 96;
	assert_int_equal(connect(&rs, &pkt), 0);
	pkt = packet_to(OUTER, 80);
	pkt.frag_off = 1;
	assert_int_equal(connect(&rs, &pkt), 0);
	fw_ruleset_free(&rs);
}

/* Each target gets its weight of connections in a row, then it is the last. */
static void turns(void **state)
{
	static const __u32 order[] = { 1, 1, 1, 2, 1, 1, 1, 2, 1 };
	const struct fw_packet pkt = packet_to(OUTER, 80);
	struct fw_ruleset rs;

	(void)state;
	fw_ruleset_init(&rs);
	edit(&rs, FW_PORTFW_APPEND, forward_of(80, 1, 3));
	for (int i = 0; i < 5; i++)	/* one alone is not counted down */
		assert_int_equal(connect(&rs, &pkt), 1);
	assert_int_equal(rs.portfw.entry[0].left, 3);
	assert_int_equal(rs.portfw.entry[0].conns, 5);
	edit(&rs, FW_PORTFW_APPEND, forward_of(80, 2, 1));
	for (unsigned int i = 0; i < FW_COUNT(order); i++)
		assert_int_equal(connect(&rs, &pkt), order[i]);
	assert_int_equal(rs.portfw.entry[0].left, 2);
	fw_ruleset_free(&rs);
}

/* By mark: targets of one mark stay together; weight 0 never ends its turn. */
static void marks(void **state)
{
	struct fw_portfw f = { .mark = 7, .to = 1, .weight = 0 };
	struct fw_packet pkt = packet_to(OUTER, 80);
	struct fw_ruleset rs;

	(void)state;
	fw_ruleset_init(&rs);
	pkt.mark = 7;
	assert_int_equal(edit(&rs, FW_PORTFW_APPEND, f), 0);
	f.mark = 8;
	assert_int_equal(edit(&rs, FW_PORTFW_APPEND, f), 0);
	f.mark = 7;
	f.to = 2;
	assert_int_equal(edit(&rs, FW_PORTFW_APPEND, f), 0);
	assert_int_equal(edit(&rs, FW_PORTFW_APPEND, f), 0);
	assert_int_equal(rs.portfw.count, 4);
	assert_int_equal(rs.portfw.entry[2].mark, 7);
	assert_int_equal(rs.portfw.entry[3].mark, 8);
	for (int i = 0; i < 3; i++)
		assert_int_equal(connect(&rs, &pkt), 1);
	pkt.tcpflags = FW_TCP_ACK;	/* begins nothing */
	assert_int_equal(connect(&rs, &pkt), 0);
	pkt.mark = 0;
	assert_int_equal(connect(&rs, &pkt), 0);
	fw_ruleset_free(&rs);
}

/* The host that sent to the control port is the target, for a time. */
static void triggers(void **state)
{
	struct fw_portfw f = { .proto = FW_PROTO_UDP, .low = 6970, .high = 7170,
			       .flags = FW_PORTFW_ANY_ADDR, .trigger_proto = FW_PROTO_TCP,
			       .trigger_port = 7070, .trigger_time = 15, .weight = 10 };
	struct fw_packet control = packet_to(0x05050505, 7070), pkt = packet_to(OUTER, 7000);
	struct fw_ruleset rs;

	(void)state;
	fw_ruleset_init(&rs);
	assert_int_equal(edit(&rs, FW_PORTFW_APPEND, f), 0);
	pkt.proto = FW_PROTO_UDP;
	assert_null(fw_portfw_find(&rs.portfw, &pkt, 0));
	control.saddr = INNER;
	fw_portfw_trigger(&rs.portfw, &control, 1000);
	assert_non_null(fw_portfw_find(&rs.portfw, &pkt, 1000 + 1499));
	assert_int_equal(rs.portfw.entry[0].to, INNER);
	assert_null(fw_portfw_find(&rs.portfw, &pkt, 1000 + 1500));
	fw_ruleset_free(&rs);
}

/* Ports in the table take the place of a helper's own; the first of a port decides. */
static void helpers(void **state)
{
	struct fw_portfw f = { .proto = FW_PROTO_TCP, .low = 2121, .high = 2121, .weight = 10,
			       .flags = FW_PORTFW_ANY_ADDR, .helper = FW_HELPER_FTP };
	const struct fw_masq_helper *ftp = &fw_masq_helpers[0], *quake = &fw_masq_helpers[5];
	const struct fw_packet pkt = packet_to(OUTER, 2121);
	struct fw_ruleset rs;
	struct fw_portfw bad;

	(void)state;
	fw_ruleset_init(&rs);
	assert_int_equal(fw_portfw_helper(NULL, FW_PROTO_TCP, 21), FW_HELPER_FTP);
	assert_int_equal(fw_portfw_helper(&rs.portfw, FW_PROTO_TCP, 21), FW_HELPER_FTP);
	assert_int_equal(fw_portfw_helper_port(&rs.portfw, ftp, 0), 21);
	assert_int_equal(fw_portfw_helper_port(&rs.portfw, ftp, 1), 0);
	assert_int_equal(fw_portfw_helper_port(&rs.portfw, quake, 1), 27000);
	assert_int_equal(edit(&rs, FW_PORTFW_APPEND, f), 0);
	assert_int_equal(fw_portfw_helper(&rs.portfw, FW_PROTO_TCP, 2121), FW_HELPER_FTP);
	assert_int_equal(fw_portfw_helper(&rs.portfw, FW_PROTO_UDP, 2121), FW_HELPER_NONE);
	assert_int_equal(fw_portfw_helper(&rs.portfw, FW_PROTO_TCP, 21), FW_HELPER_NONE);
	assert_int_equal(fw_portfw_helper(&rs.portfw, FW_PROTO_TCP, 6667), FW_HELPER_IRC);
	f.low = f.high = 21;
	assert_int_equal(edit(&rs, FW_PORTFW_APPEND, f), 0);
	f.helper = FW_HELPER_IRC;
	assert_int_equal(edit(&rs, FW_PORTFW_APPEND, f), 0);
	assert_int_equal(rs.portfw.count, 3);
	assert_int_equal(fw_portfw_helper(&rs.portfw, FW_PROTO_TCP, 21), FW_HELPER_FTP);
	assert_int_equal(fw_portfw_helper_port(&rs.portfw, ftp, 1), 21);
	assert_int_equal(fw_portfw_helper_port(&rs.portfw, ftp, 2), 0);
	/* it forwards nothing */
	assert_null(fw_portfw_find(&rs.portfw, &pkt, 0));
	assert_int_equal(edit(&rs, FW_PORTFW_DELETE, f), 0);
	assert_int_equal(rs.portfw.count, 2);
	for (int i = 0; i < 6; i++) {
		bad = f;
		bad.high += i == 0;
		bad.proto = i == 1 ? FW_PROTO_UDP : bad.proto;
		bad.helper = i == 2 ? FW_HELPER_TFTP : bad.helper;
		bad.helper = i == 3 ? 200 : bad.helper;
		bad.flags |= i == 4 ? FW_PORTFW_SAME_PORT : 0;
		bad.flags = i == 5 ? 0 : bad.flags;
		assert_int_equal(edit(&rs, FW_PORTFW_APPEND, bad), -EINVAL);
	}
	fw_ruleset_free(&rs);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(edits), cmocka_unit_test(refused), cmocka_unit_test(packets),
		cmocka_unit_test(turns), cmocka_unit_test(marks), cmocka_unit_test(triggers),
		cmocka_unit_test(helpers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
