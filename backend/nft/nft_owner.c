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

/* Kernel rules of one accounting rule are in several chains, and have its number. */
static struct fw_rule *account_find(const struct nft_view *v, __s32 number)
{
	__s32 index = store_view_find(&v->store, FW_ACCT, number);

	return index < 0 ? NULL : fw_list_rule(&v->store.rules.list[FW_ACCT], (__u32)index);
}

/* The rules that have a tag with the whole rule. */
static void tagged_own(struct nft_view *v)
{
	__u32 next[FW_LISTS] = { 0 }, i;
	struct nft_rule *r;

	for (i = 0; i < v->table.nchains; i++) {
		for (r = v->table.chain[i]->rules; r; r = r->next) {
			if (r->tag != TAG_RULE)
				continue;
			r->owner = r->list == FW_ACCT ? account_find(v, r->order) :
				   fw_list_rule(&v->store.rules.list[r->list],
						next[r->list]++);
			if (r->list == FW_ACCT)
				v->tagged[r->owner - fw_list_rule(
					  &v->store.rules.list[FW_ACCT], 0)] = v->table.chain[i];
		}
	}
}

/* Others follow the one with TAG_RULE; returns the number of those that do not. */
static __u32 chain_own(const struct nft_view *v, const struct nft_chain *c)
{
	struct fw_rule *owner = NULL;
	struct nft_rule *r;
	__u32 left = 0;

	for (r = c->rules; r; r = r->next) {
		if (r->tag == TAG_MORE)
			r->owner = r->list == FW_ACCT ? account_find(v, r->order) : owner;
		else
			owner = r->owner;
		left += r->tag == TAG_MORE && !r->owner;
	}
	return left;
}

/* The chain that r leads to, and those from there, as far as they have no owner. */
static void target_own(const struct nft_view *v, const struct nft_rule *r)
{
	const char *name = r->owner ? nft_installed_target(r) : NULL;
	const struct nft_chain *c = name ? nft_table_chain(&v->table, name) : NULL;
	struct nft_rule *next = c && !c->type ? c->rules : NULL;

	for (; next; next = next->next) {
		if (next->tag != TAG_MORE || next->owner)
			continue;
		next->owner = r->owner;
		target_own(v, next);
	}
}

void nft_owners_find(struct nft_view *v)
{
	const struct nft_rule *r;
	__u32 i, left = 0;

	tagged_own(v);
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
