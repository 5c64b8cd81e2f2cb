/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * plan_read_iptables.h - shared by the files that read our chains in iptables-save.
 */
#ifndef BACKEND_PLAN_READ_IPTABLES_H
#define BACKEND_PLAN_READ_IPTABLES_H

#include "backend/analysis/ipt_words.h"
#include "backend/analysis/plan_read.h"

struct ipt_plan_reader {
	struct plan_read *r;
	const char *table;	/* NULL: between tables */
	__u32 line;
	struct ipt_word word[IPT_WORDS_MAX + 1];
	__u32 n, at;		/* words; the next one */
	/* of the rule */
	bool invert;		/* of the next option */
	bool is_connmark;	/* --mark is of the connection */
};

/* The next word, "" behind the last one. */
static inline const char *ipt_plan_word(struct ipt_plan_reader *x)
{
	return x->at < x->n ? x->word[x->at++].text : "";
}

/* The option that has been taken, and its words; false: it is not known. */
bool ipt_plan_match(struct ipt_plan_reader *x, const char *option);
/* Tests of the packet's bytes. */
bool ipt_plan_u32(struct ipt_plan_reader *x, const char *tests);
/* "N", "N/MASK" */
bool ipt_plan_bits(const char *s, __u32 *value, __u32 *mask);

#endif
