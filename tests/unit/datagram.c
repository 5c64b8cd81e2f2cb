// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * datagram.c - what the network tests put on the wire and read from it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <errno.h>
#include <string.h>
#include <cmocka.h>

#include "tests/lib/datagram.h"

static const struct fw_packet packets[] = {
	{ .proto = FW_PROTO_TCP, .saddr = 0x0a010002, .daddr = 0x08080808, .ttl = 64,
	  .sport = 1024, .dport = 80, .tcpflags = FW_TCP_SYN, .len = 40 },
	{ .proto = FW_PROTO_UDP, .saddr = 0xc0a80101, .daddr = 0xffffffff, .ttl = 1,
	  .tos = 0xff, .sport = 65535, .dport = 53, .len = 1029, .id = 7 },
	{ .proto = FW_PROTO_ICMP, .saddr = 1, .daddr = 2, .icmp_type = 8, .icmp_id = 77,
	  .len = 28, .frag_off = FW_IP_DF },
	{ .proto = FW_PROTO_ICMP, .saddr = 1, .daddr = 2, .icmp_type = FW_ICMP_UNREACH,
	  .icmp_code = 3, .len = 56, .quote = {
		.proto = FW_PROTO_UDP, .saddr = 3, .daddr = 4, .sport = 5, .dport = 6 } },
	{ .proto = FW_PROTO_UDP, .saddr = 1, .daddr = 2, .frag_off = 3, .len = 28 },
	{ .proto = 47, .saddr = 1, .daddr = 2, .len = 24, .noptions = 1,
	  .options = { 0x01010100 } },
};

static void is_read_as_written(void **state)
{
	__u8 buf[DATAGRAM_MAX];
	struct fw_packet back;
	unsigned int i;

	(void)state;
	for (i = 0; i < FW_COUNT(packets); i++) {
		size_t len = datagram_build(&packets[i], buf);

		assert_int_equal(len, packets[i].len);
		assert_int_equal(datagram_parse(buf, len, false, &back), 0);
		assert_memory_equal(&back, &packets[i], sizeof(back));
	}
}

static void is_as_short_as_can_be(void **state)
{
	struct fw_packet p = packets[0];
	__u8 buf[DATAGRAM_MAX];

	(void)state;
	p.len = 0;
	assert_int_equal(datagram_build(&p, buf), 40);
	p.noptions = 10;
	assert_int_equal(datagram_build(&p, buf), 80);
}

/* a bit is wrong anywhere, or the end is missing */
static void mistakes_are_found(void **state)
{
	__u8 buf[DATAGRAM_MAX];
	struct fw_packet back;
	size_t len, i;

	(void)state;
	len = datagram_build(&packets[0], buf);
	for (i = 0; i < 8 * len; i++) {
		buf[i / 8] ^= 1 << i % 8;
		assert_int_equal(datagram_parse(buf, len, false, &back), -EBADMSG);
		buf[i / 8] ^= 1 << i % 8;
	}
	for (i = 0; i < len; i++)
		assert_int_equal(datagram_parse(buf, i, false, &back), -EBADMSG);
	assert_int_equal(datagram_parse(buf, len, false, &back), 0);
}

/* the device would have computed it */
static void checksum_may_be_missing(void **state)
{
	__u8 buf[DATAGRAM_MAX];
	struct fw_packet back;
	size_t len = datagram_build(&packets[0], buf);

	(void)state;
	buf[36] ^= 1;
	assert_int_equal(datagram_parse(buf, len, true, &back), 0);
	assert_int_equal(datagram_parse(buf, len, false, &back), -EBADMSG);
}

/* a header and its sum that are widely known */
static void sum_is_the_known_one(void **state)
{
	static const __u8 known[] = {
		0x45, 0x00, 0x00, 0x73, 0x00, 0x00, 0x40, 0x00, 0x40, 0x11,
		0xb8, 0x61, 0xc0, 0xa8, 0x00, 0x01, 0xc0, 0xa8, 0x00, 0xc7,
	};
	const struct fw_packet p = {
		.proto = FW_PROTO_UDP, .saddr = 0xc0a80001, .daddr = 0xc0a800c7, .ttl = 64,
		.frag_off = FW_IP_DF, .len = 0x73,
	};
	__u8 buf[DATAGRAM_MAX];

	(void)state;
	datagram_build(&p, buf);
	assert_memory_equal(buf, known, sizeof(known));
}

static void text_tells_it(void **state)
{
	char text[DATAGRAM_TEXT_MAX];

	(void)state;
	assert_string_equal(datagram_text(&packets[0], text),
			    "tcp 10.1.0.2:1024 > 8.8.8.8:80 S tos 0 ttl 64 len 40");
	assert_string_equal(datagram_text(&packets[2], text),
			    "icmp 0.0.0.1 > 0.0.0.2 type 8/0 id 77 tos 0 ttl 0 len 28");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(is_read_as_written),
		cmocka_unit_test(is_as_short_as_can_be),
		cmocka_unit_test(mistakes_are_found),
		cmocka_unit_test(checksum_may_be_missing),
		cmocka_unit_test(sum_is_the_known_one),
		cmocka_unit_test(text_tells_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
