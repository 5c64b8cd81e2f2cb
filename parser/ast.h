/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ast.h - a line as written: its options in order, with the place of every argument.
 *
 * Everything is in the memory of the lexer that read the line, and is freed when the next
 * line is read.
 */
#ifndef PARSER_AST_H
#define PARSER_AST_H

#include <obstack.h>
#include <stdbool.h>

#include "parser/option.h"
#include "parser/source.h"

struct ast_arg {
	const char *text;	/* without its quotes */
	struct loc loc;
	struct ast_arg *next;
};

/* an option with its arguments, or an argument that belongs to no option */
struct ast_item {
	const struct option_row *option;	/* NULL: none */
	struct loc loc;		/* the letter, or the whole long option */
	struct ast_arg *args, *last;
	unsigned int nargs;
	struct ast_item *next;
};

struct ast_line {
	struct loc loc;
	struct ast_arg *counters;	/* [packets:bytes], or NULL */
	struct ast_arg *program;	/* "ipfwadm" at its start, or NULL */
	struct ast_arg *interface;	/* NAME ADDRESS/BITS, or NULL */
	struct ast_arg *ipv6;	/* deny or accept, or NULL */
	struct ast_item *items, *last;
};

/* the first error of a line */
struct ast_error {
	bool set;
	bool memory;		/* out of memory */
	struct loc loc;
	char text[160];
	char hint[96];
};

struct ast_arg *ast_arg_new(struct obstack *m, const char *text, struct loc loc);
struct ast_item *ast_item_new(struct obstack *m, const struct option_row *option,
			      struct loc loc, struct ast_arg *arg);

void ast_line_add(struct ast_line *line, struct ast_item *item);

/*
 * Adds a free argument: to the option before it if that takes one more, else as an
 * item of its own.
 */
void ast_line_add_arg(struct ast_line *line, struct obstack *m, struct ast_arg *arg);

/* the place of bytes [from, to) of an argument, of all of it if it was quoted */
struct loc ast_arg_part(const struct ast_arg *arg, size_t from, size_t to);

#endif
