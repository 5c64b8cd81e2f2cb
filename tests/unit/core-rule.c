// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * core-rule.c - validity, equality and TOS of rules.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "kmod/core/names.h"
#include "kmod/core/rule.h"

static const struct fw_rule plain = {
	.src = 0x0a000000,
	.smsk = 0xff000000,
	.flags = FW_KIND_TCP | FW_ACCEPT,
	.nsp = 1,
	.ndp = 2,
	.pts = { 1, 2, 3 },
	.tosand = 0xff,
};

static enum fw_field refusal(const struct fw_rule *r, enum fw_list_id list)
{
	enum fw_field field = FW_FIELD_TIMEOUTS;
	int err = fw_rule_check(r, list, &field);

	assert_int_equal(err, field == FW_FIELD_NONE ? 0 : -EINVAL);
	assert_int_equal(fw_rule_check(r, list, NULL), err);
	return field;
}

static void flags_are_checked(void **state)
{
	struct fw_rule r = plain;

	(void)state;
	assert_int_equal(refusal(&r, FW_INPUT), FW_FIELD_NONE);
	assert_int_equal(refusal(&r, FW_LISTS), FW_FIELD_LIST);
	assert_int_equal(refusal(&r, (enum fw_list_id)-1), FW_FIELD_LIST);
	r.flags |= 0x4000;
	assert_int_equal(refusal(&r, FW_INPUT), FW_FIELD_FLAGS);
	r.flags = 0x8000;
	assert_int_equal(refusal(&r, FW_INPUT), FW_FIELD_FLAGS);
	r.flags = FW_FLAGS;
	r.nsp = r.ndp = 2;
	assert_int_equal(refusal(&r, FW_INPUT), FW_FIELD_NONE);
}

/* every pair of counts, with and without a range on either side and a redirect */
static void port_counts_are_checked(void **state)
{
	unsigned int nsp, ndp, bits;

	(void)state;
	for (nsp = 0; nsp < 256; nsp++) {
		for (ndp = 0; ndp < 256; ndp++) {
			for (bits = 0; bits < 8; bits++) {
				struct fw_rule r = plain;
				bool fits = nsp + ndp + (bits & 1) <= 10 &&
					    (!(bits & 2) || nsp >= 2) &&
					    (!(bits & 4) || ndp >= 2);

				r.nsp = (__u8)nsp;
				r.ndp = (__u8)ndp;
				r.flags |= (bits & 1 ? FW_REDIR : 0) | (bits & 2 ? FW_SRNG : 0) |
					   (bits & 4 ? FW_DRNG : 0);
				assert_int_equal(refusal(&r, FW_INPUT),
						 fits ? FW_FIELD_NONE : FW_FIELD_PORTS);
			}
		}
	}
}

static void keep_state_needs_an_accepting_firewall_rule(void **state)
{
	struct fw_rule r = plain;

	(void)state;
	r.keep_state = 1;
	assert_int_equal(refusal(&r, FW_INPUT), FW_FIELD_NONE);
	assert_int_equal(refusal(&r, FW_OUTPUT), FW_FIELD_NONE);
	assert_int_equal(refusal(&r, FW_ACCT), FW_FIELD_KEEP_STATE);
	r.flags = FW_POLICY_MASQ;
	assert_int_equal(refusal(&r, FW_FORWARD), FW_FIELD_NONE);
	r.flags = FW_POLICY_REJECT;
	assert_int_equal(refusal(&r, FW_FORWARD), FW_FIELD_KEEP_STATE);
	r.flags = FW_POLICY_DENY;
	assert_int_equal(refusal(&r, FW_FORWARD), FW_FIELD_KEEP_STATE);
	r.flags = FW_MASQ;
	assert_int_equal(refusal(&r, FW_FORWARD), FW_FIELD_KEEP_STATE);
	r = plain;
	r.keep_state = 2;
	assert_int_equal(refusal(&r, FW_INPUT), FW_FIELD_KEEP_STATE);
}

static void new_members_are_checked(void **state)
{
	struct fw_rule r = plain;

	(void)state;
	r.state = FW_STATES;
	r.helper = FW_HELPERS - 1;
	memset(r.comment, '~', FW_COMMENT_MAX);
	assert_int_equal(refusal(&r, FW_ACCT), FW_FIELD_NONE);
	r.comment[FW_COMMENT_MAX] = '~';
	assert_int_equal(refusal(&r, FW_ACCT), FW_FIELD_COMMENT);
	r.comment[FW_COMMENT_MAX] = '\0';
	r.comment[3] = '\n';
	assert_int_equal(refusal(&r, FW_ACCT), FW_FIELD_COMMENT);
	r.comment[3] = '\x7f';
	assert_int_equal(refusal(&r, FW_ACCT), FW_FIELD_COMMENT);
	r.comment[3] = (char)0x80;
	assert_int_equal(refusal(&r, FW_ACCT), FW_FIELD_COMMENT);
	r.comment[0] = '\0';
	assert_int_equal(refusal(&r, FW_ACCT), FW_FIELD_NONE);
	r.helper = FW_HELPERS;
	assert_int_equal(refusal(&r, FW_ACCT), FW_FIELD_HELPER);
	r.state = FW_STATES + 1;
	assert_int_equal(refusal(&r, FW_ACCT), FW_FIELD_STATE);
}

/* one member of each kind changed, and whether delete sees it */
static void equality_is_that_of_delete(void **state)
{
	struct fw_rule r = plain;

	(void)state;
	assert_true(fw_rule_equal(&r, &plain));
#define DIFFERS(change) (r = plain, (change), !fw_rule_equal(&r, &plain))
	assert_true(DIFFERS(r.src++));
	assert_true(DIFFERS(r.smsk++));
	assert_true(DIFFERS(r.dst++));
	assert_true(DIFFERS(r.dmsk++));
	assert_true(DIFFERS(r.via++));
	assert_true(DIFFERS(r.flags ^= FW_PRN));
	assert_true(DIFFERS(r.ndp++));
	assert_true(DIFFERS(r.pts[2]++));
	assert_true(DIFFERS(r.vianame[0]++));
	assert_true(DIFFERS(r.state++));
	assert_true(DIFFERS(r.keep_state++));
	assert_true(DIFFERS(r.helper++));
	assert_false(DIFFERS(r.tosand--));
	assert_false(DIFFERS(r.tosxor++));
	assert_false(DIFFERS(r.pts[3]++));
	assert_false(DIFFERS(r.comment[0]++));
	assert_false(DIFFERS(r.pcnt++));
	assert_false(DIFFERS(r.bcnt++));
	/* 1 -> 2 3 and 1 2 -> 3 are the same to delete */
	assert_false(DIFFERS((r.nsp = 2, r.ndp = 1)));
#undef DIFFERS
}

static void names_may_fill_their_field(void **state)
{
	struct fw_rule a = plain, b = plain;

	(void)state;
	memcpy(a.vianame, "sixteen-letters!", FW_IFNAMSIZ);
	memcpy(b.vianame, "sixteen-letters!", FW_IFNAMSIZ);
	assert_true(fw_rule_equal(&a, &b));
	b.vianame[15] = '?';
	assert_false(fw_rule_equal(&a, &b));
	b.vianame[15] = '\0';
	assert_false(fw_rule_equal(&a, &b));
	/* what stands behind the NUL is of no account */
	memcpy(a.vianame, "eth0\0rubbish", 12);
	memcpy(b.vianame, "eth0\0waste..", 12);
	assert_true(fw_rule_equal(&a, &b));
}

static void bad_counts_are_not_followed(void **state)
{
	struct fw_rule a = plain, b = plain;

	(void)state;
	a.nsp = a.ndp = b.nsp = b.ndp = 255;
	a.flags = b.flags = FW_REDIR;
	assert_true(fw_rule_equal(&a, &b));
	assert_int_equal(fw_rule_redirect_port(&a), 0);
}

/* bit 0 of the TOS byte stays, whatever the masks */
static void tos_of_all_masks(void **state)
{
	static const __u8 bytes[] = { 0x00, 0x01, 0x10, 0x1e, 0xa5, 0xfe, 0xff };
	unsigned int and, xor, i;

	(void)state;
	for (and = 0; and < 256; and++) {
		for (xor = 0; xor < 256; xor++) {
			struct fw_rule r = { .tosand = (__u8)and, .tosxor = (__u8)xor };
			struct fw_rule stored = r;

			fw_rule_prepare(&stored);
			assert_int_equal(stored.tosand, and | 1);
			assert_int_equal(stored.tosxor, xor & ~1u);
			for (i = 0; i < FW_COUNT(bytes); i++) {
				unsigned int want = bytes[i] & 1;
				unsigned int bit;

				for (bit = 2; bit < 256; bit <<= 1)
					want |= ((bytes[i] & and & bit) ^ (xor & bit));
				assert_int_equal(fw_match_tos(&r.match, bytes[i]), want);
				assert_int_equal(fw_match_tos(&stored.match, bytes[i]), want);
			}
		}
	}
}

static void helpers_have_names(void **state)
{
	unsigned int id;

	(void)state;
	for (id = FW_HELPER_NONE + 1; id < FW_HELPERS; id++)
		assert_int_equal(fw_helper_find(fw_helper_name(id)), id);
	assert_null(fw_helper_name(FW_HELPER_NONE));
	assert_null(fw_helper_name(FW_HELPERS));
	assert_int_equal(fw_helper_find("ft"), FW_HELPER_NONE);
	assert_int_equal(fw_helper_find("ftpx"), FW_HELPER_NONE);
	assert_int_equal(fw_helper_find(""), FW_HELPER_NONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(flags_are_checked),
		cmocka_unit_test(port_counts_are_checked),
		cmocka_unit_test(keep_state_needs_an_accepting_firewall_rule),
		cmocka_unit_test(new_members_are_checked),
		cmocka_unit_test(equality_is_that_of_delete),
		cmocka_unit_test(names_may_fill_their_field),
		cmocka_unit_test(bad_counts_are_not_followed),
		cmocka_unit_test(tos_of_all_masks),
		cmocka_unit_test(helpers_have_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
