// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * expect.c - what may follow at the end of a line that is being typed.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "parser/expect.h"
#include "parser/lexer.h"

/* the word that has not been begun yet */
#define PLACEHOLDER "x"

/* some want a policy that accepts; "masquerade" includes -m */
static bool fits_policy(const struct expect *x, const struct option_row *o)
{
	if (!x->policy[0] || !o->accepts)
		return true;
	return x->policy[0] == 'a' || (x->policy[0] == 'm' && o->id != 'm');
}

bool expect_option(const struct expect *x, const struct option_row *o)
{
	const struct option_row *category = NULL;
	unsigned int commands = 0;
	bool in_lists = true;	/* the category's letter is in lists of each command */

	if (x->interface || x->given[o->id] || x->given['h'])
		return false;
	for (const struct option_row *g = options; g->name; g++) {
		if (!x->given[g->id])
			continue;
		if (g->kind == OPTION_CATEGORY)
			category = g;
		commands |= g->command;
		if (g->command && o->kind == OPTION_CATEGORY)
			in_lists &= !!strchr(g->lists, o->id);
	}
	if (o->id == 'h')
		return !category && !commands;
	if (o->id == OPT_TRACK_TIMEOUTS && !category)
		return false;	/* without -T it is -s */
	if (o->kind == OPTION_CATEGORY)
		return !category && in_lists;
	if (category && !strchr(o->lists, category->id))
		return false;
	if (!commands || (o->with & ~(unsigned int)DO_TIMEOUTS & commands))
		return fits_policy(x, o);
	return o->filter && x->given['T'] && commands & DO_LIST;
}

void expect_words(const struct expect *x, struct candidates *c)
{
	if (x->option && x->option->words)
		x->option->words(c, x);
}

static void text_keep(char *buf, size_t size, const struct ast_arg *arg)
{
	if (arg)
		snprintf(buf, size, "%s", arg->text);
}

/* Looks for the word that ends the line; records what is before it. */
static void item_look(struct expect *x, const struct ast_item *item, size_t end)
{
	const struct option_row *o = item->option;
	unsigned int n = 0;

	if (!o)
		return;
	for (const struct ast_arg *arg = item->args; arg; arg = arg->next, n++) {
		if (arg->loc.end < end)
			continue;
		x->option = o;
		x->nth = n;
		x->begin = arg->loc.begin;
		x->must = n < o->min;
	}
	x->given[o->id] = true;
	if (o->id == 'P' && x->option != o)
		text_keep(x->protocol, sizeof(x->protocol), item->args);
	if (o->command & DO_RULE)
		text_keep(x->policy, sizeof(x->policy), item->args);
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
	if (line_read(&lx, &line)) {
		x->interface = x->must = line.interface || line.ipv6;
		for (const struct ast_item *i = line.items; i; i = i->next)
			item_look(x, i, source.len);
	}
	lexer_close(&lx);
	free(copy);
	return 0;
}
