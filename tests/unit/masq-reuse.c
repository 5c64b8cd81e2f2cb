// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * masq-reuse.c - masqueraded connections between the ports of earlier ones.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <cmocka.h>

#include "kmod/core/masq.h"
#include "kmod/core/tcp.h"
#include "tests/lib/masq_world.h"

static struct sim_tracker w;

static int comes_in(struct fw_track *t, struct fw_packet pkt)
{
	return fw_demasquerade(t, &pkt, 0);
}

/* The port outside of a packet from inner port 4500 to the peer's port 20. */
static __u16 leaves_from(struct fw_track *t, __u8 proto)
{
	struct fw_packet pkt = packet_out(proto, 4500, 20);

	assert_int_equal(fw_masquerade(t, NULL, &pkt, MASQ, 0), 0);
	return pkt.sport;
}

/*
 * The inner end announces a port again, and the same peer comes: the entry of the earlier
 * connection, closed or not, gives way.
 */
static void reused_ports_are_those_of_the_newest(void **state)
{
	const __u8 protos[] = { FW_PROTO_TCP, FW_PROTO_UDP };
	struct fw_track *t = track_world_empty(&w);
	unsigned int i;

	(void)state;
	for (i = 0; i < FW_COUNT(protos); i++) {
		const struct fw_entry like = {
			.proto = protos[i], .saddr = INNER, .sport = 4500, .daddr = PEER,
			.maddr = MASQ, .masq = FW_CONN_NO_DPORT,
		};
		__u16 first = t->masq.next_port;

		assert_non_null(fw_masq_add(t, &like, 0));
		assert_int_equal(comes_in(t, packet_in(protos[i], PEER, 20, first)), 1);
		assert_non_null(fw_masq_add(t, &like, 0));
		assert_int_equal(t->count, 2 + i);
		assert_int_equal(comes_in(t, packet_in(protos[i], PEER, 20, first + 1)), 1);
		assert_int_equal(comes_in(t, packet_in(protos[i], PEER, 20, first)), 0);
		assert_int_equal(leaves_from(t, protos[i]), first + 1);
		assert_int_equal(t->count, 1 + i);
		track_world_check(&w);
	}
}

/* A client comes to the target by another forward, from the same port. */
static void closed_connection_gives_way_to_forward(void **state)
{
	struct fw_portfw forwards[] = {
		{ .flags = FW_PORTFW_HAS_PORT, .proto = FW_PROTO_TCP, .low = 80, .high = 80,
		  .addr = MASQ, .to = INNER, .to_port = 8080, .weight = 1, .left = 1 },
		{ .flags = FW_PORTFW_HAS_PORT, .proto = FW_PROTO_TCP, .low = 81, .high = 81,
		  .addr = MASQ, .to = INNER, .to_port = 8080, .weight = 1, .left = 1 },
	};
	struct fw_portfw_table table = { .entry = forwards, .count = FW_COUNT(forwards) };
	struct fw_track *t = track_world_empty(&w);
	struct fw_packet first = packet_in(FW_PROTO_TCP, PEER, 5000, 80);
	struct fw_packet second = packet_in(FW_PROTO_TCP, PEER, 5000, 81);
	struct fw_seen s = { .fresh = false };
	struct fw_packet pkt = first;
	__s32 rule;

	(void)state;
	t->portfw = &table;
	assert_int_equal(fw_masq_forward(t, &s, &pkt, 0, &rule), 1);
	s.entry->state = FW_TCP_ESTABLISHED;
	pkt = second;
	s = (struct fw_seen){ .fresh = false };
	assert_int_equal(fw_masq_forward(t, &s, &pkt, 0, &rule), -ENOSPC);
	pkt = first;
	assert_int_equal(fw_masq_forward(t, &s, &pkt, 0, &rule), 1);
	track_table_next(&w.table, 0)->state = FW_TCP_TIME_WAIT;
	pkt = second;
	s = (struct fw_seen){ .fresh = false };
	assert_int_equal(fw_masq_forward(t, &s, &pkt, 0, &rule), 1);
	assert_int_equal(pkt.dport, 8080);
	assert_int_equal(t->count, 1);
	t->portfw = NULL;
}

static int setup(void **state)
{
	(void)state;
	track_world_init(&w, 16, 16, 4, 4);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	sim_tracker_free(&w);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reused_ports_are_those_of_the_newest),
		cmocka_unit_test(closed_connection_gives_way_to_forward),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
