/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * masq_world.h - packets of a connection that is masqueraded, for tests: the inner end, the
 * peer, and the address outside.
 */
#ifndef TESTS_MASQ_WORLD_H
#define TESTS_MASQ_WORLD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <cmocka.h>

#include "kmod/core/masq.h"
#include "tests/lib/track_world.h"

#define INNER CLIENT
#define PEER SERVER
#define MASQ 0xcb007105

static inline struct fw_packet packet_out(__u8 proto, __u16 sport, __u16 dport)
{
	return (struct fw_packet){
		.saddr = INNER, .daddr = PEER, .proto = proto, .sport = sport,
		.dport = dport, .icmp_type = FW_ICMP_ECHO, .icmp_id = sport, .len = 40,
	};
}

/* the answer from there, to that port outside */
static inline struct fw_packet packet_in(__u8 proto, __u32 saddr, __u16 sport, __u16 mport)
{
	return (struct fw_packet){
		.saddr = saddr, .daddr = MASQ, .proto = proto, .sport = sport,
		.dport = mport, .icmp_type = FW_ICMP_ECHOREPLY, .icmp_id = mport, .len = 40,
	};
}

/* The port that a new packet is given, or the error. */
static inline int masquerade(struct fw_track *t, __u8 proto, __u16 sport, __u16 dport,
			     __u32 now)
{
	struct fw_packet pkt = packet_out(proto, sport, dport);
	int err = fw_masquerade(t, NULL, &pkt, MASQ, now);

	if (err < 0)
		return err;
	assert_int_equal(pkt.saddr, MASQ);
	assert_int_equal(pkt.daddr, PEER);
	return proto == FW_PROTO_ICMP ? pkt.icmp_id : pkt.sport;
}

static inline int demasquerade(struct fw_track *t, struct fw_packet pkt, __u32 now)
{
	int result = fw_demasquerade(t, &pkt, now);

	if (result > 0)
		assert_int_equal(pkt.daddr, INNER);
	return result;
}

#endif
