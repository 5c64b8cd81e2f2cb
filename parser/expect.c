// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * expect.c - what may stand at the end of a line that is being typed.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "parser/expect.h"
#include "parser/lexer.h"
#include "parser/request.h"

/* stands for the word that has not been begun yet */
#define PLACEHOLDER "x"

/* Where an option may stand: with these categories and these commands. */
static const struct fit {
	int option;
	const char *categories, *commands;
} fits[] = {
	{ 'A', "", "aidlzf" },	{ 'F', "", "aidlzfpc" }, { 'I', "", "aidlzfpc" },
	{ 'O', "", "aidlzfpc" }, { 'M', "", "ls" },	{ 'T', "", "ldf" },
	{ 'a', "AFIO", "" },	{ 'i', "AFIO", "" },	{ 'd', "AFIOT", "" },
	{ 'l', "AFIOMT", "z" },	{ 'z', "AFIO", "l" },	{ 'f', "AFIOT", "" },
	{ 'p', "FIO", "" },	{ 's', "MT", "" },	{ 'c', "FIO", "" },
	{ 'h', "", "" },
	{ 'P', "AFIOT", "aidcl" }, { 'S', "AFIOT", "aidcl" }, { 'D', "AFIOT", "aidcl" },
	{ 'V', "AFIO", "aidc" }, { 'W', "AFIO", "aidc" },
	{ 'b', "AFIO", "aid" },	{ 'k', "AFIO", "aid" },	{ 'y', "AFIO", "aidc" },
	{ 'm', "F", "aid" },	{ 'o', "AFIO", "aid" },	{ 'r', "I", "aid" },
	{ 't', "AFIO", "aid" },
	{ 'e', "AFIOMT", "l" },	{ 'n', "AFIOMT", "l" },	{ 'x', "AFIOMT", "l" },
	{ 'v', "AFIOT", "aidc" },
	{ AST_STATE, "AFIO", "aidc" }, { AST_KEEP_STATE, "FIO", "aid" },
	{ AST_HELPER, "AFIO", "aid" }, { AST_COMMENT, "AFIO", "aid" },
};

static const char categories[] = "AFIOMT", commands[] = "aidlzfpsc";

/* an option of a kind that has been given, 0 if none has */
static int given_of(const struct expect *x, const char *kind)
{
	for (; *kind; kind++)
		if (x->given[(unsigned char)*kind])
			return *kind;
	return 0;
}

static bool is_one_of(const char *kind, int option)
{
	return option >= ' ' && strchr(kind, option);
}

/* -T -l and -T -d choose by -P, -S and -D; other listings do not */
static bool chooses_connections(const struct expect *x, int option)
{
	return !is_one_of("PSD", option) || !x->given['l'] || x->given['T'];
}

/* some want a policy that accepts; -m is what "masquerade" has said already */
static bool fits_policy(const struct expect *x, int option)
{
	if (!x->policy[0] || (option != 'm' && option != AST_KEEP_STATE))
		return true;
	return x->policy[0] == 'a' || (x->policy[0] == 'm' && option != 'm');
}

bool expect_option(const struct expect *x, int option)
{
	int category = given_of(x, categories), command = given_of(x, commands);
	const struct fit *fit = fits;

	if (x->interface || x->given[option] || x->given['h'])
		return false;
	while (fit < fits + FW_COUNT(fits) && fit->option != option)
		fit++;
	if (fit == fits + FW_COUNT(fits))
		return false;
	if (option == 'h')
		return !category && !command;
	if (is_one_of(categories, option))
		return !category && (!command || is_one_of(fit->commands, command));
	if (category && !is_one_of(fit->categories, category))
		return false;
	if (command && !is_one_of(fit->commands, command))
		return false;
	return chooses_connections(x, option) && fits_policy(x, option);
}

void expect_options(void (*visit)(void *ctx, int option, const char *name), void *ctx)
{
	char buf[3];

	for (unsigned int i = 0; i < FW_COUNT(fits); i++)
		visit(ctx, fits[i].option, ast_option_name(fits[i].option, buf));
}

static const char *const *helper_words(void)
{
	static const char *names[FW_HELPERS];

	for (unsigned int i = 1; i < FW_HELPERS; i++)
		names[i - 1] = fw_helper_name(i);
	return names;
}

const char *const *expect_words(const struct expect *x)
{
	switch (x->nth ? 0 : x->option) {
	case 'A':
		return names_directions;
	case 'a':
	case 'i':
	case 'd':
	case 'p':
		return x->given['A'] || x->given['T'] ? NULL : names_policies;
	case 'P':
		return names_protocols;
	case AST_STATE:
		return names_states;
	case AST_HELPER:
		return helper_words();
	default:
		return NULL;
	}
}

static void text_keep(char *buf, size_t size, const struct ast_word *w)
{
	if (w)
		snprintf(buf, size, "%s", w->text);
}

/* Looks for the word that ends the line; notes what stands in front of it. */
static void item_look(struct expect *x, const struct ast_item *item, size_t end)
{
	unsigned int n = 0;

	for (const struct ast_word *w = item->words; w; w = w->next, n++) {
		if (w->loc.end < end || item->option == AST_STRAY)
			continue;
		x->option = item->option;
		x->nth = n;
		x->begin = w->loc.begin;
		/* an argument stands where it must; a free word only may */
		x->must = strchr("pPSDVWt", item->option) && n == 0;
		x->must |= item->option > AST_STRAY && item->option <= AST_COMMENT;
		x->must |= (item->option == 's' && !x->given['T'] && n < 3) ||
			   (item->option == 't' && n < 2);
	}
	if (item->option == AST_STRAY)
		return;
	x->given[item->option] = true;
	if (item->option == 'P' && x->option != 'P')
		text_keep(x->protocol, sizeof(x->protocol), item->words);
	if (is_one_of("aid", item->option))
		text_keep(x->policy, sizeof(x->policy), item->words);
}

static void line_look(struct expect *x, const struct ast_line *line, size_t end)
{
	if (line->interface) {
		x->interface = true;
		x->must = true;
		return;
	}
	for (const struct ast_item *item = line->items; item; item = item->next)
		item_look(x, item, end);
}

int line_expect(struct expect *x, const char *text, size_t len)
{
	bool begun = len && text[len - 1] != ' ' && text[len - 1] != '\t';
	struct source source = { .len = len + !begun };
	char *copy = malloc(len + sizeof(PLACEHOLDER));
	struct ast_line line;
	struct lexer lx;

	*x = (struct expect){ .begin = (unsigned int)len };
	if (!copy)
		return -ENOMEM;
	memcpy(copy, text, len);
	memcpy(copy + len, PLACEHOLDER, sizeof(PLACEHOLDER));
	source.text = copy;
	if (lexer_open(&lx, &source, false)) {
		free(copy);
		return -ENOMEM;
	}
	if (line_read(&lx, &line))
		line_look(x, &line, source.len);
	lexer_close(&lx);
	free(copy);
	return 0;
}
