/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * diag.h - errors as data: a place, a sentence, perhaps a suggestion.
 */
#ifndef PARSER_DIAG_H
#define PARSER_DIAG_H

#include <stdbool.h>
#include <stdio.h>

#include "parser/source.h"

/* more than this many are counted, not kept */
#define DIAG_MAX 20
/* after so many the rest of a file is not read: it may be no such file at all */
#define DIAG_GIVE_UP 1000

struct diag {
	struct loc loc;
	bool trailer;	/* classic: followed by "Try `PROG -h' ..." */
	int status;	/* classic exit status */
	char text[1024];	/* the sentence: of 2.3.0 where it had one */
	char hint[128];	/* "did you mean 'accept'?", or empty */
};

struct diags {
	const struct source *source;
	struct diag *item;	/* DIAG_MAX of them, made for the first error */
	unsigned int count;	/* all, also those not kept */
};

static inline void diags_init(struct diags *d, const struct source *source)
{
	*d = (struct diags){ .source = source };
}

void diags_free(struct diags *d);

/* Puts the one error "out of memory", of status 1, in the place of all; -ENOMEM. */
int diag_no_memory(struct diags *d);

/* Returns -EINVAL, so that callers can refuse with what it returns. */
int diag_add(struct diags *d, struct loc loc, const char *hint,
	     const char *format, ...) __attribute__((format(printf, 4, 5)));

/*
 * "NAME:12:17: error: invalid policy "drop" specified", the line, a caret
 * under the place, the hint.  Tabs and wide characters are allowed for.
 */
void diags_print(FILE *out, const struct diags *d, bool color);

/* Will an error be kept?  Suggestions for others need not be looked for. */
static inline bool diag_wanted(const struct diags *d)
{
	return d->count < DIAG_MAX;
}

/* the nearest of words (NULL-terminated) to word, or NULL if none is near */
const char *diag_suggest(const char *word, const char *const *words);

#endif
