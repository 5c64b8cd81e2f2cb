// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * core-track.c - the tracker where the recordings do not reach: two phases, races, a full
 * table, what ends with an entry, expectations, timeouts by name, reasons in words.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "kmod/core/expect.h"
#include "kmod/core/track.h"
#include "tests/lib/track_world.h"

#define ENTRIES 4

static struct sim_tracker w;

static int setup(void **state)
{
	(void)state;
	track_world_init(&w, ENTRIES, 4, 8, 4);
	w.now = 0xfffffff0;	/* so that the clock wraps around */
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	track_world_check(&w);
	sim_tracker_free(&w);
	return 0;
}

static struct fw_track_packet udp(unsigned int dir, __u16 port)
{
	return track_world_packet(FW_PROTO_UDP, dir, port);
}

/* Both phases; the state. */
static __u8 see_udp(unsigned int dir, __u16 port)
{
	struct fw_track_packet p = udp(dir, port);
	struct fw_seen s;

	assert_int_equal(track_world_see(&w, &p, &s), 0);
	track_world_check(&w);
	return s.state;
}

/* A UDP stream: assured. */
static void see_stream(__u16 port)
{
	see_udp(FW_ORIGINAL, port);
	see_udp(FW_REPLY, port);
	w.now += 3 * FW_TRACK_HZ;
	see_udp(FW_ORIGINAL, port);
	assert_true(track_table_next(&w.table, w.table.track.next_id - 1)->flags &
		    FW_ENTRY_ASSURED);
}

/* An established TCP connection to port 80. */
static struct fw_entry *see_handshake(void)
{
	struct fw_track_packet p = track_world_segment(0, FW_TCP_SYN, 1000, 0, 0);
	struct fw_seen s;

	assert_int_equal(track_world_see(&w, &p, &s), 0);
	p = track_world_segment(1, FW_TCP_SYN | FW_TCP_ACK, 5000, 1001, 0);
	assert_int_equal(track_world_see(&w, &p, &s), 0);
	p = track_world_segment(0, FW_TCP_ACK, 1001, 5001, 0);
	assert_int_equal(track_world_see(&w, &p, &s), 0);
	assert_true(s.entry->flags & FW_ENTRY_ASSURED);
	return s.entry;
}

static void test_denied_stores_nothing(void **state)
{
	struct fw_track_packet p = udp(FW_ORIGINAL, 53);
	struct fw_seen s;

	(void)state;
	fw_track_in(&w.table.track, &p, w.now, &s);
	assert_int_equal(s.state, FW_STATE_NEW);
	assert_true(s.fresh);
	assert_int_equal(w.table.track.count, 0);
	assert_int_equal(w.table.next_unused, 0);
	assert_int_equal(see_udp(FW_ORIGINAL, 53), FW_STATE_NEW);
	assert_int_equal(w.table.track.count, 1);
	assert_int_equal(see_udp(FW_REPLY, 53), FW_STATE_ESTABLISHED);
	assert_int_equal(see_udp(FW_ORIGINAL, 53), FW_STATE_ESTABLISHED);
}

static void test_race_joins(void **state)
{
	struct fw_track_packet p = udp(FW_ORIGINAL, 53), back = udp(FW_REPLY, 53);
	struct fw_seen first, second, third;

	(void)state;
	fw_track_in(&w.table.track, &p, w.now, &first);
	fw_track_in(&w.table.track, &p, w.now, &second);
	fw_track_in(&w.table.track, &back, w.now, &third);
	assert_int_equal(third.state, FW_STATE_NEW);
	assert_int_equal(fw_track_confirm(&w.table.track, &p, w.now, &first), 0);
	assert_int_equal(fw_track_confirm(&w.table.track, &p, w.now, &second), 0);
	assert_ptr_equal(second.entry, first.entry);
	assert_int_equal(second.state, FW_STATE_NEW);
	assert_int_equal(fw_track_confirm(&w.table.track, &back, w.now, &third), 0);
	assert_ptr_equal(third.entry, first.entry);
	assert_int_equal(third.state, FW_STATE_ESTABLISHED);
	assert_int_equal(third.dir, FW_REPLY);
	assert_int_equal(first.entry->packets[FW_ORIGINAL], 2);
	assert_int_equal(first.entry->packets[FW_REPLY], 1);
	assert_int_equal(first.entry->bytes[FW_ORIGINAL], 80);
	assert_int_equal(w.table.track.count, 1);
}

static void test_full_evicts(void **state)
{
	struct fw_track_packet p = udp(FW_ORIGINAL, 9);
	struct fw_seen s;
	__u16 port;

	(void)state;
	see_stream(1);
	for (port = 2; port <= ENTRIES; port++)
		see_udp(FW_ORIGINAL, port);
	/* As long as something can go, what is invalid stays so for Linux, too. */
	w.set.own = FW_OWN_NONE;
	p.fault = FW_WHY_CHECKSUM;
	fw_track_in(&w.table.track, &p, w.now, &s);
	assert_int_equal(s.state, FW_STATE_INVALID);
	w.set.own = FW_OWN_ALL;
	/* The oldest that is not assured goes. */
	see_udp(FW_ORIGINAL, 5);
	assert_int_equal(w.table.track.count, ENTRIES);
	assert_int_equal(w.table.stat[FW_STAT_EVICTED], 1);
	p = udp(FW_REPLY, 2);
	fw_track_in(&w.table.track, &p, w.now, &s);
	assert_null(s.entry);
	p = udp(FW_REPLY, 1);
	fw_track_in(&w.table.track, &p, w.now, &s);
	assert_non_null(s.entry);
	/* One whose time is over goes before any that lives, assured or not. */
	w.now += 31 * FW_TRACK_HZ;
	see_udp(FW_ORIGINAL, 1);
	w.now += 31 * FW_TRACK_HZ;
	see_udp(FW_ORIGINAL, 6);
	p = udp(FW_REPLY, 1);
	fw_track_in(&w.table.track, &p, w.now, &s);
	assert_non_null(s.entry);
}

static void test_full_of_assured(void **state)
{
	struct fw_track_packet p = udp(FW_ORIGINAL, 9), bad = p;
	struct fw_seen s;
	__u16 port;

	(void)state;
	for (port = 1; port <= ENTRIES; port++)
		see_stream(port);
	assert_int_equal(track_world_see(&w, &p, &s), -ENOSPC);
	assert_int_equal(w.table.stat[FW_STAT_DROPPED], 1);
	assert_int_equal(w.table.stat[FW_STAT_EVICTED], 0);
	assert_int_equal(w.table.track.count, ENTRIES);
	assert_int_equal(see_udp(FW_REPLY, 2), FW_STATE_ESTABLISHED);
	/* What is invalid stays so; Linux drops it. */
	bad.fault = FW_WHY_CHECKSUM;
	fw_track_in(&w.table.track, &bad, w.now, &s);
	assert_int_equal(s.state, FW_STATE_INVALID);
	assert_int_equal(s.own, FW_OWN_FULL);
	w.set.own = FW_OWN_NONE;
	fw_track_in(&w.table.track, &bad, w.now, &s);
	assert_int_equal(s.state, 0);
	assert_int_equal(s.why, FW_WHY_FULL);
}

static void test_expired_is_gone(void **state)
{
	struct fw_entry *c;

	(void)state;
	see_udp(FW_ORIGINAL, 53);
	c = track_table_next(&w.table, 0);
	assert_int_equal(fw_tick_left(c->expires, w.now), 30);
	assert_int_equal(fw_tick_left(c->expires, w.now + 1), 30);
	w.now += 30 * FW_TRACK_HZ - 1;
	assert_int_equal(fw_tick_left(c->expires, w.now), 1);
	w.now++;
	assert_int_equal(fw_tick_left(c->expires, w.now), 0);
	assert_int_equal(see_udp(FW_REPLY, 53), FW_STATE_NEW);
	assert_int_equal(w.table.track.count, 1);
	w.now += 30 * FW_TRACK_HZ;
	fw_host_sweep(&w.table.track, w.now);
	assert_int_equal(w.table.track.count, 0);
}

/* A client asks for a file, and the server's data comes from a port of its own. */
static struct fw_entry *ask_file(__u16 client_port)
{
	static const __u8 request[] = { 0, 1, 'f', 0 };
	struct fw_track_packet p = udp(FW_ORIGINAL, 69);
	struct fw_seen s;

	p.key.sport = client_port;
	p.payload = request;
	p.payload_len = sizeof(request);
	fw_track_in(&w.table.track, &p, w.now, &s);
	fw_track_helper(&s, FW_HELPER_TFTP);
	fw_track_keep(&s, &p, 1);
	assert_int_equal(fw_track_confirm(&w.table.track, &p, w.now, &s), 0);
	track_world_check(&w);
	return s.entry;
}

static struct fw_track_packet file_data(__u16 client_port)
{
	struct fw_track_packet p = udp(FW_REPLY, 4000);

	p.key.dport = client_port;
	return p;
}

static void test_expected_once(void **state)
{
	struct fw_track_packet p = file_data(1025), again = p;
	struct fw_seen s, race;

	(void)state;
	ask_file(1025);
	fw_track_in(&w.table.track, &p, w.now, &s);
	assert_int_equal(s.state, FW_STATE_RELATED);
	assert_int_equal(s.kept, 1);
	/* Another port of the server, before that is stored. */
	again.key.sport = 4001;
	fw_track_in(&w.table.track, &again, w.now, &race);
	assert_int_equal(race.state, FW_STATE_RELATED);
	assert_int_equal(fw_track_confirm(&w.table.track, &p, w.now, &s), 0);
	assert_int_equal(fw_track_confirm(&w.table.track, &again, w.now, &race), -EAGAIN);
	track_world_check(&w);
	assert_int_equal(w.table.track.count, 2);
	assert_true(s.entry->flags & FW_ENTRY_EXPECTED);
	assert_int_equal(s.entry->kept, 1);
	/* A connection that was expected gets no helper. */
	fw_track_helper(&s, FW_HELPER_FTP);
	assert_int_equal(s.entry->helper, FW_HELPER_NONE);
	fw_track_in(&w.table.track, &again, w.now, &race);
	assert_int_equal(race.state, FW_STATE_NEW);
}

static void test_expected_use(void **state)
{
	struct fw_track_packet p = file_data(1025), bad = p;
	struct fw_seen s;

	(void)state;
	ask_file(1025);
	bad.fault = FW_WHY_CHECKSUM;
	fw_track_in(&w.table.track, &bad, w.now, &s);
	assert_int_equal(s.state, FW_STATE_INVALID);
	assert_int_equal(s.own, FW_OWN_EXPECT_USE);
	fw_track_in(&w.table.track, &p, w.now, &s);
	assert_int_equal(s.state, FW_STATE_RELATED);
	w.set.own = FW_OWN_NONE;
	fw_track_in(&w.table.track, &bad, w.now, &s);
	fw_track_in(&w.table.track, &p, w.now, &s);
	assert_int_equal(s.state, FW_STATE_NEW);
}

static void test_expected_ends_with_master(void **state)
{
	struct fw_track_packet p = file_data(1025);
	struct fw_seen s;

	(void)state;
	fw_track_end(&w.table.track, ask_file(1025));
	track_world_check(&w);
	fw_track_in(&w.table.track, &p, w.now, &s);
	assert_int_equal(s.state, FW_STATE_NEW);
	/* Its master's time is over, though nobody has noticed. */
	ask_file(1025);
	w.now += 30 * FW_TRACK_HZ;
	fw_track_in(&w.table.track, &p, w.now, &s);
	assert_int_equal(s.state, FW_STATE_NEW);
	assert_int_equal(s.own, FW_OWN_EXPECT_TIME);
	w.set.own = FW_OWN_NONE;
	fw_track_in(&w.table.track, &p, w.now, &s);
	assert_int_equal(s.state, FW_STATE_RELATED);
}

static void test_expected_lasts(void **state)
{
	struct fw_track_packet p = file_data(1025);
	struct fw_seen s;

	(void)state;
	w.set.timeout[FW_TIMEOUT_UDP_ONE_WAY] = 1000;
	ask_file(1025);
	w.now += FW_EXPECT_SECONDS * FW_TRACK_HZ - 1;
	fw_track_in(&w.table.track, &p, w.now, &s);
	assert_int_equal(s.state, FW_STATE_RELATED);
	w.now++;
	fw_track_in(&w.table.track, &p, w.now, &s);
	assert_int_equal(s.state, FW_STATE_NEW);
	assert_int_equal(s.own, 0);
}

/* Of all ports of the client only the one that was expected. */
static void test_expected_port(void **state)
{
	struct fw_track_packet p = file_data(1025);
	struct fw_seen s;
	__u32 port;

	(void)state;
	ask_file(1025);
	for (port = 0; port < 65536; port++) {
		p.key.dport = (__u16)port;
		fw_track_in(&w.table.track, &p, w.now, &s);
		assert_int_equal(s.state, port == 1025 ? FW_STATE_RELATED : FW_STATE_NEW);
	}
}

/* An entry that ends between the phases of a packet expects nothing more. */
static void test_ended_expects_nothing(void **state)
{
	static const __u8 request[] = { 0, 1 };
	struct fw_track_packet p = udp(FW_ORIGINAL, 69);
	struct fw_entry *c = ask_file(CLIENT_PORT);
	struct fw_seen s;

	(void)state;
	p.payload = request;
	p.payload_len = sizeof(request);
	fw_track_in(&w.table.track, &p, w.now, &s);
	assert_ptr_equal(s.entry, c);
	fw_track_end(&w.table.track, c);
	assert_int_equal(fw_track_confirm(&w.table.track, &p, w.now, &s), 0);
	assert_int_equal(c->expects, 0);
	assert_null(fw_help_of(&w.table.track, c));
	track_world_check(&w);
}

/* Seconds that the entries of so many connections have, each begun by a datagram. */
static void timeouts_fill(__u16 own, __u32 *seconds, __u32 n)
{
	struct sim_tracker many;
	struct fw_track_packet p = udp(FW_ORIGINAL, 53);
	struct fw_seen s;
	__u32 i;

	track_world_init(&many, n, 256, 4, 4);
	many.set.own = own;
	for (i = 0; i < n; i++) {
		p.key.sport = (__u16)i;
		assert_int_equal(track_world_see(&many, &p, &s), 0);
		seconds[i] = fw_tick_left(s.entry->expires, many.now);
	}
	sim_tracker_free(&many);
}

static void test_timeouts_near_the_limit(void **state)
{
	__u32 seconds[256], i;

	(void)state;
	timeouts_fill(FW_OWN_NONE, seconds, 256);
	for (i = 0; i < 256; i++)
		assert_int_equal(seconds[i], 30);
	timeouts_fill(FW_OWN_ALL, seconds, 256);
	for (i = 0; i <= 224; i++)
		assert_int_equal(seconds[i], 30);
	for (; i < 256; i++)
		assert_true(seconds[i] <= seconds[i - 1]);
	assert_in_range(seconds[240], 10, 20);
	assert_int_equal(seconds[255], 2);
}

static void test_expect_limits(void **state)
{
	struct fw_expect like = {
		.proto = FW_PROTO_TCP, .daddr = CLIENT, .any_source = true};
	struct fw_entry *a = ask_file(1025), *b = ask_file(1026);
	unsigned int i;

	(void)state;
	for (i = 1; i <= 4; i++) {
		like.dport = (__u16)i;
		assert_int_equal(fw_expect_add(&w.table.track, a, &like, 3, w.now), 0);
		track_world_check(&w);
	}
	/* Its oldest two made way, the UDP one before. */
	assert_int_equal(w.expects[a->expects].dport, 2);
	/* One that another could fulfil, too. */
	like.any_source = false;
	like.saddr = SERVER;
	assert_int_equal(fw_expect_add(&w.table.track, b, &like, 3, w.now), -EEXIST);
	assert_int_equal(fw_expect_add(&w.table.track, a, &like, 3, w.now), 0);
	like.dport = 1;
	assert_int_equal(fw_expect_add(&w.table.track, b, &like, 3, w.now), 0);
	/* No slot is left: 7 of them. */
	for (i = 5; i < 7; i++) {
		like.dport = (__u16)i;
		assert_int_equal(fw_expect_add(&w.table.track, b, &like, 9, w.now), 0);
	}
	like.dport = 7;
	assert_int_equal(fw_expect_add(&w.table.track, b, &like, 9, w.now), -ENOSPC);
	/* Those whose master's time is over make room. */
	a->expires = w.now;
	assert_int_equal(fw_expect_add(&w.table.track, b, &like, 9, w.now), 0);
	a->expires = w.now + 1;
	track_world_check(&w);
}

static void test_reset_ends(void **state)
{
	struct fw_track_packet p = track_world_segment(0, FW_TCP_SYN, 1000, 0, 0);
	struct fw_seen s;

	(void)state;
	assert_int_equal(track_world_see(&w, &p, &s), 0);
	fw_track_keep(&s, &p, 1);
	p = track_world_segment(1, FW_TCP_RST | FW_TCP_ACK, 0, 1001, 0);
	assert_int_equal(track_world_see(&w, &p, &s), 0);
	assert_int_equal(s.state, FW_STATE_ESTABLISHED);
	assert_int_equal(s.dir, FW_REPLY);
	/* The packet that ends a connection passes by its mark, too. */
	assert_int_equal(s.kept, 1);
	assert_null(s.entry);
	assert_int_equal(w.table.track.count, 0);
}

/* Whatever the clock of its translation says, what ends a connection is translated. */
static void test_reset_is_translated(void **state)
{
	struct fw_track_packet p = track_world_segment(0, FW_TCP_SYN, 1000, 0, 0);
	struct fw_seen s;

	(void)state;
	fw_track_in(&w.table.track, &p, w.now, &s);
	s.draft.masq = FW_CONN_MASQ;
	s.draft.masq_expires = w.now;
	assert_int_equal(fw_track_confirm(&w.table.track, &p, w.now, &s), 0);
	p = track_world_segment(0, FW_TCP_RST, 1001, 0, 0);
	fw_track_in(&w.table.track, &p, w.now, &s);
	assert_non_null(s.entry);
	fw_host_sweep(&w.table.track, w.now + FW_TRACK_HZ);
	assert_int_equal(w.table.track.count, 0);
}

static void test_error_keeps_nothing(void **state)
{
	struct fw_track_packet p = track_world_packet(FW_PROTO_UDP, 0, 53);
	struct fw_seen s;

	(void)state;
	assert_int_equal(track_world_see(&w, &p, &s), 0);
	p.icmp_class = FW_ICMP_CLASS_ERROR;
	fw_track_keep(&s, &p, 1);
	assert_int_equal(s.entry->kept, 0);
	fw_track_end(&w.table.track, s.entry);
}

/* An ICMP error about a segment of one side that has this sequence number. */
static __u8 quoted(unsigned int sender, __u32 seq)
{
	struct fw_track_packet p = track_world_segment(!sender, 0, 0, 0, 0);
	struct fw_seen s;

	p.icmp_class = FW_ICMP_CLASS_ERROR;
	p.quote_to = p.key.daddr;
	p.quote_has_seq = true;
	p.quote_seq = seq;
	p.quote_version = 4;
	assert_int_equal(track_world_see(&w, &p, &s), 0);
	assert_int_equal(s.dir, s.state == FW_STATE_RELATED ? !sender : FW_NO_DIR);
	return s.state;
}

static void test_quoted_sequence(void **state)
{
	struct fw_track_packet p;
	struct fw_entry *c = see_handshake();
	struct fw_seen s;

	(void)state;
	p = track_world_segment(0, FW_TCP_ACK, 1001, 5001, 100);
	assert_int_equal(track_world_see(&w, &p, &s), 0);
	assert_int_equal(quoted(FW_ORIGINAL, 1001), FW_STATE_RELATED);
	assert_int_equal(quoted(FW_ORIGINAL, 1101), FW_STATE_RELATED);
	assert_int_equal(quoted(FW_ORIGINAL, 1000), FW_STATE_INVALID);
	assert_int_equal(quoted(FW_ORIGINAL, 1102), FW_STATE_INVALID);
	assert_int_equal(quoted(FW_REPLY, 5001), FW_STATE_RELATED);
	assert_int_equal(quoted(FW_REPLY, 5002), FW_STATE_INVALID);
	c->tcp[FW_REPLY] |= FW_SIDE_LIBERAL;
	assert_int_equal(quoted(FW_REPLY, 5002), FW_STATE_RELATED);
	w.set.own = FW_OWN_NONE;
	assert_int_equal(quoted(FW_ORIGINAL, 1102), FW_STATE_RELATED);
}

static void test_timeout_names(void **state)
{
	static const char *const names[FW_TIMEOUTS] = {
		"tcp-syn-sent",
		"tcp-syn-sent2",
		"tcp-syn-recv",
		"tcp-established",
		"tcp-fin-wait",
		"tcp-close-wait",
		"tcp-last-ack",
		"tcp-time-wait",
		"tcp-close",
		"tcp-max-retrans",
		"tcp-unacknowledged",
		"udp",
		"udp-stream",
		"icmp",
		"gre",
		"gre-stream",
		"generic",
		"fragments",
	};
	int i;

	(void)state;
	for (i = 0; i < FW_TIMEOUTS; i++) {
		assert_string_equal(fw_timeout_table[i].name, names[i]);
		assert_int_equal(fw_timeout_find(names[i]), i);
		assert_in_range(fw_timeout_table[i].seconds, 1, FW_TIMEOUT_LONGEST);
	}
	assert_int_equal(fw_timeout_find("tcp"), -ENOENT);
	assert_int_equal(fw_timeout_find("tcp-closed"), -ENOENT);
}

static void test_words(void **state)
{
	struct fw_track_packet p;
	struct fw_seen s;
	char text[80];
	unsigned int why;

	(void)state;
	see_handshake();
	p = track_world_segment(1, FW_TCP_ACK, 5001, 1001 + 1420, 0);
	track_world_see(&w, &p, &s);
	fw_why_text(&s, text, sizeof(text));
	assert_string_equal(text, "it acknowledges 1,420 bytes that were never sent");
	s.amount = 4294967295;
	fw_why_text(&s, text, sizeof(text));
	assert_string_equal(text,
			    "it acknowledges 4,294,967,295 bytes that were never sent");
	fw_why_text(&s, text, 10);
	assert_string_equal(text, "it acknow");
	for (why = 1; why < FW_WHYS; why++) {
		s.why = why;
		fw_why_text(&s, text, sizeof(text));
		assert_int_not_equal(strlen(text), 0);
	}
	s.why = FW_WHY_NONE;
	fw_why_text(&s, text, sizeof(text));
	assert_string_equal(text, "");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_denied_stores_nothing),
		TEST(test_race_joins),
		TEST(test_full_evicts),
		TEST(test_full_of_assured),
		TEST(test_expired_is_gone),
		TEST(test_expected_once),
		TEST(test_expected_use),
		TEST(test_expected_ends_with_master),
		TEST(test_expected_lasts),
		TEST(test_ended_expects_nothing),
		TEST(test_timeouts_near_the_limit),
		TEST(test_expect_limits),
		TEST(test_expected_port),
		TEST(test_reset_ends),
		TEST(test_reset_is_translated),
		TEST(test_error_keeps_nothing),
		TEST(test_quoted_sequence),
		TEST(test_timeout_names),
		TEST(test_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
