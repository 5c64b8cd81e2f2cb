// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * xtables.c - rules in force: legacy iptables, in chains ipfw-*.
 *
 * The kernel is the only store: comments of entries have tags (backend/rule_tag.h) with
 * the ipfwadm rule that they belong to.
 */
#include "backend/xtables/xtables.h"

#include "backend/conntrack/conntrack.h"
#include "backend/ruleset.h"
#include "backend/store/store_ops.h"
#include "backend/xtables/xt_apply.h"
#include "backend/xtables/xt_foreign.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

/* The names of the tables that are in use are there without a question to the kernel. */
static bool xtables_holds(void)
{
	FILE *in = fopen("/proc/net/ip_tables_names", "re");
	bool any = in && getc(in) != EOF;

	if (in)
		fclose(in);
	return any;
}

static int xtables_probe(const char *arg, struct fw_error *e)
{
	int err = store_argument_check("xtables", arg, e);

	return err ? err : xt_check(e);
}

static int xtables_open(struct backend *b, const char *arg, struct fw_error *e)
{
	int err = store_argument_check("xtables", arg, e);

	if (err)
		return err;
	b->state = calloc(1, sizeof(struct xt));
	return b->state ? 0 : fw_error_set(e, ENOMEM, "out of memory");
}

static void xtables_close(struct backend *b)
{
	free(b->state);
	b->state = NULL;
}

static int xtables_edit(struct backend *b, const struct fw_edit *edit, size_t n,
			struct fw_error *e)
{
	int err = fw_portfw_refuse(edit, n, NULL, e);

	if (!err)
		err = xt_apply_edits(xt_of(b), edit, n, e);

	b->helpers_missing = xt_of(b)->helpers_missing;
	return err;
}

static int xtables_replace(struct backend *b, const struct fw_ruleset *rs,
			   struct fw_error *e)
{
	int err = fw_portfw_refuse(NULL, 0, rs, e);

	if (!err)
		err = xt_apply_ruleset(xt_of(b), rs, e);

	b->helpers_missing = xt_of(b)->helpers_missing;
	return err;
}

static int xtables_load(struct backend *b, struct fw_ruleset *rs, struct fw_error *e)
{
	int err = xt_apply_load(xt_of(b), rs, e);

	b->helpers_missing = xt_of(b)->helpers_missing;
	return err;
}

static int xtables_load_zero(struct backend *b, enum fw_list_id list,
			     struct fw_ruleset *rs, struct fw_error *e)
{
	return xt_apply_zero(xt_of(b), list, rs, e);
}

static int xtables_refresh(struct backend *b, struct fw_error *e)
{
	return xt_apply_refresh(xt_of(b), e);
}

static int xtables_track_flush(struct backend *b, struct fw_error *e)
{
	int err = conntrack_track_flush(e);

	if (!err)
		xt_apply_forget(xt_of(b));
	return err;
}

static const struct track_ops xtables_track = {
	.list = conntrack_track_list,
	.end = conntrack_track_end,
	.flush = xtables_track_flush,
	.timeouts = conntrack_track_timeouts,
	.timeouts_set = conntrack_track_timeouts_set,
};

const struct backend_ops xtables_ops = {
	.name = "xtables",
	.holds = xtables_holds,
	.foreign_chains = xt_foreign_chains,
	.probe = xtables_probe,
	.able = store_able,
	.open = xtables_open,
	.close = xtables_close,
	.edit = xtables_edit,
	.replace = xtables_replace,
	.load = xtables_load,
	.load_zero = xtables_load_zero,
	.refresh = xtables_refresh,
	.interfaces = store_interfaces,
	.check = store_check,
	.connections = conntrack_track_masqueraded,
	.lower = plan_lower_xtables,
	.track = &xtables_track,
};
