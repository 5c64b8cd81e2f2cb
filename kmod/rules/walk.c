// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * walk.c - a packet meets a list.
 */
#include "kmod/rules/generation.h"
#include "kmod/linux/log.h"
#include "kmod/rules/walk.h"

struct passage {
	const struct fw_table *table;
	struct fw_log_place place;
};

static void rule_matched(void *ctx, const struct fw_rule *r, u32 index,
			 const struct fw_packet *pkt)
{
	struct passage *p = ctx;
	const struct fw_table *t = p->table;
	enum fw_list_id id = p->place.list;

	fw_log_matched(&p->place, r, index, pkt);
	fw_counter_add(t->slots[id]->counter[t->rules.list[id].first + index], pkt->len);
}

void fw_list_pass(struct fw_net *fn, enum fw_list_id list, enum fw_mode mode,
		  const struct fw_packet *pkt, const struct fw_dev *dev,
		  struct fw_decision *d)
{
	struct fw_table *t = rcu_dereference(fn->table);
	struct passage p = {
		.table = t,
		.place = { .net = fn->net, .list = list, .mode = mode, .dev = dev },
	};

	local_bh_disable();
	fw_list_look(&t->rules.list[list], list, mode, pkt, dev, rule_matched, &p, d);
	local_bh_enable();
}

bool fw_list_is_empty(struct fw_net *fn, enum fw_list_id list)
{
	return !rcu_dereference(fn->table)->rules.list[list].count;
}
