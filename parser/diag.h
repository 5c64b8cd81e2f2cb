/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * diag.h - errors as data: a place, a sentence, perhaps a suggestion.
 */
#ifndef PARSER_DIAG_H
#define PARSER_DIAG_H

#include <stdbool.h>
#include <stdio.h>

#include "parser/source.h"

/* the others are only counted */
#define DIAG_MAX 20
/* After so many the rest of a file is not read: it is probably no rule file. */
#define DIAG_GIVE_UP 1000

enum diag_severity { DIAG_ERROR, DIAG_WARNING, DIAG_NOTE };

struct diag {
	struct loc loc;
	unsigned int line;	/* where loc begins; 0: to be counted */
	enum diag_severity severity;
	bool trailer;	/* classic: followed by "Try `PROG -h' ..." */
	int status;	/* classic exit status */
	char text[1024];	/* the sentence, that of 2.3.0 if it had one */
	char hint[128];	/* "did you mean 'accept'?", or empty */
};

struct diags {
	const struct source *source;
	struct diag *item;	/* DIAG_MAX of them, allocated for the first error */
	unsigned int count;	/* of all errors; may exceed DIAG_MAX */
};

static inline void diags_init(struct diags *d, const struct source *source)
{
	*d = (struct diags){ .source = source };
}

void diags_free(struct diags *d);

/* Replaces all errors by "out of memory", of status 1; -ENOMEM. */
int diag_no_memory(struct diags *d);

/* Returns -EINVAL, or -ENOMEM without memory. */
int diag_add(struct diags *d, struct loc loc, const char *hint,
	     const char *format, ...) __attribute__((format(printf, 4, 5)));

/*
 * Prints "NAME:12:17: error: invalid policy "drop" specified", the line, a caret
 * below the place, the hint.  Columns account for tabs and wide characters.
 */
void diags_print(FILE *out, const struct diags *d, bool color);

/* The same of one, of any severity. */
void diag_print(FILE *out, const struct source *s, const struct diag *d, bool color);

/* Is there room for one more error?  Else no suggestion is needed. */
static inline bool diag_wanted(const struct diags *d)
{
	return d->count < DIAG_MAX;
}

/* the nearest of words (NULL-terminated) to word, or NULL if none is near */
const char *diag_suggest(const char *word, const char *const *words);

#endif
