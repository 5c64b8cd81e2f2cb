/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ipt_words.h - the words of a line of iptables-save.
 */
#ifndef BACKEND_IPT_WORDS_H
#define BACKEND_IPT_WORDS_H

#include "kmod/core/base.h"

#define IPT_WORDS_MAX 256	/* of one line */

struct ipt_word {
	char *text;
	__u32 column;
};

/*
 * Splits a line in place; words may be quoted.  NULL; or what is wrong, with the column of
 * word[*n].
 */
const char *ipt_words_split(char *line, struct ipt_word word[IPT_WORDS_MAX + 1], __u32 *n);

#endif
