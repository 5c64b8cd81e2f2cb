/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * shell_mdoc.h - the little of mdoc that the manuals are written in, as text.
 */
#ifndef IPFWADM_SHELL_MDOC_H
#define IPFWADM_SHELL_MDOC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* a paragraph under way */
struct mdoc {
	FILE *out;
	unsigned int width, indent;
	unsigned int column;	/* 0: nothing on the line yet */
	bool glue;		/* the next word follows without a blank */
	bool fresh;		/* nothing yet: no blank line is due */
};

/* Adds a line of source (length bytes), a macro or text, to the paragraph. */
void mdoc_line(struct mdoc *m, const char *line, size_t length);
/* The words of a macro line, as those behind ".It". */
void mdoc_words(struct mdoc *m, const char *words, size_t length);
/* Ends the line, if one has begun. */
void mdoc_break(struct mdoc *m);

#endif
