/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * lexer.h - from text to words (lexer.l), from words to tokens (tokens.c).
 *
 * Words are those of a POSIX shell.  Tokens are what getopt made of them: the
 * letters of a cluster one by one, each at its own column, an option's argument
 * whether glued to it or not, and free words.
 */
#ifndef PARSER_LEXER_H
#define PARSER_LEXER_H

#include <setjmp.h>

#include "parser/arena.h"
#include "parser/ast.h"

enum scan {
	SCAN_WORD,
	SCAN_END,		/* of the line */
	SCAN_ERROR,		/* lexer.error says why */
};

/* what may come next in the line */
enum stage {
	STAGE_START,		/* counters, program name, interface, options */
	STAGE_NAME,		/* the same without counters */
	STAGE_OPTIONS,
	STAGE_WORDS,		/* of an interface */
	STAGE_STRAY,		/* behind -- */
};

struct lexer {
	const struct source *source;
	bool command_line;	/* else a file, or a line of the shell */
	bool every_command;	/* not only those that a file may hold */
	void *scanner;
	jmp_buf no_memory;	/* the way out of the scanner */
	size_t fed;		/* bytes given to the scanner */
	unsigned int offset;	/* bytes matched by it */
	bool line_open;		/* the end of the line has not been seen */
	bool eof;
	struct arena arena;	/* of the line at hand */
	/* a word with quotes, as far as it has been read */
	char *quoted;
	size_t nquoted, room;

	/* the word at hand */
	const char *text;
	size_t length;
	struct loc loc;
	bool plain;		/* text stands in the source byte by byte */

	enum stage stage;
	bool tracking;		/* -T has been met: -s behind it takes free words */
	const char *rest;	/* of a cluster, NULL when it is used up */
	struct ast_error error;
};

int lexer_open(struct lexer *lx, const struct source *source, bool command_line);
void lexer_close(struct lexer *lx);

/* Reads on to the end of the line. */
void lexer_skip_line(struct lexer *lx);

/* The next word of the line, into text, length, loc and plain. */
enum scan lexer_word(struct lexer *lx);

/* Notes the first error of the line. */
void lexer_error(struct lexer *lx, struct loc loc, const char *hint,
		 const char *format, ...) __attribute__((format(printf, 4, 5)));

/*
 * Reads one line, blank ones too; false at the end of the source.  Look at
 * lx->error first.
 */
bool line_read(struct lexer *lx, struct ast_line *line);

/* Notes that memory is short; SCAN_ERROR. */
enum scan lexer_memory(struct lexer *lx);

/* names of the long options, for suggestions; NULL-terminated */
extern const char *const lexer_long_options[];

#endif
