// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * walk.c - walking a packet through a list of the active generation.
 */
#include "kmod/core/list_walk.h"
#include "kmod/linux/device.h"
#include "kmod/linux/log.h"
#include "kmod/rules/generation.h"

struct walk_ctx {
	const struct fwk_generation *generation;
	const struct fw_walk *walk;
};

static inline void on_match(void *ctx, const struct fw_match *m, u32 index,
			    const struct fw_packet *pkt)
{
	const struct walk_ctx *c = ctx;
	const struct fwk_generation *g = c->generation;
	enum fw_list_id list = c->walk->list;

	local_bh_disable();
	fwk_log_match(g->owner->net, m, c->walk, pkt);
	fwk_counter_add(g->array[list]->counter[g->rules.list[list].first + index],
			pkt->len);
	local_bh_enable();
}

void fwk_list_walk(struct fwk_generation *g, struct fw_walk *w,
		   const struct fw_packet *pkt, struct fw_decision *d)
{
	struct walk_ctx ctx = { .generation = g, .walk = w };

	w->ctx = &ctx;
	fw_list_walk_inline(&g->rules.list[w->list], w, on_match, pkt, d);
}

bool fwk_rules_deny_ipv6(const struct net *net)
{
	return rcu_dereference(fwk_rules(net)->active)->rules.denies_ipv6;
}

struct check_ctx {
	struct net *net;
	struct fwk_check *check;
};

static void on_check_match(void *ctx, const struct fw_match *m, u32 index,
			   const struct fw_packet *pkt)
{
	const struct check_ctx *c = ctx;
	struct fwk_check *check = c->check;

	if (check->nmatched < FWK_MATCHED_MAX)
		check->matched[check->nmatched++] = index;
	if (check->log)
		fwk_log_match(c->net, m, &check->walk, pkt);
}

int fwk_rules_check(struct net *net, struct fwk_check *check, const struct fw_packet *pkt)
{
	struct check_ctx ctx = { .net = net, .check = check };
	struct fw_walk *w = &check->walk;
	struct fwk_generation *g;

	if (w->dev && !fwk_device_exists(net, w->dev))
		return -EINVAL;
	w->on_match = on_check_match;
	w->ctx = &ctx;
	check->nmatched = 0;
	g = fwk_generation_get(net);
	fw_list_walk(&g->rules.list[w->list], w, pkt, &check->decision);
	fwk_generation_put(g);
	return 0;
}
