// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * xt_view.c - our chains understood.
 *
 * What they say of themselves is not believed: the rules that they tell of are
 * lowered again, and what comes out is compared with what is there.
 */
#include "backend/xtables/xt_view.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "backend/plan/plan_interfaces.h"
#include "backend/ruleset.h"
#include "backend/xtables/xt_compare.h"

static int no_memory(struct fw_error *e)
{
	return fw_error_set(e, ENOMEM, "out of memory");
}

/* a rule that an entry tells of */
struct told {
	__u8 list;
	__s32 order;
	const struct xt_rule *at;
	struct fw_rule rule;
};

struct told_rules {
	struct told *item;	/* malloc'ed */
	__u32 count, cap;
};

static int told_add(struct told_rules *t, const struct nft_origin *o,
		    const struct xt_rule *r)
{
	__u32 cap = t->cap ? 2 * t->cap : 64;
	struct told *bigger;

	if (t->count == t->cap) {
		bigger = reallocarray(t->item, cap, sizeof(*t->item));
		if (!bigger)
			return -ENOMEM;
		t->item = bigger;
		t->cap = cap;
	}
	t->item[t->count] = (struct told){ o->list, o->order, r, o->rule };
	t->item[t->count].rule.pcnt = r->entry->counters.pcnt;
	t->item[t->count].rule.bcnt = r->entry->counters.bcnt;
	t->count++;
	return 0;
}

static int told_compare(const void *a, const void *b)
{
	const struct told *x = a, *y = b;

	if (x->list != y->list)
		return x->list < y->list ? -1 : 1;
	return x->order < y->order ? -1 : x->order > y->order;
}

static int rule_understand(struct xt_view *v, struct told_rules *told,
			   const struct xt_chain *c, const struct xt_rule *r,
			   struct fw_error *e)
{
	const struct xt_comment_info *comment = xt_entry_comment(r->entry);
	struct nft_origin o;
	int err = comment ? xt_comment_read(&o, comment) : 0;

	if (!comment)
		return 0;
	if (err == -ENOTSUP)
		return fw_error_set(e, ENOTSUP, "the chains " XT_PREFIX "* were loaded by "
				    "another version of this program");
	if (err || (o.kind == NFT_ORIGIN_RULE && fw_rule_check(&o.rule, o.list, NULL))) {
		xt_view_change(v, "a rule in chain %s has a damaged origin", c->name);
		return 0;
	}
	if (o.kind != NFT_ORIGIN_NONE)
		v->foreign = false;
	if (o.kind == NFT_ORIGIN_RULE && told_add(told, &o, r))
		return no_memory(e);
	return 0;
}

static int table_understand(struct xt_view *v, struct told_rules *told, struct fw_error *e)
{
	const struct xt_table *t = &v->table[XT_MANGLE];
	const struct xt_chain *c;
	__u32 i;
	int err = 0;

	for (c = t->row.chain; c < t->row.chain + t->row.count; c++) {
		if (!c->ours)
			continue;
		if (!v->present)
			v->present = v->foreign = true;
		for (i = 0; i < c->count && !err; i++)
			err = rule_understand(v, told, c, &c->rule[i], e);
	}
	return err;
}

static int list_fill(struct xt_view *v, __u32 list, const struct told *told, __u32 count)
{
	struct fw_list *l = &v->rules.list[list];
	__u32 i;

	l->policy = v->settings.policy[list];
	v->order[list] = calloc(count + 1, sizeof(*v->order[list]));
	v->teller[list] = calloc(count + 1, sizeof(*v->teller[list]));
	l->slots = calloc(count + 1, sizeof(*l->slots));
	if (!v->order[list] || !v->teller[list] || !l->slots)
		return -ENOMEM;
	l->cap = l->count = count;
	for (i = 0; i < count; i++) {
		l->slots[i] = told[i].rule;
		v->order[list][i] = told[i].order;
		v->teller[list][i] = told[i].at;
	}
	return 0;
}

static int rules_fill(struct xt_view *v, const struct told_rules *told)
{
	__u32 list, i = 0, n;
	int err = 0;

	v->rules.timeouts = v->settings.timeouts;
	for (list = 0; list < FW_LISTS && !err; list++, i += n) {
		for (n = 0; i + n < told->count && told->item[i + n].list == list; n++)
			;
		err = list_fill(v, list, told->item + i, n);
	}
	return err;
}

static int view_understand(struct xt_view *v, struct fw_error *e)
{
	struct told_rules told = { 0 };
	int err = table_understand(v, &told, e);

	if (!err) {
		if (told.count)
			qsort(told.item, told.count, sizeof(*told.item), told_compare);
		if (rules_fill(v, &told))
			err = no_memory(e);
	}
	free(told.item);
	return err;
}

static int view_lower(struct xt_view *v, struct fw_error *e)
{
	struct plan_options o = {
		.mark_mask = v->settings.mark_mask,
		.lasting = plan_needs_lasting(v->settings.needs),
	};
	int err = plan_interfaces(&v->interfaces, &v->rules, &o, e);

	if (err)
		return err;
	v->plan = plan_lower_xtables(&v->rules, &o);
	return v->plan ? 0 : no_memory(e);
}

/* what holds when nothing has been loaded */
static void settings_default(struct nft_settings *s, __u32 mark_mask)
{
	struct fw_ruleset none;
	unsigned int i;

	fw_ruleset_init(&none);
	*s = (struct nft_settings){ .timeouts = none.timeouts, .mark_mask = mark_mask };
	for (i = 0; i < FW_LISTS; i++)
		s->policy[i] = none.list[i].policy;
}

void xt_settings_read(struct nft_settings *s, const struct xt_table *mangle,
		      __u32 mark_mask)
{
	const struct xt_chain *c = xt_table_find(mangle, XT_SETTINGS_CHAIN);
	const struct xt_comment_info *comment;
	struct nft_origin o;

	settings_default(s, mark_mask);
	comment = c && c->count ? xt_entry_comment(c->rule[0].entry) : NULL;
	if (comment && !xt_comment_read(&o, comment) && o.kind == NFT_ORIGIN_SETTINGS &&
	    plan_mark_mask_valid(o.settings.mark_mask))
		*s = o.settings;
}

int xt_view_read(struct xt_view *v, __u32 mark_mask, struct fw_error *e)
{
	int err;

	memset(v, 0, sizeof(*v));
	fw_ruleset_init(&v->rules);
	err = xt_tables_open(v->table, e);
	xt_settings_read(&v->settings, &v->table[XT_MANGLE], mark_mask);
	if (!err)
		err = view_understand(v, e);
	if (!err)
		err = view_lower(v, e);
	if (!err && v->present && xt_view_compare(v))
		err = no_memory(e);
	return err;
}

void xt_view_free(struct xt_view *v)
{
	unsigned int i;

	for (i = 0; i < XT_TABLES; i++)
		xt_table_close(&v->table[i]);
	for (i = 0; i < FW_LISTS; i++) {
		free(v->order[i]);
		free(v->teller[i]);
	}
	plan_free(v->plan);
	free(v->interfaces.dev);
	fw_ruleset_free(&v->rules);
}
