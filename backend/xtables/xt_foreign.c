// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * xt_foreign.c - chains of other programs in legacy iptables.
 */
#include "backend/xtables/xt_foreign.h"

#include <stdio.h>

#include "backend/store/store_marks.h"
#include "backend/xtables/xt_gate.h"
#include "backend/xtables/xt_table.h"

static __u32 entry_bits(const struct ipt_entry *e)
{
	const struct xt_entry_target *t =
		(const void *)((const char *)e + e->target_offset);

	return store_target_marks(t->u.user.name, t->u.user.revision, t->data,
				  t->u.target_size - sizeof(*t));
}

static void chain_report(const char *table, const char *chain, struct xtc_handle *h,
			 foreign_chain_fn each, void *ctx)
{
	struct foreign_chain c = { .hook = PLAN_HOOKS, .sees_ipv4 = true, .is_empty = true };
	struct xt_counters counters;
	const struct ipt_entry *e;
	const char *policy;
	char name[128];

	if (iptc_builtin(chain, h)) {
		policy = iptc_get_policy(chain, &counters, h);
		c.drops = policy && !strcmp(policy, "DROP");
		c.hook = plan_hook_find(plan_hook_chains, chain);
	}
	for (e = iptc_first_rule(chain, h); e; e = iptc_next_rule(e, h)) {
		if (xt_name_is_ours(iptc_get_target(e, h)))
			continue;
		c.is_empty = false;
		c.mark_bits |= entry_bits(e);
	}
	snprintf(name, sizeof(name), "chain %s of iptables table %s", chain, table);
	c.name = name;
	each(ctx, &c);
}

static int table_report(const char *table, foreign_chain_fn each, void *ctx)
{
	struct xtc_handle *h;
	const char *chain;

	errno = 0;
	h = iptc_init(table);
	if (!h)
		return -xt_errno();
	for (chain = iptc_first_chain(h); chain; chain = iptc_next_chain(h))
		if (!xt_name_is_ours(chain))
			chain_report(table, chain, h, each, ctx);
	iptc_free(h);
	return 0;
}

int xt_foreign_chains(foreign_chain_fn each, void *ctx)
{
	FILE *in = fopen(XT_TABLES_IN_USE, "re");
	char table[64];
	int err = 0;

	if (!in)
		return errno == ENOENT ? xt_gate_foreign(each, ctx) : -errno;
	while (!err && fgets(table, sizeof(table), in)) {
		table[strcspn(table, "\n")] = '\0';
		err = table_report(table, each, ctx);
	}
	fclose(in);
	return err ? err : xt_gate_foreign(each, ctx);
}
