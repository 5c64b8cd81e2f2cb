// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * core-text.c - text in a buffer: what is written, and where it ends.
 */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "kmod/core/text.h"

#define GUARD 0x55

static void numbers_read_as_printf_writes_them(void **state)
{
	static const __u64 numbers[] = {
		0,
		1,
		9,
		10,
		99,
		65535,
		999999999,
		1000000000,
		4294967295u,
		4294967296u,
		9999999999u,
		99999999999,
		1000000000000000000u,
		999999999999999999u,
		10000000000000000000u,
		18446744073709551615u,
		18446744073000000000u,
	};
	size_t i;

	(void)state;
	for (i = 0; i < FW_COUNT(numbers); i++) {
		char got[64], want[64];
		struct fw_text t;

		fw_text_init(&t, got, sizeof(got));
		fw_text_dec(&t, numbers[i]);
		fw_text_char(&t, ' ');
		fw_text_hex(&t, numbers[i], 4);
		snprintf(want, sizeof(want), "%" PRIu64 " %04" PRIX64,
			 (uint64_t)numbers[i], (uint64_t)numbers[i]);
		assert_string_equal(got, want);
		assert_int_equal(t.len, strlen(want));
	}
}

static void text_fill(struct fw_text *t)
{
	fw_text_str(t, "ab");
	fw_text_strn(t, "cdef", 2);
	fw_text_strn(t, "g", 9);
	fw_text_char(t, 'h');
	fw_text_dec(t, 1234567890123u);
	fw_text_addr(t, 0xc0a801ff);
	fw_text_hex(t, 0xbeef, 8);
	fw_text_pad(t, 60);
	fw_text_addr(t, 0);
}

/* At every size: the beginning of the whole text, a NUL, nothing behind it. */
static void text_is_cut_off_at_the_end(void **state)
{
	const char *whole = "abcdgh1234567890123192.168.1.2550000BEEF"
			    "                    0.0.0.0";
	__u32 size;

	(void)state;
	for (size = 1; size <= strlen(whole) + 2; size++) {
		char buf[128];
		struct fw_text t;

		memset(buf, GUARD, sizeof(buf));
		fw_text_init(&t, buf, size);
		text_fill(&t);
		assert_int_equal(t.len, strlen(whole));
		assert_int_equal(strlen(buf), size - 1 < t.len ? size - 1 : t.len);
		assert_memory_equal(buf, whole, strlen(buf));
		assert_int_equal(buf[size], GUARD);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_read_as_printf_writes_them),
		cmocka_unit_test(text_is_cut_off_at_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
