/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * lexer.h - from text to words (lexer.l), from words to tokens (tokens.c).
 *
 * Words are those of a POSIX shell.  Tokens are what getopt made of them: the
 * letters of a cluster one by one, each at its own column, the required argument
 * of an option whether glued to it or not, and free arguments.
 */
#ifndef PARSER_LEXER_H
#define PARSER_LEXER_H

#include <setjmp.h>

#include "parser/ast.h"

enum scan {
	SCAN_WORD,
	SCAN_END,		/* of the line */
	SCAN_ERROR,		/* the reason is in lexer.error */
};

/* what may follow in the line */
enum stage {
	STAGE_START,		/* counters, program name, interface, options */
	STAGE_NAME,		/* the same without counters */
	STAGE_OPTIONS,
	STAGE_INTERFACE,	/* its two arguments */
	STAGE_IPV6,		/* its argument */
	STAGE_STRAY,		/* after -- */
};

struct lexer {
	const struct source *source;
	bool command_line;	/* else a file, or a line of the shell */
	bool every_command;	/* not only those that a file may have */
	void *scanner;
	/* Where failed allocations of flex and of memory return to: who reads sets it. */
	jmp_buf no_memory;
	size_t fed;		/* bytes given to the scanner */
	unsigned int offset;	/* bytes matched by it */
	bool line_open;		/* the end of the line has not been seen */
	bool eof;
	struct obstack memory;	/* words and AST of the current line; a quoted word grows there */
	void *line_memory;	/* its first object */

	/* the current word */
	const char *text;
	size_t length;
	struct loc loc;
	bool plain;		/* text is in the source byte by byte */

	enum stage stage;
	bool tracking;		/* -T is to the left: -s takes free arguments only */
	const char *rest;	/* of a cluster, NULL at its end */
	struct ast_error error;
};

/* Returns 0 or -ENOMEM. */
int lexer_open(struct lexer *lx, const struct source *source, bool command_line);
void lexer_close(struct lexer *lx);

/* Reads on to the end of the line. */
void lexer_skip_line(struct lexer *lx);

/* Reads the next word of the line into text, length, loc and plain. */
enum scan lexer_word(struct lexer *lx);

/* Is it a command of scripts, or NAME=..., which only a shell can carry out? */
bool word_needs_shell(const char *word);
bool word_is_assignment(const char *word);

/* Records the first error of the line. */
void lexer_error(struct lexer *lx, struct loc loc, const char *hint,
		 const char *format, ...) __attribute__((format(printf, 4, 5)));

/*
 * Reads one line, blank ones too; false at the end of the source.  The line is
 * valid only up to lx->error.
 */
bool line_read(struct lexer *lx, struct ast_line *line);

#endif
