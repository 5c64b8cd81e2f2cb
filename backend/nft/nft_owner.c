// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * nft_owner.c - which rule each kernel rule of our table counts for.
 *
 * That does not depend on what the rules lower to: counters stay although interfaces
 * have changed since.
 */
#include <stdlib.h>

#include "backend/nft/nft_same.h"
#include "backend/nft/nft_view.h"

static int order_compare(const void *a, const void *b)
{
	const __s32 *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

/* Kernel rules of one accounting rule stand in several chains, and tell its number. */
static struct fw_rule *account_find(const struct nft_view *v, __s32 order)
{
	const struct fw_list *acct = &v->rules.list[FW_ACCT];
	const __s32 *found = acct->count ? bsearch(&order, v->order, acct->count,
						   sizeof(*v->order), order_compare)
					 : NULL;

	return found ? fw_list_rule(acct, (__u32)(found - v->order)) : NULL;
}

/* Others stand behind the one that tells the rule; the number of those that do not. */
static __u32 chain_own(const struct nft_view *v, const struct nft_chain *c)
{
	struct fw_rule *owner = NULL;
	struct nft_rule *r;
	__u32 left = 0;

	for (r = c->rules; r; r = r->next) {
		if (r->told == TAG_MORE)
			r->owner = r->list == FW_ACCT ? account_find(v, r->order) : owner;
		else
			owner = r->owner;
		left += r->told == TAG_MORE && !r->owner;
	}
	return left;
}

/* The chain that r leads to, and those from there, as far as they have no owner. */
static void target_own(const struct nft_view *v, const struct nft_rule *r)
{
	const char *name = r->owner ? nft_held_target(r) : NULL;
	const struct nft_chain *c = name ? nft_table_chain(&v->table, name) : NULL;
	struct nft_rule *next = c && !c->type ? c->rules : NULL;

	for (; next; next = next->next) {
		if (next->told != TAG_MORE || next->owner)
			continue;
		next->owner = r->owner;
		target_own(v, next);
	}
}

void nft_owners_find(struct nft_view *v)
{
	const struct nft_rule *r;
	__u32 i, left = 0;

	for (i = 0; i < v->table.nchains; i++)
		left += chain_own(v, v->table.chain[i]);
	for (i = 0; left && i < v->table.nchains; i++)
		for (r = v->table.chain[i]->rules; r; r = r->next)
			target_own(v, r);
	for (i = 0; i < v->table.nchains; i++) {
		for (r = v->table.chain[i]->rules; r; r = r->next) {
			if (!r->owner || !r->counts)
				continue;
			r->owner->pcnt += r->packets;
			r->owner->bcnt += r->bytes;
		}
	}
}
