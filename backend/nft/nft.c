// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * nft.c - rules in force: nftables, in table ip ipfwadm.
 *
 * The kernel is the only store: user data of its rules have tags: which
 * ipfwadm rule it comes from (rule_tag.h).
 */
#include "backend/nft/nft.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/conntrack/conntrack.h"
#include "backend/nft/nft_apply.h"
#include "backend/nft/nft_foreign.h"
#include "backend/nft/nft_gate.h"
#include "backend/ruleset.h"
#include "backend/store/store_ops.h"

static struct nft *nft_of(struct backend *b)
{
	struct nft *n = b->state;

	n->format = b->format;
	n->mark_mask = b->mark_mask;
	n->log_group = b->log_group;
	return n;
}

static int nft_foreign(foreign_chain_fn each, void *ctx)
{
	struct netlink link;
	int err = netlink_open(&link, NETLINK_NETFILTER, NULL);

	if (err)
		return err;
	err = nft_foreign_chains(&link, each, ctx);
	netlink_close(&link);
	return err;
}

static int nft_probe(const char *arg, struct fw_error *e)
{
	struct netlink link;
	__u32 generation;
	int err = store_argument_check("nft", arg, e);

	if (!err)
		err = netlink_open(&link, NETLINK_NETFILTER, e);
	if (err)
		return err;
	err = nft_generation_read(&link, &generation, e);
	netlink_close(&link);
	return err;
}

static int nft_open(struct backend *b, const char *arg, struct fw_error *e)
{
	struct nft *n;
	int err = store_argument_check("nft", arg, e);

	if (err)
		return err;
	n = calloc(1, sizeof(*n));
	if (!n)
		return fw_error_set(e, ENOMEM, "out of memory");
	err = netlink_open(&n->link, NETLINK_NETFILTER, e);
	if (err)
		free(n);
	else
		b->state = n;
	return err;
}

static void nft_close(struct backend *b)
{
	struct nft *n = b->state;

	netlink_close(&n->link);
	free(n);
	b->state = NULL;
}

static int edits_apply(struct backend *b, const struct fw_edit *edit, size_t count,
		       struct fw_error *e)
{
	struct nft *n = nft_of(b);
	bool others;
	int err;

	n->gate = fw_gate_wanted(edit, count, &others);
	if (n->gate && !others)
		err = nft_apply_gate(n, n->gate == FW_GATE_CLOSED, e);
	else
		err = count == 1 && edit->op == FW_OP_ZERO ?
			      nft_apply_zero(n, edit->list, NULL, e) :
			      nft_apply_edits(n, edit, count, e);
	n->gate = FW_GATE_AS_IS;
	b->helpers_missing = n->helpers_missing;
	return err;
}

static int nft_edit(struct backend *b, const struct fw_edit *edit, size_t count,
		    struct fw_error *e)
{
	return conntrack_portfw_edit(b, edit, count, edits_apply, e);
}

static int nft_replace(struct backend *b, const struct fw_ruleset *rs, struct fw_error *e)
{
	struct nft *n = nft_of(b);
	int err;

	n->gate = rs->denies_ipv6 ? FW_GATE_CLOSED : FW_GATE_OPEN;
	err = nft_apply_ruleset(n, rs, e);
	n->gate = FW_GATE_AS_IS;
	b->helpers_missing = n->helpers_missing;
	return err;
}

static int gate_attempt(struct nft *n, __u32 generation, void *ctx, struct fw_error *e)
{
	(void)generation;
	return nft_gate_read(&n->link, ctx, e);
}

static int nft_refresh(struct backend *b, struct fw_error *e)
{
	struct nft *n = nft_of(b);
	struct nft_gate gate = { .is_changed = false };
	int err = nft_attempt(n, gate_attempt, &gate, e);

	if (!err && gate.is_changed)
		err = nft_apply_gate(n, true, e);
	return err ? err : nft_apply_refresh(n, e);
}

/* *ctx is the view; it is to be freed only on success */
static int view_attempt(struct nft *n, __u32 generation, void *ctx, struct fw_error *e)
{
	struct nft_view *v = ctx;
	int err = nft_view_get(n, generation, v, e);

	if (err)
		nft_view_free(v);
	return err;
}

static int nft_load(struct backend *b, struct fw_ruleset *rs, struct fw_error *e)
{
	struct nft *n = nft_of(b);
	struct nft_view v;
	char text[256];
	int err = nft_attempt(n, view_attempt, &v, e);

	if (err)
		return err;
	err = nft_refuse_dormant(&v, e);
	if (err) {
		nft_view_free(&v);
		return err;
	}
	if (v.store.is_changed && n->format->warn) {
		nft_view_print(&v, false, text, sizeof(text));
		n->format->warn(text);
	}
	if (v.gate.is_changed && n->format->warn)
		n->format->warn(STORE_GATE_WARNING);
	b->helpers_missing = plan_helpers_missing(v.store.settings.needs);
	store_view_settle(&v.store);
	store_view_take(&v.store, b->wants_deleted, rs);
	nft_view_free(&v);
	return 0;
}

static int nft_load_zero(struct backend *b, enum fw_list_id list, struct fw_ruleset *rs,
			 struct fw_error *e)
{
	return nft_apply_zero(nft_of(b), list, rs, e);
}

static int nft_track_flush(struct backend *b, struct fw_error *e)
{
	int err = conntrack_track_flush(e);

	if (!err)
		nft_apply_forget(nft_of(b));
	return err;
}

static const struct track_ops nft_track = {
	.list = conntrack_track_list,
	.end = conntrack_track_end,
	.flush = nft_track_flush,
	.timeouts = conntrack_track_timeouts,
	.timeouts_set = conntrack_track_timeouts_set,
	.follow = conntrack_track_follow,
};

const struct backend_ops nft_ops = {
	.name = "nft",
	.has_loaded_dump = store_dump_is_loaded,
	.foreign_chains = nft_foreign,
	.probe = nft_probe,
	.able = store_able,
	.open = nft_open,
	.close = nft_close,
	.edit = nft_edit,
	.replace = nft_replace,
	.load = nft_load,
	.load_zero = nft_load_zero,
	.refresh = nft_refresh,
	.interfaces = store_interfaces,
	.check = store_check,
	.connections = conntrack_track_masqueraded,
	.lower = plan_lower_nft,
	.track = &nft_track,
};
