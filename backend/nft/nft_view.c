// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * nft_view.c - our table understood.
 *
 * Tags are not trusted: the rules that they contain are
 * lowered again, and what comes out is compared with what is there.
 */
#include "backend/nft/nft_view.h"

#include <errno.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/nft/nft_expr.h"
#include "backend/nft/nft_same.h"
#include "backend/store/store_restore.h"
#include "kmod/core/names.h"

/* how far ahead a rule is looked for that is not where it should be */
#define LOOK_AHEAD 64

static int no_memory(struct fw_error *e)
{
	return fw_error_set(e, ENOMEM, "out of memory");
}

static void tag_note(struct nft_rule *r, const struct rule_tag *tag)
{
	r->tag = (__u8)tag->kind;
	r->list = tag->list;
	r->order = tag->number;
}

static int rule_read(struct nft_view *v, struct nft_chain *c, struct nft_rule *r,
		     struct fw_error *e)
{
	struct rule_tag tag;
	int err = rule_tag_read(&tag, r->udata, r->udata_len);

	if (err == -ENOTSUP)
		return fw_error_set(e, ENOTSUP,
				    "table ip " NFT_TABLE " was loaded by another "
				    "version of this program");
	if (err || (tag.kind == TAG_RULE && fw_rule_check(&tag.rule, tag.list, NULL))) {
		store_view_change(&v->store, "a rule in chain %s has a damaged origin",
				  c->name);
		return 0;
	}
	tag_note(r, &tag);
	/* nft_owners_find() adds up the counters; other lists are in order of position */
	if (tag.list != FW_ACCT)
		tag.number = 0;
	return store_view_add(&v->store, &tag, 0, 0) ? no_memory(e) : 0;
}

static int tags_read(struct nft_view *v, struct fw_error *e)
{
	struct nft_rule *r;
	__u32 i;
	int err = 0;

	v->store.has_record = nft_table_chain(&v->table, store_record_chain(PLAN_NFT));
	for (i = 0; i < v->table.nchains; i++)
		if (v->table.chain[i]->rules)
			v->store.is_foreign = true;
	for (i = 0; i < v->table.nchains; i++)
		for (r = v->table.chain[i]->rules; r && !err; r = r->next)
			err = rule_read(v, v->table.chain[i], r, e);
	return err;
}

/* Comments of all rules; malloc'ed, NULL: memory is exhausted. */
static struct store_item *items_make(const struct nft_view *v, size_t *count)
{
	struct store_item *item;
	const struct nft_rule *r;
	size_t n = 0;
	__u32 i;

	for (i = 0; i < v->table.nchains; i++)
		for (r = v->table.chain[i]->rules; r; r = r->next)
			n++;
	*count = n;
	item = calloc(n + 1, sizeof(*item));
	for (i = 0, n = 0; item && i < v->table.nchains; i++)
		for (r = v->table.chain[i]->rules; r; r = r->next)
			item[n++] = (struct store_item){
				.chain = v->table.chain[i]->name,
				.comment = rule_tag_comment(r->udata, r->udata_len)};
	return item;
}

/* Forwards have no tags: where there is no record, their comments have to do. */
static int forwards_restore(struct nft_view *v, struct fw_error *e)
{
	size_t n;
	struct store_item *item = items_make(v, &n);
	int err = item ? store_restore_forwards(&v->store, PLAN_NFT, item, n, e) :
			 no_memory(e);

	free(item);
	return err == -ENOMEM ? err : 0;
}

/* Without any tag the table was restored from text, or loaded by another program. */
static int tags_restore(struct nft_view *v, struct fw_error *e)
{
	size_t n;
	struct store_item *item = items_make(v, &n);
	struct nft_rule *r;
	__u32 i;
	int err;

	if (!item)
		return no_memory(e);
	err = store_restore(&v->store, PLAN_NFT, item, n, e);
	for (i = 0, n = 0; i < v->table.nchains && v->store.is_restored; i++)
		for (r = v->table.chain[i]->rules; r; r = r->next)
			tag_note(r, &item[n++].tag);
	free(item);
	return err;
}

/* The newest entry comes first. */
static int record_read(struct nft_view *v, struct fw_error *e)
{
	struct nft_chain *c = nft_table_chain(&v->table, store_record_chain(PLAN_NFT));
	const struct nft_rule *r, **entry;
	size_t n = 0;
	int err = 0;

	if (!c)
		return 0;
	c->known = true;
	for (r = c->rules; r; r = r->next)
		n++;
	entry = calloc(n + 1, sizeof(*entry));
	if (!entry)
		return no_memory(e);
	for (r = c->rules, n = 0; r; r = r->next)
		entry[n++] = r;
	while (n-- > 0 && !err)
		err = store_record_replay(&v->store, entry[n]->udata,
					  entry[n]->udata_len);
	free(entry);
	return err ? no_memory(e) : 0;
}

static int view_lower(struct nft_view *v, struct fw_error *e)
{
	int err = store_view_finish(&v->store, PLAN_NFT, e);

	if (err)
		return err;
	if (nft_index_make(&v->index, v->store.plan))
		return no_memory(e);
	v->held = calloc(v->store.plan->nchains, sizeof(struct nft_chain *));
	v->rule = calloc(v->index.nrules + 1, sizeof(struct nft_rule *));
	v->tagged = calloc(v->store.rules.list[FW_ACCT].count + 1, sizeof(struct nft_chain *));
	return v->held && v->rule && v->tagged ? 0 : no_memory(e);
}

static const struct fw_rule *origin_rule(const struct nft_view *v,
					 const struct plan_rule *r)
{
	return r->origin < 0 ? NULL
			     : fw_list_rule(&v->store.rules.list[r->list], (__u32)r->origin);
}

/* The plan has r, the kernel something else in its place. */
static void rule_differs(struct nft_view *v, const struct plan_chain *c,
			 const struct plan_rule *r)
{
	const struct fw_rule *rule = origin_rule(v, r);

	if (rule && (rule->via || rule->vianame[0]))
		v->store.is_stale = true;
	else if (rule)
		store_view_change(&v->store, "rule %d of the %s list is not as it was loaded",
				  r->origin + 1, fw_list_names[r->list]);
	else
		store_view_change(&v->store, "chain %s is not as it was loaded", c->name);
}

/* A rule that the plan does not have; after a change of interfaces it may be ours. */
static void rule_extra(struct nft_view *v, const struct nft_chain *c,
		       const struct nft_rule *r)
{
	if (r->tag == TAG_NONE)
		store_view_change(&v->store, "there is a rule in chain %s that was not loaded",
				  c->name);
	else
		store_view_extra(&v->store, "there is a rule in chain %s that was not loaded",
				 c->name);
}

static void chain_compare(struct nft_view *v, struct plan_chain *c,
			  struct nft_chain *held);

/*
 * The kernel's chain for the one of r's own that r leads to, if held is
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
	name = nft_installed_target(held);
	c = name ? nft_table_chain(&v->table, name) : NULL;
	return c && !c->known && !c->type ? c : NULL;
}

static void rule_count(struct plan_rule *r, const struct nft_rule *held)
{
	if ((r->origin < 0 && plan_rule_forward(r) < 0) || !held->counts)
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
	store_view_count(&v->store, r, held->packets);
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

/* Does the plan have this rule of the kernel behind r?  Then r was deleted. */
static bool rule_is_later(const struct plan_rule *r, const struct nft_rule *held)
{
	unsigned int i;

	for (i = 0, r = r->next; r && i < LOOK_AHEAD; i++, r = r->next)
		if (nft_rule_same(r, held))
			return true;
	return false;
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
		if (at && c->nrules - number > 1 && at->owner == origin_rule(v, r) &&
		    !rule_is_later(r, at))
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

/* A chain that nothing leads to has the TAG_RULE of its rule. */
static void alone_compare(struct nft_view *v, struct plan_chain *c)
{
	struct nft_chain *held = NULL;

	if (c->rules->list == FW_ACCT)
		held = v->tagged[c->rules->origin];
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

	if (v->table.dormant)
		store_view_change(&v->store, "table ip " NFT_TABLE " was made dormant");
	if (!v->store.is_restored)
		store_record_compare(&v->store);
	for (c = v->store.plan->chains; c; c = c->next) {
		if (v->index.belongs[c->id])
			continue;
		held = nft_table_chain(&v->table, c->name);
		if (!held || !hook_same(c, held))
			store_view_change(&v->store, held ? "chain %s has another hook" :
				    "chain %s is missing", c->name);
		else
			chain_compare(v, c, held);
	}
	for (c = v->store.plan->chains; c; c = c->next)
		if (v->index.alone[c->id])
			alone_compare(v, c);
	if (v->store.extra[0] && !v->store.is_stale)
		store_view_change(&v->store, "%s", v->store.extra);
	for (i = 0; i < v->table.nchains; i++)
		if (!v->table.chain[i]->known && !v->store.is_stale)
			store_view_change(&v->store, "there is a chain %s that was not loaded",
				    v->table.chain[i]->name);
}

int nft_view_read(struct nft_view *v, struct nft *n, struct fw_error *e)
{
	int err;

	memset(v, 0, sizeof(*v));
	store_view_init(&v->store, n->mark_mask, n->log_group, n->format);
	err = nft_table_read(&v->table, &n->link, e);
	if (!err)
		err = nft_gate_read(&n->link, &v->gate, e);
	if (err)
		return err;
	v->store.rules.denies_ipv6 = v->gate.is_closed;
	v->store.is_present = v->table.present;
	err = tags_read(v, e);
	if (!err && v->store.is_foreign)
		err = tags_restore(v, e);
	if (!err)
		err = record_read(v, e);
	if (!err && (!v->store.is_recorded || v->store.is_unrecorded))
		err = forwards_restore(v, e);
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
	nft_index_free(&v->index);
	free(v->held);
	free(v->rule);
	free(v->tagged);
	store_view_free(&v->store);
	nft_table_free(&v->table);
}
