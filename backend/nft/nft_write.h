/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * nft_write.h - a plan, or parts of it, as messages of a batch.
 */
#ifndef BACKEND_NFT_WRITE_H
#define BACKEND_NFT_WRITE_H

#include "backend/nft/nft_expr.h"
#include "backend/nft/nft_batch.h"
#include "backend/store/store_record.h"
#include "backend/rule_tag.h"
#include "backend/plan/plan.h"
#include "kmod/core/text.h"

struct nft_writer {
	struct nft_batch batch;
	const struct plan *plan;
	const struct fw_ruleset *rules;	/* that plan was lowered from */
	void (*describe)(struct fw_text *t, enum fw_list_id list,
			 const struct fw_rule *r);
	const __s32 *order;	/* of accounting rules; NULL: their index */
	/* the kernel rule with TAG_RULE, by list and index; malloc'ed */
	const struct plan_rule **tagged[FW_LISTS];
	const struct plan_rule *settings;	/* the one with TAG_SETTINGS */
	bool is_whole; /* all of the table is written */
	bool renews_forwards; /* none of their rules stays */
	__u32 last_set;			/* number of the last set in the batch */
	int error;		/* the first one, or 0 */
};

/* To be freed in any case; 0 or -ENOMEM. */
int nft_writer_init(struct nft_writer *w, const struct plan *p,
		    const struct fw_ruleset *rules, __u32 generation);
void nft_writer_free(struct nft_writer *w);

/* All of the plan, in place of the table that is there, if there is one. */
void nft_write_table(struct nft_writer *w, bool present);

void nft_write_chain(struct nft_writer *w, const struct plan_chain *c);
/* likewise, but the kernel refuses if there is one of this name */
void nft_write_own_chain(struct nft_writer *w, const struct plan_chain *c);
void nft_write_helper(struct nft_writer *w, const struct plan_helper *h);
void nft_write_timeout(struct nft_writer *w, const struct plan_timeout *t);

enum nft_place { NFT_AT_END, NFT_AT_HEAD, NFT_BEFORE, NFT_INSTEAD };

/* handle: with NFT_BEFORE, of the rule to insert before; with NFT_INSTEAD, to replace */
void nft_write_rule(struct nft_writer *w, const struct plan_chain *c,
		    const struct plan_rule *r, enum nft_place place, __u64 handle);
void nft_write_chain_rules(struct nft_writer *w, const struct plan_chain *c);

/* present: is the chain with the record there? */
void nft_write_record(struct nft_writer *w, const struct store_record *r, bool present);

/* handle: 0 for all rules of the chain */
void nft_delete_rule(struct nft_writer *w, const char *chain, __u64 handle);
void nft_delete_chain(struct nft_writer *w, const char *chain);
void nft_delete_object(struct nft_writer *w, __u32 type, const char *name);

/* nft_batch_message's cookie: the rule that a message is for */
static inline __u32 nft_cookie(const struct plan_rule *r)
{
	return r->origin < 0 ? NFT_COOKIE_NONE : (__u32)r->list << 28 | (__u32)r->origin;
}

#endif
