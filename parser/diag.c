// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * diag.c - a list of errors; the word nearest to a mistyped one.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "parser/diag.h"

#define STATUS_USAGE 2

/* the error that needs no memory */
static struct diag no_memory = { .status = 1, .text = "out of memory" };

int diag_no_memory(struct diags *d)
{
	diags_free(d);
	d->item = &no_memory;
	d->count = 1;
	return -ENOMEM;
}

int diag_add(struct diags *d, struct loc loc, const char *hint, const char *format, ...)
{
	struct diag *item;
	va_list ap;

	if (!d->item)
		d->item = calloc(DIAG_MAX, sizeof(*d->item));
	if (!d->item || d->item == &no_memory)
		return diag_no_memory(d);
	if (d->count++ >= DIAG_MAX)
		return -EINVAL;
	item = &d->item[d->count - 1];
	item->loc = loc;
	item->trailer = true;
	item->status = STATUS_USAGE;
	snprintf(item->hint, sizeof(item->hint), "%s", hint);
	va_start(ap, format);
	vsnprintf(item->text, sizeof(item->text), format, ap);
	va_end(ap);
	return -EINVAL;
}

void diags_free(struct diags *d)
{
	if (d->item != &no_memory)
		free(d->item);
	diags_init(d, d->source);
}

/* longer words are not suggested */
#define WORD_MAX 32

static unsigned int min(unsigned int a, unsigned int b)
{
	return a < b ? a : b;
}

/* Damerau-Levenshtein: letters to change, add, omit or swap. */
static unsigned int distance(const char *a, unsigned int na, const char *b,
			     unsigned int nb)
{
	unsigned int rows[3][WORD_MAX + 1];
	unsigned int *last = rows[0], *here = rows[1], *before = rows[2];

	for (unsigned int j = 0; j <= nb; j++)
		here[j] = j;
	for (unsigned int i = 1; i <= na; i++) {
		unsigned int *spare = before;

		before = last;
		last = here;
		here = spare;
		here[0] = i;
		for (unsigned int j = 1; j <= nb; j++) {
			here[j] = min(last[j - 1] + (a[i - 1] != b[j - 1]),
				      min(last[j], here[j - 1]) + 1);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] &&
			    a[i - 2] == b[j - 1])
				here[j] = min(here[j], before[j - 2] + 1);
		}
	}
	return here[nb];
}

const char *diag_suggest(const char *word, const char *const *words)
{
	unsigned int n = (unsigned int)strnlen(word, WORD_MAX + 1);
	unsigned int best = 2 * (n / 3 + 2);	/* in half steps, see below */
	const char *near = NULL;

	if (!n || n > WORD_MAX)
		return NULL;
	for (; *words; words++) {
		unsigned int length = (unsigned int)strnlen(*words, WORD_MAX + 1);
		unsigned int d;

		if (length > WORD_MAX)
			continue;
		d = strcasecmp(word, *words) ? distance(word, n, *words, length) : 0;
		if (d >= length)
			continue;
		/* of two equal distances, the one with the same first letter */
		d = 2 * d + (word[0] != **words);
		if (d < best) {
			best = d;
			near = *words;
		}
	}
	return near;
}
