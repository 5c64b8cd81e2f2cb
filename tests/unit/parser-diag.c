// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * parser-diag.c - errors as they are shown: places, long lines, colour, many.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "kmod/core/base.h"
#include "parser/diag.h"

static struct diags diags;

static void shown_as(bool color, const char *expected)
{
	char *shown;
	size_t size;
	FILE *out = open_memstream(&shown, &size);

	assert_non_null(out);
	diags_print(out, &diags, color);
	fclose(out);
	assert_string_equal(shown, expected);
	free(shown);
}

static void error_at(const struct source *s, unsigned int begin, unsigned int end,
		     const char *hint)
{
	diags_free(&diags);
	diags_init(&diags, s);
	assert_int_equal(diag_add(&diags, (struct loc){ begin, end }, hint, "wrong %d", 1),
			 -EINVAL);
}

static void positions(void **state)
{
	static const char text[] = "one\n\ntwo";
	const struct source s = { "file", text, sizeof(text) - 1 };
	static const struct {
		unsigned int offset, line, column;
	} places[] = {
		{ 0, 1, 1 }, { 3, 1, 4 }, { 4, 2, 1 }, { 5, 3, 1 }, { 8, 3, 4 },
	};

	(void)state;
	for (unsigned int i = 0; i < FW_COUNT(places); i++) {
		unsigned int line, column;

		source_position(&s, places[i].offset, &line, &column);
		assert_int_equal(line, places[i].line);
		assert_int_equal(column, places[i].column);
	}
}

static void carets(void **state)
{
	const struct source s = { "file", "one\n\tab two\nthree", 17 };

	(void)state;
	error_at(&s, 8, 11, "a hint");
	shown_as(false, "file:2:5: error: wrong 1\n        ab two\n           ^~~\n"
			"           a hint\n");
	/* over the end of its line, and at the end of the text */
	error_at(&s, 8, 17, "");
	shown_as(false, "file:2:5: error: wrong 1\n        ab two\n           ^~~\n");
	error_at(&s, 17, 17, "");
	shown_as(false, "file:3:6: error: wrong 1\nthree\n     ^\n");
}

static void command_line(void **state)
{
	const struct source s = { NULL, "-I -q", 5 };

	(void)state;
	error_at(&s, 3, 5, "");
	shown_as(false, "error: wrong 1\n-I -q\n   ^~\n");
	shown_as(true, "\033[1m\033[1;31merror:\033[m \033[1mwrong 1\033[m\n-I -q\n"
		       "   \033[1;32m^~\033[m\n");
}

static void empty_text(void **state)
{
	const struct source s = { NULL, "", 0 };

	(void)state;
	error_at(&s, 0, 0, "");
	shown_as(false, "error: wrong 1\n\n^\n");
}

/* what a terminal would act on is only named */
static void control_characters(void **state)
{
	const struct source s = { "file", "a\033\xff\0b", 5 };

	(void)state;
	error_at(&s, 4, 5, "");
	shown_as(false, "file:1:5: error: wrong 1\na\\x1b\\xff\\x00b\n             ^\n");
	diags_free(&diags);
	diags_init(&diags, &s);
	diag_add(&diags, (struct loc){ 0, 1 }, "", "%s", "a\033[2J");
	shown_as(false, "file:1:1: error: a\\x1b[2J\na\\x1b\\xff\\x00b\n^\n");
}

/* the place is seen wherever it is in a line of a megabyte */
static void long_lines(void **state)
{
	size_t n = 1 << 20;
	char *text = malloc(n + 1), *shown, *line;
	struct source s = { "file", text, n };
	size_t size;

	(void)state;
	assert_non_null(text);
	memset(text, 'x', n);
	text[n] = '\0';
	for (unsigned int at = 0; at < n; at += 99991) {
		FILE *out = open_memstream(&shown, &size);

		text[at] = '!';
		error_at(&s, at, at + 1, "");
		diags_print(out, &diags, false);
		fclose(out);
		line = strchr(shown, '\n') + 1;
		assert_true(size < 300);
		assert_int_equal(strchr(line, '!') - line,
				 strchr(strchr(line, '\n'), '^') - strchr(line, '\n') - 1);
		text[at] = 'x';
		free(shown);
	}
	free(text);
}

static void many(void **state)
{
	const struct source s = { "file", "x", 1 };
	char *shown;
	size_t size;
	FILE *out = open_memstream(&shown, &size);

	(void)state;
	diags_free(&diags);
	diags_init(&diags, &s);
	for (unsigned int i = 0; i < DIAG_MAX + 3; i++)
		diag_add(&diags, (struct loc){ 0, 1 }, "", "error %u", i);
	assert_false(diag_wanted(&diags));
	diags_print(out, &diags, false);
	fclose(out);
	assert_non_null(strstr(shown, "error 19\n"));
	assert_null(strstr(shown, "error 20\n"));
	assert_non_null(strstr(shown, "\n3 more errors\n"));
	free(shown);
}

/* the answer that needs no memory */
static void no_memory(void **state)
{
	const struct source s = { "file", "x", 1 };

	(void)state;
	error_at(&s, 0, 1, "");
	assert_int_equal(diag_no_memory(&diags), -ENOMEM);
	assert_int_equal(diags.count, 1);
	assert_int_equal(diags.item[0].status, 1);
	assert_false(diags.item[0].trailer);
	shown_as(false, "file:1:1: error: out of memory\nx\n^\n");
	assert_int_equal(diag_add(&diags, (struct loc){ 0, 1 }, "", "more"), -ENOMEM);
	assert_int_equal(diags.count, 1);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(positions),	      cmocka_unit_test(carets),
		cmocka_unit_test(command_line),	      cmocka_unit_test(empty_text),
		cmocka_unit_test(control_characters), cmocka_unit_test(long_lines),
		cmocka_unit_test(many),		      cmocka_unit_test(no_memory),
	};

	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	diags_free(&diags);
	return failed;
}
