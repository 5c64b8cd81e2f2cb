/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * xt_entry.h - a plan's rule as an entry of iptables, from its words.
 *
 * The words are those of `dump iptables'.  The option parsers of libxtables turn them
 * into matches and targets, so that a rule is loaded and dumped in one rendering. Loading
 * an extension takes long.  So an entry is built only if it is new: nfcache, a member
 * that the kernel keeps and nobody reads, has the key of the plan's rule and the tag that
 * an entry was built for, combined with a digest of the entry.
 *
 * libxtables may end the process: xt_entry_build() is for the worker (xt_worker.h) only.
 */
#ifndef BACKEND_XT_ENTRY_H
#define BACKEND_XT_ENTRY_H

#include "backend/text/emit_text.h"
#include "backend/xtables/xt_table.h"

#define XT_SETTINGS_CHAIN "ipfw-broken" /* its first entry has the tag of the settings   \
					 */

/* what tags and comments are made of */
struct xt_source {
	const struct plan *plan;
	const struct fw_ruleset *rules; /* of the plan */
	const __s32 *const *number; /* by list and rule */
	const struct ruleset_format *format; /* NULL: no entries are built */
	const struct plan_rule **tagged[FW_LISTS]; /* by rule: that with TAG_RULE */
};

/* To be freed in any case; 0 or -ENOMEM. */
int xt_source_init(struct xt_source *s, const struct plan *p,
		   const struct fw_ruleset *rules, __s32 *const number[FW_LISTS],
		   const struct ruleset_format *format);
void xt_source_free(struct xt_source *s);

/* A hash of what r, in chain c, does, and of its tag. */
__u32 xt_rule_key(const struct xt_source *s, const struct plan_chain *c,
		  const struct plan_rule *r);

/* A hash of what an entry does; counters, nfcache and the tag are not included. */
__u32 xt_entry_digest(const struct ipt_entry *e, const char *target);

/* The name of a target that libiptc has not turned into a verdict. */
static inline const char *xt_entry_target_name(const struct ipt_entry *e)
{
	const void *target = (const char *)e + e->target_offset;

	return ((const struct xt_entry_target *)target)->u.user.name;
}

/* The text of an entry's comment, NULL if it has none. */
const char *xt_entry_comment(const struct ipt_entry *e);
/* The user data after that, *len bytes. */
const char *xt_entry_udata(const struct ipt_entry *e, size_t *len);
/* The tag in an entry's comment: 0 or an error of rule_tag_read(). */
int xt_entry_tag(const struct ipt_entry *e, struct rule_tag *tag);

/* The tag of r in chain c, empty if it has none. */
void xt_rule_tag(struct rule_udata *u, const struct xt_source *s,
		 const struct plan_chain *c, const struct plan_rule *r);

/* Is it a verdict, or a chain of ours? */
bool xt_target_is_standard(const char *target);

/* The xt_rule_key() that an entry was built for, if nobody has changed it since. */
__u32 xt_item_key(struct xt_item *item);

/* The number of r's ipfwadm rule. */
static inline __s32 xt_rule_number(const struct xt_source *s, const struct plan_rule *r)
{
	return s->number[r->list] ? s->number[r->list][r->origin] : r->origin + 1;
}

/* Is r's counter part of its ipfwadm rule's? */
static inline bool xt_rule_counts(const struct plan_rule *r)
{
	return r->origin >= 0 && r->nactions && r->action->type == PLAN_A_COUNTER;
}

#endif
