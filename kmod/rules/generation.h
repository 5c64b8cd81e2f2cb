/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * generation.h - what a struct fw_table is to those who make and walk it.
 */
#ifndef FW_GENERATION_H
#define FW_GENERATION_H

#include <linux/refcount.h>
#include <linux/workqueue.h>

#include "kmod/net.h"
#include "kmod/rules/rule_array.h"

struct fw_table {
	refcount_t holders;	/* one of them is fw_net.table, while in force */
	u32 generation;
	struct fw_net *fn;
	struct fw_ruleset rules;	/* list[i].slots is slots[i]->rule */
	struct fw_slots *slots[FW_LISTS];	/* NULL: no rules */
	struct rcu_work free;
};

/* the first generation of a namespace, and the end of the last */
int fw_table_init(struct fw_net *fn);
void fw_table_exit(struct fw_net *fn);

/* Waits until all that was given up is freed. */
int fw_table_wait_init(void);
void fw_table_wait(void);
void fw_table_wait_exit(void);

/* Rules as after loading, with one holder and of no generation; NULL: no memory. */
struct fw_table *fw_table_new(struct fw_net *fn);
/* The same as t, whose arrays it shares.  => fn->lock */
struct fw_table *fw_table_copy(const struct fw_table *t);
/* Frees one that no packet has seen.  => fn->lock */
void fw_table_drop(struct fw_table *t);

/* => fn->lock */
static inline struct fw_table *fw_table_present(struct fw_net *fn)
{
	return rcu_dereference_protected(fn->table, lockdep_is_held(&fn->lock));
}

#endif
