/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * xt_builder.h - words of a rule, and the entry that libxtables makes of them; within
 * xt_entry.
 */
#ifndef BACKEND_XT_BUILDER_H
#define BACKEND_XT_BUILDER_H

#include "backend/xtables/xt_entry.h"

#define XT_ARGS 128
#define XT_ENTRY_MAX 16384
#define XT_KNOWN 32

struct xt_builder {
	struct emit emit; /* words of the rule */
	size_t target; /* where those of its target begin */
	char text[EMIT_ROOM]; /* the same, split */
	char *arg[XT_ARGS + 1];
	int nargs;
	__u8 entry[XT_ENTRY_MAX] __attribute__((aligned(8)));
	size_t len; /* of the entry */
	const char *chain; /* that is built for, in messages */
	/* extensions that the kernel has, as far as it was asked */
	struct {
		char name[XT_EXTENSION_MAXNAMELEN];
		bool is_target;
	} known[XT_KNOWN];
	unsigned int nknown;
	int error;
	char problem[160]; /* a sentence, if error */
};

/* NULL: memory is exhausted */
struct xt_builder *xt_builder_new(void);
void xt_builder_free(struct xt_builder *b);

/*
 * The entry for r, which has this key; valid until the next call.  NULL: an error, with a
 * text.
 */
struct ipt_entry *xt_entry_build(struct xt_builder *b, const struct xt_source *s,
				 const struct plan_chain *c, const struct plan_rule *r,
				 __u32 key, struct fw_error *e);

#endif
