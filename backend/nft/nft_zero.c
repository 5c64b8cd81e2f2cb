// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * nft_zero.c - counters read and set to 0, so that no packet is lost between.
 */
#include <errno.h>

#include "backend/nft/nft_apply.h"
#include "backend/ruleset.h"

/* a list being set to 0 */
struct zero {
	enum fw_list_id list;
	struct nft_view *view;
	const struct nft_rule *next;	/* of the chain being reset */
};

/* The kernel dumps rules in the order in which they were read. */
static void zero_note(void *ctx, const struct nft_rule *r)
{
	struct zero *z = ctx;
	const struct nft_rule *held = z->next;

	while (held && held->handle != r->handle)
		held = held->next;
	if (!held)
		return;
	z->next = held->next;
	if (held->owner) {
		held->owner->pcnt += r->packets;
		held->owner->bcnt += r->bytes;
	}
}

/* Is there a rule of this list that counts? */
static bool chain_counts(const struct nft_chain *c, enum fw_list_id list)
{
	const struct nft_rule *r;

	for (r = c->rules; r; r = r->next)
		if (r->owner && r->counts && r->list == list)
			return true;
	return false;
}

static int chains_reset(struct nft *n, struct zero *z)
{
	const struct nft_table *t = &z->view->table;
	int err = 0;
	__u32 i;

	for (i = 0; i < t->nchains && !err; i++) {
		if (!chain_counts(t->chain[i], z->list))
			continue;
		z->next = t->chain[i]->rules;
		err = nft_table_reset(&n->link, t->chain[i]->name, zero_note, z);
	}
	return err;
}

/* Kernels before 6.2 cannot reset: rules that have counted are replaced. */
static int list_replace(struct nft *n, __u32 generation, const struct zero *z,
			struct fw_error *e)
{
	const struct fw_edit edit = { .op = FW_OP_ZERO, .list = z->list };

	return nft_apply_to_view(n, generation, z->view, &edit, 1, e);
}

static int view_zero(struct nft *n, __u32 generation, struct zero *z, struct fw_error *e)
{
	struct fw_list *l = &z->view->store.rules.list[z->list];
	struct fw_ruleset before;
	int err = fw_ruleset_copy(&before, &z->view->store.rules);

	if (err)
		return fw_error_set(e, ENOMEM, "out of memory");
	fw_list_zero(l);
	err = chains_reset(n, z);
	if (err == -EOPNOTSUPP) {
		fw_ruleset_free(&z->view->store.rules);
		z->view->store.rules = before;
		return list_replace(n, generation, z, e);
	}
	fw_ruleset_free(&before);
	return err ? fw_error_set(e, -err, "cannot set the counters to 0") : 0;
}

/* what an attempt is about */
struct request {
	enum fw_list_id list;
	struct fw_ruleset *rules;	/* the result; may be NULL */
};

static int zero_attempt(struct nft *n, __u32 generation, void *ctx, struct fw_error *e)
{
	struct request *r = ctx;
	struct nft_view v;
	struct zero z = { .list = r->list, .view = &v };
	int err = nft_view_get(n, generation, &v, e);

	n->warning[0] = '\0';
	if (!err)
		err = nft_refuse_dormant(&v, e);
	if (!err && v.store.is_changed)
		nft_view_print(&v, false, n->warning, sizeof(n->warning));
	if (!err && v.table.present)
		err = view_zero(n, generation, &z, e);
	if (!err && r->rules) {
		*r->rules = v.store.rules;
		fw_ruleset_init(&v.store.rules);
	}
	nft_view_free(&v);
	return err;
}

int nft_apply_zero(struct nft *n, enum fw_list_id list, struct fw_ruleset *rs,
		   struct fw_error *e)
{
	struct request r = { list, rs };
	int err;

	if ((unsigned int)list >= FW_LISTS)
		return fw_error_set(e, EINVAL, "no such list");
	err = nft_attempt(n, zero_attempt, &r, e);
	if (!err && n->warning[0] && n->format->warn)
		n->format->warn(n->warning);
	return err;
}
