// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * store_view.c - from the tags of a kernel table to rules and their plan.
 */
#include "backend/store/store.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/plan/plan_commands.h"
#include "backend/plan/plan_interfaces.h"
#include "backend/ruleset.h"

/* what another kernel rule of a rule has counted */
struct store_more {
	__u8 list;
	__s32 number;
	__u64 packets, bytes;
};

void store_view_init(struct store_view *v, __u32 mark_mask, __u16 log_group,
		     const struct ruleset_format *format)
{
	unsigned int i;

	memset(v, 0, sizeof(*v));
	v->format = format;
	fw_ruleset_init(&v->rules);
	fw_ruleset_init(&v->recorded);
	v->settings.timeouts = v->rules.timeouts;
	v->settings.mark_mask = mark_mask;
	v->settings.log_group = log_group;
	for (i = 0; i < FW_LISTS; i++)
		v->settings.policy[i] = v->rules.list[i].policy;
}

void store_view_free(struct store_view *v)
{
	unsigned int i;

	for (i = 0; i < FW_LISTS; i++)
		free(v->number[i]);
	free(v->more);
	plan_free(v->plan);
	free(v->interfaces.dev);
	fw_ruleset_free(&v->rules);
	fw_ruleset_free(&v->recorded);
}

/* Room for one element more of *array; false: memory is exhausted. */
static bool array_grow(void *array, __u32 count, __u32 *cap, size_t size)
{
	__u32 room = *cap ? 2 * *cap : 64;
	void *bigger, **at = array;

	if (count < *cap)
		return true;
	bigger = reallocarray(*at, room, size);
	if (!bigger)
		return false;
	*at = bigger;
	*cap = room;
	return true;
}

static int rule_add(struct store_view *v, const struct rule_tag *tag, __u64 packets,
		    __u64 bytes)
{
	struct fw_list *l = &v->rules.list[tag->list];
	__u32 cap = l->cap;

	if (!array_grow(&v->number[tag->list], l->count, &cap, sizeof(tag->number)) ||
	    !array_grow(&l->slots, l->count, &l->cap, sizeof(*l->slots)))
		return -ENOMEM;
	v->number[tag->list][l->count] = tag->number;
	l->slots[l->count] = tag->rule;
	l->slots[l->count].pcnt = packets;
	l->slots[l->count++].bcnt = bytes;
	return 0;
}

int store_view_add(struct store_view *v, const struct rule_tag *tag, __u64 packets,
		   __u64 bytes)
{
	if (tag->kind != TAG_NONE)
		v->is_foreign = false;
	if (tag->kind == TAG_RULE)
		return rule_add(v, tag, packets, bytes);
	if (tag->kind == TAG_SETTINGS && plan_mark_mask_valid(tag->settings.mark_mask)) {
		v->settings = tag->settings;
		v->has_settings = true;
	} else if (tag->kind == TAG_MORE && (packets || bytes)) {
		if (!array_grow(&v->more, v->nmore, &v->more_cap, sizeof(*v->more)))
			return -ENOMEM;
		v->more[v->nmore++] =
			(struct store_more){tag->list, tag->number, packets, bytes};
	}
	return 0;
}

/* a rule being sorted */
struct sorted {
	__s32 number;
	__u32 index; /* in the kernel's order */
};

static int sorted_compare(const void *a, const void *b)
{
	const struct sorted *x = a, *y = b;

	if (x->number != y->number)
		return x->number < y->number ? -1 : 1;
	return x->index < y->index ? -1 : x->index > y->index;
}

/* Rules in several chains are not read in the order of their numbers. */
static int list_sort(struct fw_list *l, __s32 *number)
{
	struct sorted *sorted = calloc(l->count, sizeof(*sorted));
	struct fw_rule *rule = calloc(l->count, sizeof(*rule));
	__u32 i;

	if (!sorted || !rule) {
		free(sorted);
		free(rule);
		return -ENOMEM;
	}
	for (i = 0; i < l->count; i++)
		sorted[i] = (struct sorted){number[i], i};
	qsort(sorted, l->count, sizeof(*sorted), sorted_compare);
	for (i = 0; i < l->count; i++) {
		rule[i] = l->slots[sorted[i].index];
		number[i] = sorted[i].number;
	}
	free(sorted);
	free(l->slots);
	l->slots = rule;
	l->cap = l->count;
	return 0;
}

/* What forwards have counted is added later, by those of their kernel rules that are found. */
static int forwards_finish(struct store_view *v)
{
	struct fw_portfw_table *t = &v->rules.portfw;
	__u32 i;

	*t = v->recorded.portfw;
	if (!t->count)
		return 0;
	t->entry = calloc(t->count, sizeof(*t->entry));
	t->cap = t->count;
	if (!t->entry) {
		t->count = 0;
		return -ENOMEM;
	}
	memcpy(t->entry, v->recorded.portfw.entry, t->count * sizeof(*t->entry));
	for (i = 0; i < t->count; i++)
		t->entry[i].conns = 0;
	return 0;
}

static int rules_finish(struct store_view *v)
{
	__u32 list, i;
	int err = forwards_finish(v);

	for (list = 0; list < FW_LISTS && v->is_recorded && !v->has_settings; list++) {
		v->settings.policy[list] = v->recorded.list[list].policy;
		v->settings.timeouts = v->recorded.timeouts;
	}
	v->rules.timeouts = v->settings.timeouts;
	for (list = 0; list < FW_LISTS && !err; list++) {
		struct fw_list *l = &v->rules.list[list];

		l->policy = v->settings.policy[list];
		for (i = 1; i < l->count; i++)
			if (v->number[list][i - 1] > v->number[list][i])
				break;
		if (i < l->count)
			err = list_sort(l, v->number[list]);
	}
	return err;
}

static int number_compare(const void *a, const void *b)
{
	const __s32 *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

__s32 store_view_find(const struct store_view *v, __u32 list, __s32 number)
{
	const __s32 *found;

	if (list >= FW_LISTS || !v->rules.list[list].count)
		return -1;
	found = bsearch(&number, v->number[list], v->rules.list[list].count,
			sizeof(number), number_compare);
	return found ? (__s32)(found - v->number[list]) : -1;
}

static void more_count(struct store_view *v)
{
	struct fw_rule *r;
	__s32 index;
	__u32 i;

	for (i = 0; i < v->nmore; i++) {
		index = store_view_find(v, v->more[i].list, v->more[i].number);
		if (index < 0)
			continue;
		r = fw_list_rule(&v->rules.list[v->more[i].list], (__u32)index);
		r->pcnt += v->more[i].packets;
		r->bcnt += v->more[i].bytes;
	}
}

int store_lower_here(struct plan **p, struct fw_interfaces *ifs, enum plan_target target,
		     const struct fw_ruleset *rs, __s32 *const number[FW_LISTS],
		     struct plan_options *o, const struct ruleset_format *format,
		     struct fw_error *e)
{
	int err = plan_interfaces(ifs, rs, o, e);
	unsigned int i;

	if (err)
		return err;
	for (i = 0; i < FW_LISTS && target == PLAN_XTABLES; i++)
		o->number[i] = number[i];
	*p = target == PLAN_NFT ? plan_lower_nft(rs, o) : plan_lower_xtables(rs, o);
	if (!*p || (format && plan_commands_add(*p, rs, format)))
		return fw_error_set(e, ENOMEM, "out of memory");
	return 0;
}

int store_view_finish(struct store_view *v, enum plan_target target, struct fw_error *e)
{
	struct plan_options o = {
		.mark_mask = v->settings.mark_mask,
		.log_group = v->settings.log_group,
		.lasting = plan_needs_lasting(v->settings.needs),
		.helpers_missing = plan_helpers_missing(v->settings.needs),
	};
	int err = rules_finish(v);

	if (err)
		return fw_error_set(e, ENOMEM, "out of memory");
	more_count(v);
	return store_lower_here(&v->plan, &v->interfaces, target, &v->rules, v->number, &o,
				v->format, e);
}

void store_view_change(struct store_view *v, const char *format, ...)
{
	va_list args;

	if (v->is_changed)
		return;
	v->is_changed = true;
	va_start(args, format);
	vsnprintf(v->change, sizeof(v->change), format, args);
	va_end(args);
}

void store_view_extra(struct store_view *v, const char *format, ...)
{
	va_list args;

	if (v->extra[0])
		return;
	va_start(args, format);
	vsnprintf(v->extra, sizeof(v->extra), format, args);
	va_end(args);
}

bool store_rule_follows_interfaces(const struct store_view *v, __u32 list, __u32 index)
{
	const struct fw_rule *r = fw_list_rule(&v->rules.list[list], index);

	/* xtables decides at load time what leaves masqueraded */
	return r->via || r->vianame[0] ||
	       (v->plan->target == PLAN_XTABLES && v->plan->needs & PLAN_MASQUERADES &&
		(list == FW_OUTPUT || list == FW_ACCT));
}

void store_view_print(const struct store_view *v, bool is_undone, char *text, size_t size)
{
	snprintf(text, size, "the rules were changed by others: %s (%s)", v->change,
		 v->is_used  ? "it can go when they do not"
		 : is_undone ? "undone now"
			     : "`ipfwadm refresh' puts them right");
}

int store_view_refuse(const struct store_view *v, const char *table, struct fw_error *e)
{
	return fw_error_set(e, ESTALE,
			    "%s loaded by another program, and the rules are not known: "
			    "%s (`ipfwadm load' replaces them)",
			    table, v->change);
}

void store_view_take(struct store_view *v, bool deleted, struct fw_ruleset *rs)
{
	struct fw_ruleset *from =
		deleted && v->lost && !v->is_unrecorded ? &v->recorded : &v->rules;

	*rs = *from;
	fw_ruleset_init(from);
}
