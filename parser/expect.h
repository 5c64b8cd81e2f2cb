/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * expect.h - what may stand at the end of a line that is being typed.
 *
 * The grammar itself is asked: the line is read with a word at its end, and
 * what that word has become is what was expected there.
 */
#ifndef PARSER_EXPECT_H
#define PARSER_EXPECT_H

#include <stdbool.h>
#include <stddef.h>

#include "parser/ast.h"
#include "parser/source.h"

struct expect {
	int option;		/* the word belongs to this one, 0: to none */
	unsigned int nth;	/* it is its word number nth, from 0 */
	bool must;		/* no option may stand here instead */
	unsigned int begin;	/* where the word begins, be it glued to its option */
	bool given[AST_OPTIONS];	/* options that stand in front */
	bool interface;		/* of "interface NAME ADDRESS/BITS": nth counts */
	char protocol[16];	/* of -P, as typed; or empty */
	char policy[16];	/* of -a, -i, -d, likewise */
};

/* The line's len bytes end where the question is; 0 or -ENOMEM. */
int line_expect(struct expect *x, const char *text, size_t len);

/* May option be added to what has been given? */
bool expect_option(const struct expect *x, int option);

/* Calls visit for all options there are, by their names and codes. */
void expect_options(void (*visit)(void *ctx, int option, const char *name), void *ctx);

/* names by option: policies, protocols, states ..., NULL if it is open */
const char *const *expect_words(const struct expect *x);

#endif
