// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * masq-ports.c - ports of masqueraded entries: their order, limits, settings, sharing.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <cmocka.h>

#include "kmod/core/masq.h"
#include "kmod/core/masq_find.h"
#include "kmod/core/table.h"
#include "kmod/core/tcp.h"
#include "tests/lib/masq_world.h"

#define OTHER 0xc6336408
#define ENTRIES (4 * FW_MASQ_MAX)	/* a power of two */

static struct sim_tracker w;

static void one_counter_and_a_port_for_each_peer(void **state)
{
	struct fw_track *t = track_world_empty(&w);

	(void)state;
	assert_int_equal(masquerade(t, FW_PROTO_UDP, 1024, 53, 0), 61000);
	assert_int_equal(masquerade(t, FW_PROTO_TCP, 1024, 53, 0), 61001);
	assert_int_equal(masquerade(t, FW_PROTO_ICMP, 1024, 0, 0), 61002);
	/* the same flow keeps its port, another one of the same socket does not */
	assert_int_equal(masquerade(t, FW_PROTO_UDP, 1024, 53, 0), 61000);
	assert_int_equal(masquerade(t, FW_PROTO_UDP, 1024, 54, 0), 61003);
	assert_int_equal(fw_masq_ports_free(t, FW_PROTO_UDP), FW_MASQ_MAX - 2);
	assert_int_equal(fw_masq_ports_free(t, FW_PROTO_TCP), FW_MASQ_MAX - 1);
	assert_int_equal(fw_masq_ports_free(t, FW_PROTO_ICMP), FW_MASQ_MAX - 1);
}

static void ports_wrap_and_skip_those_in_use(void **state)
{
	struct fw_track *t = track_world_empty(&w);

	(void)state;
	t->masq.next_port = FW_MASQ_PORT_END - 1;
	assert_int_equal(masquerade(t, FW_PROTO_UDP, 1, 53, 0), 65095);
	assert_int_equal(masquerade(t, FW_PROTO_UDP, 2, 53, 0), 61000);
	t->masq.next_port = FW_MASQ_PORT_END - 1;
	assert_int_equal(masquerade(t, FW_PROTO_UDP, 3, 53, 0), 61001);
	t->masq.next_port = FW_MASQ_PORT_END - 1;
	assert_int_equal(masquerade(t, FW_PROTO_TCP, 3, 53, 0), 65095);
}

static void a_protocol_has_4096_entries(void **state)
{
	struct fw_track *t = track_world_empty(&w);
	unsigned int i;

	(void)state;
	for (i = 0; i < FW_MASQ_MAX; i++)
		assert_int_equal(masquerade(t, FW_PROTO_TCP, (__u16)i, 80, 0), 61000 + i);
	assert_int_equal(masquerade(t, FW_PROTO_TCP, 4096, 80, 0), -ENOSPC);
	assert_int_equal(fw_masq_ports_free(t, FW_PROTO_TCP), 0);
	/* old flows go on, other protocols begin */
	assert_int_equal(masquerade(t, FW_PROTO_TCP, 7, 80, 0), 61007);
	assert_int_equal(masquerade(t, FW_PROTO_UDP, 7, 80, 0), 61000);
	assert_int_equal(t->count, FW_MASQ_MAX + 1);
	/* once they have expired there is room again */
	assert_int_equal(masquerade(t, FW_PROTO_TCP, 4096, 81, 900 * FW_TRACK_HZ), 61001);
	fw_host_sweep(t, 900 * FW_TRACK_HZ);
	assert_int_equal(t->count, 1);
}

static void two_ports(struct fw_track *t)
{
	t->masq.port_first = t->masq.next_port = 2000;
	t->masq.port_end = 2002;
}

/* Other ports than 2.0's, and UDP that is answered by whom it asked alone. */
static void settings_change_ports_and_peers(void **state)
{
	struct fw_track *t = track_world_empty(&w);

	(void)state;
	two_ports(t);
	t->masq.strict_udp = true;
	assert_int_equal(masquerade(t, FW_PROTO_UDP, 1024, 53, 0), 2000);
	assert_int_equal(masquerade(t, FW_PROTO_UDP, 1025, 53, 0), 2001);
	assert_int_equal(masquerade(t, FW_PROTO_UDP, 1026, 53, 0), -ENOSPC);
	assert_int_equal(fw_masq_ports_free(t, FW_PROTO_UDP), 0);
	assert_int_equal(demasquerade(t, packet_in(FW_PROTO_UDP, PEER, 53, 2001), 0), 1);
	assert_int_equal(demasquerade(t, packet_in(FW_PROTO_UDP, OTHER, 53, 2001), 0), 0);
	/* fewer ports than are in use */
	t->masq.port_end = 2001;
	assert_int_equal(fw_masq_ports_free(t, FW_PROTO_UDP), 0);
	fw_masq_init(&t->masq);
}

/* When all ports are used, one has several entries of TCP, each with a peer of its own. */
static void ports_are_shared(void **state)
{
	struct fw_track *t = track_world_empty(&w);
	const struct fw_packet to_inner = { .saddr = PEER, .daddr = INNER };
	struct fw_packet pkt;

	(void)state;
	two_ports(t);
	assert_int_equal(masquerade(t, FW_PROTO_TCP, 1024, 80, 0), 2000);
	assert_int_equal(masquerade(t, FW_PROTO_TCP, 1025, 80, 0), 2001);
	assert_int_equal(masquerade(t, FW_PROTO_TCP, 1026, 81, 0), -ENOSPC);
	t->masq.share = true;
	assert_int_equal(masquerade(t, FW_PROTO_TCP, 1026, 81, 0), 2000);
	assert_int_equal(masquerade(t, FW_PROTO_TCP, 1027, 81, 0), 2001);
	assert_int_equal(masquerade(t, FW_PROTO_TCP, 1027, 81, 0), 2001);
	/* one peer has each port once */
	assert_int_equal(masquerade(t, FW_PROTO_TCP, 1028, 80, 0), -ENOSPC);
	assert_int_equal(masquerade(t, FW_PROTO_TCP, 1028, 81, 0), -ENOSPC);
	/* UDP is answered from any address */
	assert_int_equal(masquerade(t, FW_PROTO_UDP, 1024, 53, 0), 2000);
	assert_int_equal(masquerade(t, FW_PROTO_UDP, 1025, 53, 0), 2001);
	assert_int_equal(masquerade(t, FW_PROTO_UDP, 1026, 54, 0), -ENOSPC);
	t->masq.strict_udp = true;
	assert_int_equal(masquerade(t, FW_PROTO_UDP, 1026, 54, 0), -ENOSPC);
	pkt = packet_in(FW_PROTO_TCP, PEER, 80, 2000);
	assert_int_equal(fw_demasquerade(t, &pkt, 0), 1);
	assert_int_equal(pkt.daddr, to_inner.daddr);
	assert_int_equal(pkt.dport, 1024);
	pkt = packet_in(FW_PROTO_TCP, PEER, 81, 2000);
	assert_int_equal(fw_demasquerade(t, &pkt, 0), 1);
	assert_int_equal(pkt.dport, 1026);
	assert_int_equal(demasquerade(t, packet_in(FW_PROTO_TCP, PEER, 82, 2000), 0), 0);
	track_world_check(&w);
	/* the first of a port has ended: its peer may share it, or have it, but once */
	fw_track_end(t, fw_masq_find_port(t, FW_PROTO_TCP, MASQ, 2000, 0));
	assert_int_equal(fw_masq_ports_free(t, FW_PROTO_TCP), 1);
	assert_int_equal(masquerade(t, FW_PROTO_TCP, 1028, 81, 0), -ENOSPC);
	assert_int_equal(masquerade(t, FW_PROTO_TCP, 1029, 80, 0), 2000);
	track_world_check(&w);
	fw_masq_init(&t->masq);
}

/* What the peer has begun with the host itself is in the way of an entry that shares. */
static void own_connections_are_not_shared(void **state)
{
	struct fw_track *t = track_world_empty(&w);
	const struct fw_entry own = {
		.saddr = PEER, .daddr = MASQ, .maddr = PEER, .sport = 81, .dport = 2000,
		.mport = 81, .proto = FW_PROTO_TCP, .state = FW_TCP_ESTABLISHED, .expires = 100,
		.iface = { FW_NO_IFACE, FW_NO_IFACE },
	};
	struct fw_entry *winner;

	(void)state;
	two_ports(t);
	t->masq.share = true;
	assert_int_equal(masquerade(t, FW_PROTO_TCP, 1024, 80, 0), 2000);
	assert_int_equal(masquerade(t, FW_PROTO_TCP, 1025, 80, 0), 2001);
	assert_non_null(fw_track_add(t, &own, 0, &winner));
	assert_int_equal(masquerade(t, FW_PROTO_TCP, 1026, 81, 0), 2001);
	assert_int_equal(masquerade(t, FW_PROTO_TCP, 1027, 81, 0), -ENOSPC);
	track_world_check(&w);
	fw_masq_init(&t->masq);
}

static void no_memory_is_no_port(void **state)
{
	struct sim_tracker none;
	struct fw_track *t = &none.table.track;

	(void)state;
	track_world_init(&none, 0, 1, 0, 0);
	assert_int_equal(masquerade(t, FW_PROTO_UDP, 1, 53, 0), -ENOSPC);
	assert_int_equal(demasquerade(t, packet_in(FW_PROTO_UDP, PEER, 53, 61000), 0), 0);
	assert_int_equal(t->count, 0);
	fw_host_sweep(t, 0x7fffffff);
	sim_tracker_free(&none);
}

static int setup(void **state)
{
	(void)state;
	track_world_init(&w, ENTRIES, 4 * ENTRIES, 8, 8);
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
		cmocka_unit_test(one_counter_and_a_port_for_each_peer),
		cmocka_unit_test(ports_wrap_and_skip_those_in_use),
		cmocka_unit_test(a_protocol_has_4096_entries),
		cmocka_unit_test(settings_change_ports_and_peers),
		cmocka_unit_test(ports_are_shared),
		cmocka_unit_test(own_connections_are_not_shared),
		cmocka_unit_test(no_memory_is_no_port),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
