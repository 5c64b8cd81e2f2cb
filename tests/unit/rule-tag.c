// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What kernel rules tell of their origin: written and read back, and what comes
 * from others.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "backend/rule_tag.h"
#include "tests/lib/random.h"

#define ROUNDS 20000

static void text_make(char *text, size_t n, struct random *r)
{
	size_t i;

	for (i = 0; i < n; i++)
		text[i] = (char)(' ' + random_below(r, '~' - ' ' + 1u));
}

static struct fw_rule rule_make(struct random *r)
{
	struct fw_rule rule;
	unsigned int i;

	memset(&rule, 0, sizeof(rule));
	rule.src = random_chance(r, 50) ? random_word(r) : 0;
	rule.smsk = random_chance(r, 50) ? random_word(r) : 0;
	rule.dst = random_chance(r, 50) ? random_word(r) : 0;
	rule.dmsk = random_chance(r, 50) ? random_word(r) : 0;
	rule.via = random_chance(r, 30) ? random_word(r) : 0;
	rule.flags = (__u16)random_word(r);
	rule.nsp = (__u8)random_below(r, FW_MAX_PORTS + 1);
	rule.ndp = (__u8)random_below(r, FW_MAX_PORTS + 1u - rule.nsp);
	for (i = 0; i < random_below(r, FW_MAX_PORTS + 1); i++)
		rule.pts[i] = (__u16)random_word(r);
	rule.tosand = random_chance(r, 70) ? 0xff : (__u8)random_word(r);
	rule.tosxor = random_chance(r, 70) ? 0 : (__u8)random_word(r);
	rule.state = (__u8)random_below(r, FW_STATES + 1);
	rule.keep_state = random_chance(r, 20);
	rule.helper = (__u8)random_below(r, FW_HELPERS);
	text_make(rule.vianame, random_below(r, FW_IFNAMSIZ + 1), r);
	if (random_chance(r, 50))
		text_make(rule.comment, random_below(r, FW_COMMENT_MAX + 1), r);
	return rule;
}

static struct fw_rule rule_longest(void)
{
	struct fw_rule rule;

	memset(&rule, 0, sizeof(rule));
	rule.src = rule.smsk = rule.dst = rule.dmsk = rule.via = ~0u;
	rule.flags = 0xffff;
	rule.nsp = rule.ndp = 5;
	memset(rule.pts, 0xff, sizeof(rule.pts));
	rule.tosxor = rule.state = rule.helper = 0xff;
	rule.keep_state = 1;
	memset(rule.vianame, 'v', sizeof(rule.vianame));
	memset(rule.comment, 'c', FW_COMMENT_MAX);
	return rule;
}

static void expect_same(const struct rule_tag *a, const struct rule_tag *b)
{
	assert_int_equal(a->kind, b->kind);
	assert_int_equal(a->list, b->list);
	assert_int_equal(a->number, b->number);
	assert_memory_equal(&a->rule, &b->rule, sizeof(a->rule));
	assert_memory_equal(&a->settings, &b->settings, sizeof(a->settings));
}

static void rules_come_back(void **state)
{
	struct rule_tag t = { .kind = TAG_RULE }, got;
	struct rule_udata u;
	struct random r;
	int i;

	(void)state;
	random_seed(&r, 1);
	for (i = 0; i < ROUNDS; i++) {
		t.list = (__u8)random_below(&r, FW_LISTS);
		t.number = random_chance(&r, 50) ? (__s32)random_word(&r) : 0;
		t.rule = rule_make(&r);
		rule_tag_write(&u, i % 2 ? "-I -a deny" : NULL, &t);
		assert_int_equal(rule_tag_read(&got, u.byte, u.len), 0);
		expect_same(&t, &got);
	}
}

static void longest_leaves_room(void **state)
{
	struct rule_tag t = { .kind = TAG_RULE, .list = FW_ACCT, .number = -1,
				.rule = rule_longest() }, got;
	char comment[RULE_TAG_COMMENT_MAX + 1];
	size_t room = rule_tag_comment_room(&t.rule);
	struct rule_udata u;

	(void)state;
	assert_in_range(room, 96, RULE_TAG_COMMENT_MAX);
	memset(comment, 'x', room);
	comment[room] = '\0';
	rule_tag_write(&u, comment, &t);
	assert_in_range(u.len, 0, RULE_TAG_UDATA_MAX);
	assert_int_equal(rule_tag_read(&got, u.byte, u.len), 0);
	expect_same(&t, &got);
	assert_string_equal(rule_tag_comment(u.byte, u.len), comment);
}

static void short_rules_leave_all_room(void **state)
{
	const struct fw_rule rule = { .tosand = 0xff };

	(void)state;
	assert_int_equal(rule_tag_comment_room(&rule), RULE_TAG_COMMENT_MAX);
}

static void settings_come_back(void **state)
{
	struct rule_tag t = {
		.kind = TAG_SETTINGS,
		.settings = { { 1, 2, 0xffffffff, 4 }, { 5, 6, 7 }, 0xffff0000, 0, 7 },
	}, got;
	struct rule_udata u;

	(void)state;
	rule_tag_write(&u, "comment", &t);
	assert_int_equal(rule_tag_read(&got, u.byte, u.len), 0);
	expect_same(&t, &got);
	t.settings.needs = 9;
	rule_tag_write(&u, NULL, &t);
	assert_int_equal(rule_tag_read(&got, u.byte, u.len), 0);
	expect_same(&t, &got);
}

/* what nft writes, or nobody */
static void foreign_tells_nothing(void **state)
{
	static const __u8 comment[] = { 0, 4, 'f', 'o', 'o', 0 };
	struct rule_tag got;

	(void)state;
	assert_int_equal(rule_tag_read(&got, comment, sizeof(comment)), 0);
	assert_int_equal(got.kind, TAG_NONE);
	assert_string_equal(rule_tag_comment(comment, sizeof(comment)), "foo");
	assert_int_equal(rule_tag_read(&got, NULL, 0), 0);
	assert_int_equal(got.kind, TAG_NONE);
	assert_null(rule_tag_comment(NULL, 0));
	assert_null(rule_tag_comment(comment, sizeof(comment) - 1));
}

static void other_versions_are_told(void **state)
{
	struct rule_tag t = { .kind = TAG_MORE }, got;
	struct rule_udata u;

	(void)state;
	rule_tag_write(&u, NULL, &t);
	u.byte[2] += 0x10;
	assert_int_equal(rule_tag_read(&got, u.byte, u.len), -ENOTSUP);
}

/* Each prefix, in memory of just its size, so that a sanitizer sees what is read. */
static void prefixes_are_damaged(void **state)
{
	struct rule_tag t = { .kind = TAG_RULE, .rule = rule_longest() }, got;
	struct rule_udata u;
	__u8 *part;
	size_t n;

	(void)state;
	rule_tag_write(&u, NULL, &t);
	for (n = 3; n < u.len; n++) {
		part = malloc(n);
		assert_non_null(part);
		memcpy(part, u.byte, n);
		part[1] = (__u8)(n - 2);
		assert_int_equal(rule_tag_read(&got, part, n), -EINVAL);
		free(part);
	}
}

/* Bytes by chance: whatever is understood is a rule that can be written again. */
static void noise_is_harmless(void **state)
{
	struct rule_tag got, again;
	struct rule_udata u;
	struct random r;
	size_t i, n;
	int round;

	(void)state;
	random_seed(&r, 2);
	for (round = 0; round < 10 * ROUNDS; round++) {
		n = 3 + random_below(&r, 60);
		for (i = 0; i < n; i++)
			u.byte[i] = (__u8)(random_chance(&r, 30) ? 0 : random_word(&r));
		u.byte[0] = RULE_TAG_TYPE;
		u.byte[1] = (__u8)(n - 2);
		u.byte[2] = (__u8)(RULE_TAG_VERSION << 4 | random_below(&r, 16));
		if (rule_tag_read(&got, u.byte, n))
			continue;
		rule_tag_write(&u, NULL, &got);
		assert_in_range(u.len, 0, RULE_TAG_UDATA_MAX);
		assert_int_equal(rule_tag_read(&again, u.byte, u.len), 0);
		expect_same(&got, &again);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rules_come_back),
		cmocka_unit_test(longest_leaves_room),
		cmocka_unit_test(short_rules_leave_all_room),
		cmocka_unit_test(settings_come_back),
		cmocka_unit_test(foreign_tells_nothing),
		cmocka_unit_test(other_versions_are_told),
		cmocka_unit_test(prefixes_are_damaged),
		cmocka_unit_test(noise_is_harmless),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
