// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * store_restore.c - tags of a kernel table that was restored from text.
 *
 * A list's chain has the kernel rules of its ipfwadm rules in order, and each of them
 * has the command in its comment, but for the first ones (is_lead) of a rule that has
 * several.  Kernel rules in a row with the same command are of one ipfwadm rule or of
 * several equal ones: the plan of the commands says how many comments one of them has.
 * Forwards are in a chain of their own, likewise.
 */
#include "backend/store/store_restore.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/plan/plan_commands.h"
#include "backend/ruleset.h"

/* kernel rules with the same command, in a row */
struct run {
	enum fw_list_id list;
	__s64 number; /* FW_ACCT: of the rule */
	size_t first, count; /* items */
	char *command; /* malloc'ed */
};

struct restore {
	const struct store_view *v;
	enum plan_target target;
	struct store_item *item;
	size_t nitems;
	struct plan_comments comments;
	struct rule_settings settings;
	struct run *run; /* malloc'ed; by list, number and first item */
	size_t nruns;
	struct fw_ruleset rules; /* one of each run */
	struct fw_interfaces interfaces;
	struct plan *plan; /* of rules */
	bool is_unknown; /* some of the commands, or the settings */
	bool has_policies; /* of kernel rules */
	struct fw_error *e;
};

static int no_memory(struct restore *r)
{
	return fw_error_set(r->e, ENOMEM, "out of memory");
}

static int text_compare(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool is_list_chain(const struct restore *r, enum fw_list_id list,
			  const char *chain)
{
	static const char *const name[FW_LISTS] = {[FW_INPUT] = "ipfw-input",
						   [FW_FORWARD] = "ipfw-forward",
						   [FW_OUTPUT] = "ipfw-output"};

	return name[list] && !strcmp(name[list] + (r->target == PLAN_NFT ? 5 : 0), chain);
}

/* Without settings, each list has the policy that its kernel rules carry out. */
static int comments_read(struct restore *r)
{
	struct rule_settings policies = r->v->settings;
	const char *pieces = plan_commands_chain(r->target);
	bool found = false;
	size_t i;

	r->comments.piece = calloc(r->nitems + 1, sizeof(*r->comments.piece));
	if (!r->comments.piece)
		return no_memory(r);
	for (i = 0; i < r->nitems; i++) {
		struct store_item *item = &r->item[i];

		if (!item->comment)
			continue;
		if (!strcmp(item->chain, pieces))
			r->comments.piece[r->comments.npieces++] = item->comment;
		else if (!found && !strcmp(item->chain, plan_settings_chain(r->target)) &&
			 plan_settings_read(&r->settings, item->comment)) {
			item->tag.kind = TAG_SETTINGS;
			item->tag.settings = r->settings;
			found = true;
		} else if (plan_policy_read(&policies, item->comment)) {
			r->has_policies = true;
		}
	}
	qsort(r->comments.piece, r->comments.npieces, sizeof(*r->comments.piece),
	      text_compare);
	if (found)
		return 0;
	r->settings = policies;
	r->is_unknown = true;
	fw_error_set(r->e, ESTALE, "no rule has the settings in its comment");
	return 0;
}

/* Is an item the first, or the next, of a run in its list's chain? */
static int run_add(struct restore *r, size_t at, enum fw_list_id list, __s64 number,
		   const char *command)
{
	struct run *last = r->nruns ? &r->run[r->nruns - 1] : NULL;

	if (list != FW_ACCT && last && last->list == list &&
	    last->first + last->count == at && !strcmp(last->command, command)) {
		last->count++;
		return 0;
	}
	r->run[r->nruns] = (struct run){list, number, at, 1, strdup(command)};
	return r->run[r->nruns++].command ? 0 : no_memory(r);
}

static int item_read(struct restore *r, size_t at)
{
	struct store_item *item = &r->item[at];
	char command[PLAN_COMMAND_MAX];
	enum fw_list_id list;
	__s64 number;
	int found = plan_command_read(command, &list, &number, r->target, item->comment,
				      &r->comments);

	if (found < 0 && !r->is_unknown) {
		r->is_unknown = true;
		fw_error_set(r->e, ESTALE,
			     "the command of a rule in chain %.60s is not complete",
			     item->chain);
	}
	if (found <= 0)
		return 0;
	item->tag.kind = TAG_MORE;
	item->tag.list = list;
	item->tag.number = (__s32)number;
	return list == FW_ACCT || is_list_chain(r, list, item->chain)
		       ? run_add(r, at, list, number, command)
		       : 0;
}

static int run_compare(const void *a, const void *b)
{
	const struct run *x = a, *y = b;

	if (x->list != y->list)
		return x->list < y->list ? -1 : 1;
	if (x->list == FW_ACCT && x->number != y->number)
		return x->number < y->number ? -1 : 1;
	return x->first < y->first ? -1 : x->first > y->first;
}

/* An accounting rule is in several chains: the first one stays. */
static void runs_sort(struct restore *r)
{
	size_t i, n = 0;

	qsort(r->run, r->nruns, sizeof(*r->run), run_compare);
	for (i = 0; i < r->nruns; i++) {
		if (n && r->run[i].list == FW_ACCT && r->run[n - 1].list == FW_ACCT &&
		    r->run[i].number == r->run[n - 1].number)
			free(r->run[i].command);
		else
			r->run[n++] = r->run[i];
	}
	r->nruns = n;
}

static int runs_read(struct restore *r)
{
	size_t i;
	int err = 0;

	r->run = calloc(r->nitems + 1, sizeof(*r->run));
	if (!r->run)
		return no_memory(r);
	for (i = 0; i < r->nitems && !err; i++)
		if (r->item[i].comment && r->item[i].tag.kind == TAG_NONE)
			err = item_read(r, i);
	if (!err)
		runs_sort(r);
	return err;
}

static bool is_forward(const struct restore *r, const struct store_item *item)
{
	const char *chain = r->target == PLAN_NFT ? "port-forwards" : "ipfw-port-forwards";

	return item->comment && strstr(item->comment, "-M --forward ") &&
	       (!strcmp(item->chain, chain) ||
		!strcmp(item->chain, plan_commands_chain(r->target)));
}

/* iptables may have several kernel rules of a forward. */
static bool forward_is_first(const struct restore *r, size_t at)
{
	size_t i = 0;

	while (i < at && !(is_forward(r, &r->item[i]) &&
			   !strcmp(r->item[i].comment, r->item[at].comment)))
		i++;
	return i == at;
}

/* The rules of all commands, each once. */
static int rules_read(struct restore *r)
{
	struct fw_interfaces none = {NULL, 0};
	size_t size = 1, i, at = 0;
	__u32 list, count = 0;
	char *text;
	int err;

	for (i = 0; i < r->nruns; i++)
		size += strlen(r->run[i].command) + 1;
	text = malloc(size);
	if (!text)
		return no_memory(r);
	for (i = 0; i < r->nruns; i++)
		at += (size_t)sprintf(text + at, "%s\n", r->run[i].command);
	err = r->v->format->read("comments", text, at, &r->rules, &none, r->e);
	free(text);
	free(none.dev);
	for (list = 0; list < FW_LISTS; list++)
		count += r->rules.list[list].count;
	if (!err && count != r->nruns)
		err = fw_error_set(r->e, ESTALE, "a comment has several commands");
	for (list = 0; list < FW_LISTS; list++)
		r->rules.list[list].policy = r->settings.policy[list];
	r->rules.timeouts = r->settings.timeouts;
	return err;
}

static int rules_lower(struct restore *r)
{
	struct plan_options o = {
		.mark_mask = r->settings.mark_mask,
		.log_group = r->settings.log_group,
		.lasting = plan_needs_lasting(r->settings.needs),
		.helpers_missing = plan_helpers_missing(r->settings.needs),
	};
	__s32 *const number[FW_LISTS] = {NULL};

	return store_lower_here(&r->plan, &r->interfaces, r->target, &r->rules, number,
				&o, NULL, r->e);
}

/* How many comments has each rule in its list's chain?  counts: by list and rule */
static void items_count(struct restore *r, __u32 *const counts[FW_LISTS])
{
	const struct plan_chain *c;
	const struct plan_rule *p;

	for (c = r->plan->chains; c; c = c->next)
		for (p = c->rules; p; p = p->next)
			if (p->origin >= 0 && !p->is_lead &&
			    is_list_chain(r, p->list, c->name))
				counts[p->list][p->origin]++;
}

/*
 * The first kernel rule of each rule has TAG_RULE.  *number: of the last rule of a list
 * that numbers in tags only.
 */
static void run_tag(struct restore *r, const struct run *run, const struct fw_rule *rule,
		    __u32 count, __s32 *number)
{
	size_t i;

	for (i = 0; i < run->count; i++) {
		struct rule_tag *tag = &r->item[run->first + i].tag;

		if (i % (count ? count : 1) == 0) {
			tag->kind = TAG_RULE;
			tag->rule = *rule;
			++*number;
		}
		if (r->target == PLAN_XTABLES && run->list != FW_ACCT)
			tag->number = *number;
	}
}

static int runs_tag(struct restore *r)
{
	__u32 *counts[FW_LISTS] = {NULL}, list, next[FW_LISTS] = {0}, index;
	__s32 number[FW_LISTS] = {0};
	size_t i;
	int err = 0;

	for (list = 0; list < FW_LISTS; list++) {
		counts[list] = calloc(r->rules.list[list].count + 1, sizeof(__u32));
		if (!counts[list])
			err = no_memory(r);
	}
	if (!err)
		items_count(r, counts);
	for (i = 0; i < r->nruns && !err; i++) {
		list = r->run[i].list;
		index = next[list]++;
		run_tag(r, &r->run[i], fw_list_rule(&r->rules.list[list], index),
			counts[list][index], &number[list]);
	}
	for (list = 0; list < FW_LISTS; list++)
		free(counts[list]);
	return err;
}

static void restore_free(struct restore *r)
{
	size_t i;

	for (i = 0; i < r->nruns; i++)
		free(r->run[i].command);
	free(r->run);
	free(r->comments.piece);
	free(r->interfaces.dev);
	plan_free(r->plan);
	fw_ruleset_free(&r->rules);
}

int store_restore_forwards(struct store_view *v, enum plan_target target,
			   struct store_item *item, size_t n, struct fw_error *e)
{
	const struct restore r = {.target = target, .item = item, .nitems = n};
	struct fw_interfaces none = {NULL, 0};
	struct fw_ruleset rs;
	size_t size = 1, i, at = 0;
	char *text;
	int err;

	for (i = 0; i < n; i++)
		size += is_forward(&r, &item[i]) ? strlen(item[i].comment) + 1 : 0;
	text = malloc(size);
	if (!text)
		return fw_error_set(e, ENOMEM, "out of memory");
	for (i = 0; i < n; i++)
		if (is_forward(&r, &item[i]) && forward_is_first(&r, i))
			at += (size_t)sprintf(text + at, "%s\n", item[i].comment);
	fw_ruleset_init(&rs);
	err = at ? v->format->read("comments", text, at, &rs, &none, e) : 0;
	free(text);
	free(none.dev);
	free(v->recorded.portfw.entry);
	v->recorded.portfw = rs.portfw;
	rs.portfw = (struct fw_portfw_table){0};
	fw_ruleset_free(&rs);
	return err;
}

int store_restore(struct store_view *v, enum plan_target target, struct store_item *item,
		  size_t n, struct fw_error *e)
{
	struct fw_error why = {0};
	struct restore r = {
		.v = v, .target = target, .item = item, .nitems = n, .e = &why};
	size_t i;
	int err;

	fw_ruleset_init(&r.rules);
	err = comments_read(&r);
	if (!err)
		err = runs_read(&r);
	/* nothing of it is ours */
	if (!err && r.is_unknown && !r.nruns && !r.has_policies && !v->has_record)
		err = -ESTALE;
	if (!err)
		err = rules_read(&r);
	if (!err)
		err = rules_lower(&r);
	if (!err)
		err = runs_tag(&r);
	for (i = 0; i < n && !err; i++)
		if (store_view_add(v, &item[i].tag, 0, 0))
			err = no_memory(&r);
	restore_free(&r);
	if (err == -ENOMEM)
		return fw_error_set(e, ENOMEM, "out of memory");
	v->is_restored = !err;
	if (!err)
		v->settings = r.settings;
	v->is_foreign = err;
	v->is_unknown = err || r.is_unknown;
	if (v->is_unknown)
		store_view_change(v, "%s", why.text);
	return 0;
}
