/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ast.h - a line as written: its options in order, a place for every word.
 *
 * Everything lives in the arena of the lexer that read the line and is gone
 * when the next line is read.
 */
#ifndef PARSER_AST_H
#define PARSER_AST_H

#include <stdbool.h>

#include "parser/arena.h"
#include "parser/source.h"

struct ast_word {
	const char *text;	/* quotes taken off */
	struct loc loc;
	struct ast_word *next;
};

/* ast_item.option: the letter of a classic option, or one of these */
enum ast_option {
	AST_STRAY = 1,		/* a word that belongs to no option */
	AST_STATE,
	AST_KEEP_STATE,
	AST_HELPER,
	AST_COMMENT,
	AST_OPTIONS = 128,	/* all are below this */
};

struct ast_item {
	int option;
	struct loc loc;		/* the letter, or the whole long option */
	struct ast_word *words;	/* its arguments; of AST_STRAY the word */
	struct ast_word **end;	/* of the words */
	struct ast_item *next;
};

struct ast_line {
	struct loc loc;
	struct ast_word *counters;	/* [packets:bytes], or NULL */
	struct ast_word *program;	/* a leading "ipfwadm", or NULL */
	struct ast_word *interface;	/* NAME ADDRESS/BITS, or NULL */
	struct ast_item *items, **end;
};

/* where a line went wrong, if it did */
struct ast_error {
	bool set;
	bool memory;		/* there was too little */
	struct loc loc;
	char text[160];
	char hint[96];
};

/* both are NULL when there is no memory */
struct ast_word *ast_word_new(struct arena *a, const char *text, struct loc loc);
struct ast_item *ast_item_new(struct arena *a, int option, struct loc loc,
			      struct ast_word *word);
void ast_item_append(struct ast_item *item, struct ast_word *word);
void ast_line_init(struct ast_line *line, unsigned int offset);
void ast_line_add(struct ast_line *line, struct ast_item *item);

/* the place of bytes [from, to) of a word, of all of it if it was quoted */
struct loc ast_word_part(const struct ast_word *w, size_t from, size_t to);

/* the option as it is written: "-a" or "--state" */
const char *ast_option_name(int option, char buf[3]);

#endif
