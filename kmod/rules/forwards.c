// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * forwards.c - the table of port forwards in a transaction.
 *
 * Packets do not wait for a transaction.  If one of them has changed the table in force
 * since it was copied, the edits are applied to a new copy.  They cannot be refused then,
 * because packets change no more than turns, counts and learned hosts.
 */
#include <linux/mm.h>
#include <linux/sched/signal.h>

#include "kmod/rules/forwards.h"
#include "kmod/rules/generation.h"

#define COPIES_MAX 1000

static size_t table_bytes(const struct fw_portfw_table *t)
{
	return t->cap * sizeof(*t->entry);
}

static void table_copy(struct fwk_forwards *f)
{
	fwk_rules_events->forwards_read(f->rules->net, &f->table);
	if (f->tx->replace) {
		f->table.count = 0;
		f->table.keeps_ports = false;
	}
}

int fwk_forwards_begin(struct fwk_forwards *f, struct fwk_rules *rules,
		       const struct fwk_transaction *tx)
{
	u32 count = fwk_generation_active(rules)->rules.portfw.count, added = 0, i;
	bool cuts = false;

	*f = (struct fwk_forwards){ .rules = rules, .tx = tx, .is_edited = tx->replace && count };
	for (i = 0; i < tx->n; i++) {
		const struct fw_portfw_edit *e = &tx->edits[i].portfw;

		if (tx->edits[i].op != FW_OP_PORTFW)
			continue;
		f->is_edited = true;
		added += e->op == FW_PORTFW_APPEND || e->op == FW_PORTFW_INSERT;
		cuts |= e->cut;
	}
	f->table.count = count;
	if (!f->is_edited)
		return 0;
	f->table.cap = max_t(u32, count, min_t(u32, count + added, FWK_FORWARDS_MAX)) ?: 1;
	if (!fwk_memory_charge(&rules->counters, table_bytes(&f->table)))
		return -ENOMEM;
	f->table.entry = kvcalloc(f->table.cap, sizeof(*f->table.entry), GFP_KERNEL_ACCOUNT);
	if (cuts)
		f->cut = kvcalloc(f->table.cap, sizeof(*f->cut), GFP_KERNEL_ACCOUNT);
	if (!f->table.entry || (cuts && !f->cut)) {
		fwk_forwards_end(f);
		return -ENOMEM;
	}
	table_copy(f);
	return 0;
}

int fwk_forwards_edit(struct fwk_forwards *f, const struct fw_portfw_edit *e)
{
	u32 i;

	for (i = 0; e->cut && i < f->table.count; i++) {
		if (!fw_portfw_is_deleted(&f->table.entry[i], e))
			continue;
		if (f->ncut == f->table.cap)
			return -ENOSPC;
		f->cut[f->ncut++] = f->table.entry[i];
	}
	return fw_portfw_table_edit(&f->table, e);
}

static void edits_repeat(struct fwk_forwards *f)
{
	u32 i;

	table_copy(f);
	for (i = 0; i < f->tx->n; i++) {
		if (f->tx->edits[i].op == FW_OP_PORTFW)
			fw_portfw_table_edit(&f->table, &f->tx->edits[i].portfw);
		cond_resched();
	}
}

bool fwk_forwards_commit(struct fwk_forwards *f)
{
	u32 copies = 1;

	if (!f->is_edited)
		return true;
	while (!fwk_rules_events->forwards_exchange(f->rules->net, &f->table)) {
		if (copies++ == COPIES_MAX || fatal_signal_pending(current))
			return false;
		edits_repeat(f);
	}
	if (f->ncut)
		fwk_rules_events->forwards_cut(f->rules->net, f->cut, f->ncut);
	return true;
}

void fwk_forwards_end(struct fwk_forwards *f)
{
	if (!f->is_edited)
		return;
	fwk_memory_uncharge(&f->rules->counters, table_bytes(&f->table));
	kvfree(f->table.entry);
	kvfree(f->cut);
}

struct fw_portfw *fwk_forwards_copy(struct net *net, struct fwk_generation **g)
{
	struct fwk_rules *rules = fwk_rules(net);
	struct fw_portfw_table t = { .entry = NULL };

	mutex_lock(&rules->lock);
	*g = fwk_generation_active(rules);
	t.entry = kvcalloc((*g)->rules.portfw.count ?: 1, sizeof(*t.entry),
			   GFP_KERNEL_ACCOUNT);
	if (t.entry) {
		fwk_rules_events->forwards_read(net, &t);
		refcount_inc(&(*g)->users);
	}
	mutex_unlock(&rules->lock);
	return t.entry;
}
