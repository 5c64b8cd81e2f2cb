// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * core-masq.c - masqueraded entries where the recordings do not reach: ports,
 * limits, time, and who may answer.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "kmod/core/masq.h"
#include "kmod/core/tcp.h"
#include "kmod/core/track.h"
#include "tests/lib/masq_world.h"

#define OTHER 0xc6336408
#define ENTRIES (4 * FW_MASQ_MAX)	/* a power of two */

static struct sim_tracker w;

static void only_three_protocols(void **state)
{
	struct fw_track *t = track_world_empty(&w);
	struct fw_packet pkt = packet_out(47, 0, 0);
	unsigned int type;

	(void)state;
	assert_int_equal(fw_masquerade(t, NULL, &pkt, MASQ, 0), -EPROTONOSUPPORT);
	for (type = 0; type < 256; type++) {
		bool query = type == 8 || type == 13 || type == 15 || type == 17;

		pkt = packet_out(FW_PROTO_ICMP, 77, 0);
		pkt.icmp_type = (__u8)type;
		assert_int_equal(fw_masquerade(t, NULL, &pkt, MASQ, 0), query);
		assert_int_equal(pkt.saddr, query ? MASQ : INNER);
	}
	assert_int_equal(t->count, 4);
}

static void udp_answers_from_any_address_but_not_port(void **state)
{
	struct fw_track *t = track_world_empty(&w);
	int i;

	(void)state;
	assert_int_equal(masquerade(t, FW_PROTO_UDP, 1024, 53, 0), 61000);
	for (i = 0; i < 3; i++) {
		assert_int_equal(
			demasquerade(t, packet_in(FW_PROTO_UDP, OTHER, 53, 61000), 0), 1);
		assert_int_equal(
			demasquerade(t, packet_in(FW_PROTO_UDP, OTHER, 54, 61000), 0), 0);
		assert_int_equal(
			demasquerade(t, packet_in(FW_PROTO_UDP, PEER, 53, 61000), 0), 1);
	}
	assert_int_equal(masquerade(t, FW_PROTO_TCP, 1024, 80, 0), 61001);
	assert_int_equal(demasquerade(t, packet_in(FW_PROTO_TCP, OTHER, 80, 61001), 0), 0);
	assert_int_equal(demasquerade(t, packet_in(FW_PROTO_TCP, PEER, 81, 61001), 0), 0);
	assert_int_equal(demasquerade(t, packet_in(FW_PROTO_TCP, PEER, 80, 61001), 0), 1);
	assert_int_equal(demasquerade(t, packet_in(FW_PROTO_UDP, PEER, 80, 61001), 0), 0);
}

static void icmp_answers_by_id_and_kind(void **state)
{
	struct fw_track *t = track_world_empty(&w);
	struct fw_packet reply = packet_in(FW_PROTO_ICMP, PEER, 0, 61000);

	(void)state;
	assert_int_equal(masquerade(t, FW_PROTO_ICMP, 1234, 0, 0), 61000);
	/* the kind of query stands where others have the peer's port */
	assert_int_equal(track_table_next(&w.table, 0)->dport, 8 * 256);
	assert_int_equal(demasquerade(t, packet_in(FW_PROTO_ICMP, OTHER, 0, 61000), 0), 0);
	assert_int_equal(demasquerade(t, packet_in(FW_PROTO_ICMP, PEER, 0, 61001), 0), 0);
	reply.icmp_type = 14;
	assert_int_equal(demasquerade(t, reply, 0), 0);
	reply.icmp_type = FW_ICMP_ECHOREPLY;
	reply.icmp_code = 1;
	assert_int_equal(demasquerade(t, reply, 0), 0);
	reply.icmp_code = 0;
	assert_int_equal(fw_demasquerade(t, &reply, 0), 1);
	assert_int_equal(reply.daddr, INNER);
	assert_int_equal(reply.icmp_id, 1234);
}

/* Is the flow still known a tick before, and gone at the very tick? */
static void assert_expires(struct fw_track *t, __u32 when)
{
	fw_host_sweep(t, when - 1);
	assert_int_equal(t->count, 1);
	fw_host_sweep(t, when);
	assert_int_equal(t->count, 0);
}

static void timeouts_of_protocols(void **state)
{
	struct fw_track *t = track_world_empty(&w);

	(void)state;
	masquerade(t, FW_PROTO_UDP, 1, 53, 7);
	assert_expires(t, 7 + 300 * FW_TRACK_HZ);
	masquerade(t, FW_PROTO_TCP, 1, 53, 40000);
	assert_expires(t, 40000 + 900 * FW_TRACK_HZ);
	masquerade(t, FW_PROTO_ICMP, 1, 53, 200000);
	assert_expires(t, 200000 + 125 * FW_TRACK_HZ);
	/* new values hold from the next packet on */
	masquerade(t, FW_PROTO_UDP, 1, 53, 300000);
	t->masq.timeouts.udp = 1;
	fw_host_sweep(t, 300000 + 2 * FW_TRACK_HZ);
	assert_int_equal(t->count, 1);
	masquerade(t, FW_PROTO_UDP, 1, 53, 300000 + 2 * FW_TRACK_HZ);
	assert_expires(t, 300000 + 3 * FW_TRACK_HZ);
	t->masq.timeouts.udp = 0x7fffffff; /* longer than ticks can tell */
	masquerade(t, FW_PROTO_UDP, 1, 53, 400000);
	assert_expires(t, 400000u + 0x7fffffff);
}

static void packets_either_way_refresh(void **state)
{
	struct fw_track *t = track_world_empty(&w);

	(void)state;
	masquerade(t, FW_PROTO_UDP, 1, 53, 0);
	assert_int_equal(demasquerade(t, packet_in(FW_PROTO_UDP, PEER, 53, 61000), 20000), 1);
	assert_int_equal(masquerade(t, FW_PROTO_UDP, 1, 53, 40000), 61000);
	assert_int_equal(demasquerade(t, packet_in(FW_PROTO_UDP, PEER, 53, 61000), 60000), 1);
	assert_expires(t, 60000 + 300 * FW_TRACK_HZ);
	/* an expired entry answers no more, and a new flow gets a new port */
	assert_int_equal(demasquerade(t, packet_in(FW_PROTO_UDP, PEER, 53, 61000), 90000), 0);
	assert_int_equal(masquerade(t, FW_PROTO_UDP, 1, 53, 90000), 61001);
}

static void send_flags(struct fw_track *t, __u8 out, __u8 in, __u32 now)
{
	struct fw_packet pkt = packet_out(FW_PROTO_TCP, 1, 80);
	__u16 mport;

	pkt.tcpflags = out;
	assert_int_equal(fw_masquerade(t, NULL, &pkt, MASQ, now), 0);
	mport = pkt.sport;
	pkt = packet_in(FW_PROTO_TCP, PEER, 80, mport);
	pkt.tcpflags = in;
	assert_int_equal(fw_demasquerade(t, &pkt, now), 1);
}

static void fin_and_rst_shorten_tcp(void **state)
{
	struct fw_track *t = track_world_empty(&w);

	(void)state;
	send_flags(t, FW_TCP_FIN, FW_TCP_ACK, 0);
	send_flags(t, FW_TCP_FIN, FW_TCP_ACK, 0);
	assert_expires(t, 900 * FW_TRACK_HZ);
	send_flags(t, FW_TCP_ACK, FW_TCP_FIN, 100000);
	assert_expires(t, 100000 + 900 * FW_TRACK_HZ);
	send_flags(t, FW_TCP_FIN, FW_TCP_FIN, 200000);
	assert_expires(t, 200000 + 120 * FW_TRACK_HZ);
	send_flags(t, FW_TCP_FIN, 0, 300000);
	send_flags(t, 0, FW_TCP_FIN | FW_TCP_ACK, 300000);
	assert_expires(t, 300000 + 120 * FW_TRACK_HZ);
	send_flags(t, FW_TCP_RST, FW_TCP_ACK, 400000);
	assert_expires(t, 400001);
	send_flags(t, FW_TCP_ACK, FW_TCP_RST | FW_TCP_ACK, 500000);
	assert_expires(t, 500001);
	/* even if it begins anew */
	send_flags(t, FW_TCP_ACK, FW_TCP_RST, 600000);
	send_flags(t, FW_TCP_SYN, FW_TCP_SYN | FW_TCP_ACK, 600000);
	assert_expires(t, 600001);
}

/* Buckets in order, newest first in each: as /proc/net/ip_masquerade was. */
static void listed_as_2_0_did(void **state)
{
	/* buckets 0x5c, 0x5d twice, 0x5e: 17 ^ 5 ^ the port's last byte */
	static const __u16 order[] = { 61000, 61001 + 256, 61001, 61002 };
	struct fw_track *t = track_world_empty(&w);
	struct fw_conn *lines;
	unsigned int i;
	size_t n;

	(void)state;
	masquerade(t, FW_PROTO_UDP, 1, 53, 0);
	masquerade(t, FW_PROTO_UDP, 2, 53, 0);
	masquerade(t, FW_PROTO_UDP, 3, 53, 0);
	t->masq.next_port = 61001 + 256;
	masquerade(t, FW_PROTO_UDP, 4, 53, 0);
	assert_int_equal(sim_tracker_masqueraded(&w, &lines, &n), 0);
	assert_int_equal(n, FW_COUNT(order));
	for (i = 0; i < n; i++) {
		assert_int_equal(lines[i].mport, order[i]);
		assert_int_equal(lines[i].saddr, INNER);
		assert_int_equal(lines[i].daddr, PEER);
		assert_int_equal(lines[i].maddr, MASQ);
		assert_int_equal(lines[i].flags, FW_CONN_NO_DADDR | FW_CONN_NO_REPLY);
		assert_int_equal(lines[i].expires, 300 * FW_HZ);
	}
	free(lines);
	/* What 2.0 had forgotten is not listed, though its entry may last longer. */
	track_table_next(&w.table, 0)->expires = 400 * FW_HZ;
	w.now = 300 * FW_HZ;
	assert_int_equal(sim_tracker_masqueraded(&w, &lines, &n), 0);
	assert_int_equal(n, 0);
	free(lines);
}

static void errors_from_outside(void **state)
{
	struct fw_track *t = track_world_empty(&w);
	const struct fw_packet error = {
		.saddr = OTHER, .daddr = MASQ, .proto = FW_PROTO_ICMP,
		.icmp_type = FW_ICMP_UNREACH, .icmp_code = 1,
		.quote = { .proto = FW_PROTO_UDP, .saddr = MASQ, .sport = 61000,
			   .daddr = PEER, .dport = 53 },
	};
	struct fw_packet pkt = error;

	(void)state;
	assert_int_equal(masquerade(t, FW_PROTO_UDP, 1024, 53, 0), 61000);
	assert_int_equal(fw_demasquerade(t, &pkt, 29999), 1);
	assert_int_equal(pkt.daddr, INNER);
	assert_int_equal(pkt.quote.saddr, INNER);
	assert_int_equal(pkt.quote.sport, 1024);
	pkt = error;
	pkt.quote.dport = 54;
	assert_int_equal(demasquerade(t, pkt, 0), 0);
	pkt = error;
	pkt.icmp_type = FW_ICMP_PARAMPROB;
	assert_int_equal(demasquerade(t, pkt, 0), 0);
	pkt = error;
	pkt.quote.proto = 47;
	assert_int_equal(demasquerade(t, pkt, 0), 0);
	/* the timer was not touched */
	assert_expires(t, 300 * FW_TRACK_HZ);
}

static void errors_about_pings(void **state)
{
	struct fw_track *t = track_world_empty(&w);
	struct fw_packet pkt = {
		.saddr = OTHER, .daddr = MASQ, .proto = FW_PROTO_ICMP,
		.icmp_type = FW_ICMP_TIMXCEED,
		.quote = { .proto = FW_PROTO_ICMP, .saddr = MASQ, .sport = 61000,
			   .daddr = PEER, .icmp_type = FW_ICMP_ECHO },
	};

	(void)state;
	assert_int_equal(masquerade(t, FW_PROTO_ICMP, 1234, 0, 0), 61000);
	assert_int_equal(fw_demasquerade(t, &pkt, 0), 1);
	assert_int_equal(pkt.quote.sport, 1234);
	/* from inside, about the reply */
	pkt = (struct fw_packet){
		.saddr = INNER, .daddr = PEER, .proto = FW_PROTO_ICMP,
		.icmp_type = FW_ICMP_UNREACH,
		.quote = { .proto = FW_PROTO_ICMP, .saddr = PEER, .daddr = INNER,
			   .sport = 1234, .icmp_type = FW_ICMP_ECHOREPLY },
	};
	assert_int_equal(fw_masquerade_error(t, &pkt, 0), 1);
	assert_int_equal(pkt.saddr, MASQ);
	assert_int_equal(pkt.quote.daddr, MASQ);
	assert_int_equal(pkt.quote.sport, 61000);
}

static void errors_from_inside(void **state)
{
	struct fw_track *t = track_world_empty(&w);
	const struct fw_packet error = {
		.saddr = INNER, .daddr = PEER, .proto = FW_PROTO_ICMP,
		.icmp_type = FW_ICMP_UNREACH,
		.quote = { .proto = FW_PROTO_TCP, .saddr = PEER, .sport = 80,
			   .daddr = INNER, .dport = 1024 },
	};
	struct fw_packet pkt = error;

	(void)state;
	assert_int_equal(masquerade(t, FW_PROTO_TCP, 1024, 80, 0), 61000);
	assert_int_equal(fw_masquerade_error(t, &pkt, 0), 1);
	assert_int_equal(pkt.saddr, MASQ);
	assert_int_equal(pkt.quote.daddr, MASQ);
	assert_int_equal(pkt.quote.dport, 61000);
	pkt = error;
	pkt.quote.dport = 1025;
	assert_int_equal(fw_masquerade_error(t, &pkt, 0), 0);
	pkt = error;
	pkt.icmp_type = FW_ICMP_REDIRECT;
	assert_int_equal(fw_masquerade_error(t, &pkt, 0), 0);
}

/* What helpers make: ends not known yet, filled in by the first packet. */
static void open_ends_are_filled_in(void **state)
{
	struct fw_track *t = track_world_empty(&w);
	struct fw_entry like = {
		.proto = FW_PROTO_TCP, .saddr = INNER, .sport = 20, .daddr = PEER,
		.maddr = MASQ, .masq = FW_CONN_NO_DADDR | FW_CONN_NO_DPORT,
	};
	struct fw_entry *c = fw_masq_add(t, &like, 0);

	(void)state;
	assert_int_equal(c->mport, 61000);
	assert_int_equal(demasquerade(t, packet_in(FW_PROTO_TCP, OTHER, 99, 61000), 0), 1);
	assert_int_equal(c->daddr, OTHER);
	assert_int_equal(c->dport, 99);
	assert_int_equal(demasquerade(t, packet_in(FW_PROTO_TCP, PEER, 99, 61000), 0), 0);
	assert_int_equal(demasquerade(t, packet_in(FW_PROTO_TCP, OTHER, 98, 61000), 0), 0);

	like.sport = 0;
	like.dport = 1500;
	like.masq = FW_CONN_NO_SPORT;
	c = fw_masq_add(t, &like, 0);
	assert_int_equal(masquerade(t, FW_PROTO_TCP, 5000, 1500, 0), 61001);
	assert_int_equal(c->sport, 5000);
	assert_int_equal(masquerade(t, FW_PROTO_TCP, 5000, 1500, 0), 61001);
	/* the next port is another connection */
	assert_int_equal(masquerade(t, FW_PROTO_TCP, 5001, 1500, 0), 61002);
	fw_host_sweep(t, 0x7fffffff);
	assert_int_equal(t->count, 0);
}

static void control_outlives_data(void **state)
{
	struct fw_track *t = track_world_empty(&w);
	struct fw_entry like = {
		.proto = FW_PROTO_TCP, .saddr = INNER, .sport = 20, .daddr = PEER,
		.maddr = MASQ, .masq = FW_CONN_NO_DPORT,
	};

	(void)state;
	assert_int_equal(masquerade(t, FW_PROTO_TCP, 1024, 21, 0), 61000);
	like.control = fw_masq_add(t, &like, 0);
	t->masq.timeouts.tcp = 2000;
	like.sport++;
	assert_non_null(fw_masq_add(t, &like, 0));
	t->masq.timeouts.tcp = 900;
	/* the FTP connection ends; what controls the other lives on until that ends */
	fw_host_sweep(t, 900 * FW_TRACK_HZ);
	assert_int_equal(t->count, 2);
	fw_host_sweep(t, 1800 * FW_TRACK_HZ);
	assert_int_equal(t->count, 2);
	fw_host_sweep(t, 2000 * FW_TRACK_HZ);
	assert_int_equal(t->count, 1);
	fw_host_sweep(t, 2700 * FW_TRACK_HZ);
	assert_int_equal(t->count, 0);
}

/* The helper of a new masqueraded connection. */
static __u8 helper_of(__u8 proto, __u16 dport)
{
	struct fw_track *t = track_world_empty(&w);

	masquerade(t, proto, 1024, dport, 0);
	return track_table_next(&w.table, 0)->helper;
}

static void helpers_see_their_connections(void **state)
{
	(void)state;
	assert_int_equal(helper_of(FW_PROTO_TCP, 80), FW_HELPER_NONE);
	assert_int_equal(helper_of(FW_PROTO_UDP, 21), FW_HELPER_NONE);
	assert_int_equal(helper_of(FW_PROTO_TCP, 21), FW_HELPER_FTP);
	assert_int_equal(helper_of(FW_PROTO_UDP, 27000), FW_HELPER_QUAKE);
}

/* A segment of the connection to port 80 at its own side, and then on its way out. */
static __u8 out_tracked(struct fw_track *t, __u8 flags, __u32 seq, __u32 ack,
			struct fw_seen *s)
{
	struct fw_track_packet p = track_world_segment(FW_ORIGINAL, flags, seq, ack, 0);
	struct fw_packet pkt = packet_out(FW_PROTO_TCP, CLIENT_PORT, 80);

	pkt.tcpflags = flags;
	fw_track_in(t, &p, w.now, s);
	assert_int_equal(fw_masquerade(t, s, &pkt, MASQ, w.now), 0);
	assert_int_equal(fw_track_confirm(t, &p, w.now, s), 0);
	track_world_check(&w);
	return s->state;
}

/* An answer, to the port outside. */
static __u8 in_tracked(struct fw_track *t, __u8 flags, __u32 seq, __u32 ack,
		       struct fw_seen *s)
{
	struct fw_track_packet p = track_world_segment(FW_REPLY, flags, seq, ack, 0);
	struct fw_packet pkt = packet_in(FW_PROTO_TCP, PEER, 80, 61000);

	p.key.daddr = MASQ;
	p.key.dport = 61000;
	pkt.tcpflags = flags;
	fw_track_in(t, &p, w.now, s);
	assert_int_equal(fw_demasquerade(t, &pkt, w.now), 1);
	assert_int_equal(pkt.daddr, INNER);
	assert_int_equal(fw_track_confirm(t, &p, w.now, s), 0);
	track_world_check(&w);
	return s->state;
}

/* State and translation are of one entry, which the longer clock ends. */
static void one_entry_has_state_and_translation(void **state)
{
	struct fw_track *t = track_world_empty(&w);
	struct fw_entry *c;
	struct fw_seen s;

	(void)state;
	assert_int_equal(out_tracked(t, FW_TCP_SYN, 1000, 0, &s), FW_STATE_NEW);
	c = s.entry;
	assert_int_equal(in_tracked(t, FW_TCP_SYN | FW_TCP_ACK, 5000, 1001, &s),
			 FW_STATE_ESTABLISHED);
	assert_ptr_equal(s.entry, c);
	assert_int_equal(s.dir, FW_REPLY);
	assert_int_equal(out_tracked(t, FW_TCP_ACK, 1001, 5001, &s), FW_STATE_ESTABLISHED);
	assert_int_equal(t->count, 1);
	assert_int_equal(c->packets[FW_ORIGINAL], 2);
	assert_true(c->flags & FW_ENTRY_ASSURED);
	/* 2.0 forgets it after 15 minutes, the tracker after 5 days. */
	w.now = 901 * FW_TRACK_HZ;
	assert_int_equal(in_tracked(t, FW_TCP_ACK, 5001, 1001, &s), FW_STATE_ESTABLISHED);
	/* An invalid segment is translated all the same. */
	assert_int_equal(in_tracked(t, FW_TCP_ACK, 5001, 90000, &s), FW_STATE_INVALID);
	assert_int_equal(out_tracked(t, FW_TCP_ACK, 900000, 5001, &s), FW_STATE_INVALID);
}

/* The entry of a packet ends before it is masqueraded. */
static void ended_entry_translates_nothing(void **state)
{
	struct fw_track_packet p = track_world_segment(FW_ORIGINAL, FW_TCP_SYN, 1000, 0, 0);
	struct fw_packet pkt = packet_out(FW_PROTO_TCP, CLIENT_PORT, 80);
	struct fw_track *t = track_world_empty(&w);
	struct fw_seen s;

	(void)state;
	out_tracked(t, FW_TCP_SYN, 1000, 0, &s);
	fw_track_in(t, &p, w.now, &s);
	fw_track_end(t, s.entry);
	assert_int_equal(fw_masquerade(t, &s, &pkt, MASQ, w.now), 0);
	assert_int_equal(pkt.sport, 61001);
	assert_int_equal(demasquerade(t, packet_in(FW_PROTO_TCP, PEER, 80, 61001), w.now), 1);
}

/* What begins no connection is masqueraded, as in 2.0, and may begin one later. */
static void invalid_is_masqueraded(void **state)
{
	struct fw_track *t = track_world_empty(&w);
	struct fw_seen s;

	(void)state;
	assert_int_equal(out_tracked(t, FW_TCP_FIN | FW_TCP_ACK, 1000, 1, &s),
			 FW_STATE_INVALID);
	assert_int_equal(t->count, 1);
	assert_int_equal(in_tracked(t, FW_TCP_ACK, 1, 1001, &s), FW_STATE_INVALID);
	assert_int_equal(out_tracked(t, FW_TCP_SYN, 7000, 0, &s), FW_STATE_NEW);
	assert_int_equal(in_tracked(t, FW_TCP_RST | FW_TCP_ACK, 0, 7001, &s),
			 FW_STATE_ESTABLISHED);
	/* It was refused: no connection is left, and the translation for a tick. */
	assert_int_equal(t->count, 1);
	assert_int_equal(out_tracked(t, FW_TCP_SYN, 8000, 0, &s), FW_STATE_NEW);
	assert_int_equal(t->masq.next_port, 61001);
}

/* A connection that closed and opens again keeps its port, as in 2.0. */
static void reopening_keeps_the_port(void **state)
{
	struct fw_track *t = track_world_empty(&w);
	struct fw_seen s;

	(void)state;
	out_tracked(t, FW_TCP_SYN, 1000, 0, &s);
	in_tracked(t, FW_TCP_SYN | FW_TCP_ACK, 5000, 1001, &s);
	out_tracked(t, FW_TCP_ACK, 1001, 5001, &s);
	out_tracked(t, FW_TCP_FIN | FW_TCP_ACK, 1001, 5001, &s);
	in_tracked(t, FW_TCP_FIN | FW_TCP_ACK, 5001, 1002, &s);
	out_tracked(t, FW_TCP_ACK, 1002, 5002, &s);
	fw_track_keep(&s, &(struct fw_track_packet){ 0 }, 1);
	assert_int_equal(out_tracked(t, FW_TCP_SYN, 90000, 0, &s), FW_STATE_NEW);
	assert_int_equal(s.entry->kept, 0);
	assert_int_equal(s.entry->state, FW_TCP_SYN_SENT);
	assert_int_equal(s.entry->mport, 61000);
	assert_int_equal(t->count, 1);
}

/* An answer that is masqueraded is none to who asked. */
static void masqueraded_answer_begins(void **state)
{
	struct fw_track *t = track_world_empty(&w);
	struct fw_track_packet p = track_world_packet(FW_PROTO_UDP, FW_REPLY, 53);
	struct fw_packet pkt = packet_out(FW_PROTO_UDP, CLIENT_PORT, 53);
	struct fw_seen s;

	(void)state;
	assert_int_equal(track_world_see(&w, &p, &s), 0);
	p = track_world_packet(FW_PROTO_UDP, FW_ORIGINAL, 53);
	fw_track_in(t, &p, 0, &s);
	assert_int_equal(s.dir, FW_REPLY);
	assert_int_equal(fw_masquerade(t, &s, &pkt, MASQ, 0), 0);
	assert_int_equal(pkt.sport, 61000);
	track_world_check(&w);
	assert_int_equal(t->count, 1);
	pkt = packet_in(FW_PROTO_UDP, PEER, 53, 61000);
	assert_int_equal(fw_demasquerade(t, &pkt, 0), 1);
	assert_int_equal(pkt.daddr, INNER);
	assert_int_equal(pkt.dport, CLIENT_PORT);
	/* An entry without translation is given one. */
	t = track_world_empty(&w);
	assert_int_equal(track_world_see(&w, &p, &s), 0);
	pkt = packet_out(FW_PROTO_UDP, CLIENT_PORT, 53);
	fw_track_in(t, &p, 0, &s);
	assert_int_equal(fw_masquerade(t, &s, &pkt, MASQ, 0), 0);
	assert_int_equal(pkt.sport, 61000);
	track_world_check(&w);
	assert_int_equal(t->count, 1);
	pkt = packet_in(FW_PROTO_UDP, OTHER, 53, 61000);
	assert_int_equal(fw_demasquerade(t, &pkt, 0), 1);
}

static void helpers_are_bound_by_port(void **state)
{
	(void)state;
	assert_int_equal(fw_masq_helper_bind(FW_PROTO_TCP, 21), FW_HELPER_FTP);
	assert_int_equal(fw_masq_helper_bind(FW_PROTO_UDP, 21), FW_HELPER_NONE);
	assert_int_equal(fw_masq_helper_bind(FW_PROTO_TCP, 6667), FW_HELPER_IRC);
	assert_int_equal(fw_masq_helper_bind(FW_PROTO_TCP, 7070), FW_HELPER_RAUDIO);
	assert_int_equal(fw_masq_helper_bind(FW_PROTO_TCP, 7000), FW_HELPER_VDOLIVE);
	assert_int_equal(fw_masq_helper_bind(FW_PROTO_UDP, 7648), FW_HELPER_CUSEEME);
	assert_int_equal(fw_masq_helper_bind(FW_PROTO_UDP, 26000), FW_HELPER_QUAKE);
	assert_int_equal(fw_masq_helper_bind(FW_PROTO_UDP, 27000), FW_HELPER_QUAKE);
	assert_int_equal(fw_masq_helper_bind(FW_PROTO_UDP, 0), FW_HELPER_NONE);
}

static int setup(void **state)
{
	(void)state;
	track_world_init(&w, ENTRIES, ENTRIES, 4, 4);
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
		cmocka_unit_test(only_three_protocols),
		cmocka_unit_test(udp_answers_from_any_address_but_not_port),
		cmocka_unit_test(icmp_answers_by_id_and_kind),
		cmocka_unit_test(timeouts_of_protocols),
		cmocka_unit_test(packets_either_way_refresh),
		cmocka_unit_test(fin_and_rst_shorten_tcp),
		cmocka_unit_test(listed_as_2_0_did),
		cmocka_unit_test(errors_from_outside),
		cmocka_unit_test(errors_about_pings),
		cmocka_unit_test(errors_from_inside),
		cmocka_unit_test(open_ends_are_filled_in),
		cmocka_unit_test(control_outlives_data),
		cmocka_unit_test(helpers_see_their_connections),
		cmocka_unit_test(one_entry_has_state_and_translation),
		cmocka_unit_test(ended_entry_translates_nothing),
		cmocka_unit_test(invalid_is_masqueraded),
		cmocka_unit_test(reopening_keeps_the_port),
		cmocka_unit_test(masqueraded_answer_begins),
		cmocka_unit_test(helpers_are_bound_by_port),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
