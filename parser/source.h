/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * source.h - named text in memory, and places in it.
 *
 * A command line is a source too: its arguments joined by blanks, quoted as for a
 * shell, so that a caret can mark one of them.
 */
#ifndef PARSER_SOURCE_H
#define PARSER_SOURCE_H

#include <stddef.h>
#include <wchar.h>

struct source {
	const char *name;	/* file name, "-" for stdin, or NULL: command line */
	const char *text;	/* len bytes, of any value, and a NUL */
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
 * The arguments after argv[0].  Returns 0 or -ENOMEM; the text is malloc'ed, see
 * source_free().
 */
int source_from_argv(struct source *s, int argc, char *const *argv);

/* the length of the UTF-8 character at p, which is *c; 0 if there is none before end */
size_t utf8_length(const char *p, const char *end, wchar_t *c);

/*
 * All that fd holds, at most 256 MB.  Returns 0, -EFBIG, -ENOMEM or -errno of read();
 * the text is malloc'ed, see source_free().
 */
int source_read(struct source *s, const char *name, int fd);

/* Frees the text. */
void source_free(struct source *s);

#endif
