// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ipt_words.c - the words of a line of iptables-save.
 */
#include "backend/analysis/ipt_words.h"

#include <ctype.h>
#include <string.h>

/* One word, in place; false: a quote is not closed. */
static bool word_split(struct ipt_word *w, char **at)
{
	char *in = *at, *out = in;
	bool quoted = false;

	w->text = in;
	for (; *in && (quoted || !isspace((unsigned char)*in)); in++) {
		if (*in == '"') {
			quoted = !quoted;
			continue;
		}
		if (*in == '\\' && in[1])
			in++;
		*out++ = *in;
	}
	*at = in + (*in != 0);
	*out = 0;
	return !quoted;
}

const char *ipt_words_split(char *line, struct ipt_word word[IPT_WORDS_MAX + 1], __u32 *n)
{
	char *at = line;

	for (*n = 0;; ++*n) {
		at += strspn(at, " \t\r");
		word[*n].column = (__u32)(at - line + 1);
		if (!*at)
			return NULL;
		if (*n == IPT_WORDS_MAX)
			return "more words than a line may have";
		if (!word_split(&word[*n], &at))
			return "a quote is not closed";
	}
}
