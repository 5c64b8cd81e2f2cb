// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ruleset.c - rule sets in malloc'ed memory: edits, growth, copies.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "backend/ruleset.h"
#include "tests/lib/mini_format.h"

#define MANY 100000

static int edit_rule(struct fw_ruleset *rs, enum fw_op op, __u32 src)
{
	struct fw_edit e = { .op = op, .list = FW_INPUT, .rule = mini_rule(src) };

	return fw_ruleset_edit(rs, &e);
}

static __u32 src_at(const struct fw_ruleset *rs, __u32 i)
{
	return fw_list_rule(&rs->list[FW_INPUT], i)->src;
}

static void starts_empty(void **state)
{
	struct fw_ruleset rs;
	int i;

	(void)state;
	fw_ruleset_init(&rs);
	for (i = 0; i < FW_LISTS; i++) {
		assert_int_equal(rs.list[i].count, 0);
		assert_int_equal(rs.list[i].policy, FW_POLICY_ACCEPT);
	}
	assert_int_equal(rs.timeouts.tcp, 900);
	assert_int_equal(rs.timeouts.tcpfin, 120);
	assert_int_equal(rs.timeouts.udp, 300);
	fw_ruleset_free(&rs);
}

/* Adds n rules at one end; returns how often the array moved. */
static unsigned int add_many(struct fw_ruleset *rs, enum fw_op op, __u32 n)
{
	const struct fw_list *l = &rs->list[FW_INPUT];
	const struct fw_rule *before = l->slots;
	unsigned int moves = 0;
	__u32 i;

	for (i = 0; i < n; i++) {
		assert_int_equal(edit_rule(rs, op, i), 0);
		moves += l->slots != before;
		before = l->slots;
	}
	return moves;
}

static void grows_at_the_tail(void **state)
{
	struct fw_ruleset rs;

	(void)state;
	fw_ruleset_init(&rs);
	assert_in_range(add_many(&rs, FW_OP_APPEND, MANY), 1, 20);
	assert_int_equal(src_at(&rs, 0), 0);
	assert_int_equal(src_at(&rs, MANY - 1), MANY - 1);
	fw_ruleset_free(&rs);
}

static void grows_at_the_head(void **state)
{
	struct fw_ruleset rs;

	(void)state;
	fw_ruleset_init(&rs);
	assert_in_range(add_many(&rs, FW_OP_INSERT, MANY), 1, 20);
	assert_int_equal(src_at(&rs, 0), MANY - 1);
	assert_int_equal(src_at(&rs, MANY - 1), 0);
	fw_ruleset_free(&rs);
}

/* In at one end and out at the other: the memory must stay that of a few rules. */
static void queue_stays_small(void **state)
{
	struct fw_ruleset rs;
	__u32 i;

	(void)state;
	fw_ruleset_init(&rs);
	for (i = 0; i < MANY; i++) {
		assert_int_equal(edit_rule(&rs, FW_OP_APPEND, i), 0);
		if (i >= 4)
			assert_int_equal(edit_rule(&rs, FW_OP_DELETE, i - 4), 0);
		assert_in_range(rs.list[FW_INPUT].cap, 1, 64);
	}
	assert_int_equal(rs.list[FW_INPUT].count, 4);
	fw_ruleset_free(&rs);
}

/* the same edits on a plain array, the slow way */
struct model {
	__u32 src[512];
	__u32 count;
};

static int model_edit(struct model *m, enum fw_op op, __u32 src)
{
	__u32 i;

	if (op == FW_OP_APPEND) {
		m->src[m->count++] = src;
		return 0;
	}
	if (op == FW_OP_INSERT) {
		memmove(m->src + 1, m->src, m->count++ * sizeof(m->src[0]));
		m->src[0] = src;
		return 0;
	}
	if (op == FW_OP_FLUSH) {
		m->count = 0;
		return 0;
	}
	for (i = 0; i < m->count && m->src[i] != src; i++)
		;
	if (i == m->count)
		return -EINVAL;
	memmove(m->src + i, m->src + i + 1, (--m->count - i) * sizeof(m->src[0]));
	return 0;
}

static void model_compare(const struct model *m, const struct fw_ruleset *rs)
{
	__u32 i;

	assert_int_equal(rs->list[FW_INPUT].count, m->count);
	for (i = 0; i < m->count; i++)
		assert_int_equal(src_at(rs, i), m->src[i]);
}

static enum fw_op op_random(const struct model *m)
{
	static const enum fw_op ops[] = { FW_OP_APPEND, FW_OP_INSERT, FW_OP_DELETE };

	if (m->count == FW_COUNT(m->src) || rand() % 1000 == 0)
		return FW_OP_FLUSH;
	return ops[rand() % 3];
}

static void agrees_with_a_model(void **state)
{
	struct model m = { .count = 0 };
	struct fw_ruleset rs;
	enum fw_op op;
	__u32 src;
	int i;

	(void)state;
	srand(1);
	fw_ruleset_init(&rs);
	for (i = 0; i < 20000; i++) {
		op = op_random(&m);
		src = rand() % 100;
		assert_int_equal(edit_rule(&rs, op, src), model_edit(&m, op, src));
		model_compare(&m, &rs);
	}
	fw_ruleset_free(&rs);
}

static void counters_are_kept_on_request(void **state)
{
	struct fw_edit e = { .op = FW_OP_APPEND, .list = FW_ACCT };
	struct fw_ruleset rs;

	(void)state;
	fw_ruleset_init(&rs);
	e.rule = mini_rule(1);
	e.rule.pcnt = 3;
	e.rule.bcnt = 1ull << 40;
	assert_int_equal(fw_ruleset_edit(&rs, &e), 0);
	assert_int_equal(fw_list_rule(&rs.list[FW_ACCT], 0)->pcnt, 0);
	e.op = FW_OP_INSERT;
	e.counters = true;
	assert_int_equal(fw_ruleset_edit(&rs, &e), 0);
	assert_int_equal(fw_list_rule(&rs.list[FW_ACCT], 0)->pcnt, 3);
	assert_true(fw_list_rule(&rs.list[FW_ACCT], 0)->bcnt == 1ull << 40);
	assert_int_equal(fw_list_rule(&rs.list[FW_ACCT], 1)->pcnt, 0);
	e.op = FW_OP_ZERO;
	assert_int_equal(fw_ruleset_edit(&rs, &e), 0);
	assert_int_equal(fw_list_rule(&rs.list[FW_ACCT], 0)->bcnt, 0);
	fw_ruleset_free(&rs);
}

static void bad_edits_are_refused(void **state)
{
	struct fw_edit e = { .op = FW_OP_APPEND, .list = FW_INPUT };
	struct fw_ruleset rs;

	(void)state;
	fw_ruleset_init(&rs);
	e.rule = mini_rule(1);
	e.rule.flags = 0xffff;
	assert_int_equal(fw_ruleset_edit(&rs, &e), -EINVAL);
	e.rule = mini_rule(1);
	e.rule.nsp = FW_MAX_PORTS + 1;
	assert_int_equal(fw_ruleset_edit(&rs, &e), -EINVAL);
	e.rule = mini_rule(1);
	e.list = FW_LISTS;
	assert_int_equal(fw_ruleset_edit(&rs, &e), -EINVAL);
	e.list = FW_INPUT;
	e.op = 99;
	assert_int_equal(fw_ruleset_edit(&rs, &e), -EINVAL);
	assert_int_equal(edit_rule(&rs, FW_OP_DELETE, 1), -EINVAL);
	assert_int_equal(rs.list[FW_INPUT].count, 0);
	fw_ruleset_free(&rs);
}

static void policy_and_timeouts(void **state)
{
	struct fw_edit policy = { .op = FW_OP_POLICY, .list = FW_FORWARD,
				  .policy = FW_POLICY_MASQ };
	struct fw_edit times = { .op = FW_OP_TIMEOUTS, .timeouts = { 0, 7, 0 } };
	struct fw_ruleset rs;

	(void)state;
	fw_ruleset_init(&rs);
	assert_int_equal(fw_ruleset_edit(&rs, &policy), 0);
	assert_int_equal(rs.list[FW_FORWARD].policy, FW_POLICY_MASQ);
	assert_int_equal(rs.list[FW_INPUT].policy, FW_POLICY_ACCEPT);
	assert_int_equal(fw_ruleset_edit(&rs, &times), 0);
	assert_int_equal(rs.timeouts.tcp, 900);
	assert_int_equal(rs.timeouts.tcpfin, 7);
	assert_int_equal(rs.timeouts.udp, 300);
	fw_ruleset_free(&rs);
}

static void copy_is_independent(void **state)
{
	struct fw_ruleset rs, copy;

	(void)state;
	fw_ruleset_init(&rs);
	add_many(&rs, FW_OP_INSERT, 20);
	rs.list[FW_INPUT].policy = FW_POLICY_DENY;
	rs.timeouts.udp = 5;
	assert_int_equal(fw_ruleset_copy(&copy, &rs), 0);
	assert_int_equal(edit_rule(&rs, FW_OP_FLUSH, 0), 0);
	assert_int_equal(edit_rule(&rs, FW_OP_APPEND, 77), 0);
	assert_int_equal(copy.list[FW_INPUT].count, 20);
	assert_int_equal(src_at(&copy, 0), 19);
	assert_int_equal(copy.list[FW_INPUT].policy, FW_POLICY_DENY);
	assert_int_equal(copy.timeouts.udp, 5);
	assert_int_equal(edit_rule(&copy, FW_OP_APPEND, 20), 0);
	assert_int_equal(src_at(&copy, 20), 20);
	fw_ruleset_free(&rs);
	fw_ruleset_free(&copy);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(starts_empty),
		cmocka_unit_test(grows_at_the_tail),
		cmocka_unit_test(grows_at_the_head),
		cmocka_unit_test(queue_stays_small),
		cmocka_unit_test(agrees_with_a_model),
		cmocka_unit_test(counters_are_kept_on_request),
		cmocka_unit_test(bad_edits_are_refused),
		cmocka_unit_test(policy_and_timeouts),
		cmocka_unit_test(copy_is_independent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
