/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * nft_view.h - our table: the rules in its tags, their plan,
 * and which kernel rule is which rule of the plan.
 */
#ifndef BACKEND_NFT_VIEW_H
#define BACKEND_NFT_VIEW_H

#include "backend/nft/nft_gate.h"
#include "backend/nft/nft_handle.h"
#include "backend/nft/nft_index.h"
#include "backend/nft/nft_table.h"
#include "backend/store/store.h"

struct nft_view {
	struct nft_table table;
	struct nft_gate gate;
	/*
	 * Chains of the plan that belong to one rule have the names that they have in
	 * the kernel, which are those of when the rule was added.
	 */
	struct store_view store;
	struct nft_chain **tagged; /* by accounting rule: with its TAG_RULE; malloc'ed */
	struct nft_index index;		/* of the plan */
	struct nft_chain **held;	/* by chain id: the kernel's; malloc'ed */
	struct nft_rule **rule;		/* by number; NULL: the kernel has none */
};

/*
 * Reads and understands the table; a missing one is an empty rule set.  0; -EAGAIN
 * when it changed meanwhile; or another error with a text.  To be freed in any
 * case.
 */
int nft_view_read(struct nft_view *v, struct nft *n, struct fw_error *e);
/* Finds for every kernel rule the rule that it belongs to, and counts it there. */
void nft_owners_find(struct nft_view *v);
void nft_view_free(struct nft_view *v);

#endif
