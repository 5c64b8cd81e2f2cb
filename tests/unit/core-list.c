// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * core-list.c - edits of lists in arrays of the caller's.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <cmocka.h>

#include "kmod/core/list.h"

#define SLOTS 8

static struct fw_rule rule_of(__u32 src)
{
	return (struct fw_rule){
		.src = src, .smsk = 0xffffffff, .tosxor = 0x11, .pcnt = 5, .bcnt = 6
	};
}

static int append(struct fw_list *l, __u32 src)
{
	struct fw_rule r = rule_of(src);

	return fw_list_append(l, &r);
}

static int insert(struct fw_list *l, __u32 src)
{
	struct fw_rule r = rule_of(src);

	return fw_list_insert(l, &r);
}

static int delete_rule(struct fw_list *l, __u32 src)
{
	struct fw_rule r = rule_of(src);

	return fw_list_delete(l, &r);
}

/* The list holds the decimal digits of n, from the highest. */
static void assert_list(const struct fw_list *l, unsigned int n)
{
	__u32 i = l->count;

	for (; n; n /= 10) {
		assert_true(i > 0);
		i--;
		assert_int_equal(fw_list_rule(l, i)->src, n % 10);
	}
	assert_int_equal(i, 0);
}

static void each_end_needs_its_own_room(void **state)
{
	struct fw_rule slots[SLOTS];
	struct fw_list l = { .slots = slots, .cap = SLOTS, .first = 2 };
	__u32 i;

	(void)state;
	assert_int_equal(insert(&l, 2), 0);
	assert_int_equal(insert(&l, 1), 0);
	assert_int_equal(insert(&l, 9), -ENOSPC);
	assert_list(&l, 12);
	for (i = 3; i <= 8; i++)
		assert_int_equal(append(&l, i), 0);
	assert_int_equal(append(&l, 9), -ENOSPC);
	assert_list(&l, 12345678);
}

static void no_array_has_no_room(void **state)
{
	struct fw_list l = { 0 };

	(void)state;
	assert_int_equal(append(&l, 1), -ENOSPC);
	assert_int_equal(insert(&l, 1), -ENOSPC);
	assert_int_equal(delete_rule(&l, 1), -EINVAL);
	fw_list_flush(&l);
	fw_list_zero(&l);
	assert_int_equal(l.count, 0);
}

static void rules_are_stored_prepared(void **state)
{
	struct fw_rule slots[SLOTS];
	struct fw_list l = { .slots = slots, .cap = SLOTS };

	(void)state;
	assert_int_equal(append(&l, 1), 0);
	assert_int_equal(slots[0].tosand, 0x01);
	assert_int_equal(slots[0].tosxor, 0x10);
	assert_int_equal(slots[0].pcnt, 0);
	assert_int_equal(slots[0].bcnt, 0);
}

/* from either half, either end, and the first of two equal ones */
static void delete_keeps_the_order(void **state)
{
	struct fw_rule slots[SLOTS];
	struct fw_list l = { .slots = slots, .cap = SLOTS };
	__u32 i;

	(void)state;
	for (i = 1; i <= 6; i++)
		assert_int_equal(append(&l, i), 0);
	assert_int_equal(append(&l, 2), 0);
	assert_int_equal(delete_rule(&l, 2), 0);
	assert_list(&l, 134562);
	assert_int_equal(delete_rule(&l, 6), 0);
	assert_list(&l, 13452);
	assert_int_equal(delete_rule(&l, 1), 0);
	assert_list(&l, 3452);
	assert_int_equal(delete_rule(&l, 2), 0);
	assert_list(&l, 345);
	assert_int_equal(delete_rule(&l, 4), 0);
	assert_list(&l, 35);
	assert_int_equal(delete_rule(&l, 4), -EINVAL);
	assert_int_equal(delete_rule(&l, 5), 0);
	assert_int_equal(delete_rule(&l, 3), 0);
	assert_int_equal(delete_rule(&l, 3), -EINVAL);
	assert_int_equal(l.count, 0);
}

static void flush_keeps_policy_and_room(void **state)
{
	struct fw_rule slots[SLOTS];
	struct fw_list l = { .slots = slots, .cap = SLOTS, .policy = FW_POLICY_REJECT };
	__u32 i;

	(void)state;
	for (i = 0; i < SLOTS; i++)
		assert_int_equal(append(&l, i), 0);
	fw_list_flush(&l);
	assert_int_equal(l.count, 0);
	assert_int_equal(l.policy, FW_POLICY_REJECT);
	assert_int_equal(insert(&l, 1), 0);
	assert_int_equal(append(&l, 2), 0);
	assert_list(&l, 12);
}

static void zero_only_touches_counters(void **state)
{
	struct fw_rule slots[SLOTS];
	struct fw_list l = { .slots = slots, .cap = SLOTS };

	(void)state;
	assert_int_equal(append(&l, 1), 0);
	assert_int_equal(append(&l, 2), 0);
	slots[0].pcnt = slots[1].bcnt = 9;
	fw_list_zero(&l);
	assert_int_equal(slots[0].pcnt, 0);
	assert_int_equal(slots[1].bcnt, 0);
	assert_list(&l, 12);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_end_needs_its_own_room),
		cmocka_unit_test(no_array_has_no_room),
		cmocka_unit_test(rules_are_stored_prepared),
		cmocka_unit_test(delete_keeps_the_order),
		cmocka_unit_test(flush_keeps_policy_and_room),
		cmocka_unit_test(zero_only_touches_counters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
