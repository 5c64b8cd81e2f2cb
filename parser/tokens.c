/* SPDX-License-Identifier: GPL-2.0-or-later */
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
#include "parser/lexer.h"
#include "parser/grammar.h"

struct letter {
	int token;
	bool argument;	/* mandatory, glued or the next word */
};

static const struct letter letters[128] = {
	['A'] = { T_ACCOUNTING, false },
	['F'] = { T_FORWARD, false },
	['I'] = { T_INPUT, false },
	['M'] = { T_MASQUERADING, false },
	['O'] = { T_OUTPUT, false },
	['a'] = { T_APPEND, false },
	['i'] = { T_INSERT, false },
	['d'] = { T_DELETE, false },
	['l'] = { T_LIST, false },
	['z'] = { T_ZERO, false },
	['f'] = { T_FLUSH, false },
	['p'] = { T_POLICY, true },
	['s'] = { T_TIMEOUTS, true },
	['c'] = { T_CHECK, false },
	['h'] = { T_HELP, false },
	['P'] = { T_PROTOCOL, true },
	['S'] = { T_SOURCE, true },
	['D'] = { T_DESTINATION, true },
	['V'] = { T_ADDRESS, true },
	['W'] = { T_INTERFACE_NAME, true },
	['b'] = { T_BIDIRECTIONAL, false },
	['e'] = { T_EXTENDED, false },
	['k'] = { T_ACK, false },
	['m'] = { T_MASQUERADE, false },
	['n'] = { T_NUMERIC, false },
	['o'] = { T_LOG, false },
	['r'] = { T_REDIRECT, false },
	['t'] = { T_TOS, true },
	['v'] = { T_VERBOSE, false },
	['x'] = { T_EXACT, false },
	['y'] = { T_SYN, false },
};

const char *const lexer_long_options[] = {
	"--state", "--keep-state", "--helper", "--comment", NULL,
};

static const struct {
	int option;
	struct letter letter;
} long_options[] = {
	{ AST_STATE, { T_STATE, true } },
	{ AST_KEEP_STATE, { T_KEEP_STATE, false } },
	{ AST_HELPER, { T_HELPER, true } },
	{ AST_COMMENT, { T_COMMENT, true } },
};

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

static int word_token(struct lexer *lx, union LINE_STYPE *value, struct loc *loc,
		      int token, const char *text)
{
	*loc = part(lx, (size_t)(text - lx->text), lx->length);
	value->word = ast_word_new(&lx->arena, text, *loc);
	return token;
}

static int option_token(struct lexer *lx, union LINE_STYPE *value, struct loc loc,
			int option, const struct letter *letter)
{
	value->option = option;
	lx->option = option;
	lx->option_loc = loc;
	if (letter->argument)
		lx->stage = STAGE_ARGUMENT;
	return letter->token;
}

/* "--name" or "--name=argument"; anything else is the invalid letter `-' */
static int long_token(struct lexer *lx, union LINE_STYPE *value, struct loc *loc)
{
	size_t n = strcspn(lx->text, "=");

	for (size_t i = 0; lexer_long_options[i]; i++) {
		const struct letter *letter = &long_options[i].letter;

		if (strlen(lexer_long_options[i]) != n ||
		    memcmp(lexer_long_options[i], lx->text, n) != 0)
			continue;
		if (lx->text[n] && !letter->argument)
			break;
		if (lx->text[n])
			lx->rest = lx->text + n + 1;
		*loc = part(lx, 0, n);
		return option_token(lx, value, *loc, long_options[i].option, letter);
	}
	*loc = part(lx, 0, lx->length);
	lexer_error(lx, *loc, "", "invalid option -- '-'");
	return T_UNKNOWN;
}

/* the next letter of a cluster; the first one's place includes the dash */
static int letter_token(struct lexer *lx, union LINE_STYPE *value, struct loc *loc)
{
	unsigned char c = (unsigned char)*lx->rest;
	size_t at = (size_t)(lx->rest - lx->text);

	*loc = part(lx, at == 1 ? 0 : at, at + 1);
	if (!*++lx->rest)
		lx->rest = NULL;
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

static int argument_token(struct lexer *lx, union LINE_STYPE *value, struct loc *loc)
{
	const char *text = lx->rest ? lx->rest : lx->text;

	lx->rest = NULL;
	lx->stage = STAGE_OPTIONS;
	return word_token(lx, value, loc, T_ARGUMENT, text);
}

int line_lex(union LINE_STYPE *value, struct loc *loc, struct lexer *lx)
{
	do {
		if (lx->rest)
			return lx->stage == STAGE_ARGUMENT ?
				argument_token(lx, value, loc) :
				letter_token(lx, value, loc);
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
		if (lx->stage == STAGE_ARGUMENT)
			return argument_token(lx, value, loc);
		if (lx->stage == STAGE_OPTIONS && strcmp(lx->text, "--") == 0)
			lx->stage = STAGE_STRAY;
		else
			return next_token(lx, value, loc);
	} while (true);
}
