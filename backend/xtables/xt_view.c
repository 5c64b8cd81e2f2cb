// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * xt_view.c - what the tables of iptables hold, compared with what they should.
 */
#include "backend/xtables/xt_view.h"

#include <errno.h>
#include <stdlib.h>

#include "kmod/core/names.h"
#include "backend/store/store_restore.h"
#include "backend/xtables/xt_builder.h"
#include "backend/xtables/xt_record.h"
#include "backend/xtables/xt_worker.h"

/* how far ahead an entry is looked for that is not where it should be, and how much
 * farther at most when others before it were not found */
#define LOOK_AHEAD 64
#define MISSED_MAX 1024

static void tag_note(struct xt_item *item, const struct rule_tag *tag)
{
	item->tag.kind = (__u8)tag->kind;
	item->tag.list = tag->list;
	item->tag.number = tag->number;
}

static int item_read(struct store_view *v, const struct xt_chain *c, struct xt_item *item,
		     struct fw_error *e)
{
	struct rule_tag tag;
	int err = xt_entry_tag(item->entry, &tag);

	if (err == -ENOTSUP)
		return fw_error_set(e, ENOTSUP,
				    "the chains " XT_PREFIX "* were loaded by "
				    "another version of this program");
	if (err || (tag.kind == TAG_RULE && fw_rule_check(&tag.rule, tag.list, NULL))) {
		store_view_change(v, "a rule in chain %s has a damaged origin", c->name);
		return 0;
	}
	tag_note(item, &tag);
	if (store_view_add(v, &tag, item->entry->counters.pcnt,
			   item->entry->counters.bcnt))
		return fw_error_set(e, ENOMEM, "out of memory");
	return 0;
}

static int tags_read(struct xt_view *v, struct fw_error *e)
{
	const struct xt_chain *c;
	unsigned int id;
	__u32 i, k;
	int err = 0;

	v->store.has_record = xt_image_find(&v->tables.image[XT_MANGLE],
					    store_record_chain(PLAN_XTABLES));
	for (i = 0; i < v->tables.image[XT_MANGLE].nchains; i++) {
		c = &v->tables.image[XT_MANGLE].chain[i];
		v->store.is_present |= !c->is_builtin;
		v->store.is_foreign |= !c->is_builtin && c->count;
	}
	for (id = 0; id < XT_TABLES; id++) {
		for (i = 0; i < v->tables.image[id].nchains; i++) {
			c = &v->tables.image[id].chain[i];
			for (k = 0; k < c->count && !err; k++)
				err = item_read(&v->store, c, &c->item[k], e);
		}
	}
	return err;
}

/* Comments of all entries; malloc'ed, NULL: memory is exhausted. */
static struct store_item *items_make(const struct xt_view *v, size_t *count)
{
	const struct xt_image *image;
	struct store_item *item;
	size_t n = 0;
	unsigned int id;
	__u32 i, k;

	for (id = 0; id < XT_TABLES; id++)
		for (i = 0; i < v->tables.image[id].nchains; i++)
			n += v->tables.image[id].chain[i].count;
	*count = n;
	item = calloc(n + 1, sizeof(*item));
	for (id = 0, n = 0; item && id < XT_TABLES; id++) {
		image = &v->tables.image[id];
		for (i = 0; i < image->nchains; i++)
			for (k = 0; k < image->chain[i].count; k++)
				item[n++] = (struct store_item){
					.chain = image->chain[i].name,
					.comment = xt_entry_comment(
						image->chain[i].item[k].entry)};
	}
	return item;
}

/* Forwards have no tags: where there is no record, their comments have to do. */
static int forwards_restore(struct xt_view *v, struct fw_error *e)
{
	size_t n;
	struct store_item *item = items_make(v, &n);
	int err = item ? store_restore_forwards(&v->store, PLAN_XTABLES, item, n, e)
		       : fw_error_set(e, ENOMEM, "out of memory");

	free(item);
	return err == -ENOMEM ? err : 0;
}

/*
 * Without any tag the tables were restored from text, or loaded by another program.
 * Their entries have no key, so they are compared with those that libxtables builds.
 */
static int tags_restore(struct xt_view *v, struct fw_error *e)
{
	struct store_item *item;
	struct xt_image *image;
	size_t n = 0;
	__u32 i, k;
	unsigned int id;
	int err;

	if (!xt_worker_is_running())
		return XT_NEEDS_WORKER;
	item = items_make(v, &n);
	if (!item)
		return fw_error_set(e, ENOMEM, "out of memory");
	err = store_restore(&v->store, PLAN_XTABLES, item, n, e);
	for (id = 0, n = 0; id < XT_TABLES; id++) {
		image = &v->tables.image[id];
		for (i = 0; i < image->nchains; i++) {
			for (k = 0; k < image->chain[i].count; k++, n++) {
				struct xt_item *to = &image->chain[i].item[k];

				to->key = xt_entry_digest(to->entry, to->target);
				if (v->store.is_restored)
					tag_note(to, &item[n].tag);
			}
		}
	}
	free(item);
	return err;
}

/* a comparison of installed entries with the plan */
struct compare {
	struct store_view *v;
	const struct xt_tables *tables;
	struct xt_source source;
	struct xt_builder *builder; /* of a restored table; else NULL */
};

static bool rule_may_be_stale(const struct compare *k, const struct plan_rule *r)
{
	return r->origin >= 0 &&
	       store_rule_follows_interfaces(k->v, r->list, (__u32)r->origin);
}

/* The plan has r, the kernel something else in its place. */
static void rule_differs(struct compare *k, const struct plan_chain *c,
			 const struct plan_rule *r)
{
	if (rule_may_be_stale(k, r))
		k->v->is_stale = true;
	else if (r->origin >= 0)
		store_view_change(k->v, "rule %d of the %s list is not as it was loaded",
				  r->origin + 1, fw_list_names[r->list]);
	else
		store_view_change(k->v, "chain %s is not as it was loaded",
				  xt_chain_name(c));
}

/*
 * The index of the accounting rule that an entry without tag belongs to, -1 for none: its
 * chain or its target is named by the rule's number.
 */
static __s32 account_index(const struct store_view *v, const char *chain)
{
	static const char prefix[] = XT_PREFIX "acct-";
	char *end;
	long number;

	if (strncmp(chain, prefix, sizeof(prefix) - 1) != 0)
		return -1;
	number = strtol(chain + sizeof(prefix) - 1, &end, 10);
	return end == chain + sizeof(prefix) - 1
		       ? -1
		       : store_view_find(v, FW_ACCT, (__s32)number);
}

/* Does the form of an entry's rule depend on interfaces? */
static bool item_may_be_stale(const struct compare *k, const struct xt_chain *c,
			      const struct xt_item *item)
{
	__u32 list = item->tag.kind == TAG_NONE ? FW_ACCT : item->tag.list;
	__s32 index;

	if (item->tag.kind != TAG_NONE)
		index = store_view_find(k->v, list, item->tag.number);
	else if ((index = account_index(k->v, item->target)) < 0)
		index = account_index(k->v, c->name);
	return index >= 0 && store_rule_follows_interfaces(k->v, list, (__u32)index);
}

/* Entries that the plan does not have: of a rule for other interfaces, or of others. */
static void extras_note(struct compare *k, const struct xt_chain *c, __u32 at, __u32 end)
{
	for (; at < end; at++) {
		if (item_may_be_stale(k, c, &c->item[at]))
			k->v->is_stale = true;
		else
			store_view_extra(k->v,
					 "there is a rule in chain %s that was not "
					 "loaded",
					 c->name);
	}
}

/* what xt_item_key() gives if an entry is r's */
static __u32 rule_key(struct compare *k, const struct plan_chain *planned,
		      const struct plan_rule *r)
{
	struct fw_error unused;
	const struct ipt_entry *e;

	if (!k->builder)
		return xt_rule_key(&k->source, planned, r);
	e = xt_entry_build(k->builder, &k->source, planned, r, 0, &unused);
	return e ? xt_entry_digest(e, xt_entry_target_name(e)) : 0;
}

/* An entry of a restored table is r's: what it has counted is the rule's. */
static void item_restore(const struct compare *k, const struct plan_chain *planned,
			 const struct plan_rule *r, struct xt_item *item)
{
	struct fw_rule *rule;

	item->is_found = true;
	item->key = xt_rule_key(&k->source, planned, r);
	if (!xt_rule_counts(r))
		return;
	rule = fw_list_rule(&k->v->rules.list[r->list], (__u32)r->origin);
	rule->pcnt += item->entry->counters.pcnt;
	rule->bcnt += item->entry->counters.bcnt;
}

/* the place of the entry for r, between at and so far; c->count if it is not there */
static __u32 item_find(struct compare *k, const struct plan_chain *planned,
		       const struct plan_rule *r, const struct xt_chain *c, __u32 at,
		       __u32 far)
{
	__u32 key = rule_key(k, planned, r), i;
	__u32 end = c->count - at > far ? at + far : c->count;

	for (i = at; i < end; i++)
		if (xt_item_key(&c->item[i]) == key)
			return i;
	return c->count;
}

static void chain_compare(struct compare *k, const struct plan_chain *planned,
			  const struct xt_chain *c)
{
	const struct plan_rule *r;
	__u32 at = 0, found, missed = 0;

	for (r = planned->rules; r; r = r->next) {
		found = item_find(k, planned, r, c, at, LOOK_AHEAD + missed);
		if (found < c->count) {
			extras_note(k, c, at, found);
			store_view_count(k->v, r, c->item[found].entry->counters.pcnt);
			if (k->builder)
				item_restore(k, planned, r, &c->item[found]);
			at = found + 1;
			missed = 0;
			continue;
		}
		rule_differs(k, planned, r);
		if (missed < MISSED_MAX)
			missed++;
		else if (at < c->count)
			at++;
	}
	extras_note(k, c, at, c->count);
}

/* A built-in chain has one jump of ours, among the rules of others. */
static void hook_compare(struct compare *k, const struct plan_chain *planned,
			 const struct xt_chain *c)
{
	const char *to = planned->rules->action->chain->name;
	__u32 i, found = 0;

	for (i = 0; i < c->count; i++)
		found += xt_item_is_jump(&c->item[i], to);
	if (!found)
		rule_differs(k, planned, planned->rules);
	if (c->count > (found > 0))
		store_view_extra(k->v, "a rule of chain %s in table %s was not loaded",
				 c->name, planned->table);
}

static void plan_compare(struct compare *k)
{
	const struct plan_chain *planned;
	struct xt_chain *c;

	c = xt_image_find(&k->tables->image[XT_MANGLE], store_record_chain(PLAN_XTABLES));
	if (c)
		c->is_planned = true;
	for (planned = k->v->plan->chains; planned; planned = planned->next) {
		c = xt_image_find(&k->tables->image[xt_chain_table(planned)],
				  xt_chain_name(planned));
		if (c)
			c->is_planned = true;
		if (c && c->is_builtin)
			hook_compare(k, planned, c);
		else if (c)
			chain_compare(k, planned, c);
		else if (planned->rules && rule_may_be_stale(k, planned->rules))
			k->v->is_stale = true;
		else
			store_view_change(k->v, "chain %s is missing in table %s",
					  xt_chain_name(planned), planned->table);
	}
}

static bool chain_is_used(const struct compare *k, unsigned int id, const struct xt_chain *c)
{
	unsigned int users;

	return !c->is_builtin &&
	       iptc_get_references(&users, c->name, k->tables->handle[id]) && users;
}

static void unplanned_chains_note(struct compare *k)
{
	const struct xt_image *image;
	const struct xt_chain *c;
	unsigned int id;
	bool is_used;
	__u32 i;

	for (id = 0; id < XT_TABLES; id++) {
		image = &k->tables->image[id];
		for (i = 0; i < image->nchains; i++) {
			c = &image->chain[i];
			if (c->is_planned || (c->is_builtin && !c->count))
				continue;
			is_used = chain_is_used(k, id, c);
			k->v->is_used |= is_used && !k->v->is_changed && !k->v->extra[0];
			store_view_extra(
				k->v,
				c->is_builtin
					? "a rule of chain %s in table %s was not loaded"
				: is_used ? "there is a chain %s in table %s that others use"
					  : "there is a chain %s in table %s that was not "
					    "loaded",
				c->name, xt_table_name[id]);
		}
	}
}

static int view_compare(struct xt_view *v)
{
	struct compare k = {.v = &v->store, .tables = &v->tables};
	int err = xt_source_init(&k.source, v->store.plan, &v->store.rules,
				 v->store.number, v->store.format);

	if (!err && v->store.is_restored) {
		k.builder = xt_builder_new();
		err = k.builder ? 0 : -ENOMEM;
	}
	if (!err && !v->store.is_restored)
		store_record_compare(&v->store);
	if (!err) {
		plan_compare(&k);
		unplanned_chains_note(&k);
		if (v->store.extra[0] && !v->store.is_stale)
			store_view_change(&v->store, "%s", v->store.extra);
	}
	xt_builder_free(k.builder);
	xt_source_free(&k.source);
	return err;
}

int xt_view_read(struct xt_view *v, const struct xt *x, struct fw_error *e)
{
	int err;

	store_view_init(&v->store, x->mark_mask, x->log_group, x->format);
	err = xt_tables_open(&v->tables, e);
	if (!err)
		err = tags_read(v, e);
	if (!err && v->store.is_foreign)
		err = tags_restore(v, e);
	if (!err && xt_record_read(&v->store, &v->tables.image[XT_MANGLE]))
		err = fw_error_set(e, ENOMEM, "out of memory");
	if (!err && (!v->store.is_recorded || v->store.is_unrecorded))
		err = forwards_restore(v, e);
	if (!err)
		err = store_view_finish(&v->store, PLAN_XTABLES, e);
	if (!err && v->store.is_present && view_compare(v))
		err = fw_error_set(e, ENOMEM, "out of memory");
	return err;
}

int xt_view_read_settings(struct xt_view *v, const struct xt *x, struct fw_error *e)
{
	const struct xt_chain *c;
	struct rule_tag tag;
	int err;

	store_view_init(&v->store, x->mark_mask, x->log_group, x->format);
	err = xt_tables_open(&v->tables, e);
	c = err ? NULL : xt_image_find(&v->tables.image[XT_MANGLE], XT_SETTINGS_CHAIN);
	if (c && c->count && !xt_entry_tag(c->item[0].entry, &tag) &&
	    tag.kind == TAG_SETTINGS)
		store_view_add(&v->store, &tag, 0, 0);
	return err;
}

void xt_view_free(struct xt_view *v)
{
	xt_tables_close(&v->tables);
	store_view_free(&v->store);
}
