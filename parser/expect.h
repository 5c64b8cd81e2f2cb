/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * expect.h - what may follow at the end of a line that is being typed.
 *
 * The parser itself decides: the line is read with a word at its end, and what
 * that word becomes was expected there.
 */
#ifndef PARSER_EXPECT_H
#define PARSER_EXPECT_H

#include <stdbool.h>
#include <stddef.h>

#include "parser/ast.h"
#include "parser/source.h"

struct expect {
	const struct option_row *option;	/* whose argument the word is, or NULL */
	unsigned int nth;	/* its index among them */
	bool must;		/* no option is possible instead */
	unsigned int begin;	/* offset of the word, even if glued to its option */
	bool given[OPTION_IDS];	/* options to the left */
	bool interface;		/* the line is "interface NAME ADDRESS/BITS" */
	char protocol[16];	/* of -P, as typed; or empty */
	char policy[16];	/* of -a, -i, -d, likewise */
};

/* The line's len bytes end at the cursor; 0 or -ENOMEM. */
int line_expect(struct expect *x, const char *text, size_t len);

/* May option be added to the line? */
bool expect_option(const struct expect *x, const struct option_row *o);

/* receives the candidates for an argument */
struct candidates {
	void (*add)(struct candidates *c, const char *word, const char *about);
	const char *typed;	/* the argument so far */
	size_t fixed;		/* bytes of it that candidates follow: "new," of "new,e" */
	const char *open;	/* what is wanted if any word will do, or NULL */
	bool quick;		/* no questions to name services */
};

/* what the word may be: names, services ... (option_words.c) */
void expect_words(const struct expect *x, struct candidates *c);
/* the words of a list that ends with NULL */
void candidates_words(struct candidates *c, const char *const *words);

#endif
