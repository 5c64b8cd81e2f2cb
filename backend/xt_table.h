/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * xt_table.h - tables of iptables, and what of them is ours.
 *
 * Ours are the chains whose names begin with XT_PREFIX, and the rules of built-in
 * chains that lead there.
 */
#ifndef BACKEND_XT_TABLE_H
#define BACKEND_XT_TABLE_H

#include "backend/backend.h"
#include "backend/xt_entry.h"

#define XT_PREFIX "ipfw-"

enum xt_table_id { XT_RAW, XT_MANGLE, XT_NAT, XT_FILTER, XT_TABLES };

extern const char *const xt_table_name[XT_TABLES];

struct xt_held_rule {
	const struct ipt_entry *entry;
	const char *target;	/* follows when its chain is renamed */
	__u32 number;		/* in its chain, from 1 */
};

struct xt_held {
	char name[XT_TABLE_MAXNAMELEN];
	bool builtin;		/* then only our rules are here */
	bool known;		/* belongs to the plan */
	struct xt_held_rule *rule;	/* malloc'ed */
	__u32 count;
};

struct xt_table {
	const char *name;
	struct xtc_handle *handle;	/* NULL: nothing of ours is there */
	bool changed;		/* in memory, not yet in the kernel */
	struct xt_held *held;	/* by name; malloc'ed */
	__u32 count;
};

/* what kernels have and this process may, in words; returns -code */
int xt_table_refused(int code, const char *table, struct fw_error *e);

/* Can there be tables here, for this process?  0, or -errno with a text. */
int xt_kernel_check(struct fw_error *e);

/* Reads a table.  To be closed in any case. */
int xt_table_open(struct xt_table *t, enum xt_table_id id, struct fw_error *e);
/* Reads all tables that are in use; the others stay out of use. */
int xt_tables_open(struct xt_table t[XT_TABLES], struct fw_error *e);
void xt_table_close(struct xt_table *t);

struct xt_held *xt_table_find(const struct xt_table *t, const char *name);
/* Puts held into order again after names have changed. */
void xt_table_sort(struct xt_table *t);

static inline bool xt_name_is_ours(const char *name)
{
	return !strncmp(name, XT_PREFIX, sizeof(XT_PREFIX) - 1);
}

/* the name of a plan's chain in its table */
const char *xt_chain_name(const struct plan_chain *c);

#endif
