// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * xt_single.c - one ordinary rule appended or inserted, without reading the others.
 *
 * A rule is ordinary if the plan of it alone differs from the plan of no rule only by
 * entries in the list's chain, and by a chain of rules that log that is there already.
 * The entries go after the list's glue, or before its policy, and get a number from the
 * rule that is there now.  The tags of no other rule are read.
 */
#include "backend/xtables/xt_single.h"
#include "backend/xtables/xt_builder.h"

#include <errno.h>
#include <limits.h>

#include "backend/plan/plan_same.h"
#include "backend/ruleset.h"
#include "backend/xtables/xt_record.h"
#include "backend/xtables/xt_write.h"

struct single {
	const struct fw_edit *edit;
	const struct ruleset_format *format;
	struct store_view *report;
	struct store_next with, without; /* the rule alone, and no rule */
	struct xt_tables tables;
	struct rule_settings settings; /* that are installed */
	const struct plan_chain *planned; /* the list's */
	const struct plan_chain *shared; /* that the rule leads to, or NULL */
	struct store_record_head record; /* the newest entry's */
	__u32 state; /* sum of keys: see xt_record.h */
	const struct plan_rule *first; /* the rule's there */
	__u32 before, after; /* glue in planned, policy included */
};

/* The installed settings, without which nothing is known. */
static int settings_read(struct single *s)
{
	const struct xt_chain *c =
		xt_image_find(&s->tables.image[XT_MANGLE], XT_SETTINGS_CHAIN);
	struct rule_tag tag;

	if (!c || !c->count || xt_entry_tag(c->item[0].entry, &tag) ||
	    tag.kind != TAG_SETTINGS || !plan_mark_mask_valid(tag.settings.mark_mask))
		return XT_NOT_SINGLE;
	s->settings = tag.settings;
	/* glue for remembered connections may have to go with this edit */
	return tag.settings.needs & PLAN_HONOURS && !(tag.settings.needs & PLAN_KEEPS)
		       ? XT_NOT_SINGLE
		       : 0;
}

static int next_lower(struct single *s, struct store_next *n, const struct fw_edit *edit,
		      struct fw_error *e)
{
	const struct store_change change = {edit, edit ? 1 : 0, NULL};
	const struct plan_options o = {
		.mark_mask = s->settings.mark_mask,
		.log_group = s->settings.log_group,
		.lasting = s->settings.needs,
		.helpers_missing = plan_helpers_missing(s->settings.needs),
	};
	struct store_view none;
	unsigned int i;
	int err;

	store_view_init(&none, s->settings.mark_mask, s->settings.log_group, s->format);
	for (i = 0; i < FW_LISTS; i++)
		none.rules.list[i].policy = s->settings.policy[i];
	err = store_next_apply(n, &none, &change, e);
	store_view_free(&none);
	if (!err)
		err = store_next_lower(n, PLAN_XTABLES, o, &change, e);
	/* the longer way reports both, with the rule's number */
	if (edit && (err == -EOPNOTSUPP ||
		     (!err && n->plan->report[edit->list][0].passes_more)))
		err = XT_NOT_SINGLE;
	return err;
}

/* Where does the rule's part of a chain begin and end?  false: it has none. */
static bool rule_locate(struct single *s, const struct plan_chain *c)
{
	const struct plan_rule *r;
	__u32 before = 0, after = 0;

	s->first = NULL;
	for (r = c->rules; r; r = r->next) {
		if (r->origin >= 0 && !s->first)
			s->first = r;
		else if (r->origin < 0 && !s->first)
			before++;
		else if (r->origin < 0)
			after++;
	}
	s->before = before;
	s->after = after;
	return s->first;
}

static bool rule_leads_to(const struct plan_rule *r, const struct plan_chain *c)
{
	const struct plan_action *last = &r->action[r->nactions - 1];

	return last->type == PLAN_A_GOTO && last->chain == c;
}

/* Is the rest of both plans the same, but for one chain with the rule and a shared one? */
static int plans_compare(struct single *s)
{
	const struct plan_chain *a = s->with.plan->chains, *b = s->without.plan->chains;

	if (s->with.plan->needs != s->without.plan->needs)
		return XT_NOT_SINGLE;
	for (; a; a = a->next) {
		if (!b || !plan_glue_same(a, b)) {
			if (s->shared || rule_locate(s, a))
				return XT_NOT_SINGLE;
			s->shared = a;
			continue;
		}
		b = b->next;
		if (!rule_locate(s, a))
			continue;
		if (s->planned)
			return XT_NOT_SINGLE;
		s->planned = a;
	}
	if (b || !s->planned || !rule_locate(s, s->planned) ||
	    strcmp(s->planned->table, xt_table_name[XT_MANGLE]) != 0)
		return XT_NOT_SINGLE;
	return !s->shared || rule_leads_to(s->first, s->shared) ? 0 : XT_NOT_SINGLE;
}

/* The number of the rule at this end of the list, from the nearest entry with a tag. */
static int number_choose(struct single *s, const struct xt_chain *c, __s32 *number)
{
	__u32 begin = s->before, end = c->count - s->after, i;
	bool append = s->edit->op == FW_OP_APPEND;
	struct rule_tag tag;

	*number = 1;
	for (i = begin; i < end; i++) {
		const struct xt_item *item = &c->item[append ? end - 1 - (i - begin) : i];

		if (xt_entry_tag(item->entry, &tag))
			return XT_NOT_SINGLE;
		if (tag.kind != TAG_RULE && tag.kind != TAG_MORE)
			continue; /* an entry that does not count */
		if (tag.list != s->edit->list)
			return XT_NOT_SINGLE;
		*number = append ? tag.number + 1 : tag.number - 1;
		return tag.number == INT_MAX || tag.number == INT_MIN ? XT_NOT_SINGLE : 0;
	}
	return 0;
}

/* Glue of the chain must be where it is expected. */
static bool glue_is_installed(const struct single *s, const struct xt_source *source,
			      const struct xt_chain *c)
{
	const struct plan_rule *r = s->planned->rules;
	__u32 i;

	if (c->count < s->before + s->after)
		return false;
	for (i = 0; i < s->before; i++, r = r->next)
		if (xt_item_key(&c->item[i]) != xt_rule_key(source, s->planned, r))
			return false;
	while (r && r->origin >= 0)
		r = r->next;
	for (i = c->count - s->after; r; i++, r = r->next)
		if (xt_item_key(&c->item[i]) != xt_rule_key(source, s->planned, r))
			return false;
	return true;
}

/* The chain that the rule shares with others must be there as it is planned. */
static bool shared_is_installed(const struct single *s, const struct xt_source *source)
{
	const struct xt_chain *c = xt_image_find(&s->tables.image[XT_MANGLE], s->shared->name);
	const struct plan_rule *r = s->shared->rules;
	__u32 i;

	if (!c || c->count != s->shared->nrules)
		return false;
	for (i = 0; r && xt_item_key(&c->item[i]) == xt_rule_key(source, s->shared, r); i++)
		r = r->next;
	return !r;
}

static int entries_add(struct single *s, const struct xt_source *source,
		       struct xt_builder *b, const struct xt_chain *c, struct fw_error *e)
{
	struct xtc_handle *h = s->tables.handle[XT_MANGLE];
	__u32 at = s->edit->op == FW_OP_APPEND ? c->count - s->after : s->before;
	__u32 length = c->count;
	const struct plan_rule *r;
	struct ipt_entry *entry;

	for (r = s->first; r && r->origin >= 0; r = r->next, at++, length++) {
		entry = xt_entry_build(b, source, s->planned, r,
				       xt_rule_key(source, s->planned, r), e);
		if (!entry)
			return -e->code;
		entry->counters = (struct xt_counters){r->packets, r->bytes};
		s->state += entry->nfcache;
		if (!(at == length ? iptc_append_entry(s->planned->name, entry, h)
				   : iptc_insert_entry(s->planned->name, entry, at, h)))
			return xt_write_refused(xt_errno(), XT_MANGLE, e);
	}
	return 0;
}

static void foreign_note(struct single *s, const struct xt_chain *c)
{
	__u32 i;

	for (i = 0; i < c->count; i++)
		if (xt_item_is_foreign(&c->item[i]))
			store_view_change(s->report,
					  "there is a rule in chain %s that was not loaded",
					  c->name);
}

/* The longer way finds out which rules are missing. */
static int record_check(struct single *s)
{
	const struct xt_image *image = &s->tables.image[XT_MANGLE];

	s->state = xt_record_state(image);
	return xt_record_head_read(&s->record, image) && s->record.left &&
			       s->record.state == s->state
		       ? 0
		       : XT_NOT_SINGLE;
}

static int record_add(struct single *s, struct fw_error *e)
{
	struct store_record r;
	int err = store_record_edit(&r, &s->record, s->edit, s->state);

	if (err)
		err = fw_error_set(e, ENOMEM, "out of memory");
	else if (!xt_record_write(&s->tables, &r))
		err = xt_write_refused(xt_errno(), XT_MANGLE, e);
	store_record_free(&r);
	return err;
}

static int rule_add(struct single *s, const struct ruleset_format *format,
		    struct fw_error *e)
{
	const bool is_edited[XT_TABLES] = {[XT_MANGLE] = true};
	const struct xt_chain *c =
		xt_image_find(&s->tables.image[XT_MANGLE], s->planned->name);
	struct xt_builder *b = xt_builder_new();
	struct xt_source source;
	int err = xt_source_init(&source, s->with.plan, &s->with.rules,
				 (__s32 *const *)s->with.number, format);

	if (err || !b)
		err = fw_error_set(e, ENOMEM, "out of memory");
	if (!err && (!c || !glue_is_installed(s, &source, c) ||
		     (s->shared && !shared_is_installed(s, &source))))
		err = XT_NOT_SINGLE;
	if (!err)
		foreign_note(s, c);
	if (!err)
		err = number_choose(s, c, &s->with.number[s->edit->list][0]);
	if (!err)
		err = entries_add(s, &source, b, c, e);
	if (!err)
		err = record_add(s, e);
	if (!err)
		err = xt_commit(&s->tables, s->with.plan, is_edited, e);
	xt_source_free(&source);
	xt_builder_free(b);
	return err;
}

int xt_single_add(const struct fw_edit *edit, const struct ruleset_format *format,
		  struct store_view *report, struct fw_error *e)
{
	struct single s = {.edit = edit, .format = format, .report = report};
	int err;

	if ((edit->op != FW_OP_APPEND && edit->op != FW_OP_INSERT) ||
	    edit->list == FW_ACCT)
		return XT_NOT_SINGLE;
	err = xt_table_open(&s.tables, XT_MANGLE, e);
	if (!err)
		err = record_check(&s);
	if (!err)
		err = settings_read(&s);
	if (!err)
		err = next_lower(&s, &s.without, NULL, e);
	if (!err)
		err = next_lower(&s, &s.with, edit, e);
	if (!err)
		err = plans_compare(&s);
	if (!err)
		err = rule_add(&s, format, e);
	store_next_free(&s.with);
	store_next_free(&s.without);
	xt_tables_close(&s.tables);
	return err;
}
