// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * tokens.c - words taken apart as getopt did.
 *
 * A word that begins with `-' is a cluster of letters; a letter with a required
 * argument takes the rest of the word, or else the next word, whatever it is.
 * The new long options cannot be confused with anything: to 2.3.0 a second `-'
 * was always an invalid letter.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "parser/lexer.h"
#include "parser/grammar.h"

void lexer_error(struct lexer *lx, struct loc loc, const char *hint,
		 const char *format, ...)
{
	struct ast_error *e = &lx->error;
	va_list ap;

	if (e->set)
		return;
	e->set = true;
	e->loc = loc;
	snprintf(e->hint, sizeof(e->hint), "%s", hint);
	va_start(ap, format);
	vsnprintf(e->text, sizeof(e->text), format, ap);
	va_end(ap);
}

/* the place of bytes [from, to) of the current word */
static struct loc part(const struct lexer *lx, size_t from, size_t to)
{
	struct loc loc = lx->loc;

	if (lx->plain) {
		loc.end = loc.begin + (unsigned int)to;
		loc.begin += (unsigned int)from;
	}
	return loc;
}

static int arg_token(struct lexer *lx, union LINE_STYPE *value, struct loc *loc, int token)
{
	*loc = part(lx, 0, lx->length);
	value->arg = ast_arg_new(&lx->memory, lx->text, *loc);
	return token;
}

static int stray_token(struct lexer *lx, union LINE_STYPE *value, struct loc *loc)
{
	arg_token(lx, value, loc, T_STRAY);
	value->item = ast_item_new(&lx->memory, NULL, *loc, value->arg);
	return T_STRAY;
}

/* the rest of the cluster, or the next word; NULL: neither */
static struct ast_arg *argument_take(struct lexer *lx)
{
	const char *text = lx->rest;

	if (!text) {
		if (lexer_word(lx) != SCAN_WORD)
			return NULL;
		text = lx->text;
	}
	lx->rest = NULL;
	return ast_arg_new(&lx->memory, text, part(lx, (size_t)(text - lx->text), lx->length));
}

static int option_token(struct lexer *lx, union LINE_STYPE *value, struct loc loc,
			const struct option_row *option)
{
	struct ast_arg *argument = NULL;

	if (option->min) {
		argument = argument_take(lx);
		if (!argument) {
			lexer_error(lx, loc, "",
				    option->kind == OPTION_NEW ?
				    "option '%s' requires an argument" :
				    "option requires an argument -- '%s'",
				    option->name + (option->kind != OPTION_NEW));
			return T_UNKNOWN;
		}
	}
	value->item = ast_item_new(&lx->memory, option, loc, argument);
	return T_OPTION;
}

/* A command line gets the message of 2.3.0, a file a better one. */
static int long_refuse(struct lexer *lx, struct loc loc, size_t n)
{
	char name[64], hint[64] = "";
	const char *near;

	snprintf(name, sizeof(name), "%.*s", n < 60 ? (int)n : 60, lx->text);
	near = option_suggest(name);
	if (near)
		snprintf(hint, sizeof(hint), "did you mean '%s'?", near);
	if (lx->command_line)
		lexer_error(lx, loc, hint, "invalid option -- '-'");
	else if (near && strcmp(near, name) == 0)
		lexer_error(lx, loc, "", "option '%s' doesn't allow an argument", name);
	else
		lexer_error(lx, loc, hint, "unknown option \"%s\"", name);
	return T_UNKNOWN;
}

/* "--name" or "--name=argument" */
static int long_token(struct lexer *lx, union LINE_STYPE *value, struct loc *loc)
{
	size_t n = strcspn(lx->text, "=");
	const struct option_row *option = option_by_name(lx->text, n);

	*loc = part(lx, 0, n);
	if (!option || (lx->text[n] && !option->min))
		return long_refuse(lx, *loc, n);
	if (lx->text[n])
		lx->rest = lx->text + n + 1;
	return option_token(lx, value, *loc, option);
}

/* the next letter of a cluster; the place of the first one includes the dash */
static int letter_token(struct lexer *lx, union LINE_STYPE *value, struct loc *loc)
{
	unsigned char c = (unsigned char)*lx->rest;
	size_t at = (size_t)(lx->rest - lx->text);
	const struct option_row *option = option_by_letter(c, lx->tracking);

	*loc = part(lx, at == 1 ? 0 : at, at + 1);
	if (!*++lx->rest)
		lx->rest = NULL;
	lx->tracking |= c == 'T';
	if (option)
		return option_token(lx, value, *loc, option);
	lexer_error(lx, *loc, "", "invalid option -- '%c'", c);
	return T_UNKNOWN;
}

static bool is_program(const char *word)
{
	const char *slash = strrchr(word, '/');

	return strcmp(slash ? slash + 1 : word, "ipfwadm") == 0;
}

bool word_is_assignment(const char *word)
{
	size_t n = strspn(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_"
				"0123456789");

	return n && word[n] == '=' && (word[0] < '0' || word[0] > '9');
}

/* what only a line of a file may begin with; 0 for any other word */
static int start_token(struct lexer *lx, union LINE_STYPE *value, struct loc *loc)
{
	bool start = lx->stage == STAGE_START;

	lx->stage = STAGE_OPTIONS;
	if (word_is_assignment(lx->text)) {
		lexer_error(lx, lx->loc, "", "an assignment needs a shell");
		*loc = lx->loc;
		return T_UNKNOWN;
	}
	if (start && lx->text[0] == '[' && lx->text[1] && lx->text[1] != '[') {
		lx->stage = STAGE_NAME;
		return arg_token(lx, value, loc, T_COUNTERS);
	}
	if (is_program(lx->text))
		return arg_token(lx, value, loc, T_PROGRAM);
	if (strcmp(lx->text, "ipv6") == 0) {
		lx->stage = STAGE_IPV6;
		return arg_token(lx, value, loc, T_IPV6);
	}
	if (strcmp(lx->text, "interface") != 0)
		return 0;
	lx->stage = STAGE_INTERFACE;
	return arg_token(lx, value, loc, T_INTERFACE);
}

static int word_token(struct lexer *lx, union LINE_STYPE *value, struct loc *loc)
{
	int token = lx->stage <= STAGE_NAME ? start_token(lx, value, loc) : 0;

	if (token)
		return token;
	if (lx->stage == STAGE_STRAY)
		return stray_token(lx, value, loc);
	if (lx->stage == STAGE_INTERFACE || lx->stage == STAGE_IPV6 ||
	    lx->text[0] != '-')
		return arg_token(lx, value, loc, T_ARG);
	if (!lx->text[1])
		return stray_token(lx, value, loc);
	if (lx->text[1] == '-' && lx->text[2])
		return long_token(lx, value, loc);
	lx->rest = lx->text + 1;
	return letter_token(lx, value, loc);
}

int line_lex(union LINE_STYPE *value, struct loc *loc, struct lexer *lx)
{
	if (lx->rest)
		return letter_token(lx, value, loc);
	while (true) {
		switch (lexer_word(lx)) {
		case SCAN_END:
			*loc = lx->loc;
			return T_YYEOF;
		case SCAN_ERROR:
			*loc = lx->error.loc;
			return T_UNKNOWN;
		case SCAN_WORD:
			break;
		}
		if (lx->stage != STAGE_OPTIONS || strcmp(lx->text, "--") != 0)
			return word_token(lx, value, loc);
		lx->stage = STAGE_STRAY;
	}
}
