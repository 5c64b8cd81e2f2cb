/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * xt_entry.h - a plan's rule as the entry of an ip_tables table.
 *
 * Revisions are those that every kernel since 3.12 offers, unless there is a choice.
 */
#ifndef BACKEND_XT_ENTRY_H
#define BACKEND_XT_ENTRY_H

#include <linux/netfilter/xt_comment.h>

#include "backend/text/emit_text.h"
#include "backend/xtables/xt_table.h"

#define XT_ENTRY_MAX 65528	/* offsets within an entry have 16 bits */

/* an entry being put together; in malloc'ed memory */
struct xt_builder {
	size_t len;
	int error;
	const char *target;	/* as in struct xt_rule */
	__u8 byte[XT_ENTRY_MAX] __attribute__((aligned(8)));
};

static inline struct ipt_entry *xt_builder_entry(struct xt_builder *b)
{
	return (struct ipt_entry *)b->byte;
}

/*
 * Fills b's entry and target.  comment may be NULL.  0, or -EINVAL: the plan holds
 * what iptables has no form for.
 */
int xt_entry_build(struct xt_builder *b, const struct plan_rule *r,
		   const struct xt_comment_info *comment);

/* Appends a match or target with size bytes of data, zeroed; NULL if it does not fit. */
void *xt_entry_add(struct xt_builder *b, const char *name, __u8 revision, size_t size);

/* the matches of a simplified rule */
void xt_entry_matches(struct xt_builder *b, const struct emit_rule *s);

#define XT_ENTRY_TEXT 0x1	/* comments, too */

/* Do two rules the same?  Counters do not matter. */
bool xt_entry_same(const struct xt_rule *a, const struct xt_rule *b, unsigned int flags);

/*
 * Says in what, of size bytes, which match or target of an entry the kernel does not
 * have; false if there is none.
 */
bool xt_entry_lacks(const struct ipt_entry *e, char *what, size_t size);

/* the comment in an entry, NULL if it has none */
const struct xt_comment_info *xt_entry_comment(const struct ipt_entry *e);

#endif
