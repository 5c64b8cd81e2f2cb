// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * parser-expect.c - what may stand at the end of a line: as the parser reads it, so
 * that nothing is offered which it then refuses.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "kmod/core/base.h"
#include "parser/command.h"
#include "parser/expect.h"
#include "parser/nameservice.h"

static struct expect expect(const char *text)
{
	struct expect x;

	assert_int_equal(line_expect(&x, text, strlen(text)), 0);
	return x;
}

static void word_of(const char *text, int option, unsigned int nth, bool must,
		    unsigned int begin)
{
	struct expect x = expect(text);

	assert_int_equal(x.option ? x.option->id : 0, option);
	assert_int_equal(x.begin, begin);
	if (!option)
		return;
	assert_int_equal(x.nth, nth);
	assert_int_equal(x.must, must);
}

static void words_belong_to_options(void **state)
{
	(void)state;
	word_of("", 0, 0, false, 0);
	word_of("-I -a ", 'a', 0, false, 6);
	word_of("-I -a acc", 'a', 0, false, 6);
	word_of("-I -a accept ", 0, 0, false, 13);
	word_of("-Ia ", 'a', 0, false, 4);
	word_of("-A ", 'A', 0, false, 3);
	word_of("-I -P ", 'P', 0, true, 6);
	word_of("-I -Pt", 'P', 0, true, 5);
	word_of("-I -S ", 'S', 0, true, 6);
	word_of("-I -S 1.2.3.4 ", 'S', 1, false, 14);
	word_of("-I -S 1.2.3.4 25 ", 'S', 2, false, 17);
	word_of("-I -t 01 ", 't', 1, true, 9);
	word_of("-M -s 1 2 ", 's', 2, true, 10);
	word_of("-T -s ", OPT_TRACK_TIMEOUTS, 0, false, 6);
	word_of("-I --state ", OPT_STATE, 0, true, 11);
	word_of("-I --state=n", OPT_STATE, 0, true, 11);
	word_of("ipfwadm -I -W ", 'W', 0, true, 14);
	word_of("-I -l ", 0, 0, false, 6);
}

static void words_in_front_are_known(void **state)
{
	struct expect x = expect("-I -a masq -P udp -D 1.2.3.4 ");

	(void)state;
	assert_true(x.given['I'] && x.given['a'] && x.given['P'] && x.given['D']);
	assert_false(x.given['S']);
	assert_string_equal(x.protocol, "udp");
	assert_string_equal(x.policy, "masq");
	assert_true(expect("interface eth0 ").interface);
}

/* broken lines answer as well, by what stands in front of the break */
static void broken_lines(void **state)
{
	static const char *const lines[] = {
		"'", "\"", "-I --comment 'a", "-I -q ", "--nothing ", "$(", "-I -a | ",
		"\\", "\001", "-", "--", "-- ", "[", "[1:2] ", "interface a b c d ",
	};

	(void)state;
	for (unsigned int i = 0; i < FW_COUNT(lines); i++)
		for (size_t n = 0; n <= strlen(lines[i]); n++) {
			struct expect x;

			assert_int_equal(line_expect(&x, lines[i], n), 0);
			assert_true(x.begin <= n);
		}
}

/* what makes a whole line of every category and command */
static const struct frame {
	const char *front, *rest;	/* the option under test goes between them */
} frames[] = {
	{ "-I -a accept", "-P tcp" }, { "-I -i deny", "-P udp" }, { "-I -d reject", "-P tcp" },
	{ "-O -a accept", "-P tcp" }, { "-F -a masquerade", "-P tcp" },
	{ "-F -a accept", "-P tcp" }, { "-A -a", "-P tcp" }, { "-A out -d", "-P tcp" },
	{ "-I -l", "" }, { "-A -l", "" }, { "-M -l", "" }, { "-F -l", "" },
	{ "-T -l", "" }, { "-T -d -P tcp", "" }, { "-T -f", "" }, { "-O -f", "" },
	{ "-A -z", "" }, { "-I -p deny", "" }, { "-M -s 1 2 3", "" },
	{ "-I -c -P tcp -S 1.1.1.1 1 -D 2.2.2.2 2 -V 3.3.3.3 -W eth0", "" },
};

/* words that an option may have */
static const char *sample(int option)
{
	switch (option) {
	case 'P':
		return " tcp";
	case 'S':
	case 'D':
	case 'V':
		return " 1.2.3.4";
	case 'W':
		return " eth0";
	case 't':
		return " 01 10";
	case OPT_STATE:
		return " new";
	case OPT_HELPER:
		return " ftp";
	case OPT_COMMENT:
		return " text";
	default:
		return "";
	}
}

struct trial {
	const struct frame *frame;
	struct expect x;
	unsigned int offered;
};

static void option_try(struct trial *t, const struct option_row *o)
{
	char line[256];
	struct source source = { .text = line };
	struct program p;
	struct diags d;
	/* -P stands in the rest of the frame already */
	bool again = o->id == 'P' && strstr(t->frame->rest, "-P");

	if (!expect_option(&t->x, o))
		return;
	t->offered++;
	snprintf(line, sizeof(line), "%s %s%s %s", t->frame->front, o->name, sample(o->id),
		 again ? "" : t->frame->rest);
	source.len = strlen(line);
	if (program_parse_line(&p, &source, &d))
		fail_msg("%s: %s", line, d.item[0].text);
	diags_free(&d);
	program_free(&p);
	names_forget();
}

static void what_is_offered_is_accepted(void **state)
{
	unsigned int offered = 0;

	(void)state;
	for (unsigned int i = 0; i < FW_COUNT(frames); i++) {
		char text[128];
		struct trial t = { .frame = &frames[i] };

		snprintf(text, sizeof(text), "%s ", frames[i].front);
		t.x = expect(text);
		for (const struct option_row *o = options; o->name; o++)
			option_try(&t, o);
		offered += t.offered;
	}
	assert_true(offered > 100);
}

static void nothing_is_offered_twice(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < FW_COUNT(frames); i++) {
		struct expect x = expect(frames[i].front);

		for (const struct option_row *o = options; o->name; o++)
			assert_false(expect_option(&x, o) && x.given[o->id]);
	}
}

/* a row that forgets what one of its readers needs is found here */
static void rows_are_complete(void **state)
{
	(void)state;
	for (const struct option_row *o = options; o->name; o++) {
		bool is_long = o->kind == OPTION_NEW, of_rules = o->with & DO_RULE;

		if (option_by_id(o->id) != o || (o->max && !o->words) || o->min > o->max)
			fail_msg("%s: id, words or min", o->name);
		if (is_long && (option_by_name(o->name, strlen(o->name)) != o || !o->noun))
			fail_msg("%s: name or noun", o->name);
		if (!is_long && option_by_letter((unsigned char)o->name[1],
						 o->id == OPT_TRACK_TIMEOUTS) != o)
			fail_msg("%s: letter", o->name);
		if (o->kind != OPTION_CATEGORY && o->id != 'h' && !o->lists)
			fail_msg("%s: lists", o->name);
		if ((o->min && !o->args && o->id != OPT_TRACK_TIMEOUTS) || (is_long && !o->help))
			fail_msg("%s: args or help", o->name);
		/* those of port forwards are printed together */
		if (of_rules && !(is_long && o->portfw) && o->id != 'm' && o->id != 'v' &&
		    !o->print && !o->flag)
			fail_msg("%s: print or flag", o->name);
		if (o->max && o->id != 'r' && !o->value)
			fail_msg("%s: value", o->name);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_belong_to_options),
		cmocka_unit_test(words_in_front_are_known),
		cmocka_unit_test(broken_lines),
		cmocka_unit_test(what_is_offered_is_accepted),
		cmocka_unit_test(nothing_is_offered_twice),
		cmocka_unit_test(rows_are_complete),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
