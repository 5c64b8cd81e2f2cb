// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * tokens.c - words taken apart as getopt did.
 *
 * A word that begins with `-' is a cluster of letters; a letter with a
 * mandatory argument takes the rest of the word, or else the next word,
 * whatever it is.  The new long options cannot be confused with anything: to
 * 2.3.0 a second `-' was always an invalid letter.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "kmod/core/base.h"
#include "parser/diag.h"
#include "parser/lexer.h"
#include "parser/grammar.h"

/* what an option takes: a mandatory argument or not; free words as the token says */
struct usage {
	int token;
	bool argument;
};

static const struct usage letters[128] = {
	['A'] = { T_OPTION_WORD, false },
	['F'] = { T_OPTION, false },
	['I'] = { T_OPTION, false },
	['M'] = { T_OPTION, false },
	['O'] = { T_OPTION, false },
	['T'] = { T_OPTION, false },
	['a'] = { T_OPTION_WORD, false },
	['i'] = { T_OPTION_WORD, false },
	['d'] = { T_OPTION_WORD, false },
	['l'] = { T_OPTION, false },
	['z'] = { T_OPTION, false },
	['f'] = { T_OPTION, false },
	['p'] = { T_OPTION, true },
	['s'] = { T_OPTION_PAIR, true },
	['c'] = { T_OPTION, false },
	['h'] = { T_OPTION, false },
	['P'] = { T_OPTION, true },
	['S'] = { T_OPTION_WORDS, true },
	['D'] = { T_OPTION_WORDS, true },
	['V'] = { T_OPTION, true },
	['W'] = { T_OPTION, true },
	['b'] = { T_OPTION, false },
	['e'] = { T_OPTION, false },
	['k'] = { T_OPTION, false },
	['m'] = { T_OPTION, false },
	['n'] = { T_OPTION, false },
	['o'] = { T_OPTION, false },
	['r'] = { T_OPTION_WORD, false },
	['t'] = { T_OPTION_WORD, true },
	['v'] = { T_OPTION, false },
	['x'] = { T_OPTION, false },
	['y'] = { T_OPTION, false },
};

const char *const lexer_long_options[] = {
	"--state", "--keep-state", "--helper", "--comment", NULL,
};

static const struct {
	int option;
	struct usage usage;
} long_options[] = {
	{ AST_STATE, { T_OPTION, true } },
	{ AST_KEEP_STATE, { T_OPTION, false } },
	{ AST_HELPER, { T_OPTION, true } },
	{ AST_COMMENT, { T_OPTION, true } },
};

/* -s of tracked connections: with its words or without any */
static const struct usage tracking_timeouts = { T_OPTION_WORDS, false };

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

/* the place of bytes [from, to) of the word at hand */
static struct loc part(const struct lexer *lx, size_t from, size_t to)
{
	struct loc loc = lx->loc;

	if (lx->plain) {
		loc.end = loc.begin + (unsigned int)to;
		loc.begin += (unsigned int)from;
	}
	return loc;
}

static int memory_token(struct lexer *lx)
{
	lexer_memory(lx);
	return T_UNKNOWN;
}

static int word_token(struct lexer *lx, union LINE_STYPE *value, struct loc *loc,
		      int token, const char *text)
{
	*loc = part(lx, (size_t)(text - lx->text), lx->length);
	value->word = ast_word_new(&lx->arena, text, *loc);
	return value->word ? token : memory_token(lx);
}

/* the rest of the cluster, or the next word, be it what it may; NULL: none */
static struct ast_word *argument_take(struct lexer *lx)
{
	const char *text = lx->rest;
	struct ast_word *word;

	if (!text) {
		if (lexer_word(lx) != SCAN_WORD)
			return NULL;
		text = lx->text;
	}
	lx->rest = NULL;
	word = ast_word_new(&lx->arena, text,
			    part(lx, (size_t)(text - lx->text), lx->length));
	if (!word)
		lexer_memory(lx);
	return word;
}

static int argument_missing(struct lexer *lx, int option, struct loc loc)
{
	char buf[3];

	if (option <= AST_COMMENT)
		lexer_error(lx, loc, "", "option '%s' requires an argument",
			    ast_option_name(option, buf));
	else
		lexer_error(lx, loc, "", "option requires an argument -- '%c'", option);
	return T_UNKNOWN;
}

static int option_token(struct lexer *lx, union LINE_STYPE *value, struct loc loc,
			int option, const struct usage *usage)
{
	struct ast_word *argument = NULL;

	if (usage->argument) {
		argument = argument_take(lx);
		if (!argument)
			return argument_missing(lx, option, loc);
	}
	value->item = ast_item_new(&lx->arena, option, loc, argument);
	return value->item ? usage->token : memory_token(lx);
}

/* a file gets a better answer than the one of 2.3.0 */
static int long_refuse(struct lexer *lx, struct loc loc, size_t n)
{
	char word[64], hint[64] = "";
	const char *near;

	snprintf(word, sizeof(word), "%.*s", n < 60 ? (int)n : 60, lx->text);
	near = diag_suggest(word, lexer_long_options);
	if (near)
		snprintf(hint, sizeof(hint), "did you mean '%s'?", near);
	if (lx->command_line)
		lexer_error(lx, loc, hint, "invalid option -- '-'");
	else if (near && strcmp(near, word) == 0)
		lexer_error(lx, loc, "", "option '%s' doesn't allow an argument", word);
	else
		lexer_error(lx, loc, hint, "unknown option \"%s\"", word);
	return T_UNKNOWN;
}

/* "--name" or "--name=argument"; anything else is the invalid letter `-' */
static int long_token(struct lexer *lx, union LINE_STYPE *value, struct loc *loc)
{
	size_t n = strcspn(lx->text, "=");

	for (size_t i = 0; lexer_long_options[i]; i++) {
		const struct usage *usage = &long_options[i].usage;

		if (strlen(lexer_long_options[i]) != n ||
		    memcmp(lexer_long_options[i], lx->text, n) != 0)
			continue;
		if (lx->text[n] && !usage->argument)
			break;
		if (lx->text[n])
			lx->rest = lx->text + n + 1;
		*loc = part(lx, 0, n);
		return option_token(lx, value, *loc, long_options[i].option, usage);
	}
	*loc = part(lx, 0, n);
	return long_refuse(lx, *loc, n);
}

/* the next letter of a cluster; the first one's place includes the dash */
static int letter_token(struct lexer *lx, union LINE_STYPE *value, struct loc *loc)
{
	unsigned char c = (unsigned char)*lx->rest;
	size_t at = (size_t)(lx->rest - lx->text);

	*loc = part(lx, at == 1 ? 0 : at, at + 1);
	if (!*++lx->rest)
		lx->rest = NULL;
	if (c == 's' && lx->tracking)
		return option_token(lx, value, *loc, c, &tracking_timeouts);
	lx->tracking |= c == 'T';
	if (c < FW_COUNT(letters) && letters[c].token)
		return option_token(lx, value, *loc, c, &letters[c]);
	lexer_error(lx, *loc, "", "invalid option -- '%c'", c);
	return T_UNKNOWN;
}

static bool program_name(const char *word)
{
	const char *slash = strrchr(word, '/');

	return strcmp(slash ? slash + 1 : word, "ipfwadm") == 0;
}

/* what only a line of a file may begin with; 0 if the word is none of it */
static int start_token(struct lexer *lx, union LINE_STYPE *value, struct loc *loc)
{
	bool start = lx->stage == STAGE_START;

	lx->stage = STAGE_OPTIONS;
	if (start && lx->text[0] == '[') {
		lx->stage = STAGE_NAME;
		return word_token(lx, value, loc, T_COUNTERS, lx->text);
	}
	if (program_name(lx->text))
		return word_token(lx, value, loc, T_PROGRAM, lx->text);
	if (strcmp(lx->text, "interface") != 0)
		return 0;
	lx->stage = STAGE_WORDS;
	return word_token(lx, value, loc, T_INTERFACE, lx->text);
}

static int next_token(struct lexer *lx, union LINE_STYPE *value, struct loc *loc)
{
	int token;

	if (lx->stage <= STAGE_NAME) {
		token = start_token(lx, value, loc);
		if (token)
			return token;
	}
	if (lx->stage == STAGE_STRAY)
		return word_token(lx, value, loc, T_STRAY, lx->text);
	if (lx->stage == STAGE_WORDS || lx->text[0] != '-')
		return word_token(lx, value, loc, T_WORD, lx->text);
	if (!lx->text[1])
		return word_token(lx, value, loc, T_STRAY, lx->text);
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
			return next_token(lx, value, loc);
		lx->stage = STAGE_STRAY;
	}
}
