// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * parser-lexer.c - lines become ASTs: what getopt made of them, quotes, and the
 * place of everything.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "parser/lexer.h"

/* options as "-a", their words in brackets, each with its columns from 0 */
static void item_show(FILE *out, const struct ast_item *i)
{
	fprintf(out, "%s@%u-%u", i->option ? i->option->name : "stray", i->loc.begin,
		i->loc.end);
	for (const struct ast_arg *w = i->args; w; w = w->next)
		fprintf(out, "[%s]@%u-%u", w->text, w->loc.begin, w->loc.end);
	fputc(' ', out);
}

static void line_show(FILE *out, const struct lexer *lx, const struct ast_line *line)
{
	if (line->counters)
		fprintf(out, "%s ", line->counters->text);
	if (line->interface)
		fprintf(out, "interface %s %s ", line->interface->text,
			line->interface->next->text);
	for (const struct ast_item *i = line->items; i; i = i->next)
		item_show(out, i);
	if (lx->error.set)
		fprintf(out, "error@%u-%u: %s", lx->error.loc.begin, lx->error.loc.end,
			lx->error.text);
	fputc('\n', out);
}

static void shown_as(const char *text, bool command_line, const char *expected)
{
	struct source source = { .text = text, .len = strlen(text) };
	struct ast_line line;
	struct lexer lx;
	char *shown;
	size_t size;
	FILE *out = open_memstream(&shown, &size);

	assert_non_null(out);
	assert_int_equal(lexer_open(&lx, &source, command_line), 0);
	while (line_read(&lx, &line))
		line_show(out, &lx, &line);
	lexer_close(&lx);
	fclose(out);
	assert_string_equal(shown, expected);
	free(shown);
}

static void words_of_options(void **state)
{
	(void)state;
	shown_as("-I -a accept -P tcp", true,
		 "-I@0-2 -a@3-5[accept]@6-12 -P@13-15[tcp]@16-19 \n");
	shown_as("-Iva accept -Ptcp -S10.0.0.1 80 1:2", true,
		 "-I@0-2 -v@2-3 -a@3-4[accept]@5-11 -P@12-14[tcp]@14-17 "
		 "-S@18-20[10.0.0.1]@20-28[80]@29-31[1:2]@32-35 \n");
	shown_as("-av accept", true, "-a@0-2 -v@2-3 stray@4-10[accept]@4-10 \n");
	shown_as("-A in out", true, "-A@0-2[in]@3-5 stray@6-9[out]@6-9 \n");
	shown_as("-r -r 80 81", true, "-r@0-2 -r@3-5[80]@6-8 stray@9-11[81]@9-11 \n");
	shown_as("-t 1 2 3", true, "-t@0-2[1]@3-4[2]@5-6 stray@7-8[3]@7-8 \n");
	shown_as("-s 1 2 3 4", true,
		 "-s@0-2[1]@3-4[2]@5-6[3]@7-8 stray@9-10[4]@9-10 \n");
	shown_as("-s 1 2 -v 3", true,
		 "-s@0-2[1]@3-4[2]@5-6 -v@7-9 stray@10-11[3]@10-11 \n");
}

static void words_with_dashes(void **state)
{
	(void)state;
	shown_as("-p -I -W -- -D - 80", true,
		 "-p@0-2[-I]@3-5 -W@6-8[--]@9-11 -D@12-14[-]@15-16[80]@17-19 \n");
	shown_as("-a - -S x -", true,
		 "-a@0-2 stray@3-4[-]@3-4 -S@5-7[x]@8-9 stray@10-11[-]@10-11 \n");
	shown_as("-a -- accept -v", true,
		 "-a@0-2 stray@6-12[accept]@6-12 stray@13-15[-v]@13-15 \n");
	shown_as("x -I y", true, "stray@0-1[x]@0-1 -I@2-4 stray@5-6[y]@5-6 \n");
}

static void long_options(void **state)
{
	(void)state;
	shown_as("--state new --keep-state x --helper=ftp --comment=", true,
		 "--state@0-7[new]@8-11 --keep-state@12-24 stray@25-26[x]@25-26 "
		 "--helper@27-35[ftp]@36-39 --comment@40-49[]@50-50 \n");
	shown_as("-I --stat new", true, "-I@0-2 error@3-9: invalid option -- '-'\n");
	shown_as("-I --stat new", false, "-I@0-2 error@3-9: unknown option \"--stat\"\n");
	shown_as("--keep-state=1", true, "error@0-12: invalid option -- '-'\n");
	shown_as("-W --state", true, "-W@0-2[--state]@3-10 \n");
}

static void errors_of_getopt(void **state)
{
	(void)state;
	shown_as("-I -Iaq x", true,
		 "-I@0-2 -I@3-5 -a@5-6 error@6-7: invalid option -- 'q'\n");
	shown_as("-I -P", true, "-I@0-2 error@3-5: option requires an argument -- 'P'\n");
	shown_as("-vP", true, "-v@0-2 error@2-3: option requires an argument -- 'P'\n");
	shown_as("--state", true, "error@0-7: option '--state' requires an argument\n");
	shown_as("", true, "\n");
}

static void quotes(void **state)
{
	(void)state;
	shown_as("-W 'a b' \"-I\" -S\\ x'y'\"z\\\"\"", false,
		 "-W@0-2[a b]@3-8 -I@9-13 -S@14-27[ xyz\"]@14-27 \n");
	shown_as("-W $'a\\001\\'\\\\\\377'b", false, "-W@0-2[a\001'\\\377b]@3-20 \n");
	shown_as("-W $'\\000'\n-W $'\\x41'\n-W $'a\n", false,
		 "error@8-9: control character 0x00\n"
		 "error@16-17: unknown escape sequence\n"
		 "error@25-26: a quote is not closed on this line\n\n");
	shown_as("-W '' -a ''", false, "-W@0-2[]@3-5 -a@6-8[]@9-11 \n");
	shown_as("-W a#b # comment", false, "-W@0-2[a#b]@3-6 \n");
	shown_as("-W 'a\n-I", false,
		 "error@3-4: a quote is not closed on this line\n-I@6-8 \n");
	shown_as("-W 'a\nb' -I", true, "-W@0-2[a\nb]@3-8 -I@9-11 \n");
	shown_as("-I\\\n -v\\\nn\n-a \\\n", false,
		 "-I@0-4 -v@5-10 -n@5-10 \n-a@11-13 \n");
	shown_as("-W \"a\\\nb\" $x\n-I", false,
		 "-W@0-2[ab]@3-9 error@10-11: '$' needs a shell\n-I@13-15 \n");
}

static void lines_of_files(void **state)
{
	(void)state;
	shown_as("\n# x\n  -I\n\n", false, "\n\n-I@7-9 \n\n\n");
	shown_as("[1:2] ipfwadm -I\n/sbin/ipfwadm -f", false,
		 "[1:2] -I@14-16 \n-f@31-33 \n");
	shown_as("interface eth0 10.0.0.1/24", false, "interface eth0 10.0.0.1/24 \n");
	shown_as("interface -x -y", false, "interface -x -y \n");
	shown_as("interface a\n-I", false,
		 "error@11-11: unexpected end of line\n-I@12-14 \n");
	shown_as("interface a b c", false,
		 "interface a b error@14-15: unexpected word\n");
	shown_as("interface a b", true,
		 "stray@0-9[interface]@0-9 stray@10-11[a]@10-11 stray@12-13[b]@12-13 \n");
	shown_as("ipfwadm -I", true, "stray@0-7[ipfwadm]@0-7 -I@8-10 \n");
}

/* a line of a megabyte is read like any other */
static void long_line(void **state)
{
	size_t n = 1 << 20;
	char *text = malloc(n + 16);
	struct source source = { .name = "long", .text = text };
	struct ast_line line;
	struct lexer lx;

	(void)state;
	assert_non_null(text);
	memcpy(text, "-W ", 3);
	memset(text + 3, 'x', n);
	memcpy(text + 3 + n, "\n-I", 4);
	source.len = n + 6;
	assert_int_equal(lexer_open(&lx, &source, false), 0);
	assert_true(line_read(&lx, &line));
	assert_int_equal(strlen(line.items->args->text), n);
	assert_true(line_read(&lx, &line));
	assert_int_equal(line.items->option->id, 'I');
	assert_int_equal(line.items->loc.begin, n + 4);
	lexer_close(&lx);
	free(text);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_of_options), cmocka_unit_test(words_with_dashes),
		cmocka_unit_test(long_options),	    cmocka_unit_test(errors_of_getopt),
		cmocka_unit_test(quotes),	    cmocka_unit_test(lines_of_files),
		cmocka_unit_test(long_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
