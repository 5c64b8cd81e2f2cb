// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * complete.c - candidates for the last of some arguments, for completion in shells:
 * one a line, from the table of options and the list of subcommands.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ipfwadm/command/subcommands.h"
#include "parser/command.h"
#include "parser/expect.h"

/* prints what begins with word; fixed bytes of it are before each candidate */
struct printer {
	struct candidates candidates;
	const char *word;
	size_t fixed;
};

static void candidate_add(struct candidates *c, const char *word, const char *about)
{
	struct printer *p = (struct printer *)c;
	size_t fixed = p->fixed + c->fixed;

	(void)about;
	if (strncmp(word, p->word + fixed, strlen(p->word + fixed)) == 0)
		printf("%.*s%s\n", (int)fixed, p->word, word);
}

static void subcommands_add(const struct app *app, struct candidates *c)
{
	for (const struct app_subcommand *s = app->subcommands; s->name; s++)
		if (s->summary)
			c->add(c, s->name, s->summary);
}

static int words_add(struct candidates *c, const char *text, size_t length, bool dashed)
{
	static const char blanks[] = " ,|[]";
	char *copy = strndup(text, length), *rest;

	if (!copy)
		return -ENOMEM;
	for (char *w = strtok_r(copy, blanks, &rest); w; w = strtok_r(NULL, blanks, &rest))
		if (dashed ? *w == '-' : *w >= 'a' && *w <= 'z')
			c->add(c, w, "");
	free(copy);
	return 0;
}

/* words of the usage, "nft|json ... [FILE]", and options, the left column of details */
static int subcommand_add(struct candidates *c, const struct app_subcommand *s)
{
	int err = words_add(c, s->arguments, strlen(s->arguments), false);

	for (const char *line = s->details; *line && !err; line++) {
		const char *end = strchrnul(line, '\n'), *gap;

		gap = strncmp(line, "  -", 3) == 0 ? strstr(line + 2, "  ") : line;
		err = words_add(c, line, (size_t)((gap && gap < end ? gap : end) - line),
				true);
		line = *end ? end : end - 1;
	}
	return err;
}

/* an option, or an argument of the option before it; text ends with the word */
static int expected_add(struct printer *p, const char *text)
{
	size_t length = strlen(text), before = length - strlen(p->word);
	struct candidates *c = &p->candidates;
	struct expect x;

	if (line_expect(&x, text, length) < 0)
		return -ENOMEM;
	if (x.option && (p->word[0] != '-' || x.must || x.begin > before)) {
		p->fixed = x.begin > before ? x.begin - before : 0;
		c->typed = p->word + p->fixed;
		expect_words(&x, c);
		return 0;
	}
	if (p->word[0] != '-')
		return 0;
	if (line_expect(&x, text, before) < 0)
		return -ENOMEM;
	for (const struct option_row *o = options; o->name; o++)
		if (expect_option(&x, o))
			c->add(c, o->name, o->help);
	return 0;
}

static int classic_add(struct printer *p, int argc, char **argv)
{
	struct source front;
	char *text = NULL;
	int err = source_from_argv(&front, argc - 1, argv);

	/* the last word as it is: in quotes it would be a complete one */
	if (!err && asprintf(&text, "%s %s", front.text, p->word) < 0)
		err = -ENOMEM;
	if (!err)
		err = expected_add(p, text);
	free(text);
	source_free(&front);
	return err;
}

/* argv after "complete": the arguments of a command, the last one incomplete */
int command_complete(struct app *app, int argc, char **argv)
{
	const struct app_subcommand *s = argc > 2 ? app_subcommand_find(app, argv[1]) : NULL;
	struct printer p = { .candidates = { .add = candidate_add }, .word = "" };
	int err = 0;

	if (argc > 1)
		p.word = argv[argc - 1];
	if ((argc <= 2 && p.word[0] != '-') || (s && s->run == app_help))
		subcommands_add(app, &p.candidates);
	else if (s && (s->run != command_trace || p.word[0] == '-'))
		err = subcommand_add(&p.candidates, s);
	else if (s)
		err = classic_add(&p, argc - 1, argv + 1);
	else
		err = classic_add(&p, argc, argv);
	return err ? STATUS_FAILED : STATUS_OK;
}
