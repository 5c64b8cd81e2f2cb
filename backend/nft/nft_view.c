// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * nft_view.c - our table understood.
 *
 * What the table says of itself is not believed: the rules that it tells of are
 * lowered again, and what comes out is compared with what is there.
 */
#include "backend/nft/nft_view.h"

#include <errno.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/plan/plan_interfaces.h"
#include "backend/nft/nft_expr.h"
#include "backend/nft/nft_same.h"
#include "backend/ruleset.h"
#include "kmod/core/names.h"

/* how far ahead a rule is looked for that is not where it should be */
#define LOOK_AHEAD 64

static int no_memory(struct fw_error *e)
{
	return fw_error_set(e, ENOMEM, "out of memory");
}

__attribute__((format(printf, 2, 3)))
static void view_change(struct nft_view *v, const char *format, ...)
{
	va_list args;

	if (v->changed)
		return;
	v->changed = true;
	va_start(args, format);
	vsnprintf(v->change, sizeof(v->change), format, args);
	va_end(args);
}

/* a rule that the table tells of */
struct told {
	__u8 list;
	__s32 order;
	__u32 seen;	/* its place in the dump */
	struct nft_chain *chain;
	struct nft_rule *held;
	struct fw_rule rule;
};

struct told_rules {
	struct told *item;	/* malloc'ed */
	__u32 count, cap;
};

static int told_add(struct told_rules *t, const struct rule_tag *o, struct nft_chain *c,
		    struct nft_rule *held)
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
	t->item[t->count] = (struct told){ o->list, o->number, t->count, c, held,
					     o->rule };
	t->count++;
	return 0;
}

/* Accounting rules stand in several chains, and tell their order. */
static int told_compare(const void *a, const void *b)
{
	const struct told *x = a, *y = b;

	if (x->list != y->list)
		return x->list < y->list ? -1 : 1;
	if (x->list == FW_ACCT && x->order != y->order)
		return x->order < y->order ? -1 : 1;
	return x->seen < y->seen ? -1 : x->seen > y->seen;
}

static int rule_understand(struct nft_view *v, struct told_rules *told,
			   struct nft_chain *c, struct nft_rule *r, struct fw_error *e)
{
	struct rule_tag o;
	int err = rule_tag_read(&o, r->udata, r->udata_len);

	if (err == -ENOTSUP)
		return fw_error_set(e, ENOTSUP,
				    "table ip " NFT_TABLE " was loaded by another "
				    "version of this program");
	if (err || (o.kind == TAG_RULE && fw_rule_check(&o.rule, o.list, NULL))) {
		view_change(v, "a rule in chain %s has a damaged origin", c->name);
		return 0;
	}
	r->told = (__u8)o.kind;
	r->list = o.list;
	r->order = o.number;
	if (o.kind != TAG_NONE)
		v->foreign = false;
	if (o.kind == TAG_SETTINGS && plan_mark_mask_valid(o.settings.mark_mask))
		v->settings = o.settings;
	if (o.kind == TAG_RULE && told_add(told, &o, c, r))
		return no_memory(e);
	return 0;
}

static int table_understand(struct nft_view *v, struct told_rules *told,
			    struct fw_error *e)
{
	struct nft_rule *r;
	__u32 i;
	int err = 0;

	for (i = 0; i < v->table.nchains; i++)
		for (r = v->table.chain[i]->rules; r && !err; r = r->next)
			err = rule_understand(v, told, v->table.chain[i], r, e);
	return err;
}

static int list_fill(struct fw_list *l, const struct told *told, __u32 count)
{
	__u32 i;

	l->slots = calloc(count, sizeof(*l->slots));
	if (!l->slots)
		return -ENOMEM;
	for (i = 0; i < count; i++) {
		l->slots[i] = told[i].rule;
		told[i].held->owner = &l->slots[i];
	}
	l->cap = l->count = count;
	return 0;
}

static int rules_fill(struct nft_view *v, const struct told_rules *told)
{
	__u32 i, n, list;

	for (list = 0; list < FW_LISTS; list++)
		v->rules.list[list].policy = v->settings.policy[list];
	v->rules.timeouts = v->settings.timeouts;
	v->order = calloc(told->count + 1, sizeof(*v->order));
	v->teller = calloc(told->count + 1, sizeof(struct nft_chain *));
	if (!v->order || !v->teller)
		return -ENOMEM;
	for (i = 0; i < told->count; i += n) {
		list = told->item[i].list;
		for (n = 0; i + n < told->count && told->item[i + n].list == list; n++) {
			if (list != FW_ACCT)
				continue;
			v->order[n] = told->item[i + n].order;
			v->teller[n] = told->item[i + n].chain;
		}
		if (list_fill(&v->rules.list[list], &told->item[i], n))
			return -ENOMEM;
	}
	return 0;
}

static int view_understand(struct nft_view *v, struct fw_error *e)
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

static int view_lower(struct nft_view *v, struct fw_error *e)
{
	struct plan_options o = {
		.mark_mask = v->settings.mark_mask,
		.lasting = plan_needs_lasting(v->settings.needs),
	};
	int err = plan_interfaces(&v->interfaces, &v->rules, &o, e);

	if (err)
		return err;
	v->plan = plan_lower_nft(&v->rules, &o);
	if (!v->plan || nft_index_make(&v->index, v->plan))
		return no_memory(e);
	v->held = calloc(v->plan->nchains, sizeof(struct nft_chain *));
	v->rule = calloc(v->index.nrules + 1, sizeof(struct nft_rule *));
	return v->held && v->rule ? 0 : no_memory(e);
}

static const struct fw_rule *origin_rule(const struct nft_view *v,
					 const struct plan_rule *r)
{
	return r->origin < 0 ? NULL
			     : fw_list_rule(&v->rules.list[r->list], (__u32)r->origin);
}

/* The plan has r, the kernel something else in its place. */
static void rule_differs(struct nft_view *v, const struct plan_chain *c,
			 const struct plan_rule *r)
{
	const struct fw_rule *rule = origin_rule(v, r);

	if (rule && (rule->via || rule->vianame[0]))
		v->stale = true;
	else if (rule)
		view_change(v, "rule %d of the %s list is not as it was loaded",
			    r->origin + 1, fw_list_names[r->list]);
	else
		view_change(v, "chain %s is not as it was loaded", c->name);
}

/* A rule that the plan does not have; after a change of interfaces it may be ours. */
static void rule_extra(struct nft_view *v, const struct nft_chain *c,
		       const struct nft_rule *r)
{
	static const char text[] = "there is a rule in chain %s that was not loaded";

	if (r->told == TAG_NONE)
		view_change(v, text, c->name);
	else if (!v->extra[0])
		snprintf(v->extra, sizeof(v->extra), text, c->name);
}

static void chain_compare(struct nft_view *v, struct plan_chain *c,
			  struct nft_chain *held);

/*
 * The kernel's chain that stands for the one of r's own that r leads to, if held is
 * r's rule; NULL if r leads to none that is not found yet.
 */
static struct nft_chain *target_find(struct nft_view *v, const struct plan_rule *r,
				     const struct nft_rule *held)
{
	const struct plan_chain *to = nft_rule_target(r);
	const char *name;
	struct nft_chain *c;

	if (!to || !v->index.belongs[to->id] || v->held[to->id])
		return NULL;
	name = nft_held_target(held);
	c = name ? nft_table_chain(&v->table, name) : NULL;
	return c && !c->known && !c->type ? c : NULL;
}

static void rule_count(struct plan_rule *r, const struct nft_rule *held)
{
	if (r->origin < 0 || !held->counts)
		return;
	r->packets = held->packets;
	r->bytes = held->bytes;
}

/* Is held r's rule?  Then that is noted. */
static bool rule_compare(struct nft_view *v, const struct plan_chain *c,
			struct plan_rule *r, __u32 number, struct nft_rule *held)
{
	struct nft_chain *target = target_find(v, r, held);
	struct plan_chain *to = target ? v->index.chain[nft_rule_target(r)->id] : NULL;
	const char *name = to ? to->name : NULL;

	/* one of another rule may look the same */
	if (r->origin >= 0 && held->owner && held->owner != origin_rule(v, r))
		return false;
	if (to)
		to->name = target->name;
	if (!nft_rule_same(r, held)) {
		if (to)
			to->name = name;
		return false;
	}
	v->rule[v->index.first[c->id] + number] = held;
	held->planned = true;
	rule_count(r, held);
	if (to)
		chain_compare(v, to, target);
	return true;
}

/*
 * Finds the kernel's rule for r at *held or not far behind it; what is passed over
 * is extra.  If found, *held is the next one.
 */
static bool rule_find(struct nft_view *v, const struct plan_chain *c, struct plan_rule *r,
		     __u32 number, struct nft_rule **held)
{
	struct nft_rule *at = *held, *passed;
	unsigned int i;

	for (i = 0; at && i < LOOK_AHEAD; i++, at = at->next)
		if (rule_compare(v, c, r, number, at))
			break;
	if (!at || i == LOOK_AHEAD)
		return false;
	for (passed = *held; passed != at; passed = passed->next)
		rule_extra(v, v->held[c->id], passed);
	*held = at->next;
	return true;
}

static void chain_compare(struct nft_view *v, struct plan_chain *c, struct nft_chain *held)
{
	struct nft_rule *at = held->rules;
	struct plan_rule *r;
	__u32 number = 0;

	v->held[c->id] = held;
	held->known = true;
	for (r = c->rules; r; r = r->next, number++) {
		if (rule_find(v, c, r, number, &at))
			continue;
		rule_differs(v, c, r);
		if (at && c->nrules - number > 1 && at->owner == origin_rule(v, r))
			at = at->next;	/* taken for the changed r */
	}
	for (; at; at = at->next)
		rule_extra(v, held, at);
}

static bool hook_same(const struct plan_chain *c, const struct nft_chain *held)
{
	static const __u32 number[PLAN_HOOKS] = {
		[PLAN_PREROUTING] = NF_INET_PRE_ROUTING,
		[PLAN_INPUT] = NF_INET_LOCAL_IN,
		[PLAN_FORWARD] = NF_INET_FORWARD,
		[PLAN_OUTPUT] = NF_INET_LOCAL_OUT,
		[PLAN_POSTROUTING] = NF_INET_POST_ROUTING,
	};

	if (c->hook == PLAN_HOOKS)
		return !held->type;
	return held->type && !strcmp(c->type, held->type) &&
	       number[c->hook] == held->hook && c->priority == held->priority &&
	       held->policy == NF_ACCEPT;
}

/* A chain that nothing leads to is where its rule is told. */
static void alone_compare(struct nft_view *v, struct plan_chain *c)
{
	struct nft_chain *held = NULL;

	if (c->rules->list == FW_ACCT)
		held = v->teller[c->rules->origin];
	if (!held || held->known) {
		rule_differs(v, c, c->rules);
		return;
	}
	c->name = held->name;
	chain_compare(v, c, held);
}

static void view_compare(struct nft_view *v)
{
	struct plan_chain *c;
	struct nft_chain *held;
	__u32 i;

	for (c = v->plan->chains; c; c = c->next) {
		if (v->index.belongs[c->id])
			continue;
		held = nft_table_chain(&v->table, c->name);
		if (!held || !hook_same(c, held))
			view_change(v, held ? "chain %s has another hook" :
				    "chain %s is missing", c->name);
		else
			chain_compare(v, c, held);
	}
	for (c = v->plan->chains; c; c = c->next)
		if (v->index.alone[c->id])
			alone_compare(v, c);
	if (v->extra[0] && !v->stale)
		view_change(v, "%s", v->extra);
	for (i = 0; i < v->table.nchains; i++)
		if (!v->table.chain[i]->known && !v->stale)
			view_change(v, "there is a chain %s that was not loaded",
				    v->table.chain[i]->name);
}

/* what holds when nothing has been loaded */
static struct rule_settings settings_default(const struct fw_ruleset *rs, __u32 mark_mask)
{
	struct rule_settings s = { .timeouts = rs->timeouts, .mark_mask = mark_mask };
	unsigned int i;

	for (i = 0; i < FW_LISTS; i++)
		s.policy[i] = rs->list[i].policy;
	return s;
}

int nft_view_read(struct nft_view *v, struct netlink *l, __u32 mark_mask,
		  struct fw_error *e)
{
	int err;

	memset(v, 0, sizeof(*v));
	fw_ruleset_init(&v->rules);
	v->settings = settings_default(&v->rules, mark_mask);
	err = nft_table_read(&v->table, l, e);
	if (err)
		return err;
	v->foreign = v->table.nchains;
	if (v->table.present)
		err = view_understand(v, e);
	if (!err)
		err = view_lower(v, e);
	if (!err && v->table.present) {
		nft_owners_find(v);
		view_compare(v);
	}
	return err;
}

void nft_view_free(struct nft_view *v)
{
	plan_free(v->plan);
	nft_index_free(&v->index);
	free(v->held);
	free(v->rule);
	free(v->order);
	free(v->teller);
	free(v->interfaces.dev);
	fw_ruleset_free(&v->rules);
	nft_table_free(&v->table);
}
