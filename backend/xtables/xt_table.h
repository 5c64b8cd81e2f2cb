/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * xt_table.h - tables of iptables, and what of them is ours.
 *
 * The kernel holds a table as one row of entries: every chain's rules, and behind
 * them the entry that is its policy, or returns.  A chain that is not built in begins
 * with an entry that bears its name.  Jumps are offsets in the row.
 *
 * Ours are the chains whose names begin with XT_PREFIX, and the rules of built-in
 * chains that lead there.
 */
#ifndef BACKEND_XT_TABLE_H
#define BACKEND_XT_TABLE_H

#include <string.h>

#include "backend/backend.h"
#include "backend/plan/plan.h"
#include "backend/xtables/xt_kernel.h"

#define XT_PREFIX "ipfw-"
#define XT_NAME_MAX 28		/* of chains, as iptables has it */

enum xt_table_id { XT_RAW, XT_MANGLE, XT_NAT, XT_FILTER, XT_TABLES };

extern const char *const xt_table_name[XT_TABLES];

struct xt_chain;

/* a rule in force, or to be put in force */
struct xt_rule {
	const struct ipt_entry *entry;	/* an offset in it does not count, target does */
	const char *target;	/* chain, verdict, "" for none, or module */
	const struct xt_chain *to;	/* that target is, if it was read; else NULL */
	__s32 was;	/* number of the entry whose counters go on here, -1 for none */
	struct xt_counters more;	/* is added to these */
};

struct xt_chain {
	const char *name;
	bool builtin;
	unsigned int hook;	/* if built in: NF_INET_* */
	bool ours;		/* all its rules */
	bool known;		/* belongs to the plan */
	const char *becomes;	/* its next name, if it has one */
	struct xt_rule *rule;	/* in those of the row */
	__u32 count;
	struct xt_rule last;	/* the policy, or what returns */
	__u32 offset;		/* of the first entry */
};

/* chains with their rules, as they are or are to be in one table */
struct xt_row {
	struct xt_chain *chain;	/* malloc'ed */
	struct xt_rule *rule;	/* of all chains; malloc'ed */
	__u32 count, rules;
};

struct xt_table {
	const char *name;
	int fd;
	struct ipt_getinfo info;
	struct ipt_get_entries *entries;	/* malloc'ed; NULL: not read */
	struct xt_row row;
	struct xt_chain **by_name;	/* of the row; malloc'ed */
};

/* Reads a table.  To be closed in any case. */
int xt_table_open(struct xt_table *t, enum xt_table_id id, struct fw_error *e);
/* Reads all tables that are in use; the others stay out of use. */
int xt_tables_open(struct xt_table t[XT_TABLES], struct fw_error *e);
void xt_table_close(struct xt_table *t);

struct xt_chain *xt_table_find(const struct xt_table *t, const char *name);

/* room for so many chains and rules: 0 or -ENOMEM */
int xt_row_alloc(struct xt_row *row, __u32 chains, __u32 rules);
void xt_row_free(struct xt_row *row);

/* the name of a plan's chain in its table */
const char *xt_chain_name(const struct plan_chain *c);

static inline bool xt_name_is_ours(const char *name)
{
	return !strncmp(name, XT_PREFIX, sizeof(XT_PREFIX) - 1);
}

static inline bool xt_rule_is_ours(const struct xt_chain *c, const struct xt_rule *r)
{
	return c->ours || (c->builtin && xt_name_is_ours(r->target));
}

/* a verdict, a chain, or nothing */
static inline bool xt_target_is_standard(const struct xt_entry_target *target)
{
	return !*target->u.user.name && !target->u.user.revision &&
	       target->u.user.target_size == XT_ALIGN(sizeof(struct xt_standard_target));
}

static inline const struct xt_entry_target *xt_entry_target(const struct ipt_entry *e)
{
	return (const struct xt_entry_target *)((const __u8 *)e + e->target_offset);
}

#endif
