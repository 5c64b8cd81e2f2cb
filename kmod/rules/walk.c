// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * walk.c - the walk of a packet through a list of the present generation.
 */
#include "kmod/rules/generation.h"
#include "kmod/linux/log.h"
#include "kmod/rules/walk.h"

struct walk_ctx {
	const struct fw_table *table;
	struct fw_log_place place;
	struct fw_walk walk;
};

static void rule_matched(void *ctx, const struct fw_rule *r, u32 index,
			 const struct fw_packet *pkt)
{
	struct walk_ctx *c = ctx;
	const struct fw_table *t = c->table;
	enum fw_list_id id = c->walk.list;

	fw_log_matched(&c->place, r, index, pkt);
	fw_counter_add(t->slots[id]->counter[t->rules.list[id].first + index], pkt->len);
}

void fw_list_pass(struct fw_net *fn, enum fw_list_id list, enum fw_direction dir,
		  const struct fw_packet *pkt, const struct fw_dev *dev,
		  struct fw_decision *d)
{
	struct fw_table *t = rcu_dereference(fn->table);
	struct walk_ctx c = {
		.table = t,
		.place = { .net = fn->net, .walk = &c.walk },
		.walk = {
			.list = list, .direction = dir, .dev = dev,
			.on_match = rule_matched, .ctx = &c,
		},
	};

	local_bh_disable();
	fw_list_walk(&t->rules.list[list], &c.walk, pkt, d);
	local_bh_enable();
}

bool fw_list_is_empty(struct fw_net *fn, enum fw_list_id list)
{
	return !rcu_dereference(fn->table)->rules.list[list].count;
}
