/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * source.h - named text kept in memory, and places in it.
 *
 * A command line is a source too: its words joined by blanks (quoted where a
 * shell would need it), so that a caret can stand under a word.
 */
#ifndef PARSER_SOURCE_H
#define PARSER_SOURCE_H

#include <stddef.h>

struct source {
	const char *name;	/* file name, "-" for stdin, or NULL: command line */
	const char *text;	/* len bytes and a NUL; may hold any byte */
	size_t len;
};

/* bytes [begin, end) of the source */
struct loc {
	unsigned int begin, end;
};

/* line and column, both from 1; the column counts bytes */
void source_position(const struct source *s, unsigned int offset,
		     unsigned int *line, unsigned int *column);

/*
 * The words behind argv[0].  Returns 0 or -ENOMEM; the text is malloc'ed, see
 * source_free().
 */
int source_from_argv(struct source *s, int argc, char *const *argv);

#endif
