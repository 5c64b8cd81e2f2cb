// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * core-tcp.c - every state of TCP with every kind of segment from either side, and what
 * each deliberate difference from Linux changes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "kmod/core/tcp.h"
#include "tests/lib/track_world.h"

#define S FW_TCP_SYN
#define A FW_TCP_ACK
#define F FW_TCP_FIN
#define R FW_TCP_RST

/* sequence numbers of both sides' SYNs */
#define ISN 1000
#define PEER 50000

static struct sim_tracker w;

/* A direction, its flags, and offsets from what is next to be sent and acknowledged. */
struct step {
	unsigned int dir;
	__u8 flags;
	__u32 seq, ack;
};

/* How a connection gets to each state; a step with flags 0 ends it. */
static const struct step way_to[FW_TCP_STATES][6] = {
	[FW_TCP_SYN_SENT] = {{0, S, ISN, 0}},
	[FW_TCP_SYN_SENT2] = {{0, S, ISN, 0}, {1, S, PEER, 0}},
	[FW_TCP_SYN_RECV] = {{0, S, ISN, 0}, {1, S | A, PEER, ISN + 1}},
	[FW_TCP_ESTABLISHED] = {{0, S, ISN, 0},
				{1, S | A, PEER, ISN + 1},
				{0, A, ISN + 1, PEER + 1}},
	[FW_TCP_FIN_WAIT] = {{0, S, ISN, 0},
			     {1, S | A, PEER, ISN + 1},
			     {0, A, ISN + 1, PEER + 1},
			     {0, F | A, ISN + 1, PEER + 1}},
	[FW_TCP_CLOSE_WAIT] = {{0, S, ISN, 0},
			       {1, S | A, PEER, ISN + 1},
			       {0, A, ISN + 1, PEER + 1},
			       {0, F | A, ISN + 1, PEER + 1},
			       {1, A, PEER + 1, ISN + 2}},
	[FW_TCP_LAST_ACK] = {{0, S, ISN, 0},
			     {1, S | A, PEER, ISN + 1},
			     {0, A, ISN + 1, PEER + 1},
			     {0, F | A, ISN + 1, PEER + 1},
			     {1, F | A, PEER + 1, ISN + 2}},
	[FW_TCP_TIME_WAIT] = {{0, S, ISN, 0},
			      {1, S | A, PEER, ISN + 1},
			      {0, A, ISN + 1, PEER + 1},
			      {0, F | A, ISN + 1, PEER + 1},
			      {1, F | A, PEER + 1, ISN + 2},
			      {0, A, ISN + 2, PEER + 2}},
	[FW_TCP_CLOSE] = {{0, S, ISN, 0},
			  {1, S | A, PEER, ISN + 1},
			  {0, A, ISN + 1, PEER + 1},
			  {0, R | A, ISN + 1, PEER + 1}},
};

static const __u8 kind_flags[FW_TCP_KINDS] = { S, S | A, F | A, A, R };

/*
 * The state after each kind of segment, from none on: - invalid, . the same state
 * though it passes, digits the states of enum fw_tcp_state, x the entry is over.
 * Windows are right, so this is the specification's table, with its resets and
 * reopenings.
 */
static const char *const moves[2][FW_TCP_KINDS] = {
	{"1"
	 "1"
	 "2"
	 "."
	 "."
	 "."
	 "."
	 "."
	 "1"
	 "1",
	 "-"
	 "-"
	 "3"
	 "3"
	 "-"
	 "-"
	 "-"
	 "-"
	 "-"
	 "-",
	 "-"
	 "-"
	 "-"
	 "5"
	 "5"
	 "7"
	 "7"
	 "7"
	 "8"
	 "9",
	 "4"
	 "-"
	 "-"
	 "4"
	 "4"
	 "6"
	 "6"
	 "8"
	 "8"
	 "9",
	 "-"
	 "x"
	 "9"
	 "9"
	 "9"
	 "9"
	 "9"
	 "9"
	 "9"
	 "9"},
	{"1"
	 "2"
	 "2"
	 "-"
	 "-"
	 "-"
	 "-"
	 "-"
	 "1"
	 "-",
	 "-"
	 "3"
	 "3"
	 "."
	 "."
	 "."
	 "."
	 "."
	 "."
	 ".",
	 "-"
	 "-"
	 "-"
	 "5"
	 "5"
	 "7"
	 "7"
	 "7"
	 "8"
	 "9",
	 "4"
	 "."
	 "."
	 "3"
	 "4"
	 "6"
	 "6"
	 "8"
	 "8"
	 "9",
	 "-"
	 "x"
	 "9"
	 "9"
	 "9"
	 "9"
	 "9"
	 "9"
	 "9"
	 "9"},
};

static void see(const struct step *st, struct fw_seen *s)
{
	struct fw_track_packet p =
		track_world_segment(st->dir, st->flags, st->seq, st->ack, 0);

	assert_int_equal(track_world_see(&w, &p, s), 0);
	track_world_check(&w);
}

static void go_to(enum fw_tcp_state state)
{
	struct fw_seen s;
	size_t i;

	sim_tracker_reset(&w);
	for (i = 0; i < FW_COUNT(way_to[state]) && way_to[state][i].flags; i++) {
		see(&way_to[state][i], &s);
		assert_int_not_equal(s.state, FW_STATE_INVALID);
	}
	if (state != FW_TCP_STATE_NONE)
		assert_int_equal(s.entry->state, state);
}

/* The segment that each side would send next, as flags. */
static struct step next_of(enum fw_tcp_state state, unsigned int dir, __u8 flags)
{
	static const __u32 sent[2][FW_TCP_STATES] = {
		{0, 1, 1, 1, 1, 2, 2, 2, 2, 1},
		{0, 0, 1, 1, 1, 1, 1, 2, 2, 1},
	};
	const __u32 isn[2] = { ISN, PEER };
	__u32 seq = isn[dir] + sent[dir][state], ack = isn[!dir] + sent[!dir][state];

	/* SYNs begin a side, also one that has begun. */
	if (flags & S && state < FW_TCP_ESTABLISHED)
		seq = isn[dir];
	/* A side that was not seen can have sent nothing else but an answer. */
	if (state == FW_TCP_SYN_SENT && dir == FW_REPLY && flags == R)
		return (struct step){ dir, R | A, 0, ack };
	return (struct step){ dir, flags, seq, flags & A ? ack : 0 };
}

static void cell_check(enum fw_tcp_state state, unsigned int dir, enum fw_tcp_kind kind)
{
	char want = moves[dir][kind][state];
	struct step st = next_of(state, dir, kind_flags[kind]);
	struct fw_entry *c;
	struct fw_seen s;

	go_to(state);
	see(&st, &s);
	c = track_table_next(&w.table, 0);
	if (want == '-') {
		assert_int_equal(s.state, FW_STATE_INVALID);
		assert_int_equal(s.dir, FW_NO_DIR);
		assert_true(!c || c->state == state);
		return;
	}
	assert_int_not_equal(s.state, FW_STATE_INVALID);
	if (want == 'x') {
		assert_null(c);
		return;
	}
	assert_non_null(c);
	assert_int_equal(c->state, want == '.' ? (int)state : want - '0');
	if (want == '.')
		assert_int_not_equal(s.why, FW_WHY_NONE);
}

static void test_moves(void **state)
{
	unsigned int dir, kind, from;

	(void)state;
	/* Our own rules for resets in two of the states have a test of their own. */
	w.set.own = FW_OWN_NONE;
	for (dir = 0; dir < 2; dir++)
		for (kind = 0; kind < FW_TCP_KINDS; kind++)
			for (from = 0; from < FW_TCP_STATES; from++)
				cell_check(from, dir, kind);
	w.set.own = FW_OWN_ALL;
}

/* What is read from the table in the source. */
static void test_table(void **state)
{
	unsigned int dir, kind, from;

	(void)state;
	for (dir = 0; dir < 2; dir++)
		for (kind = 0; kind < FW_TCP_KINDS; kind++)
			for (from = 0; from < FW_TCP_STATES; from++) {
				__u8 to = fw_tcp_moves[dir][kind][from];

				assert_true(to < FW_TCP_STATES || to == FW_TCP_SAME ||
					    to == FW_TCP_BAD);
				assert_int_not_equal(to, FW_TCP_STATE_NONE);
			}
	assert_string_equal(fw_tcp_state_names[FW_TCP_TIME_WAIT], "TIME_WAIT");
}

/* All 64 sets of flags, against a list of the good ones. */
static void test_flags(void **state)
{
	static const __u8 good[] = {
		S, S | FW_TCP_URG, S | A, R, R | A, F | A, F | A | FW_TCP_URG,
		A, A | FW_TCP_URG};
	unsigned int flags, i;

	(void)state;
	for (flags = 0; flags < 256; flags++) {
		bool want = false;

		for (i = 0; i < FW_COUNT(good); i++)
			want |= (flags & ~(FW_TCP_PSH | 0xc0u)) == good[i];
		assert_int_equal(fw_tcp_flags_good((__u8)flags), want);
	}
}

/* A reset by a stranger who does not know the numbers. */
static __u8 blind_reset(enum fw_tcp_state state, __u16 own, __u32 seq)
{
	struct step rst = { FW_ORIGINAL, R, seq, 0 };
	struct fw_seen s;

	w.set.own = own;
	go_to(state);
	see(&rst, &s);
	w.set.own = FW_OWN_ALL;
	assert_int_equal(!!(s.own & FW_OWN_RESET),
			 own && (state == FW_TCP_FIN_WAIT || state == FW_TCP_CLOSE_WAIT));
	return track_table_next(&w.table, 0)->state;
}

static void test_reset_half_closed(void **state)
{
	(void)state;
	/* Linux takes any. */
	assert_int_equal(blind_reset(FW_TCP_FIN_WAIT, 0, 7), FW_TCP_CLOSE);
	assert_int_equal(blind_reset(FW_TCP_CLOSE_WAIT, 0, 7), FW_TCP_CLOSE);
	/* below what is acknowledged; in window and inexact; exact */
	assert_int_equal(blind_reset(FW_TCP_CLOSE_WAIT, FW_OWN_ALL, 7),
			 FW_TCP_CLOSE_WAIT);
	assert_int_equal(blind_reset(FW_TCP_CLOSE_WAIT, FW_OWN_ALL, ISN + 100),
			 FW_TCP_CLOSE_WAIT);
	assert_int_equal(blind_reset(FW_TCP_CLOSE_WAIT, FW_OWN_ALL, ISN + 2),
			 FW_TCP_CLOSE);
	assert_int_equal(blind_reset(FW_TCP_FIN_WAIT, FW_OWN_ALL, ISN + 100),
			 FW_TCP_FIN_WAIT);
	/* These may be in use again. */
	assert_int_equal(blind_reset(FW_TCP_LAST_ACK, FW_OWN_ALL, 7), FW_TCP_CLOSE);
	assert_int_equal(blind_reset(FW_TCP_TIME_WAIT, FW_OWN_ALL, 7), FW_TCP_CLOSE);
	/* In ESTABLISHED the same holds for both. */
	assert_int_equal(blind_reset(FW_TCP_ESTABLISHED, 0, ISN + 100),
			 FW_TCP_ESTABLISHED);
	assert_int_equal(blind_reset(FW_TCP_ESTABLISHED, FW_OWN_ALL, ISN + 1),
			 FW_TCP_CLOSE);
}

/* A SYN and the SYN ACK that answers it, in a connection; by these interfaces. */
static __u8 resync(__u16 own, __u32 syn_iface, __u32 syn_ack_iface)
{
	struct fw_track_packet p = track_world_segment(FW_ORIGINAL, S, 7000, 0, 0);
	struct fw_seen s;

	w.set.own = own;
	go_to(FW_TCP_ESTABLISHED);
	p.iface = syn_iface;
	assert_int_equal(track_world_see(&w, &p, &s), 0);
	assert_int_equal(s.why, FW_WHY_REPEATED);
	p = track_world_segment(FW_REPLY, S | A, 8000, 7001, 0);
	p.iface = syn_ack_iface;
	assert_int_equal(track_world_see(&w, &p, &s), 0);
	w.set.own = FW_OWN_ALL;
	return s.entry->state;
}

static void test_resync_interfaces(void **state)
{
	(void)state;
	assert_int_equal(resync(FW_OWN_ALL, IFACE_CLIENT, IFACE_SERVER), FW_TCP_SYN_RECV);
	assert_int_equal(resync(FW_OWN_ALL, IFACE_SERVER, IFACE_SERVER),
			 FW_TCP_ESTABLISHED);
	assert_int_equal(resync(FW_OWN_ALL, IFACE_CLIENT, IFACE_CLIENT),
			 FW_TCP_ESTABLISHED);
	assert_int_equal(resync(FW_OWN_NONE, IFACE_SERVER, IFACE_CLIENT),
			 FW_TCP_SYN_RECV);
}

/* Options of a SYN: scale 7, and SACK permitted. */
static const __u8 syn_options[] = { 3, 3, 7, 4, 2, 0, 0, 0 };

/* A list ends where an option is shorter than its header, or longer than the list. */
static void test_options(void **state)
{
	static const __u8 lists[][8] = {
		{ 1, 1, 1, 1, 1, 3, 3, 7 }, { 9, 0, 3, 3, 7, 0, 0, 0 },
		{ 9, 1, 3, 3, 7, 0, 0, 0 }, { 0, 0, 3, 3, 7, 0, 0, 0 },
		{ 9, 9, 3, 3, 7, 0, 0, 0 }, { 3, 3, 2, 3, 3, 7, 0, 0 },
		{ 3, 4, 7, 0, 3, 3, 7, 3 },
	};
	static const __u8 scales[] = { 7, 0, 0, 0, 0, 7, 7 };
	struct fw_track_packet p = { .options_len = 8 };
	__u8 flags, scale;
	size_t i;

	(void)state;
	for (i = 0; i < FW_COUNT(lists); i++) {
		p.options = lists[i];
		flags = 0;
		fw_tcp_options(&p, &flags, &scale);
		assert_int_equal(scale, scales[i]);
		assert_int_equal(flags, scale ? FW_SIDE_SCALE : 0);
	}
}

/* A connection that was picked up, and starts over with options. */
static void test_resync_options(void **state)
{
	struct fw_track_packet p = track_world_segment(FW_ORIGINAL, A, 100, 200, 0);
	struct fw_seen s;

	(void)state;
	sim_tracker_reset(&w);
	assert_int_equal(track_world_see(&w, &p, &s), 0);
	p = track_world_segment(FW_REPLY, A, 200, 100, 0);
	assert_int_equal(track_world_see(&w, &p, &s), 0);
	p = track_world_segment(FW_ORIGINAL, S, 7000, 0, 0);
	p.options = syn_options;
	p.options_len = sizeof(syn_options);
	assert_int_equal(track_world_see(&w, &p, &s), 0);
	p = track_world_segment(FW_REPLY, S | A, 8000, 7001, 0);
	p.options = syn_options;
	p.options_len = sizeof(syn_options);
	assert_int_equal(track_world_see(&w, &p, &s), 0);
	assert_int_equal(s.entry->state, FW_TCP_SYN_RECV);
	assert_int_equal(s.entry->scale[FW_ORIGINAL], 7);
	assert_int_equal(s.entry->scale[FW_REPLY], 7);
	/* The side of the SYN is held to windows again, the other one is not. */
	assert_int_equal(s.entry->tcp[FW_ORIGINAL], FW_SIDE_SCALE | FW_SIDE_SACK);
	assert_int_equal(s.entry->tcp[FW_REPLY] & FW_SIDE_LIBERAL, FW_SIDE_LIBERAL);
	assert_int_equal(s.entry->side[FW_ORIGINAL].end, 7001);
	assert_int_equal(s.entry->side[FW_REPLY].end, 8001);
}

/* Both ends sent SYNs, but then the first one began once more. */
static void test_simultaneous_ends(void **state)
{
	struct step steps[] = { { 0, S, ISN, 0 },     { 1, S, PEER, 0 },
				{ 1, S | A, PEER, ISN + 1 }, { 0, S, ISN, 0 },
				{ 1, A, PEER + 1, ISN + 1 } };
	struct fw_seen s;
	size_t i;

	(void)state;
	sim_tracker_reset(&w);
	for (i = 0; i < FW_COUNT(steps); i++)
		see(&steps[i], &s);
	assert_int_equal(s.entry->state, FW_TCP_SYN_RECV);
	assert_int_equal(s.entry->flags & FW_ENTRY_SIMULTANEOUS, 0);
}

/* A SACK option whose length fits no number of blocks is none. */
static void test_sack_malformed(void **state)
{
	static const __u8 good[] = { 1, 1, 5, 10, 0, 0, 3, 0xe9, 0, 0, 4, 0x4d };
	static const __u8 bad[] = { 5, 12, 0, 0, 3, 0xe9, 0, 0, 4, 0x4d, 0, 0 };
	struct fw_track_packet p = track_world_segment(FW_REPLY, A, PEER + 1, ISN + 1, 0);
	struct fw_seen s;

	(void)state;
	go_to(FW_TCP_ESTABLISHED);
	track_table_next(&w.table, 0)->tcp[FW_ORIGINAL] |= FW_SIDE_SACK;
	p.options = good;
	p.options_len = sizeof(good);
	assert_int_equal(track_world_see(&w, &p, &s), 0);
	assert_int_equal(s.why, FW_WHY_ACK_AHEAD);
	assert_int_equal(s.amount, 100);
	p.options = bad;
	assert_int_equal(track_world_see(&w, &p, &s), 0);
	assert_int_equal(s.state, FW_STATE_ESTABLISHED);
	assert_int_equal(s.why, FW_WHY_NONE);
}

/* Seconds left after both ends sent a FIN out of window, when so many were left. */
static __u32 shortened(__u32 left)
{
	struct step fins[] = { { 0, F | A, ISN + 900000, PEER + 1 },
			       { 1, F | A, PEER + 900000, ISN + 1 } };
	struct fw_seen s;
	struct fw_entry *c;

	go_to(FW_TCP_ESTABLISHED);
	c = track_table_next(&w.table, 0);
	see(&fins[0], &s);
	assert_int_equal(s.why, FW_WHY_AHEAD);
	c->expires = w.now + left * FW_TRACK_HZ;
	see(&fins[1], &s);
	return fw_tick_left(c->expires, w.now);
}

static void test_shorten(void **state)
{
	(void)state;
	w.set.timeout[FW_TIMEOUT_UNACKNOWLEDGED] = 20;
	assert_int_equal(shortened(1000), 20);
	assert_int_equal(shortened(120), 20);
	assert_int_equal(shortened(119), 119);
	assert_int_equal(shortened(15), 15);
	w.set.timeout[FW_TIMEOUT_UNACKNOWLEDGED] = 300;
	assert_int_equal(shortened(200), 200);
}

static int setup(void **state)
{
	(void)state;
	track_world_init(&w, 16, 16, 8, 8);
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
		cmocka_unit_test(test_moves),
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_flags),
		cmocka_unit_test(test_reset_half_closed),
		cmocka_unit_test(test_resync_interfaces),
		cmocka_unit_test(test_options),
		cmocka_unit_test(test_resync_options),
		cmocka_unit_test(test_simultaneous_ends),
		cmocka_unit_test(test_sack_malformed),
		cmocka_unit_test(test_shorten),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
