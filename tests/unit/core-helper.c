// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * core-helper.c - what helpers read, and sequence numbers after a text changed its
 * length.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "kmod/core/adjust.h"
#include "kmod/core/helper.h"
#include "kmod/core/masq.h"
#include "kmod/core/table.h"
#include "kmod/core/tcp.h"
#include "kmod/core/track.h"
#include "tests/lib/track_world.h"

#define FTP_PORT 21

struct text_case {
	unsigned int dir;
	const char *text;
	enum fw_scan scan;
	__u32 addr;
	__u16 port;
	bool out_of_range;
};

/* A copy that ends where memory ends, so that sanitizers see what reads beyond. */
static __u8 *copy_of(const char *text, size_t len)
{
	__u8 *copy = malloc(len ? len : 1);

	assert_non_null(copy);
	memcpy(copy, text, len);
	return copy;
}

static const struct text_case ftp_cases[] = {
	{0, "PORT 10,0,0,2,19,137\r\n", FW_SCAN_FOUND, CLIENT, 5001, false},
	{0, "port 10,0,0,2,19,137\r\n", FW_SCAN_FOUND, CLIENT, 5001, false},
	{0, "PORTAL 10,0,0,2,19,137\r\n", FW_SCAN_FOUND, CLIENT, 5001, false},
	{0, "PORT 10,0,0,2,0,0\r\n", FW_SCAN_FOUND, CLIENT, 0, true},
	{0, "PORT 10,0,0,2,256,1\r\n", FW_SCAN_FOUND, CLIENT, 1, true},
	{0, "PORT 10,0,0,258,0,1\r\n", FW_SCAN_FOUND, 0x0a000102, 1, true},
	{0, "PORT 10,0,0,2,19,137\n", FW_SCAN_BROKEN, 0, 0, false},
	{0, "PORT 10,0,0,2,19,137", FW_SCAN_BROKEN, 0, 0, false},
	{0, "PORT 10,0,0,2,19,137,1\r\n", FW_SCAN_BROKEN, 0, 0, false},
	{0, "PORT 10,0,0,2,19\r\n", FW_SCAN_BROKEN, 0, 0, false},
	{0, "PO", FW_SCAN_BROKEN, 0, 0, false},
	{0, "POST x\r\n", FW_SCAN_NOTHING, 0, 0, false},
	{0, "227 (10,0,0,2,19,137)\r\n", FW_SCAN_NOTHING, 0, 0, false},
	{0, "EPRT |1|10.0.0.2|5001|\r\n", FW_SCAN_FOUND, CLIENT, 5001, false},
	{0, "eprt !1!10.0.0.2!5001!\r\n", FW_SCAN_FOUND, CLIENT, 5001, false},
	{0, "EPRT |1|10.0.0.2|70001|\r\n", FW_SCAN_FOUND, CLIENT, 4465, true},
	{0, "EPRT |1|10.0.0.2|0|\r\n", FW_SCAN_BROKEN, 0, 0, false},
	{0, "EPRT |2|::1|5001|\r\n", FW_SCAN_BROKEN, 0, 0, false},
	{0, "EPRT |1|10.0.0.2|5001\r\n", FW_SCAN_BROKEN, 0, 0, false},
	{0, "EPRT 01010.0.0.2050010\r\n", FW_SCAN_BROKEN, 0, 0, false},
	{ 0, "EPRT \1771\17710.0.0.2\1775001\177\r\n", FW_SCAN_BROKEN, 0, 0, false },
	{ 0, "EPRT 11110.0.0.2150011\r\n", FW_SCAN_BROKEN, 0, 0, false },
	{0, "EPRT |1", FW_SCAN_BROKEN, 0, 0, false},
	{1, "227 Entering (198,51,100,7,19,138)\r\n", FW_SCAN_FOUND, SERVER, 5002, false},
	{1, "227 198,51,100,7,19,138 is it\r\n", FW_SCAN_FOUND, SERVER, 5002, false},
	{1, "227 Entering (198,51,100,7,19,138", FW_SCAN_BROKEN, 0, 0, false},
	{1, "227 none\r\n", FW_SCAN_BROKEN, 0, 0, false},
	{1, "22", FW_SCAN_BROKEN, 0, 0, false},
	{1, "226 done\r\n", FW_SCAN_NOTHING, 0, 0, false},
	{1, "229 Entering (|||5003|)\r\n", FW_SCAN_FOUND, 0, 5003, false},
	{1, "229 Entering |||5003|\r\n", FW_SCAN_BROKEN, 0, 0, false},
	{1, "229 Entering (|||0|)\r\n", FW_SCAN_BROKEN, 0, 0, false},
	{1, "229 Entering (||5003|)\r\n", FW_SCAN_BROKEN, 0, 0, false},
	{1, "229 (", FW_SCAN_BROKEN, 0, 0, false},
	{1, "", FW_SCAN_NOTHING, 0, 0, false},
};

static const struct text_case irc_cases[] = {
	{0, "PRIVMSG x :\1DCC SEND f 167772162 5001\1\r\n", FW_SCAN_FOUND, CLIENT, 5001,
	 false},
	{0, "\r\nprivmsg x :\1DCC CHAT chat 167772162 5001\1\n", FW_SCAN_FOUND, CLIENT,
	 5001, false},
	{0, "PRIVMSG x :\1DCC SCHAT chat 167772162   5001\1\n", FW_SCAN_FOUND, CLIENT,
	 5001, false},
	{ 0, "PRIVMSG x :\1DCC MOVE file 167772162 5001\1\n", FW_SCAN_FOUND, CLIENT, 5001, false },
	{ 0, "PRIVMSG x :\1DCC TSEND file 167772162 5001\1\n", FW_SCAN_FOUND, CLIENT, 5001, false },
	{0, "PRIVMSG x :\1DCC SEND f 167772162 70000\1\r\n", FW_SCAN_FOUND, CLIENT, 4464,
	 true},
	{0, "PRIVMSG x :\1DCC SEND f 4462739458 5001\1\r\n", FW_SCAN_FOUND, CLIENT, 5001,
	 true},
	{0, "PRIVMSG x :\1DCC send f 167772162 5001\1\r\n", FW_SCAN_NOTHING, 0, 0, false},
	{0, "PRIVMSG x :\1DCC SEND f 167772162 5001\1", FW_SCAN_NOTHING, 0, 0, false},
	{0, "PRIVMSG x :hello, nothing to be found here\r\n", FW_SCAN_NOTHING, 0, 0,
	 false},
	{0, "NOTICE x :\1DCC SEND f 167772162 5001\1\r\n", FW_SCAN_NOTHING, 0, 0, false},
	{0, "PRIVMSG x :\1DCC SEND averylongnamewithoutend", FW_SCAN_NOTHING, 0, 0,
	 false},
};

static void text_check(const struct text_case *c, bool irc)
{
	size_t len = strlen(c->text), cut;
	__u8 *text = copy_of(c->text, len);
	struct fw_finding f;
	enum fw_scan scan = irc ? fw_scan_irc(text, (__u32)len, &f)
				: fw_scan_ftp(text, (__u32)len, c->dir, &f);

	if (scan != c->scan)
		print_error("%s\n", c->text);
	assert_int_equal(scan, c->scan);
	if (scan == FW_SCAN_FOUND) {
		assert_int_equal(f.port, c->port);
		assert_int_equal(f.addr, c->addr);
		assert_int_equal(f.own_addr, !c->addr);
		assert_int_equal(f.out_of_range, c->out_of_range);
		assert_true(f.len > 0 && f.at + (size_t)f.len <= len);
	}
	free(text);
	/* Every beginning of it, so that nothing reads beyond the end. */
	for (cut = 0; cut < len; cut++) {
		text = copy_of(c->text, cut);
		if (irc)
			fw_scan_irc(text, (__u32)cut, &f);
		else
			fw_scan_ftp(text, (__u32)cut, c->dir, &f);
		free(text);
	}
}

static void test_scan(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < FW_COUNT(ftp_cases); i++)
		text_check(&ftp_cases[i], false);
	for (i = 0; i < FW_COUNT(irc_cases); i++)
		text_check(&irc_cases[i], true);
	assert_true(fw_scan_tftp((const __u8 *)"\0\1", 2));
	assert_true(fw_scan_tftp((const __u8 *)"\0\2x", 3));
	assert_false(fw_scan_tftp((const __u8 *)"\0\3", 2));
	assert_false(fw_scan_tftp((const __u8 *)"\1\1", 2));
	assert_false(fw_scan_tftp((const __u8 *)"\0", 1));
}

/* An FTP control connection; each side's next sequence number. */
struct control {
	struct sim_tracker w;
	__u32 seq[2];
	__u16 own;	/* what decided about the last segment */
};

/* A segment with this text; the result of the second phase. */
static int say(struct control *c, unsigned int dir, __u8 flags, const char *text)
{
	__u32 len = (__u32)strlen(text);
	struct fw_track_packet p =
		track_world_segment(dir, flags, c->seq[dir], c->seq[!dir], len);
	struct fw_seen s;
	int err;

	p.key.dport = dir ? CLIENT_PORT : FTP_PORT;
	p.key.sport = dir ? FTP_PORT : CLIENT_PORT;
	p.payload = (const __u8 *)text;
	fw_track_in(&c->w.table.track, &p, c->w.now, &s);
	assert_int_not_equal(s.state, FW_STATE_INVALID);
	fw_track_helper(&s, FW_HELPER_FTP);
	err = fw_track_confirm(&c->w.table.track, &p, c->w.now, &s);
	c->seq[dir] += len + !!(flags & FW_TCP_SYN);
	c->own = s.own;
	track_world_check(&c->w);
	return err;
}

/* The port of the only expectation, 0 if there is none. */
static __u16 expected(const struct control *c)
{
	const struct fw_entry *e = track_table_next((struct track_table *)&c->w.table, 0);

	return e && e->expects ? c->w.expects[e->expects].dport : 0;
}

/* A connection that has exchanged a line in both directions. */
static void control_begin(struct control *c, __u16 own)
{
	*c = (struct control){.seq = { 1000, 5000 }};
	track_world_init(&c->w, 4, 4, 4, 4);
	c->w.set.own = own;
	assert_int_equal(say(c, 0, FW_TCP_SYN, ""), 0);
	assert_int_equal(say(c, 1, FW_TCP_SYN | FW_TCP_ACK, ""), 0);
	assert_int_equal(say(c, 0, FW_TCP_ACK, ""), 0);
	assert_int_equal(say(c, 1, FW_TCP_ACK, "220 ready\r\n"), 0);
	assert_int_equal(say(c, 0, FW_TCP_ACK, "USER x\r\n"), 0);
}

static void test_cut_command(void **state)
{
	struct control c;

	(void)state;
	control_begin(&c, FW_OWN_ALL);
	assert_int_equal(say(&c, 0, FW_TCP_ACK, "PO"), 0);
	assert_int_equal(c.own, FW_OWN_NO_HELPER_DROP);
	assert_int_equal(say(&c, 0, FW_TCP_ACK, "RT 10,0,0,2,"), 0);
	assert_int_equal(expected(&c), 0);
	assert_int_equal(say(&c, 0, FW_TCP_ACK, "19,137\r\n"), 0);
	assert_int_equal(expected(&c), 5001);
	/* Only what follows in order is its rest. */
	assert_int_equal(say(&c, 0, FW_TCP_ACK, "PORT 10,0,0,2,19,13"), 0);
	c.seq[0] -= 1;
	assert_int_equal(say(&c, 0, FW_TCP_ACK, "8\r\n"), 0);
	assert_int_equal(expected(&c), 5001);
	/* A line that is whole and wrong has no rest. */
	assert_int_equal(say(&c, 0, FW_TCP_ACK, "PORT x\n"), 0);
	assert_int_equal(say(&c, 0, FW_TCP_ACK, "PORT 10,0,0,2,19,139\r\n"), 0);
	assert_int_equal(expected(&c), 5003);
	sim_tracker_free(&c.w);
}

static void test_cut_as_linux(void **state)
{
	struct control c;

	(void)state;
	control_begin(&c, FW_OWN_NONE);
	assert_int_equal(say(&c, 0, FW_TCP_ACK, "PO"), -EPERM);
	assert_int_equal(c.own, 0);
	sim_tracker_free(&c.w);
}

/* Segments before an answer are not read: anybody could send them. */
static void test_new_is_not_read(void **state)
{
	struct control c;

	(void)state;
	c = (struct control){ .seq = { 1000, 5000 } };
	track_world_init(&c.w, 4, 4, 4, 4);
	assert_int_equal(say(&c, 0, FW_TCP_ACK, "USER x\r\n"), 0);
	assert_int_equal(say(&c, 0, FW_TCP_ACK, "PORT 10,0,0,2,19,137\r\n"), 0);
	assert_int_equal(expected(&c), 0);
	sim_tracker_free(&c.w);
}

/* A control that ends first is kept for those that it controls, and no other is in its place. */
static void test_control_ends_first(void **state)
{
	struct fw_entry like = {
		.proto = FW_PROTO_TCP, .saddr = CLIENT, .sport = 20, .daddr = SERVER,
		.maddr = 0xcb007105,
	};
	struct sim_tracker w;
	struct fw_track *t = &w.table.track;
	struct fw_entry *control, *data, *other;

	(void)state;
	track_world_init(&w, 4, 4, 4, 4);
	control = fw_masq_add(t, &like, 0);
	like.control = control;
	like.sport++;
	data = fw_masq_add(t, &like, 0);
	assert_non_null(data);
	like.sport++;
	fw_track_end(t, control);
	/* what has ended controls no more */
	assert_int_equal(t->count, 1);
	like.control = NULL;
	other = fw_masq_add(t, &like, 0);
	assert_ptr_not_equal(other, control);
	fw_track_end(t, data);
	assert_int_equal(other->refs, 1);
	like.control = control;
	like.sport++;
	data = fw_masq_add(t, &like, 0);
	assert_non_null(data);
	assert_null(data->control);
	sim_tracker_free(&w);
}

/* Two connections expect the same: the first keeps it. */
static int say_twice(__u16 own)
{
	static const char text[] = "PORT 10,0,0,2,19,137\r\n";
	struct fw_track_packet p;
	struct control c;
	struct fw_entry *e;
	struct fw_seen s;
	int err;

	control_begin(&c, own);
	say(&c, 0, FW_TCP_ACK, text);
	e = track_table_next(&c.w.table, 0);
	/* The same segments by another port of the client. */
	p = track_world_segment(0, FW_TCP_ACK, 2000, 6000, 6);
	p.key.sport = CLIENT_PORT + 1;
	p.key.dport = FTP_PORT;
	p.payload = (const __u8 *)"LIST\r\n";
	fw_track_in(&c.w.table.track, &p, c.w.now, &s);
	fw_track_helper(&s, FW_HELPER_FTP);
	assert_int_equal(fw_track_confirm(&c.w.table.track, &p, c.w.now, &s), 0);
	s.entry->flags |= FW_ENTRY_ANSWERED;
	assert_int_equal(track_world_see(&c.w, &p, &s), 0);
	p.seq += 6;
	p.payload = (const __u8 *)text;
	p.payload_len = sizeof(text) - 1;
	err = track_world_see(&c.w, &p, &s);
	assert_int_equal(s.entry->expects, 0);
	assert_int_not_equal(e->expects, 0);
	sim_tracker_free(&c.w);
	return err;
}

static void test_other_master(void **state)
{
	(void)state;
	assert_int_equal(say_twice(FW_OWN_ALL), 0);
	assert_int_equal(say_twice(FW_OWN_NONE), -EPERM);
}

/* An IRC server cannot offer in its client's name. */
static void test_irc_direction(void **state)
{
	static const char text[] = "PRIVMSG x :\1DCC SEND f 167772162 5001\1\r\n";
	struct control c;
	struct fw_entry *e;

	(void)state;
	control_begin(&c, FW_OWN_ALL);
	e = track_table_next(&c.w.table, 0);
	e->helper = FW_HELPER_IRC;
	assert_int_equal(say(&c, 1, FW_TCP_ACK, text), 0);
	assert_int_equal(expected(&c), 0);
	assert_int_equal(say(&c, 0, FW_TCP_ACK, text), 0);
	assert_int_equal(expected(&c), 5001);
	sim_tracker_free(&c.w);
}

static void test_numbers(void **state)
{
	struct control c;

	(void)state;
	control_begin(&c, FW_OWN_ALL);
	assert_int_equal(say(&c, 0, FW_TCP_ACK, "PORT 10,0,0,2,0,0\r\n"), 0);
	assert_int_equal(c.own, FW_OWN_NUMBERS);
	assert_int_equal(say(&c, 0, FW_TCP_ACK, "EPRT |1|10.0.0.2|70001|\r\n"), 0);
	assert_int_equal(expected(&c), 0);
	/* A third party's address is not expected. */
	assert_int_equal(say(&c, 0, FW_TCP_ACK, "PORT 10,0,0,3,19,137\r\n"), 0);
	assert_int_equal(expected(&c), 0);
	assert_int_equal(say(&c, 1, FW_TCP_ACK, "227 (198,51,100,7,19,138)\r\n"), 0);
	assert_int_equal(expected(&c), 5002);
	sim_tracker_free(&c.w);
}

/* A segment of the client, or server, with these bytes; the port that is expected then. */
static __u16 say_bytes(__u8 helper, __u8 proto, unsigned int dir, const __u8 *bytes,
		       __u32 len, __u16 *second)
{
	struct sim_tracker w;
	struct fw_track_packet p;
	struct fw_entry *c;
	struct fw_seen s;
	__u16 port = 0;

	track_world_init(&w, 4, 4, 4, 4);
	p = track_world_packet(proto, FW_ORIGINAL, 7070);
	p.tcpflags = FW_TCP_ACK;
	assert_int_equal(track_world_see(&w, &p, &s), 0);
	c = s.entry;
	c->flags |= FW_ENTRY_ANSWERED;
	c->helper = helper;
	p = track_world_packet(proto, dir, 7070);
	p.tcpflags = FW_TCP_ACK;
	p.payload = bytes;
	p.payload_len = len;
	assert_int_equal(track_world_see(&w, &p, &s), 0);
	track_world_check(&w);
	if (c->expects) {
		const struct fw_expect *e = &w.expects[c->expects];

		port = e->dport;
		assert_int_equal(e->proto, FW_PROTO_UDP);
		assert_int_equal(e->saddr, dir ? CLIENT : SERVER);
		assert_int_equal(e->daddr, dir ? SERVER : CLIENT);
		*second = w.expects[e->sibling].dport;
	}
	sim_tracker_free(&w);
	return port;
}

static const __u8 pna[] = { 'P', 'N', 'A', 0,	 10,   0, 3, 0, 1, 9,	 0,    1, 0,
			    2,	 0x1b, 0x9e, 0, 7, 0, 2, 0x1b, 0x9f, 0, 0, 0, 0,
			    0,	 1,    0,    2, 1, 1 };
static const __u8 vdo[] = { 0,	 0,   0,   0,	0,   0,	  0, 1, 'V',  'D',
			    'O', ' ', 'L', 'i', 'v', 'e', 0, 0, 0x1b, 0x9e };
static const __u8 quake[] = { 0x80, 0, 0, 9, 0x81, 0x9e, 0x1b, 0, 0 };

/* These bytes name port 7070 if they are whole, and nothing by the other side. */
static __u16 port_named(__u8 helper, __u8 proto, unsigned int dir, const __u8 *bytes,
			__u32 len, __u32 port_at)
{
	__u16 second = 0;
	__u32 cut;

	for (cut = 0; cut < port_at + 2; cut++)
		assert_int_equal(say_bytes(helper, proto, dir, bytes, cut, &second), 0);
	assert_int_equal(say_bytes(helper, proto, !dir, bytes, len, &second), 0);
	assert_int_equal(say_bytes(helper, proto, dir, bytes, len, &second), 7070);
	return second;
}

static void test_udp_ports(void **state)
{
	__u16 second = 0;

	(void)state;
	assert_int_equal(port_named(FW_HELPER_RAUDIO, FW_PROTO_TCP, FW_ORIGINAL, pna,
				    sizeof(pna), 14), 7071);
	assert_int_equal(port_named(FW_HELPER_VDOLIVE, FW_PROTO_TCP, FW_ORIGINAL, vdo,
				    sizeof(vdo), 18), 0);
	assert_int_equal(port_named(FW_HELPER_QUAKE, FW_PROTO_UDP, FW_REPLY, quake,
				    sizeof(quake), 7), CLIENT_PORT);
	/* CU-SeeMe expects nothing; a helper of another protocol reads nothing. */
	assert_int_equal(say_bytes(FW_HELPER_CUSEEME, FW_PROTO_UDP, FW_REPLY, quake,
				   sizeof(quake), &second), 0);
	assert_int_equal(say_bytes(FW_HELPER_QUAKE, FW_PROTO_TCP, FW_REPLY, quake,
				   sizeof(quake), &second), 0);
}

/* The map of a direction, and its inverse for acknowledgements. */
static void test_adjust(void **state)
{
	static const __s32 steps[] = { 3, -2, 5, -6, 1 };
	struct fw_adjust a = { 0 };
	__u32 seq = 0xffffff00, number;
	size_t i;

	(void)state;
	assert_int_equal(fw_adjust_seq(&a, 7), 7);
	assert_int_equal(fw_adjust_shift(&a, 7), 0);
	for (i = 0; i < FW_COUNT(steps); i++) {
		__u32 at = seq;

		fw_adjust_add(&a, at, steps[i]);
		/* The same segment once more. */
		fw_adjust_add(&a, at, steps[i]);
		assert_int_equal(fw_adjust_seq(&a, at) - at, (__u32)a.before);
		/* Behind the text that changed, which is longer than that. */
		for (number = at + 20; number != at + 120; number++) {
			__u32 seen = fw_adjust_seq(&a, number);

			assert_int_equal(seen, number + (__u32)a.after);
			assert_int_equal(seen - (__u32)fw_adjust_shift(&a, seen), number);
		}
		for (number = at - 60; number != at; number++) {
			__u32 seen = fw_adjust_seq(&a, number);

			assert_int_equal(seen - (__u32)fw_adjust_shift(&a, seen), number);
		}
		seq += 120;
	}
	assert_int_equal(a.after, 1);
}

/* A window is one of the sender's own numbers: acknowledgements are mapped back. */
static void test_adjusted_window(void **state)
{
	struct control c;
	struct fw_entry *e;

	(void)state;
	control_begin(&c, FW_OWN_ALL);
	assert_int_equal(say(&c, 0, FW_TCP_ACK, "PORT 10,0,0,2,19,137\r\n"), 0);
	e = track_table_next(&c.w.table, 0);
	assert_int_not_equal(e->help, 0);
	/* The text became 4 bytes longer on its way to the server. */
	fw_adjust_add(&c.w.helps[e->help].adjust[0], c.seq[0] - 22, 4);
	c.seq[0] += 4;
	assert_int_equal(say(&c, 1, FW_TCP_ACK, "200 fine\r\n"), 0);
	assert_int_equal(e->side[1].maxack, c.seq[0] - 4);
	assert_int_equal(e->tcp[0] & FW_SIDE_UNACKED, 0);
	sim_tracker_free(&c.w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_scan),
		cmocka_unit_test(test_cut_command),
		cmocka_unit_test(test_cut_as_linux),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_udp_ports),
		cmocka_unit_test(test_new_is_not_read),
		cmocka_unit_test(test_control_ends_first),
		cmocka_unit_test(test_other_master),
		cmocka_unit_test(test_irc_direction),
		cmocka_unit_test(test_adjust),
		cmocka_unit_test(test_adjusted_window),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
