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
#include "backend/xtables/xt_gate.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

/* The names of the tables that are in use are there without a question to the kernel. */
static bool file_has_text(const char *name)
{
	FILE *in = fopen(name, "re");
	bool any = in && getc(in) != EOF;

	if (in)
		fclose(in);
	return any;
}

static bool xtables_holds(void)
{
	return file_has_text("/proc/net/ip_tables_names") ||
	       file_has_text("/proc/net/ip6_tables_names");
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

/* The gate has a table of its own, which changes first; before: how it was. */
static int gate_move(enum fw_gate gate, struct xt_gate *before, struct fw_error *e)
{
	bool closes = gate == FW_GATE_CLOSED;
	int err = gate ? xt_gate_read(before, e) : 0;

	if (!gate || err || (before->is_closed == closes && !before->is_changed))
		return err;
	return xt_gate_set(closes, e);
}

/* err: what became of the rules; the gate goes back if they are refused. */
static int gate_finish(enum fw_gate gate, const struct xt_gate *before, int err)
{
	if (gate && err)
		xt_gate_set(before->is_closed, NULL);
	return err;
}

static int edits_apply(struct backend *b, const struct fw_edit *edit, size_t n,
		       struct fw_error *e)
{
	struct xt_gate before;
	bool others;
	enum fw_gate gate = fw_gate_wanted(edit, n, &others);
	int err = gate_move(gate, &before, e);

	if (!err && (others || !gate))
		err = gate_finish(gate, &before, xt_apply_edits(xt_of(b), edit, n, e));

	b->helpers_missing = xt_of(b)->helpers_missing;
	return err;
}

static int xtables_edit(struct backend *b, const struct fw_edit *edit, size_t n,
			struct fw_error *e)
{
	return conntrack_portfw_edit(b, edit, n, edits_apply, e);
}

static int xtables_replace(struct backend *b, const struct fw_ruleset *rs,
			   struct fw_error *e)
{
	enum fw_gate gate = rs->denies_ipv6 ? FW_GATE_CLOSED : FW_GATE_OPEN;
	struct xt_gate before;
	int err = gate_move(gate, &before, e);

	if (!err)
		err = gate_finish(gate, &before, xt_apply_ruleset(xt_of(b), rs, e));

	b->helpers_missing = xt_of(b)->helpers_missing;
	return err;
}

static int xtables_load(struct backend *b, struct fw_ruleset *rs, struct fw_error *e)
{
	struct xt_gate gate;
	int err = xt_gate_read(&gate, e);

	if (!err)
		err = xt_apply_load(xt_of(b), rs, e);
	if (!err)
		rs->denies_ipv6 = gate.is_closed;
	if (!err && gate.is_changed && b->format->warn)
		b->format->warn(STORE_GATE_WARNING);
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
	struct xt_gate gate;
	int err = xt_gate_read(&gate, e);

	if (!err && gate.is_changed)
		err = xt_gate_set(true, e);
	return err ? err : xt_apply_refresh(xt_of(b), e);
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
	.follow = conntrack_track_follow,
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
