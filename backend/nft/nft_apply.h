/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * nft_apply.h - changes of the rules in force, each in one transaction.
 */
#ifndef BACKEND_NFT_APPLY_H
#define BACKEND_NFT_APPLY_H

#include "backend/nft/nft_handle.h"
#include "backend/nft/nft_view.h"

/*
 * One attempt at something: 0, -EAGAIN or -ERESTART when others changed rules in
 * between, or another error with a text.
 */
typedef int (*nft_attempt_fn)(struct nft *n, __u32 generation, void *ctx,
			      struct fw_error *e);

/* Tries until nobody interferes, for some seconds at most. */
int nft_attempt(struct nft *n, nft_attempt_fn attempt, void *ctx, struct fw_error *e);

/* nft_view_read() of just this generation; to be freed in any case */
int nft_view_get(struct nft *n, __u32 generation, struct nft_view *v, struct fw_error *e);

/* 0; or -ESTALE with a text, because rules that are not in force must not be listed */
int nft_refuse_dormant(const struct nft_view *v, struct fw_error *e);

/* what others have changed, as a sentence */
void nft_view_print(const struct nft_view *v, bool is_undone, char *text, size_t size);

/* Edits of what was read in this generation: one attempt. */
int nft_apply_to_view(struct nft *n, __u32 generation, const struct nft_view *old,
		      const struct fw_edit *edit, size_t count, struct fw_error *e);

int nft_apply_edits(struct nft *n, const struct fw_edit *edit, size_t count,
		    struct fw_error *e);
int nft_apply_ruleset(struct nft *n, const struct fw_ruleset *rs, struct fw_error *e);
/*
 * Sets the counters of a list to 0, and gives all rules with what they had counted
 * until then in *rs, initialised empty by the caller; rs may be NULL.
 */
int nft_apply_zero(struct nft *n, enum fw_list_id list, struct fw_ruleset *rs,
		   struct fw_error *e);
/* Closes or opens the gate for IPv6 alone. */
int nft_apply_gate(struct nft *n, bool closes, struct fw_error *e);
int nft_apply_refresh(struct nft *n, struct fw_error *e);
/* All connections have ended: glue that was there for them only goes. */
void nft_apply_forget(struct nft *n);

#endif
