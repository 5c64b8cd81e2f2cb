// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * track-packet.c - what the tracker reads of packets, whole and cut off.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "kmod/core/packet.h"
#include "kmod/core/track_packet.h"

#define IP(proto) 0x45, 0, 0, 0, 0, 0, 0, 0, 64, proto, 0, 0, 10, 0, 0, 2, 198, 51, 100, 7
#define IP_BACK(proto) \
	0x45, 0, 0, 0, 0, 0, 0, 0, 64, proto, 0, 0, 198, 51, 100, 7, 10, 0, 0, 2
#define CLIENT 0x0a000002
#define SERVER 0xc6336407

/* Reads the first have bytes of a packet of len; memory ends behind them. */
static struct fw_track_packet read_cut(const __u8 *bytes, size_t have, size_t len)
{
	struct fw_track_packet p;
	__u8 *copy = malloc(have);

	assert_non_null(copy);
	memcpy(copy, bytes, have);
	fw_track_packet_read(&p, copy, (__u32)have, (__u32)len);
	if (have == len)
		fw_track_sum_ok(copy, (__u32)len);
	free(copy);
	return p;
}

static struct fw_track_packet read_whole(const __u8 *bytes, size_t len)
{
	return read_cut(bytes, len, len);
}

static void key_check(const struct fw_track_packet *p, __u32 saddr, __u16 sport,
		      __u32 daddr, __u16 dport, __u8 answer)
{
	assert_true(p->has_key);
	assert_int_equal(p->fault, FW_WHY_NONE);
	assert_int_equal(p->key.saddr, saddr);
	assert_int_equal(p->key.sport, sport);
	assert_int_equal(p->key.daddr, daddr);
	assert_int_equal(p->key.dport, dport);
	assert_int_equal(p->key.kind, answer);
}

static void test_gre(void **state)
{
	static const __u8 pptp[] = { IP(47), 0x30, 1, 0x88, 0x0b, 0, 0, 0x12, 0x34 };
	static const __u8 plain[] = { IP(47), 0, 0, 8, 0, 0, 0, 0x12, 0x34 };
	struct fw_track_packet p = read_whole(pptp, sizeof(pptp));

	(void)state;
	/* The two directions have call identifiers of their own. */
	key_check(&p, CLIENT, 0, SERVER, 0x1234, 0);
	p = read_whole(plain, sizeof(plain));
	key_check(&p, CLIENT, 0, SERVER, 0, 0);
	p = read_whole(pptp, sizeof(pptp) - 1);
	assert_false(p.has_key);
	assert_int_equal(p.fault, FW_WHY_SHORT);
	p = read_whole(pptp, 22);
	key_check(&p, CLIENT, 0, SERVER, 0, 0);
}

static void test_icmp(void **state)
{
	__u8 echo[] = { IP(1), 8, 0, 0, 0, 0, 7, 0, 1 };
	struct fw_track_packet p;
	unsigned int type;

	(void)state;
	for (type = 0; type < 256; type++) {
		echo[20] = (__u8)type;
		p = read_whole(echo, sizeof(echo));
		switch (type) {
		case 8:
		case 13:
		case 15:
		case 17:
			assert_int_equal(p.icmp_class, FW_ICMP_CLASS_QUERY);
			key_check(&p, CLIENT, 7, SERVER, (__u16)(type << 8), 0);
			break;
		case 0:
			key_check(&p, CLIENT, 8 << 8, SERVER, 7, 1);
			break;
		case 14:
		case 16:
		case 18:
			assert_int_equal(p.icmp_class, FW_ICMP_CLASS_ANSWER);
			key_check(&p, CLIENT, (__u16)((type - 1) << 8), SERVER, 7, 1);
			break;
		case 3:
		case 4:
		case 5:
		case 11:
		case 12:
			assert_int_equal(p.icmp_class, FW_ICMP_CLASS_ERROR);
			assert_int_equal(p.fault, FW_WHY_QUOTE_SHORT);
			break;
		default:
			assert_int_equal(p.fault, FW_WHY_ICMP_TYPE);
		}
	}
}

static void test_quote(void **state)
{
	__u8 error[] = { IP_BACK(1), 3, 1, 0, 0, 0, 0, 0, 0, IP(6), 4, 1, 0, 80, 0, 0, 3, 0xe8 };
	struct fw_track_packet p = read_whole(error, sizeof(error));

	(void)state;
	key_check(&p, SERVER, 80, CLIENT, 1025, 0);
	assert_int_equal(p.quote_to, CLIENT);
	assert_int_equal(p.quote_version, 4);
	assert_true(p.quote_has_seq);
	assert_int_equal(p.quote_seq, 1000);
	p = read_whole(error, sizeof(error) - 1);
	key_check(&p, SERVER, 80, CLIENT, 1025, 0);
	assert_false(p.quote_has_seq);
	p = read_whole(error, sizeof(error) - 5);
	assert_int_equal(p.fault, FW_WHY_QUOTE_SHORT);
	error[28] = 0x44;	/* a header of 16 bytes */
	p = read_whole(error, sizeof(error));
	assert_int_equal(p.fault, FW_WHY_QUOTE_SHORT);
	assert_false(p.has_key);
	error[28] = 0x65;
	p = read_whole(error, sizeof(error));
	assert_int_equal(p.quote_version, 6);
	error[28] = 0x45;
	error[35] = 1;	/* a later fragment */
	p = read_whole(error, sizeof(error));
	assert_int_equal(p.fault, FW_WHY_QUOTE_FRAGMENT);
	error[35] = 0;
	error[37] = 1;	/* an ICMP message that is an error */
	error[48] = 11;
	p = read_whole(error, sizeof(error));
	assert_int_equal(p.fault, FW_WHY_QUOTE_TYPE);
	error[48] = 0;	/* an answer: the query is asked by its destination */
	p = read_whole(error, sizeof(error));
	key_check(&p, SERVER, 0, CLIENT, 0x0801, 0);
}

/* The headers are linear, the payload is not: all is known but the text. */
static void test_headers_only(void **state)
{
	static const __u8 segment[] = { IP(6), 4, 1, 0,	   21, 0, 0, 0, 9, 0, 0, 0,
					3,     0x50, 0x18, 1,  0, 0, 0, 0, 0, 'Q' };
	struct fw_track_packet p = read_cut(segment, 40, 1500), whole;

	(void)state;
	key_check(&p, CLIENT, 1025, SERVER, 21, 0);
	assert_int_equal(p.payload_len, 1460);
	assert_null(p.payload);
	assert_int_equal(p.seq, 9);
	assert_int_equal(p.ack, 3);
	assert_int_equal(p.win, 256);
	assert_int_equal(p.total, 1500);
	whole = read_whole(segment, sizeof(segment));
	assert_int_equal(whole.payload_len, 1);
	assert_non_null(whole.payload);
}

/* Any bytes, cut anywhere: sanitizers see what reads beyond. */
static void test_any_bytes(void **state)
{
	static const __u8 protos[] = { 1, 6, 17, 47, 50 };
	__u8 bytes[120] = { IP(0) };
	unsigned int seed = 1, round, i;
	struct fw_track_packet p;

	(void)state;
	for (round = 0; round < 20000; round++) {
		size_t len = 20 + round % 100;

		for (i = 20; i < sizeof(bytes); i++) {
			seed = seed * 1103515245 + 12345;
			bytes[i] = (__u8)(seed >> 16);
		}
		bytes[9] = protos[round % 5];
		if (round & 1)
			bytes[20] = 3;
		bytes[28] = 0x40 | bytes[28] % 16;
		p = read_whole(bytes, len);
		assert_true(p.has_key || p.fault);
		assert_true(p.payload_len < len);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_gre),	  cmocka_unit_test(test_icmp),
		cmocka_unit_test(test_quote),	  cmocka_unit_test(test_headers_only),
		cmocka_unit_test(test_any_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
