// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * abi.c - the socket options of 2.0: layouts, numbers, and there and back.
 *
 * Arguments are put together byte by byte, at the offsets that the description
 * of 2.0 gives for i386 and that its header has on a 64-bit processor.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "compat/abi.h"
#include "tests/lib/edits.h"
#include "tests/lib/old_options.h"
#include "tests/lib/datagram.h"

#define RULES 20000

struct offsets {
	unsigned int src, dst, smsk, dmsk, via, flg, nsp, ndp, pts, tosand, tosxor,
		vianame;
	unsigned int size;
};

static const struct offsets layouts[] = {
	[ABI_32] = { 4, 8, 12, 16, 20, 28, 30, 32, 34, 64, 65, 66, 84 },
	[ABI_64] = { 8, 12, 16, 20, 24, 40, 42, 44, 46, 88, 89, 90, 112 },
};

#define LAID_OUT(type)                                                                   \
	{                                                                                \
		offsetof(type, nets.src), offsetof(type, nets.dst),                      \
		offsetof(type, nets.smsk), offsetof(type, nets.dmsk),                    \
		offsetof(type, nets.via), offsetof(type, ports.flg),                     \
		offsetof(type, ports.nsp), offsetof(type, ports.ndp),                    \
		offsetof(type, ports.pts), offsetof(type, rest.tosand),                  \
		offsetof(type, rest.tosxor), offsetof(type, rest.vianame), sizeof(type), \
	}

static void members_are_where_2_0_had_them(void **state)
{
	static const struct offsets rule32 = LAID_OUT(struct abi_rule32);
	static const struct offsets rule64 = LAID_OUT(struct abi_rule64);

	(void)state;
	assert_memory_equal(&rule32, &layouts[ABI_32], sizeof(rule32));
	assert_memory_equal(&rule64, &layouts[ABI_64], sizeof(rule64));
	assert_int_equal(offsetof(struct abi_rule32, viadev), 24);
	assert_int_equal(offsetof(struct abi_rule32, pcnt), 56);
	assert_int_equal(offsetof(struct abi_rule32, bcnt), 60);
	assert_int_equal(offsetof(struct abi_rule64, viadev), 32);
	assert_int_equal(offsetof(struct abi_rule64, pcnt), 72);
	assert_int_equal(offsetof(struct abi_rule64, bcnt), 80);
	assert_int_equal(sizeof(struct abi_packet), 60);
	assert_int_equal(offsetof(struct abi_packet, saddr), 12);
	assert_int_equal(offsetof(struct abi_packet, transport), 20);
	assert_int_equal(offsetof(struct abi_packet, via), 40);
	assert_int_equal(offsetof(struct abi_packet, vianame), 44);
	assert_int_equal(sizeof(struct abi_timeouts), 12);
	assert_int_equal(abi_rule_size(ABI_32), 84);
	assert_int_equal(abi_rule_size(ABI_64), 112);
}

/* The compiler's own layout of the old header is one of the two. */
static void compilers_agree(void **state)
{
	const struct offsets *l = &layouts[sizeof(void *) == 8 ? ABI_64 : ABI_32];

	(void)state;
	assert_int_equal(sizeof(struct old_rule), l->size);
	assert_int_equal(offsetof(struct old_rule, via), l->via);
	assert_int_equal(offsetof(struct old_rule, flg), l->flg);
	assert_int_equal(offsetof(struct old_rule, pts), l->pts);
	assert_int_equal(offsetof(struct old_rule, tosand), l->tosand);
	assert_int_equal(offsetof(struct old_rule, vianame), l->vianame);
	assert_int_equal(sizeof(struct old_packet), sizeof(struct abi_packet));
	assert_int_equal(sizeof(struct old_timeouts), sizeof(struct abi_timeouts));
}

static void numbers_are_those_of_2_0(void **state)
{
	static const int first[FW_LISTS] = { 64, 320, 576, 832 };
	static const int last[FW_LISTS] = { 71, 326, 582, 836 };
	struct abi_option o;

	(void)state;
	for (int number = -2000; number < 4000; number++) {
		bool found = false;

		for (int list = 0; list < FW_LISTS; list++) {
			if (number < first[list] || number > last[list])
				continue;
			found = true;
			assert_true(abi_option_find(number, &o));
			assert_int_equal(o.list, list);
			assert_int_equal(o.command, number - first[list]);
			assert_int_equal(ABI_NUMBER(o.list, o.command), number);
		}
		if (!found)
			assert_false(abi_option_find(number, &o));
	}
}

static void put32(__u8 *at, __u32 n)
{
	for (int i = 0; i < 4; i++)
		at[i] = (__u8)(n >> (24 - 8 * i));
}

/* in the machine's order */
static void put16(__u8 *at, __u16 n)
{
	memcpy(at, &n, sizeof(n));
}

static void rule_put(__u8 *at, const struct offsets *l, const struct fw_rule *r,
		     struct random *random)
{
	for (unsigned int i = 0; i < l->size; i++)
		at[i] = (__u8)random_word(random);
	put32(at + l->src, r->src);
	put32(at + l->dst, r->dst);
	put32(at + l->smsk, r->smsk);
	put32(at + l->dmsk, r->dmsk);
	put32(at + l->via, r->via);
	put16(at + l->flg, r->flags);
	put16(at + l->nsp, r->nsp);
	put16(at + l->ndp, r->ndp);
	for (unsigned int i = 0; i < FW_MAX_PORTS; i++)
		put16(at + l->pts + 2 * i, r->pts[i]);
	at[l->tosand] = r->tosand;
	at[l->tosxor] = r->tosxor;
	for (unsigned int i = 0; i < FW_IFNAMSIZ; i++) {
		at[l->vianame + i] = (__u8)r->vianame[i];
		if (!r->vianame[i])
			break;
	}
}

static void rules_come_through(void **state)
{
	static const enum fw_op ops[] = {
		[ABI_INSERT] = FW_OP_INSERT,
		[ABI_APPEND] = FW_OP_APPEND,
		[ABI_DELETE] = FW_OP_DELETE,
	};
	struct random random;

	(void)state;
	random_seed(&random, 1996);
	for (unsigned int i = 0; i < RULES; i++) {
		enum abi_layout layout = i % 2 ? ABI_32 : ABI_64;
		struct abi_option o = {
			.command = (enum abi_command)(i % 3),
			.list = (enum fw_list_id)random_below(&random, FW_LISTS),
		};
		union abi_argument arg;
		struct fw_edit e;
		struct fw_rule r;

		old_random_rule(&random, o.list, &r, false);
		rule_put((__u8 *)&arg, &layouts[layout], &r, &random);
		assert_int_equal(
			abi_edit_read(&e, &o, layout, &arg, layouts[layout].size), 0);
		assert_int_equal(e.op, ops[o.command]);
		assert_int_equal(e.list, o.list);
		assert_false(e.counters);
		assert_true(rules_same(&e.rule, &r));
	}
}

static int rule_error(enum abi_layout layout, __u16 nsp, __u16 ndp, __u32 len)
{
	static const struct abi_option o = { ABI_APPEND, FW_INPUT };
	union abi_argument arg = {};
	struct fw_edit e;

	put16((__u8 *)&arg + layouts[layout].nsp, nsp);
	put16((__u8 *)&arg + layouts[layout].ndp, ndp);
	return abi_edit_read(&e, &o, layout, &arg, len);
}

/* Counts are 16 bits wide there and 8 here: 256 must not become 0. */
static void impossible_rules_are_refused(void **state)
{
	(void)state;
	for (int layout = ABI_32; layout <= ABI_64; layout++) {
		__u32 size = layouts[layout].size;

		for (__u32 len = 0; len <= sizeof(union abi_argument); len++)
			assert_int_equal(rule_error(layout, 0, 0, len),
					 len == size ? 0 : -EINVAL);
		for (unsigned int n = 0; n <= 0xffff; n++) {
			int expected = n <= FW_MAX_PORTS ? 0 : -EINVAL;

			assert_int_equal(rule_error(layout, (__u16)n, 0, size), expected);
			assert_int_equal(rule_error(layout, 0, (__u16)n, size), expected);
		}
	}
}

static int edit_read(enum abi_command command, const void *bytes, __u32 len,
		     struct fw_edit *e)
{
	struct abi_option o = { command, FW_OUTPUT };
	union abi_argument arg = {};

	memcpy(&arg, bytes, len);
	return abi_edit_read(e, &o, ABI_32, &arg, len);
}

static void other_edits_come_through(void **state)
{
	static const __u8 bytes[4] = { 0x04, 0x02 };
	struct fw_edit e;

	(void)state;
	assert_int_equal(edit_read(ABI_FLUSH, bytes, 1, &e), 0);
	assert_int_equal(e.op, FW_OP_FLUSH);
	assert_int_equal(e.list, FW_OUTPUT);
	assert_int_equal(edit_read(ABI_ZERO, bytes, 3, &e), 0);
	assert_int_equal(e.op, FW_OP_ZERO);
	for (unsigned int policy = 0xffffff00; policy != 0x300; policy++) {
		assert_int_equal(edit_read(ABI_POLICY, &policy, sizeof(policy), &e), 0);
		assert_int_equal(e.op, FW_OP_POLICY);
		assert_int_equal(e.policy, policy);
	}
	assert_int_equal(edit_read(ABI_POLICY, bytes, 1, &e), 0);
	assert_int_equal(e.policy, *bytes);	/* little-endian, as i386 is */
	assert_int_equal(edit_read(ABI_CHECK, bytes, 4, &e), -EINVAL);
}

static void timeouts_become_seconds(void **state)
{
	static const int old[] = {
		0, 1, 99, 100, 101, 90000, 0x7fffffff, -1, -0x7fffffff
	};
	static const __u32 seconds[] = { 0, 1, 1, 1, 2, 900, 21474837, 1, 1 };
	struct fw_edit e;

	(void)state;
	for (unsigned int i = 0; i < FW_COUNT(old); i++) {
		unsigned int j = (i + 1) % FW_COUNT(old), k = (i + 2) % FW_COUNT(old);
		struct old_timeouts t = { old[i], old[j], old[k] };

		for (__u32 len = 1; len < sizeof(t); len++)
			assert_int_equal(edit_read(ABI_TIMEOUTS, &t, len, &e), -EINVAL);
		assert_int_equal(edit_read(ABI_TIMEOUTS, &t, sizeof(t), &e), 0);
		assert_int_equal(e.op, FW_OP_TIMEOUTS);
		assert_int_equal(e.timeouts.tcp, seconds[i]);
		assert_int_equal(e.timeouts.tcpfin, seconds[j]);
		assert_int_equal(e.timeouts.udp, seconds[k]);
	}
}

static void random_packet(struct random *r, struct fw_packet *p)
{
	static const __u8 protocols[] = { FW_PROTO_TCP, FW_PROTO_UDP, FW_PROTO_ICMP, 47 };

	*p = (struct fw_packet){
		.saddr = random_word(r),
		.daddr = random_word(r),
		.proto = protocols[random_below(r, FW_COUNT(protocols))],
		.tos = (__u8)random_word(r),
		.ttl = (__u8)random_word(r),
		.len = (__u16)(40 + random_below(r, 1000)),
		.id = (__u16)random_word(r),
		.frag_off = (__u16)(random_word(r) & (FW_IP_DF | FW_IP_MF)),
	};
	if (p->proto == FW_PROTO_ICMP) {
		p->icmp_type = FW_ICMP_ECHO;
		p->icmp_code = (__u8)random_word(r);
		p->icmp_id = (__u16)random_word(r);
	} else if (p->proto != 47) {
		p->sport = (__u16)random_word(r);
		p->dport = (__u16)random_word(r);
	}
	if (p->proto == FW_PROTO_TCP)
		p->tcpflags = (__u8)(random_word(r) & 0x3f);
}

static void packets_come_through(void **state)
{
	struct random r;

	(void)state;
	random_seed(&r, 2040);
	for (unsigned int i = 0; i < RULES; i++) {
		static __u8 datagram[DATAGRAM_MAX];
		struct fw_dev dev, device = { "eth0:1", random_word(&r), 0 };
		struct fw_packet p, packet;
		union abi_argument arg;
		__u8 *at = (__u8 *)&arg;

		random_packet(&r, &packet);
		datagram_build(&packet, datagram);
		memcpy(at, datagram, 40);
		put32(at + 40, device.addr);
		memset(at + 44, 'x', FW_IFNAMSIZ);
		memcpy(at + 44, device.name, sizeof("eth0:1"));
		assert_int_equal(abi_packet_read(&p, &dev, &arg, 60), 0);
		assert_memory_equal(&p, &packet, sizeof(p));
		assert_memory_equal(&dev, &device, sizeof(dev));
	}
}

static void impossible_packets_are_refused(void **state)
{
	union abi_argument arg = {};
	struct fw_packet p;
	struct fw_dev dev;

	(void)state;
	for (unsigned int ihl = 0; ihl < 256; ihl++) {
		*(__u8 *)&arg = (__u8)ihl;
		assert_int_equal(abi_packet_read(&p, &dev, &arg, 60),
				 ihl % 16 == 5 ? 0 : -EINVAL);
	}
	*(__u8 *)&arg = 0x45;
	for (__u32 len = 0; len <= sizeof(arg); len++)
		assert_int_equal(abi_packet_read(&p, &dev, &arg, len),
				 len == 60 ? 0 : -EINVAL);
}

static void verdicts_are_errors(void **state)
{
	(void)state;
	assert_int_equal(abi_verdict_error(FW_V_ACCEPT), 0);
	assert_int_equal(abi_verdict_error(FW_V_REDIRECT), -103);
	assert_int_equal(abi_verdict_error(FW_V_MASQUERADE), -104);
	assert_int_equal(abi_verdict_error(FW_V_REJECT), -111);
	assert_int_equal(abi_verdict_error(FW_V_DENY), -110);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(members_are_where_2_0_had_them),
		cmocka_unit_test(compilers_agree),
		cmocka_unit_test(numbers_are_those_of_2_0),
		cmocka_unit_test(rules_come_through),
		cmocka_unit_test(impossible_rules_are_refused),
		cmocka_unit_test(other_edits_come_through),
		cmocka_unit_test(timeouts_become_seconds),
		cmocka_unit_test(packets_come_through),
		cmocka_unit_test(impossible_packets_are_refused),
		cmocka_unit_test(verdicts_are_errors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
