// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * sim-table.c - the connections of the simulator's file: what is written is read again,
 * and whatever is read leaves a sound table.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "backend/sim/sim_table.h"
#include "kmod/core/expect.h"
#include "kmod/core/masq.h"
#include "kmod/core/tcp.h"
#include "kmod/core/track.h"
#include "tests/lib/random.h"
#include "tests/lib/track_world.h"

#define ENTRIES 8
#define MASQ 0xcb007105

static void world_begin(struct sim_tracker *w)
{
	track_world_init(w, ENTRIES, ENTRIES, 4, 4);
}

/* malloc'ed */
static char *table_text(struct sim_tracker *w)
{
	size_t len;
	char *text;
	FILE *out = open_memstream(&text, &len);

	assert_non_null(out);
	assert_int_equal(sim_table_write(out, w), 0);
	assert_int_equal(fclose(out), 0);
	return text;
}

/* Reads a copy of text into an empty tracker. */
static int table_read(struct sim_tracker *w, const char *text, struct fw_error *e)
{
	char *copy = strdup(text);
	int err;

	assert_non_null(copy);
	world_begin(w);
	err = sim_table_read(w, copy, "state", 7, e);
	free(copy);
	return err;
}

/* Connections of all kinds, with all that an entry can have. */
static void world_fill(struct sim_tracker *w)
{
	struct fw_track *t = &w->table.track;
	struct fw_track_packet p = track_world_segment(0, FW_TCP_SYN, 1000, 0, 0);
	struct fw_packet pkt = {.saddr = CLIENT, .daddr = SERVER, .proto = FW_PROTO_TCP,
				.sport = 2000, .dport = 21, .tcpflags = FW_TCP_SYN};
	struct fw_expect like = {.saddr = SERVER, .daddr = CLIENT, .dport = 5001,
				 .proto = FW_PROTO_TCP};
	struct fw_entry *c, child = {.saddr = CLIENT, .daddr = SERVER, .maddr = MASQ,
				     .sport = 2001, .dport = 20, .proto = FW_PROTO_TCP};
	struct fw_seen s;
	struct fw_help *help;

	world_begin(w);
	w->now = 4000000000;
	assert_int_equal(track_world_see(w, &p, &s), 0);
	fw_track_keep(&s, &p, 1);
	p = track_world_packet(FW_PROTO_UDP, 0, 53);
	assert_int_equal(track_world_see(w, &p, &s), 0);
	fw_track_end(t, s.entry);	/* a hole among the entries */
	w->now += 100;
	assert_int_equal(fw_masquerade(t, NULL, &pkt, MASQ, w->now), 0);
	p = track_world_packet(FW_PROTO_UDP, 0, 123);
	assert_int_equal(track_world_see(w, &p, &s), 0);
	c = s.entry;
	help = fw_help_of(t, c);
	assert_non_null(help);
	memset(help->line, 0x81, sizeof(help->line));
	help->lines[0] = 2;
	help->lines[1] = 1;
	memcpy(help->text[1], "227 (", 5);
	help->text_len[1] = 5;
	help->text_seq[1] = 77;
	help->adjust[0] = (struct fw_adjust){ 1000, -3, 4 };
	help->adjust[1] = (struct fw_adjust){ 2000, 5, 0x7fffffff };
	assert_int_equal(fw_expect_add(t, c, &like, 4, w->now), 0);
	like.any_source = true;
	like.dport++;
	assert_int_equal(fw_expect_add(t, c, &like, 4, w->now - 1000), 0);
	child.control = c;
	assert_non_null(fw_masq_add(t, &child, w->now));
	w->set.timeout[FW_TIMEOUT_UDP_STREAM] = 9;
}

static void what_is_written_is_read(void **state)
{
	struct sim_tracker one, two;
	struct fw_error e;
	char *text, *again;

	(void)state;
	world_fill(&one);
	text = table_text(&one);
	assert_int_equal(table_read(&two, text, &e), 0);
	track_world_check(&two);
	assert_int_equal(two.now, one.now);
	assert_int_equal(two.table.track.count, 4);
	assert_int_equal(two.table.track.masq.used[1], 2);
	assert_int_equal(two.entries[2].refs, 2);
	assert_memory_equal(&two.helps[two.entries[2].help], &one.helps[1],
			    offsetof(struct fw_help, next_free));
	again = table_text(&two);
	assert_string_equal(again, text);
	free(again);
	free(text);
	sim_tracker_free(&one);
	sim_tracker_free(&two);
}

static void nothing_is_written_of_nothing(void **state)
{
	struct sim_tracker w;
	char *text;

	(void)state;
	world_begin(&w);
	w.now = 77;
	text = table_text(&w);
	assert_string_equal(text, "");
	free(text);
	sim_tracker_free(&w);
}

static void where_the_lines_begin(void **state)
{
	char none[] = "-I -a accept\n# time 5\n times\n";
	char some[] = "-I -a accept\ntime 5\ntime 6\n";
	char first[] = "time 5";

	(void)state;
	assert_string_equal(sim_table_find(none), "");
	assert_ptr_equal(sim_table_find(some), some + 13);
	assert_ptr_equal(sim_table_find(first), first);
}

#define GOOD "connection proto=17 saddr=10.0.0.1 maddr=10.0.0.1 daddr=10.0.0.2"
#define HELPED "connection proto=6 state=4 help=1 "

static void what_is_refused(void **state)
{
	static const struct {
		const char *text, *error;
	} cases[] = {
		{ "time x", "state:7:6: no such number" },
		{ "time 1.5", "state:7:6: no such number" },
		{ "time 1.500", "state:7:6: no such number" },
		{ "time 42949673", "state:7:6: no such number" },
		{ "time 5 6", "state:7:8: unexpected word" },
		{ "time 5\n-I -a accept", "state:8:1: rules come before the connections" },
		{ "next-port 60999", "state:7:11: no such number" },
		{ "next-port 65096", "state:7:11: no such number" },
		{ "timeout udpp 5", "state:7:9: no such timeout" },
		{ "timeout udp 21474837", "state:7:13: no such number" },
		{ "timeout udp -5", "state:7:13: no such number" },
		{ "connection proto=256", "state:7:12: no such number" },
		{ "connection proto=6,6", "state:7:12: no such value" },
		{ "connection proto=", "state:7:12: no such number" },
		{ "connection proto", "state:7:12: no such value" },
		{ "connection =6", "state:7:12: no such value" },
		{ "connection prot=6", "state:7:12: no such value" },
		{ "connection saddr=10.0.0", "state:7:12: no such address" },
		{ "connection bytes=18446744073709551616", "state:7:12: no such number" },
		{ "connection end=1,2,3", "state:7:12: no such value" },
		{ "connection proto=17 state=1", "state:7:28: no such connection" },
		{ "connection proto=6", "state:7:19: no such connection" },
		{ "connection proto=6 state=10", "state:7:28: no such connection" },
		{ "connection proto=6 state=1 scale=15", "state:7:36: no such connection" },
		{ GOOD " helper=250", "state:7:76: no such connection" },
		{ GOOD " masq=1", "state:7:72: no such connection" },
		{ GOOD " flags=64", "state:7:74: no such connection" },
		{ GOOD " control=1", "state:7:75: no such connection" },
		{ GOOD "\n" GOOD, "state:8:65: the connection is there already" },
		{ HELPED "lines=3", "state:7:42: no such connection" },
		{ HELPED "text_len=0,129", "state:7:49: no such connection" },
		{ "connection proto=47 masq=128", "state:7:29: no such connection" },
		{ "expect proto=6 expires=300", "state:7:27: no such expectation" },
		{ GOOD "\nexpect master=2 proto=6", "state:8:24: no such expectation" },
		{ GOOD "\nexpect master=1", "state:8:16: no such expectation" },
	};
	struct sim_tracker w;
	struct fw_error e;
	unsigned int i;

	(void)state;
	for (i = 0; i < FW_COUNT(cases); i++) {
		assert_int_equal(table_read(&w, cases[i].text, &e), -EBADMSG);
		assert_string_equal(e.text, cases[i].error);
		sim_tracker_free(&w);
	}
}

static void too_many_connections(void **state)
{
	char text[(ENTRIES + 1) * sizeof(GOOD " sport=9 mport=9\n")] = "";
	struct sim_tracker w;
	struct fw_error e;
	unsigned int i;

	(void)state;
	for (i = 0; i <= ENTRIES; i++) {
		assert_int_equal(table_read(&w, text, &e), 0);
		sim_tracker_free(&w);
		snprintf(text + strlen(text), sizeof(text) - strlen(text),
			 GOOD " sport=%u mport=%u\n", i, i);
	}
	assert_int_equal(table_read(&w, text, &e), -EBADMSG);
	assert_non_null(strstr(e.text, "too many connections"));
	assert_int_equal(w.table.track.count, ENTRIES);
	sim_tracker_free(&w);
}

/* Digits, names and lines are changed by chance. */
static void any_text_leaves_a_sound_table(void **state)
{
	static const char bytes[] = "0123456789=,. \n\tx-";
	struct sim_tracker w;
	struct random r;
	struct fw_error e;
	unsigned int round, read = 0, i;
	char *text, *copy;
	size_t len;

	(void)state;
	world_fill(&w);
	text = table_text(&w);
	sim_tracker_free(&w);
	len = strlen(text);
	random_seed(&r, 14);
	for (round = 0; round < 20000; round++) {
		copy = strdup(text);
		assert_non_null(copy);
		for (i = random_below(&r, 4); i < 4; i++)
			copy[random_below(&r, (__u32)len)] =
				bytes[random_below(&r, sizeof(bytes) - 1)];
		if (!table_read(&w, copy, &e)) {
			read++;
			/* any time may be left */
			for (i = 0; i < ENTRIES; i++)
				w.entries[i].expires = w.now;
			track_world_check(&w);
			sim_tracker_elapse(&w, random_word(&r));
			track_world_check(&w);
		}
		sim_tracker_free(&w);
		free(copy);
	}
	free(text);
	/* neither all nor none */
	assert_in_range(read, 1000, 19000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written_is_read),
		cmocka_unit_test(nothing_is_written_of_nothing),
		cmocka_unit_test(where_the_lines_begin),
		cmocka_unit_test(what_is_refused),
		cmocka_unit_test(too_many_connections),
		cmocka_unit_test(any_text_leaves_a_sound_table),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
