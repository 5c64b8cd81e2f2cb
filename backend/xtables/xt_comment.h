/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * xt_comment.h - where an entry comes from, in its comment.
 *
 * The comment is the ipfwadm command, as `dump iptables' has it.  Behind the end of
 * the text, where nobody shows it, stands the exact origin (nft_origin.h): that of a
 * rule in the one entry that counts for it, and the settings in the first of
 * XT_SETTINGS_CHAIN.
 */
#ifndef BACKEND_XT_COMMENT_H
#define BACKEND_XT_COMMENT_H

#include "backend/backend.h"
#include "backend/nft/nft_origin.h"
#include "backend/xtables/xt_entry.h"

#define XT_SETTINGS_CHAIN "ipfw-broken"

/* what comments are made of */
struct xt_words {
	const struct plan *plan;
	const struct fw_ruleset *rules;		/* of the plan */
	const struct ruleset_format *format;
	const __s32 *order[FW_LISTS];		/* by rule; NULL: as they stand */
};

/* Does r count for its ipfwadm rule? */
static inline bool xt_rule_counts(const struct plan_rule *r)
{
	return r->origin >= 0 && r->nactions && r->action->type == PLAN_A_COUNTER;
}

static inline bool xt_rule_has_comment(const struct plan_rule *r)
{
	return r->origin >= 0 || r->comment;
}

/* false if r, in chain c, has no comment */
bool xt_comment_make(struct xt_comment_info *comment, const struct xt_words *w,
		     const struct plan_chain *c, const struct plan_rule *r);

/* 0 and *o, of kind NFT_ORIGIN_NONE if none is there; as nft_origin_read() */
int xt_comment_read(struct nft_origin *o, const struct xt_comment_info *comment);

#endif
