// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * xt_write.c - edits that turn the installed tables into those of a plan.
 *
 * The installed entries of a chain and those of the plan are compared by their keys.
 * Where they differ, the nearer of what is to be dropped and what is to be added comes
 * first. That is decided for all chains before anything is edited, so that the counters
 * of entries that are dropped can go to those that are added.
 */
#include "backend/xtables/xt_write.h"
#include "backend/xtables/xt_builder.h"
#include "backend/xtables/xt_record.h"

#include <errno.h>
#include <stdlib.h>

#define LOOK_AHEAD 64 /* how far an entry is looked for among the others */

/* RENEW: an entry of a restored table stays where it is, and gets its tag */
enum step { KEEP, DROP, PUT, LEAVE, RENEW };

/* what is to be done in one chain of a table */
struct script {
	const struct plan_chain *planned;
	const struct xt_chain *old; /* NULL: the chain is new */
	__u32 *key; /* by planned rule; malloc'ed */
	__u8 *step; /* enum step; malloc'ed */
	__u32 nsteps;
};

/* what an ipfwadm rule has counted in entries that are dropped */
struct balance {
	__u64 packets, bytes;
	bool is_put; /* an entry that counts is added */
};

struct writer {
	struct xt_view *v;
	const struct store_next *next;
	const struct store_change *change;
	bool all_new, leaves_foreign;
	__u32 state; /* sum of keys: see xt_record.h */
	struct xt_source source;
	struct xt_builder *builder;
	struct script *script; /* by plan chain id; malloc'ed */
	struct balance *balance[FW_LISTS]; /* by rule; malloc'ed */
	bool is_edited[XT_TABLES];
	struct fw_error *e;
};

int xt_write_refused(int code, enum xt_table_id id, struct fw_error *e)
{
	const char *name = xt_table_name[id];

	switch (code) {
	case EAGAIN:
		return fw_error_set(e, EAGAIN,
				    "others change table '%s' of iptables without "
				    "taking its lock",
				    name);
	case EPERM:
	case ENOMEM:
		return xt_refused(code, name, e);
	case ENOENT:
		return fw_error_set(e, ENOENT,
				    "the kernel lacks a part that the rules in table '%s' "
				    "of iptables ask for%s",
				    name, id == XT_RAW ? ", the module of a helper perhaps"
						       : "");
	default: /* EINVAL has a meaning of its own in classic commands */
		return fw_error_set(e, code == EINVAL ? EOPNOTSUPP : code,
				    "the kernel refuses the rules in table '%s' of "
				    "iptables: %s",
				    name, strerror(code));
	}
}

static int no_memory(struct writer *w)
{
	return fw_error_set(w->e, ENOMEM, "out of memory");
}

/* how many steps from at an installed entry has this key, -1: none is near */
static int steps_to_old(const struct script *s, __u32 at, __u32 key)
{
	__u32 i;

	for (i = 0; i < LOOK_AHEAD && at + i < s->old->count; i++)
		if (xt_item_key(&s->old->item[at + i]) == key)
			return (int)i;
	return -1;
}

static int steps_to_new(const struct script *s, __u32 at, __u32 key)
{
	__u32 i;

	for (i = 0; i < LOOK_AHEAD && at + i < s->planned->nrules; i++)
		if (s->key[at + i] == key)
			return (int)i;
	return -1;
}

/* Of two entries that differ, is the installed one dropped first? */
static bool old_goes(const struct script *s, __u32 i, __u32 at)
{
	int drop, put;

	if (at == s->old->count || i == s->planned->nrules)
		return i == s->planned->nrules;
	drop = steps_to_old(s, at, s->key[i]);
	put = steps_to_new(s, i, xt_item_key(&s->old->item[at]));
	return put < 0 || (drop >= 0 && drop <= put);
}

static struct balance *rule_balance(struct writer *w, const struct plan_rule *r)
{
	return xt_rule_counts(r) ? &w->balance[r->list][r->origin] : NULL;
}

static int script_keys(struct writer *w, struct script *s)
{
	const struct plan_rule *r;
	__u32 i = 0, old = s->old ? s->old->count : 0;

	s->key = calloc(s->planned->nrules + 1, sizeof(*s->key));
	s->step = calloc(s->planned->nrules + old + 1, sizeof(*s->step));
	if (!s->key || !s->step)
		return no_memory(w);
	for (r = s->planned->rules; r; r = r->next)
		s->key[i++] = xt_rule_key(&w->source, s->planned, r);
	return 0;
}

static int script_make(struct writer *w, struct script *s)
{
	static const struct xt_chain nothing;
	const struct plan_rule *r = s->planned->rules;
	const bool renews = store_change_has_forwards(w->change);
	struct balance *b;
	__u32 i = 0, at = 0;
	int err;

	if (!s->old || w->all_new)
		s->old = &nothing;
	err = script_keys(w, s);
	while (!err && (r || at < s->old->count)) {
		if (w->leaves_foreign && at < s->old->count &&
		    xt_item_is_foreign(&s->old->item[at])) {
			s->step[s->nsteps++] = LEAVE;
			at++;
			continue;
		}
		b = r ? rule_balance(w, r) : NULL;
		if (r && at < s->old->count && !(renews && plan_rule_forward(r) >= 0) &&
		    xt_item_key(&s->old->item[at]) == s->key[i]) {
			s->step[s->nsteps++] = w->v->store.is_restored ? RENEW : KEEP;
			if (b && w->v->store.is_restored) {
				b->is_put = true;
			} else if (b) {
				b->packets -= s->old->item[at].entry->counters.pcnt;
				b->bytes -= s->old->item[at].entry->counters.bcnt;
			}
			at++;
		} else if (!r || old_goes(s, i, at)) {
			s->step[s->nsteps++] = DROP;
			at++;
			continue;
		} else {
			s->step[s->nsteps++] = PUT;
			if (b)
				b->is_put = true;
		}
		r = r->next;
		i++;
	}
	return err;
}

/* A balance begins with all that the rule has counted; entries that stay take theirs. */
static int balances_begin(struct writer *w)
{
	const struct fw_rule *r;
	__u32 list, i;
	__s32 old;

	for (list = 0; list < FW_LISTS; list++) {
		const struct fw_list *l = &w->next->rules.list[list];

		w->balance[list] = calloc(l->count + 1, sizeof(*w->balance[list]));
		if (!w->balance[list])
			return no_memory(w);
		for (i = 0; i < l->count; i++) {
			old = w->next->old[list][i];
			r = old < 0 ? fw_list_rule(l, i)
				    : fw_list_rule(&w->v->store.rules.list[list],
						   (__u32)old);
			w->balance[list][i].packets = r->pcnt;
			w->balance[list][i].bytes = r->bcnt;
		}
	}
	return 0;
}

static bool rule_is_zeroed(const struct writer *w, const struct plan_rule *r)
{
	return w->next->is_zeroed[r->list][r->origin];
}

static int failed(struct writer *w, enum xt_table_id id)
{
	return xt_write_refused(xt_errno(), id, w->e);
}

static int put(struct writer *w, enum xt_table_id id, const struct plan_chain *c,
	       const struct plan_rule *r, __u32 key, __u32 at, __u32 length)
{
	struct xtc_handle *h = w->v->tables.handle[id];
	struct ipt_entry *e = xt_entry_build(w->builder, &w->source, c, r, key, w->e);
	struct balance *b = rule_balance(w, r);
	const char *chain = xt_chain_name(c);

	if (!e)
		return w->e ? -w->e->code : -EINVAL;
	if (b && !rule_is_zeroed(w, r))
		e->counters = (struct xt_counters){b->packets, b->bytes};
	if (plan_rule_forward(r) >= 0)
		e->counters.pcnt = r->packets;
	if (b)
		*b = (struct balance){.is_put = true};
	w->is_edited[id] = true;
	if (id == XT_MANGLE && c->hook == PLAN_HOOKS)
		w->state += e->nfcache;
	if (!(at == length ? iptc_append_entry(chain, e, h)
			   : iptc_insert_entry(chain, e, at, h)))
		return failed(w, id);
	return 0;
}

/* An entry stays; its counters may not. */
static int keep(struct writer *w, enum xt_table_id id, const struct plan_chain *c,
		const struct plan_rule *r, const struct xt_item *item, __u32 at)
{
	struct xtc_handle *h = w->v->tables.handle[id];
	struct balance *b = rule_balance(w, r);
	struct xt_counters counters = item->entry->counters;

	if (b && rule_is_zeroed(w, r)) {
		w->is_edited[id] = true;
		return iptc_zero_counter(xt_chain_name(c), at + 1, h) ? 0 : failed(w, id);
	}
	if (!b || b->is_put || !(b->packets || b->bytes))
		return 0;
	counters.pcnt += b->packets;
	counters.bcnt += b->bytes;
	*b = (struct balance){0};
	w->is_edited[id] = true;
	return iptc_set_counter(xt_chain_name(c), at + 1, &counters, h) ? 0
									: failed(w, id);
}

static int script_run(struct writer *w, const struct script *s)
{
	enum xt_table_id id = xt_chain_table(s->planned);
	struct xtc_handle *h = w->v->tables.handle[id];
	const struct plan_rule *r = s->planned->rules;
	__u32 i, at = 0, old = 0, n = 0, length = s->old->count;
	int err = 0;

	for (i = 0; i < s->nsteps && !err; i++) {
		switch (s->step[i]) {
		case KEEP:
			w->state += id == XT_MANGLE ? s->old->item[old].entry->nfcache : 0;
			err = keep(w, id, s->planned, r, &s->old->item[old++], at++);
			break;
		case PUT:
			err = put(w, id, s->planned, r, s->key[n], at++, length++);
			break;
		case RENEW:
			old++;
			err = iptc_delete_num_entry(s->planned->name, at, h)
				      ? put(w, id, s->planned, r, s->key[n], at, length - 1)
				      : failed(w, id);
			at++;
			break;
		case LEAVE:
			old++;
			at++;
			continue;
		case DROP:
			w->is_edited[id] = true;
			old++;
			length--;
			if (!iptc_delete_num_entry(s->planned->name, at, h))
				err = failed(w, id);
			continue;
		}
		r = r->next;
		n++;
	}
	return err;
}

/* Of a built-in chain: one jump stays where it is, or a new one comes first. */
static int hook_write(struct writer *w, enum xt_table_id id, const struct xt_chain *c,
		      const struct plan_chain *planned)
{
	struct xtc_handle *h = w->v->tables.handle[id];
	__u32 i = c->count, stays = c->count;

	while (i-- > 0) {
		if (planned && stays == c->count &&
		    xt_item_is_jump(&c->item[i], planned->rules->action->chain->name)) {
			stays = i;
			continue;
		}
		w->is_edited[id] = true;
		if (!iptc_delete_num_entry(c->name, c->item[i].index, h))
			return failed(w, id);
	}
	if (!planned || stays < c->count)
		return 0;
	return put(w, id, planned, planned->rules,
		   xt_rule_key(&w->source, planned, planned->rules), 0,
		   c->length - c->count);
}

static int hooks_write(struct writer *w, enum xt_table_id id)
{
	const struct xt_image *image = &w->v->tables.image[id];
	const struct plan_chain *planned;
	__u32 i;
	int err = 0;

	for (i = 0; i < image->nchains && !err; i++) {
		if (!image->chain[i].is_builtin)
			continue;
		for (planned = w->next->plan->chains; planned; planned = planned->next)
			if (planned->hook != PLAN_HOOKS &&
			    xt_chain_table(planned) == id &&
			    !strcmp(xt_chain_name(planned), image->chain[i].name))
				break;
		err = hook_write(w, id, &image->chain[i], planned);
	}
	return err;
}

static bool chain_is_of_a_rule(const struct xt_chain *c)
{
	return c->count && (c->item->tag.kind == TAG_RULE || c->item->tag.kind == TAG_MORE);
}

/*
 * A chain that others use, or an unknown rule of a restored list, cannot be deleted.  It
 * stays as it is, but a rule of ours that is gone does not stay in force there.  A chain
 * that is deleted may be what has used another.
 */
static int unplanned_delete(struct writer *w, enum xt_table_id id)
{
	struct xt_image *image = &w->v->tables.image[id];
	struct xtc_handle *h = w->v->tables.handle[id];
	struct xt_chain *c;
	unsigned int users;
	bool again = true;

	while (again) {
		again = false;
		for (c = image->chain; c < image->chain + image->nchains; c++) {
			if (c->is_builtin || c->is_planned)
				continue;
			if (!iptc_get_references(&users, c->name, h))
				return failed(w, id);
			if (users && !chain_is_of_a_rule(c))
				continue;
			if (!iptc_flush_entries(c->name, h) ||
			    (!users && !iptc_delete_chain(c->name, h)))
				return failed(w, id);
			w->is_edited[id] = true;
			c->is_planned = !users;
			again |= !users;
		}
	}
	return 0;
}

/* Finds the installed chains of the plan, and creates the others. */
static int chains_prepare(struct writer *w)
{
	struct plan_chain *c;
	struct xt_chain *old;
	enum xt_table_id id;
	int err = 0;

	w->script = calloc(w->next->plan->nchains + 1, sizeof(*w->script));
	if (!w->script)
		return no_memory(w);
	for (id = 0; id < XT_TABLES; id++)
		for (__u32 i = 0; i < w->v->tables.image[id].nchains; i++)
			w->v->tables.image[id].chain[i].is_planned = false;
	for (c = w->next->plan->chains; c && !err; c = c->next) {
		id = xt_chain_table(c);
		w->script[c->id].planned = c;
		if (!w->v->tables.handle[id])
			err = xt_table_open(&w->v->tables, id, w->e);
		if (err || c->hook != PLAN_HOOKS)
			continue;
		old = xt_image_find(&w->v->tables.image[id], c->name);
		w->script[c->id].old = old;
		if (old)
			old->is_planned = true;
		else if (!iptc_create_chain(c->name, w->v->tables.handle[id]))
			err = failed(w, id);
		w->is_edited[id] |= !old;
		if (!err && old && w->all_new && old->count) {
			w->is_edited[id] = true;
			if (!iptc_flush_entries(c->name, w->v->tables.handle[id]))
				err = failed(w, id);
		}
	}
	return err;
}

/* A change by others is reported by each command until it is undone. */
static int record_write(struct writer *w)
{
	const struct store_view *v = &w->v->store;
	struct store_record r;
	int err = store_record_make(&r, v, w->change, &w->next->rules,
				    v->is_changed ? 0 : w->state, false);

	w->is_edited[XT_MANGLE] = true;
	if (err)
		err = no_memory(w);
	else if (!xt_record_write(&w->v->tables, &r))
		err = failed(w, XT_MANGLE);
	store_record_free(&r);
	return err;
}

static int tables_edit(struct writer *w)
{
	const struct plan_chain *c;
	unsigned int id;
	int err = balances_begin(w);

	if (!err)
		err = chains_prepare(w);
	for (c = w->next->plan->chains; c && !err; c = c->next)
		if (c->hook == PLAN_HOOKS)
			err = script_make(w, &w->script[c->id]);
	for (c = w->next->plan->chains; c && !err; c = c->next)
		if (c->hook == PLAN_HOOKS)
			err = script_run(w, &w->script[c->id]);
	if (!err)
		err = record_write(w);
	for (id = 0; id < XT_TABLES && !err; id++)
		if (w->v->tables.handle[id])
			err = hooks_write(w, id);
	for (id = 0; id < XT_TABLES && !err; id++)
		if (w->v->tables.handle[id])
			err = unplanned_delete(w, id);
	return err;
}

int xt_write(struct xt_view *v, const struct store_next *next,
	     const struct store_change *c, bool leaves_foreign,
	     const struct ruleset_format *format, struct fw_error *e)
{
	struct writer w = {.v = v,
			   .next = next,
			   .change = c,
			   .all_new = c->rules,
			   .leaves_foreign = leaves_foreign,
			   .e = e,
			   .builder = xt_builder_new()};
	unsigned int i;
	int err = xt_source_init(&w.source, next->plan, &next->rules,
				 (__s32 *const *)next->number, format);

	err = err || !w.builder ? no_memory(&w) : tables_edit(&w);
	for (i = 0; w.script && i < next->plan->nchains; i++) {
		free(w.script[i].key);
		free(w.script[i].step);
	}
	free(w.script);
	for (i = 0; i < FW_LISTS; i++)
		free(w.balance[i]);
	xt_source_free(&w.source);
	xt_builder_free(w.builder);
	return err ? err : xt_commit(&v->tables, next->plan, w.is_edited, e);
}
