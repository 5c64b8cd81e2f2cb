/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * filter_iptables.h - shared by the files that read iptables-save.
 */
#ifndef BACKEND_FILTER_IPTABLES_H
#define BACKEND_FILTER_IPTABLES_H

#include "backend/analysis/filter.h"
#include "backend/analysis/filter_words.h"
#include "backend/analysis/ipt_words.h"

struct ipt_reader {
	struct filter *f;
	const struct table *table;	/* NULL: between tables */
	const char *name;	/* of the table */
	__u32 seen;		/* tables */
	__u32 line;
	const char *text;	/* of the line */
	struct ipt_word word[IPT_WORDS_MAX + 1];
	__u32 n, at;		/* words; the next one */
	/* of the rule */
	struct filter_chain *chain;
	struct filter_match match;
	__u32 proto;		/* -p, 0: none, or all but one */
};

/* An error about the next word, "WHAT 'word'": -EINVAL. */
int ipt_fail(struct ipt_reader *r, const char *what);
/* The next word; NULL with the error that WHAT is missing. */
const char *ipt_take(struct ipt_reader *r, const char *what);

/* The words of a rule behind its chain; what it does goes to *rule, the rest to r->match. */
int ipt_rule_read(struct ipt_reader *r, struct filter_rule *rule);
/* Is it an option of a rule's conditions, or "!"? */
bool ipt_is_option(const char *word);
/* The words behind -j: the target of that name. */
int ipt_target_read(struct ipt_reader *r, struct filter_rule *rule, bool is_goto);

#endif
