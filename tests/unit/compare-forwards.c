// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Tables of forwards, compared: what is called alike makes the same of any packets in a row,
 * by the core; the packet of a difference shows it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "backend/analysis/compare_forwards.h"
#include "tests/lib/random.h"

#define ENTRIES 4
#define TABLES	4000
#define IN_ROW	30
#define PORTS	3

static struct random chance;
static const __u16 helper_port[] = { 1, 2, 21, 6667 };

static struct fw_portfw forward_random(void)
{
	struct fw_portfw f = {
		.proto = random_below(&chance, 2) ? FW_PROTO_TCP : FW_PROTO_UDP,
		.addr = 1 + random_below(&chance, 2), .to = 1 + random_below(&chance, 2),
		.low = (__u16)(1 + random_below(&chance, PORTS - 1)),
		.weight = 1 + random_below(&chance, 2),
	};

	f.high = f.low;
	switch (random_below(&chance, 5)) {
	case 0:
		f.flags = FW_PORTFW_HAS_PORT;
		f.to_port = (__u16)(1 + random_below(&chance, PORTS));
		break;
	case 1:
		f.flags = FW_PORTFW_ANY_ADDR;
		f.high += (__u16)random_below(&chance, PORTS - f.low);
		break;
	case 2:
		f.flags = FW_PORTFW_ANY_ADDR;
		f.trigger_port = (__u16)(7 + random_below(&chance, 2));
		f.trigger_proto = FW_PROTO_TCP;
		f.to = 0;
		break;
	case 3:
		f.mark = 1 + random_below(&chance, 2);
		f.low = f.high = 0;
		break;
	default:
		if (!random_below(&chance, 2)) {
			f.flags = FW_PORTFW_ANY_ADDR | FW_PORTFW_SAME_PORT;
			f.to = 0;
			f.high += (__u16)random_below(&chance, PORTS - f.low);
		} else if (f.proto == FW_PROTO_TCP) {
			f.flags = FW_PORTFW_ANY_ADDR;
			f.helper = random_below(&chance, 2) ? FW_HELPER_FTP : FW_HELPER_IRC;
			f.to = 0;
			f.low = f.high = helper_port[random_below(&chance, FW_COUNT(helper_port))];
		}
	}
	if (f.flags & FW_PORTFW_ANY_ADDR || f.mark)
		f.addr = 0;
	f.left = f.weight;
	return f;
}

static void table_make(struct fw_portfw_table *t, struct fw_portfw *room)
{
	struct fw_portfw_edit edit = { .op = FW_PORTFW_APPEND };

	*t = (struct fw_portfw_table){ .entry = room, .cap = ENTRIES };
	for (unsigned int n = random_below(&chance, ENTRIES + 1); n > 0; n--) {
		edit.forward = forward_random();
		assert_int_equal(fw_portfw_table_edit(t, &edit), 0);
	}
}

/* The same, with one forward at another place, or one changed. */
static void table_vary(struct fw_portfw_table *t, const struct fw_portfw_table *like,
		       struct fw_portfw *room)
{
	const __u32 changed = random_below(&chance, ENTRIES);
	const enum fw_portfw_op op = random_below(&chance, 2) ? FW_PORTFW_INSERT : FW_PORTFW_APPEND;
	struct fw_portfw_edit edit;

	*t = (struct fw_portfw_table){ .entry = room, .cap = ENTRIES };
	for (__u32 i = 0; i < like->count; i++) {
		edit = (struct fw_portfw_edit){ FW_PORTFW_APPEND, false, like->entry[i] };
		if (i == changed)
			edit.op = op;
		if (i == changed && random_below(&chance, 2))
			edit.forward = forward_random();
		else if (i == changed && edit.forward.flags & FW_PORTFW_ANY_ADDR &&
			 !edit.forward.helper)
			edit.forward.high = PORTS;
		else if (i == changed)
			edit.forward.weight = edit.forward.left = 1 + random_below(&chance, 2);
		assert_int_equal(fw_portfw_table_edit(t, &edit), 0);
	}
}

/* Where IN_ROW equal packets go; with learned each trigger knows a host. */
static void packets_follow(const struct fw_portfw_table *table, const struct fw_packet *pkt,
			   bool learned, __u64 went[IN_ROW])
{
	struct fw_portfw room[ENTRIES];
	struct fw_portfw_table t = *table;

	memcpy(room, table->entry, sizeof(room));
	t.entry = room;
	for (__u16 port = 7; learned && port < 9; port++)
		fw_portfw_trigger(&t, &(struct fw_packet){ .proto = FW_PROTO_TCP, .dport = port,
							   .saddr = 90 + port }, 0);
	for (int i = 0; i < IN_ROW; i++) {
		struct fw_portfw *f = fw_portfw_find(&t, pkt, 0);

		went[i] = 0;
		if (!f)
			continue;
		went[i] = (__u64)f->to << 32 |
			  (f->flags & FW_PORTFW_HAS_PORT ? f->to_port : pkt->dport);
		fw_portfw_use(&t, f);
	}
}

static bool packet_differs(const struct fw_portfw_table t[2], const struct fw_packet *pkt)
{
	__u64 went[2][IN_ROW];

	for (int learned = 0; learned < 2; learned++) {
		for (int s = 0; s < 2; s++)
			packets_follow(&t[s], pkt, learned, went[s]);
		if (memcmp(went[0], went[1], sizeof(went[0])) != 0)
			return true;
	}
	return false;
}

static bool any_packet_differs(const struct fw_portfw_table t[2])
{
	for (unsigned int i = 0; i < 2 * 3 * (PORTS + 1) * 3; i++) {
		const struct fw_packet pkt = {
			.proto = i % 2 ? FW_PROTO_TCP : FW_PROTO_UDP, .daddr = 1 + i / 2 % 3,
			.tcpflags = i % 2 ? FW_TCP_SYN : 0,
			.dport = (__u16)(1 + i / 6 % (PORTS + 1)),
			.mark = i / 6 / (PORTS + 1),
		};

		if (packet_differs(t, &pkt))
			return true;
	}
	for (__u16 port = 1; port <= PORTS + 1; port++)
		if (fw_portfw_keeps_port(&t[0], port) != fw_portfw_keeps_port(&t[1], port))
			return true;
	for (unsigned int i = 0; i < FW_COUNT(helper_port); i++)
		if (fw_portfw_helper(&t[0], FW_PROTO_TCP, helper_port[i]) !=
		    fw_portfw_helper(&t[1], FW_PROTO_TCP, helper_port[i]))
			return true;
	return false;
}

static void test_random_tables(void **state)
{
	unsigned int answers[3] = { 0 };
	struct fw_portfw room[2][ENTRIES];
	struct fw_portfw_table t[2];
	struct forward_difference d;

	(void)state;
	random_seed(&chance, 17);
	for (int i = 0; i < TABLES; i++) {
		__u64 budget = 1000000;
		int answer;

		memset(room, 0, sizeof(room));
		table_make(&t[0], room[0]);
		table_vary(&t[1], &t[0], room[1]);
		answer = compare_forwards(&t[0], &t[1], &budget, &d);
		if (answer == COMPARE_ALIKE)
			assert_false(any_packet_differs(t));
		else if (answer == COMPARE_DIFFERS && d.helps)
			assert_int_not_equal(fw_portfw_helper(&t[0], FW_PROTO_TCP, d.pkt.dport),
					     fw_portfw_helper(&t[1], FW_PROTO_TCP, d.pkt.dport));
		else if (answer == COMPARE_DIFFERS && d.leaves)
			assert_int_not_equal(fw_portfw_keeps_port(&t[0], d.pkt.dport),
					     fw_portfw_keeps_port(&t[1], d.pkt.dport));
		else if (answer == COMPARE_DIFFERS)
			assert_true(packet_differs(t, &d.pkt));
		else
			assert_int_equal(answer, -E2BIG);
		answers[answer < 0 ? 2 : answer]++;
	}
	assert_true(answers[COMPARE_ALIKE] > TABLES / 5);
	assert_true(answers[COMPARE_DIFFERS] > TABLES / 5);
	assert_true(answers[2] < TABLES / 10);
}

/* A target that has another one behind moves past forwards of other outer sides, too. */
static void test_turns_past_others(void **state)
{
	const struct fw_portfw one = { .proto = FW_PROTO_TCP, .low = 2, .high = 2,
				       .weight = 1, .left = 1 };
	struct fw_portfw a[] = { one, one, one }, b[3];
	struct fw_portfw_table t[2] = { { .entry = a, .count = 3 }, { .entry = b, .count = 3 } };
	struct forward_difference d;
	__u64 budget = 1000;

	(void)state;
	for (__u32 i = 0; i < 3; i++)
		a[i].to = i + 1;
	a[0].flags = a[2].flags = FW_PORTFW_ANY_ADDR;
	a[1].addr = 1;
	memcpy(b, a, sizeof(b));
	assert_int_equal(compare_forwards(&t[0], &t[1], &budget, &d), COMPARE_ALIKE);
	b[1].to = 4;
	assert_int_equal(compare_forwards(&t[0], &t[1], &budget, &d), COMPARE_DIFFERS);
}

/* A gap between two ranges. */
static void test_kept_ports(void **state)
{
	const __u8 flags = FW_PORTFW_ANY_ADDR | FW_PORTFW_SAME_PORT;
	struct fw_portfw one = { .proto = FW_PROTO_UDP, .low = 10, .high = 30, .flags = flags };
	struct fw_portfw two[] = { one, one };
	const struct fw_portfw_table a = { .entry = &one, .count = 1 };
	const struct fw_portfw_table b = { .entry = two, .count = 2 };
	struct forward_difference d;
	__u64 budget = 1000;

	(void)state;
	two[0].high = 15;
	two[1].low = 16;
	assert_int_equal(compare_forwards(&a, &b, &budget, &d), COMPARE_ALIKE);
	two[1].low = 20;
	assert_int_equal(compare_forwards(&a, &b, &budget, &d), COMPARE_DIFFERS);
	assert_true(d.leaves && d.pkt.dport == 16 && d.forward[0] == 0 && d.forward[1] == -1);
}

static void test_budget(void **state)
{
	struct fw_portfw room[ENTRIES];
	struct fw_portfw_table t = { .entry = room };
	struct forward_difference d;
	__u64 budget = 3;

	(void)state;
	while (!t.count)
		table_make(&t, room);
	assert_int_equal(compare_forwards(&t, &t, &budget, &d), -E2BIG);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random_tables),
		cmocka_unit_test(test_turns_past_others), cmocka_unit_test(test_kept_ports),
		cmocka_unit_test(test_budget),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
