// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * filter_lists.c - the lists of 2.0 as chains.
 */
#include <errno.h>
#include <string.h>

#include "backend/analysis/effect.h"
#include "backend/analysis/filter.h"
#include "backend/analysis/pieces.h"
#include "kmod/core/names.h"
#include "kmod/core/text.h"

static const enum filter_do action_do[] = {
	[FW_PASS] = FILTER_ACCEPT, [FW_DROP] = FILTER_DROP, [FW_ANSWER] = FILTER_REJECT,
	[FW_REDIRECT] = FILTER_DNAT, [FW_MASQUERADE] = FILTER_SNAT,
};

/* -W and -V: of the interface where a packet arrives, or by which it leaves */
static int device_match(struct filter *f, struct filter_match *m, enum fw_list_id list,
			const struct fw_match *rule, __u32 line)
{
	char name[FW_IFNAMSIZ + 1] = { 0 }, text[64];
	struct fw_text t;
	__u32 set;
	int err = 0;

	memcpy(name, rule->vianame, FW_IFNAMSIZ);
	if (*name) {
		err = filter_names(f, name, false, line, &set);
		if (!err)
			err = filter_match_set(f, m, list == FW_INPUT ? CUBE_ARRIVES : CUBE_LEAVES,
					       set, line);
	}
	if (err || !rule->via)
		return err;
	fw_text_init(&t, text, sizeof(text));
	fw_text_str(&t, list == FW_INPUT ? "arrives on an interface with address " :
					   "leaves by an interface with address ");
	fw_text_addr(&t, rule->via);
	return filter_match_unknown(f, m, text, true, line);
}

static int rule_read(struct filter *f, struct filter_chain *c, enum fw_list_id list,
		     const struct fw_match *rule, __u32 line)
{
	const struct effect e = effect_of_rule(list, rule, 0, EFFECT_PACKET);
	const struct device_ids none = { 0 };
	struct piece_list p = { 0 };
	struct filter_match m = { 0 };
	struct filter_rule *r;
	int err = piece_list_add_rule(&p, list, rule, &none);

	m.cube = err ? NULL : filter_alloc(f, (size_t)p.count + 1, sizeof(*m.cube));
	for (__u32 i = 0; m.cube && i < p.count; i++) {
		m.cube[m.n] = p.piece[i].cube;
		m.cube[m.n].set[CUBE_ARRIVES] = ~0u;
		m.cube[m.n++].set[CUBE_LEAVES] = ~0u;
	}
	piece_list_free(&p);
	err = m.cube ? device_match(f, &m, list, rule, line) : -ENOMEM;
	if (err)
		return err;
	r = filter_rule_add(f, c, &m, line);
	if (!r)
		return -ENOMEM;
	r->what = action_do[e.action];
	r->tosand = e.tosand;
	r->tosxor = e.tosxor;
	r->port = e.redirport;
	return 0;
}

int filter_lists_read(struct filter *f, const struct fw_ruleset *rs)
{
	static const struct { enum fw_list_id list; enum plan_hook hook; } lists[] = {
		{ FW_INPUT, PLAN_PREROUTING }, { FW_FORWARD, PLAN_FORWARD },
		{ FW_OUTPUT, PLAN_POSTROUTING },
	};
	int err = 0;

	f->unit = "rule";
	for (unsigned int i = 0; i < FW_COUNT(lists) && !err; i++) {
		const struct fw_list *l = &rs->list[lists[i].list];
		struct filter_chain *c = filter_chain_add(f, "", fw_list_names[lists[i].list]);

		if (!c)
			return -ENOMEM;
		c->is_base = true;
		c->hook = lists[i].hook;
		c->list = lists[i].list;
		c->policy = action_do[effect_of_policy(lists[i].list, l->policy).action];
		for (__u32 k = 0; k < l->count && !err; k++)
			err = rule_read(f, c, lists[i].list, &fw_list_rule(l, k)->match, k + 1);
	}
	return err ? err : filter_finish(f);
}
