// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * xt_apply.c - changes of the rules in force, each under the lock and in all tables or
 * none.
 *
 * Who changes tables without the lock is noticed by the kernel.  Then all is done
 * again.
 */
#include "backend/xtables/xt_apply.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/conntrack/conntrack.h"
#include "backend/plan/plan_interfaces.h"
#include "backend/plan/plan_check.h"
#include "backend/ruleset.h"
#include "backend/xtables/xt_commit.h"
#include "backend/xtables/xt_lock.h"
#include "backend/xtables/xt_row.h"
#include "backend/xtables/xt_timeouts.h"

#define ATTEMPTS 100

/* one attempt at something, under the lock: 0 or -errno; -EAGAIN: once more */
typedef int (*attempt_fn)(struct xt *x, void *ctx, struct fw_error *e);

static int under_lock(struct xt *x, attempt_fn attempt, void *ctx, struct fw_error *e)
{
	unsigned int i;
	int lock = xt_lock_take(e), err = -EAGAIN;

	if (lock == -EACCES) {	/* who may not have it, may often do nothing at all */
		err = xt_kernel_check(e);
		return err ? err : lock;
	}
	if (lock < 0)
		return lock;
	for (i = 0; i < ATTEMPTS && err == -EAGAIN; i++)
		err = attempt(x, ctx, e);
	xt_lock_drop(lock);
	return err;
}

/* what others have done, in words */
static void change_tell(const struct xt_view *v, char *text, size_t size)
{
	if (v->foreign)
		snprintf(text, size, "the chains " XT_PREFIX "* of iptables were loaded by "
			 "another program, so their rules are not known "
			 "(`ipfwadm load' replaces them)");
	else
		snprintf(text, size, "the rules were changed by others: %s "
			 "(`ipfwadm refresh' puts them right)", v->change);
}

static int change_refuse(const struct xt_view *v, struct fw_error *e)
{
	char text[256];

	change_tell(v, text, sizeof(text));
	return fw_error_set(e, ESTALE, "%s", text);
}

/* The rules after a change, and the plan of them. */
struct next {
	struct fw_ruleset rules;
	struct fw_interfaces interfaces;
	struct plan *plan;
};

static void next_free(struct next *n)
{
	plan_free(n->plan);
	free(n->interfaces.dev);
	fw_ruleset_free(&n->rules);
}

/* Connections that the rules of was remembered may go on. */
static __u32 needs_lasting(const struct nft_settings *was)
{
	struct netlink link;
	__u32 lasting = plan_needs_lasting(was->needs);

	if (!lasting || netlink_open(&link, NETLINK_NETFILTER, NULL))
		return lasting;
	lasting = conntrack_needs_lasting(&link, was->needs, was->mark_mask);
	netlink_close(&link);
	return lasting;
}

static int next_lower(struct next *n, __u32 mark_mask, const struct nft_settings *was,
		      struct fw_error *e)
{
	struct plan_options o = {
		.mark_mask = mark_mask,
		.lasting = was->mark_mask == mark_mask ? needs_lasting(was) : 0,
	};
	int err = plan_interfaces(&n->interfaces, &n->rules, &o, e);

	if (err)
		return err;
	n->plan = plan_lower_xtables(&n->rules, &o);
	return n->plan ? 0 : fw_error_set(e, ENOMEM, "out of memory");
}

/* a change being tried */
struct change {
	const struct fw_edit *edit;
	size_t count;
	const struct fw_ruleset *rules;		/* replaces all */
};

static void from_free(struct xt_from *from)
{
	unsigned int i;

	for (i = 0; i < FW_LISTS; i++) {
		free(from->old[i]);
		free(from->zero[i]);
	}
}

/*
 * Where do the rules come from that are there after the edits?  The same edits are
 * made on rules that count their own numbers, from 1, and whether they were zeroed.
 */
static int origin_edit(struct fw_ruleset *rs, const struct fw_edit *edit)
{
	struct fw_edit plain = *edit;
	struct fw_list *l = &rs->list[edit->list];
	__u32 i;

	if (edit->op == FW_OP_ZERO) {
		for (i = 0; i < l->count; i++)
			fw_list_rule(l, i)->bcnt = 1;
		return 0;
	}
	plain.counters = false;
	return fw_ruleset_edit(rs, &plain);
}

static void origins_number(struct fw_ruleset *rs)
{
	__u32 list, i;

	for (list = 0; list < FW_LISTS; list++) {
		for (i = 0; i < rs->list[list].count; i++) {
			fw_list_rule(&rs->list[list], i)->pcnt = i + 1;
			fw_list_rule(&rs->list[list], i)->bcnt = 0;
		}
	}
}

static int from_fill(struct xt_from *from, const struct fw_ruleset *numbered)
{
	const struct fw_rule *r;
	__u32 list, i;

	for (list = 0; list < FW_LISTS; list++) {
		const struct fw_list *l = &numbered->list[list];

		from->old[list] = calloc(l->count + 1, sizeof(*from->old[list]));
		from->zero[list] = calloc(l->count + 1, sizeof(*from->zero[list]));
		if (!from->old[list] || !from->zero[list])
			return -ENOMEM;
		for (i = 0; i < l->count; i++) {
			r = fw_list_rule(l, i);
			from->old[list][i] = (__s32)r->pcnt - 1;
			from->zero[list][i] = r->bcnt != 0;
		}
	}
	return 0;
}

/* The edits are known to work. */
static int from_trace(struct xt_from *from, const struct fw_ruleset *old,
		      const struct fw_edit *edit, size_t count)
{
	struct fw_ruleset numbered;
	size_t i;
	int err = fw_ruleset_copy(&numbered, old);

	if (err)
		return err;
	origins_number(&numbered);
	for (i = 0; i < count && !err; i++)
		err = origin_edit(&numbered, &edit[i]);
	if (!err)
		err = from_fill(from, &numbered);
	fw_ruleset_free(&numbered);
	return err;
}

/*
 * New rules stand before or behind all others, and get numbers that no rule has had,
 * so that no entry can be taken for that of a rule that is gone.
 */
static __s32 *order_choose(const __s32 *old, __u32 nold, const __s32 *from, __u32 count)
{
	__s32 *order = calloc(count + 1, sizeof(*order));
	__s64 first = nold ? old[0] : 0, last = nold ? old[nold - 1] : -1;
	__u32 i, head = 0;

	if (!order)
		return NULL;
	while (head < count && from[head] < 0)
		head++;
	if (head == count)
		head = 0;	/* all are new: they go behind */
	if (last + count > INT_MAX || first - head < INT_MIN) {
		for (i = 0; i < count; i++)
			order[i] = (__s32)i;
		return order;
	}
	for (i = 0; i < count; i++)
		order[i] = i < head ? (__s32)(first - head + i) :
			   from[i] >= 0 ? old[from[i]] : (__s32)++last;
	return order;
}

/* Are there timeouts, even those that 2.0 began with? */
static bool timeouts_told(const struct change *c)
{
	size_t i = 0;

	while (i < c->count && c->edit[i].op != FW_OP_TIMEOUTS)
		i++;
	return i < c->count;
}

/* The timeouts that a change is about; the others are 0. */
static struct fw_timeouts timeouts_asked(const struct change *c,
					 const struct fw_timeouts *was,
					 const struct fw_timeouts *is)
{
	struct fw_timeouts asked = {
		.tcp = is->tcp != was->tcp ? is->tcp : 0,
		.tcpfin = is->tcpfin != was->tcpfin ? is->tcpfin : 0,
		.udp = is->udp != was->udp ? is->udp : 0,
	};
	size_t i;

	for (i = 0; i < c->count; i++) {
		if (c->edit[i].op != FW_OP_TIMEOUTS)
			continue;
		asked.tcp = c->edit[i].timeouts.tcp ? is->tcp : asked.tcp;
		asked.tcpfin = c->edit[i].timeouts.tcpfin ? is->tcpfin : asked.tcpfin;
		asked.udp = c->edit[i].timeouts.udp ? is->udp : asked.udp;
	}
	return asked;
}

/* What cannot be in the tables changes with them. */
static int plan_commit(struct xt_table *t, const struct xt_words *words,
		       const struct xt_from *from, struct fw_timeouts asked,
		       struct fw_error *e)
{
	struct xt_timeouts before;
	int err = xt_timeouts_set(&asked, &before, e);

	if (err)
		return err;
	err = xt_commit_plan(t, words, from, e);
	if (err)
		xt_timeouts_restore(&before);
	return err;
}

static int edited_write(struct xt *x, struct xt_view *old, const struct change *c,
			struct next *n, const struct xt_from *from, struct fw_error *e)
{
	struct xt_words words = { .plan = n->plan, .rules = &n->rules, .format = x->format };
	__s32 *order[FW_LISTS] = { NULL };
	unsigned int i;
	int err = 0;

	for (i = 0; i < FW_LISTS && !err; i++) {
		if (from->old[i])
			order[i] = order_choose(old->order[i], old->rules.list[i].count,
						from->old[i], n->rules.list[i].count);
		words.order[i] = order[i];
		if (!order[i])
			err = fw_error_set(e, ENOMEM, "out of memory");
	}
	if (!err)
		err = plan_commit(old->table, &words, from,
				  timeouts_asked(c, &old->rules.timeouts,
						 &n->rules.timeouts), e);
	for (i = 0; i < FW_LISTS; i++)
		free(order[i]);
	return err;
}

static bool rules_are_default(const struct fw_ruleset *rs)
{
	struct fw_ruleset none;
	unsigned int i;

	fw_ruleset_init(&none);
	for (i = 0; i < FW_LISTS; i++)
		if (rs->list[i].count || rs->list[i].policy != none.list[i].policy)
			return false;
	return !memcmp(&rs->timeouts, &none.timeouts, sizeof(none.timeouts));
}

static int next_edit(struct xt *x, struct xt_view *old, const struct change *c,
		     struct fw_error *e)
{
	struct xt_from from = { 0 };
	struct next n = { 0 };
	unsigned int i;
	int err = fw_ruleset_copy(&n.rules, &old->rules);

	if (err)
		return fw_error_set(e, -err, "out of memory");
	err = fw_ruleset_edit_all(&n.rules, c->edit, c->count, e);
	if (!err && (old->present || !rules_are_default(&n.rules) || timeouts_told(c))) {
		err = next_lower(&n, old->settings.mark_mask, &old->settings, e);
		if (!err)
			err = plan_check(n.plan, &n.rules, c->edit, c->count, e);
		if (!err && from_trace(&from, &old->rules, c->edit, c->count))
			err = fw_error_set(e, ENOMEM, "out of memory");
		for (i = 0; i < FW_LISTS; i++)
			from.teller[i] = old->teller[i];
		if (!err)
			err = edited_write(x, old, c, &n, &from, e);
	}
	from_free(&from);
	next_free(&n);
	return err;
}

static int edits_attempt(struct xt *x, void *ctx, struct fw_error *e)
{
	struct xt_view old;
	int err = xt_view_read(&old, x->mark_mask, e);

	if (!err && old.changed)
		err = change_refuse(&old, e);
	if (!err)
		err = next_edit(x, &old, ctx, e);
	xt_view_free(&old);
	return err;
}

int xt_apply_edits(struct xt *x, const struct fw_edit *edit, size_t count,
		   struct fw_error *e)
{
	struct change c = { .edit = edit, .count = count };

	return count ? under_lock(x, edits_attempt, &c, e) : 0;
}

static int ruleset_attempt(struct xt *x, void *ctx, struct fw_error *e)
{
	const struct change *c = ctx;
	struct xt_table table[XT_TABLES] = { 0 };
	struct next n = { 0 };
	struct xt_words words = { .rules = &n.rules, .format = x->format };
	struct nft_settings was;
	int i, err = fw_ruleset_copy(&n.rules, c->rules);

	if (err)
		return fw_error_set(e, -err, "out of memory");
	err = xt_tables_open(table, e);
	xt_settings_read(&was, &table[XT_MANGLE], x->mark_mask);
	if (!err)
		err = next_lower(&n, x->mark_mask, &was, e);
	if (!err)
		err = plan_check(n.plan, &n.rules, NULL, 0, e);
	words.plan = n.plan;
	if (!err)
		err = plan_commit(table, &words, NULL,
				  timeouts_asked(c, &was.timeouts, &n.rules.timeouts), e);
	for (i = 0; i < XT_TABLES; i++)
		xt_table_close(&table[i]);
	next_free(&n);
	return err;
}

int xt_apply_ruleset(struct xt *x, const struct fw_ruleset *rs, struct fw_error *e)
{
	struct change c = { .rules = rs };

	return under_lock(x, ruleset_attempt, &c, e);
}

/* The edit that changes nothing makes all what it should be, and lets count on. */
static int refresh_attempt(struct xt *x, void *ctx, struct fw_error *e)
{
	struct change none = { .count = 0 };
	struct xt_view old;
	int err = xt_view_read(&old, x->mark_mask, e);

	(void)ctx;
	if (!err && old.foreign && old.changed)
		err = change_refuse(&old, e);
	else if (!err && (old.stale || old.changed))
		err = next_edit(x, &old, &none, e);
	xt_view_free(&old);
	return err;
}

int xt_apply_refresh(struct xt *x, struct fw_error *e)
{
	return under_lock(x, refresh_attempt, NULL, e);
}

/* What looked for remembered connections can go when none is left. */
static int forget_attempt(struct xt *x, void *ctx, struct fw_error *e)
{
	struct xt_table table[XT_TABLES] = { 0 };
	struct nft_settings s;
	int i, err = xt_tables_open(table, e);

	xt_settings_read(&s, &table[XT_MANGLE], x->mark_mask);
	for (i = 0; i < XT_TABLES; i++)
		xt_table_close(&table[i]);
	if (err || !(s.needs & PLAN_HONOURS) || s.needs & PLAN_KEEPS)
		return err;
	return edits_attempt(x, ctx, e);
}

void xt_apply_forget(struct xt *x)
{
	struct change none = { .count = 0 };

	under_lock(x, forget_attempt, &none, NULL);
}

/* a list being zeroed */
struct zero {
	enum fw_list_id list;
	struct fw_ruleset *rules;
};

static void warn_changed(const struct xt *x, const struct xt_view *v)
{
	char text[256];

	if (!v->changed || !x->format->warn)
		return;
	change_tell(v, text, sizeof(text));
	x->format->warn(text);
}

/* Takes from the counters what was read, so that no packet is lost. */
static int list_zero(struct xt_view *v, enum fw_list_id list)
{
	struct xt_table *t = &v->table[XT_MANGLE];
	__u32 i;

	for (i = 0; i < v->rules.list[list].count; i++) {
		struct xt_rule *r = &t->row.rule[v->teller[list][i] - t->row.rule];

		r->more.pcnt = -r->entry->counters.pcnt;
		r->more.bcnt = -r->entry->counters.bcnt;
	}
	return i ? xt_row_count(t) : 0;
}

static int zero_attempt(struct xt *x, void *ctx, struct fw_error *e)
{
	const struct zero *z = ctx;
	struct xt_view v;
	int err = xt_view_read(&v, x->mark_mask, e);

	if (!err) {
		err = list_zero(&v, z->list);
		if (err)
			xt_kernel_refused(-err, xt_table_name[XT_MANGLE], e);
	}
	if (!err) {
		warn_changed(x, &v);
		*z->rules = v.rules;
		fw_ruleset_init(&v.rules);
	}
	xt_view_free(&v);
	return err;
}

int xt_apply_zero(struct xt *x, enum fw_list_id list, struct fw_ruleset *rs,
		  struct fw_error *e)
{
	struct zero z = { list, rs };

	return under_lock(x, zero_attempt, &z, e);
}

static int look_attempt(struct xt *x, void *ctx, struct fw_error *e)
{
	return xt_view_read(ctx, x->mark_mask, e);
}

int xt_apply_look(struct xt *x, struct xt_view *v, struct fw_error *e)
{
	int err;

	memset(v, 0, sizeof(*v));
	err = under_lock(x, look_attempt, v, e);
	if (!err)
		warn_changed(x, v);
	return err;
}
