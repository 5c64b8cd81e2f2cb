// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * nft_apply.c - changes of the rules in force, each in one transaction.
 *
 * A transaction names the generation of the rules that it was made for, and does
 * nothing if another has come about meanwhile.  Then all is done again.
 */
#include "backend/nft/nft_apply.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "backend/nft/nft_diff.h"
#include "backend/nft/nft_gate.h"
#include "backend/nft/nft_lasting.h"
#include "backend/nft/nft_single.h"
#include "backend/nft/nft_write.h"
#include "backend/plan/plan_check.h"
#include "backend/ruleset.h"
#include "kmod/core/names.h"

#define ATTEMPTS_SECONDS 20

static __s64 clock_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000LL + ts.tv_nsec / 1000000;
}

/* Waits up to a few milliseconds, longer after more attempts. */
static void back_off(unsigned int attempts)
{
	unsigned int most = attempts < 8 ? 100u << attempts : 25000;
	struct timespec ts;
	__u32 chance;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	chance = (__u32)ts.tv_nsec ^ (__u32)getpid() * 2654435761u;
	ts = (struct timespec){ .tv_nsec = 1000L * (chance % most + 1) };
	nanosleep(&ts, NULL);
}

int nft_attempt(struct nft *n, nft_attempt_fn attempt, void *ctx, struct fw_error *e)
{
	__s64 end = clock_ms() + 1000 * ATTEMPTS_SECONDS;
	unsigned int attempts = 0;
	__u32 generation = 0;
	int err;

	for (;;) {
		err = nft_generation_read(&n->link, &generation, e);
		if (!err)
			err = nft_generation_confirm(&n->link, generation, e);
		if (!err)
			err = attempt(n, generation, ctx, e);
		if (err != -EAGAIN && err != -ERESTART)
			return err;
		if (clock_ms() > end)
			return fw_error_set(e, EBUSY, "others change nftables rules "
					    "without pause");
		back_off(attempts++);
	}
}

static void error_locate(const struct store_change *c, const struct fw_ruleset *rs, __u32 list,
			 __u32 index, struct fw_error *e)
{
	if (e && list < FW_LISTS && index < rs->list[list].count)
		e->edit = plan_edit_find(c->edit, c->count, list,
					 fw_list_rule(&rs->list[list], index));
}

/* the kernel's modules behind what it may lack */
static const char *modules_of(const char *part)
{
	static const struct {
		const char *part, *modules;
	} known[] = {
		{ "expression 'ct'", "modules nf_conntrack and nft_ct" },
		{ "expression 'masq'", "module nft_masq" },
		{ "expression 'redir'", "module nft_redir" },
		{ "expression 'nat'", "module nft_nat" },
		{ "expression 'fib'", "modules nft_fib and nft_fib_ipv4" },
		{ "expression 'numgen'", "module nft_numgen" },
		{ "expression 'reject'", "module nft_reject_ipv4" },
		{ "expression 'log'", "modules nft_log and nf_log_syslog" },
		{ "expression 'objref'", "module nft_objref" },
		{ "chain type 'nat'", "modules nf_conntrack, nf_nat and nft_chain_nat" },
	};
	unsigned int i;

	for (i = 0; i < FW_COUNT(known); i++)
		if (!strcmp(part, known[i].part))
			return known[i].modules;
	return "a part of nf_tables";
}

static void refusal_reason(char *buf, size_t size, int err,
			   const struct nft_refusal *why)
{
	const char *reason = why->text[0] ? why->text : strerror(-err);

	if (!why->text[0] && err == -ENOBUFS)
		reason = "it has no room for its answer";
	if (!why->text[0] && (err == -ENOENT || err == -EOPNOTSUPP))
		snprintf(buf, size, "it lacks %s (%s)",
			 why->part[0] ? why->part : "something", modules_of(why->part));
	else if (why->part[0])
		snprintf(buf, size, "%s (at %s)", reason, why->part);
	else
		snprintf(buf, size, "%s", reason);
}

static int refuse_owned(struct fw_error *e)
{
	return fw_error_set(e, EPERM,
			    "table ip " NFT_TABLE " belongs to another program, "
			    "which alone may change it");
}

int nft_refuse_dormant(const struct nft_view *v, struct fw_error *e)
{
	if (!v->table.dormant)
		return 0;
	return fw_error_set(e, ESTALE,
			    "table ip " NFT_TABLE " is dormant, so that none of its rules is "
			    "in force (`ipfwadm refresh' wakes it)");
}

void nft_view_print(const struct nft_view *v, bool is_undone, char *text, size_t size)
{
	store_view_print(&v->store, is_undone, text, size);
}

/* The attempt succeeds nevertheless; what others have done is reported after it. */
static void warning_set(struct nft *n, const struct nft_view *v, bool is_undone)
{
	n->warning[0] = '\0';
	if (v->store.is_changed)
		nft_view_print(v, is_undone, n->warning, sizeof(n->warning));
}

/* what no rule is to blame for alone */
static int refuse_glue(int err, __u32 cookie, const char *reason, struct fw_error *e)
{
	if (cookie == NFT_COOKIE_NONE)
		return fw_error_set(e, -err, "the kernel refuses the rules: %s", reason);
	if (cookie == NFT_COOKIE_TIMEOUTS)
		return fw_error_set(e, -err, "the kernel refuses timeouts for masqueraded "
				    "connections (modules nf_conntrack and nft_ct): %s",
				    reason);
	return fw_error_set(e, -err,
			    "the kernel has no helper '%s' for connections (modules "
			    "nf_conntrack, nft_ct and nf_conntrack_%s)",
			    fw_helper_name((__u8)(cookie - NFT_COOKIE_HELPER)),
			    fw_helper_name((__u8)(cookie - NFT_COOKIE_HELPER)));
}

/* what the kernel refused, in words */
static int refusal_print(const struct store_change *c, const struct fw_ruleset *rs, int err,
			const struct nft_refusal *why, bool owned, struct fw_error *e)
{
	__u32 list = why->cookie >> 28, index = why->cookie & 0x0fffffff;
	char reason[288];

	if (err == -ERESTART || err == -EAGAIN)
		return err;
	if (err == -EPERM && owned)
		return refuse_owned(e);
	if (err == -EPERM)
		return fw_error_rights(e, "the nftables rules");
	if (err == -ENOMEM && !why->text[0])
		return fw_error_set(e, ENOMEM, "out of memory");
	if (err == -EMSGSIZE && !why->text[0])
		return fw_error_set(e, EMSGSIZE, "the rules are one message to the kernel, "
				    "larger than net.core.wmem_max allows: %s",
				    strerror(EMSGSIZE));
	refusal_reason(reason, sizeof(reason), err, why);
	if (err == -EINVAL)	/* which has a meaning of its own in classic commands */
		err = -EOPNOTSUPP;
	if (why->cookie >= NFT_COOKIE_HELPER)
		return refuse_glue(err, why->cookie, reason, e);
	err = fw_error_set(e, -err, "the kernel refuses rule %u of the %s list: %s",
			   index + 1, list < FW_LISTS ? fw_list_names[list] : "", reason);
	error_locate(c, rs, list, index, e);
	return err;
}

/* The rules after the change, and the plan of them. */
struct next {
	const struct ruleset_format *format;
	const struct fw_ruleset *rules;
	struct fw_interfaces interfaces;
	struct plan *plan;
	const struct nft_view *before; /* NULL: not read */
};

static void next_free(struct next *x)
{
	plan_free(x->plan);
	free(x->interfaces.dev);
}

static int next_lower(struct plan_options o, const struct store_change *c, struct next *x,
		      struct fw_error *e)
{
	int err = store_lower_here(&x->plan, &x->interfaces, PLAN_NFT, x->rules, NULL, &o,
				   x->format, e);

	return err ? err : plan_check(x->plan, x->rules, c->edit, c->count, e);
}

/* The differences if these suffice, else the whole table.  0 or -ENOMEM, -EINVAL. */
static int next_write(struct nft *n, struct nft_writer *w, __u32 generation,
		      const struct store_change *c, struct next *x,
		      const struct nft_view *old, bool present)
{
	int err = nft_writer_init(w, x->plan, x->rules, generation);

	w->describe = n->format->describe;
	w->renews_forwards = store_change_has_forwards(c);
	if (err || (old && nft_diff_write(w, x->plan, old)) || w->error)
		return err ? err : w->error;
	nft_writer_free(w);
	err = nft_writer_init(w, x->plan, x->rules, generation);
	w->describe = n->format->describe;
	if (err)
		return err;
	nft_write_table(w, present);
	w->is_whole = true;
	return w->error;
}

/* A helper that masquerading can do without, and that the kernel has not: its bit. */
static __u32 refusal_helper(int err, const struct nft_refusal *why)
{
	if (err != -ENOENT || why->cookie < NFT_COOKIE_HELPER ||
	    why->cookie >= NFT_COOKIE_HELPER + FW_HELPERS)
		return 0;
	return 1u << (why->cookie - NFT_COOKIE_HELPER) &
	       plan_helpers_missing(PLAN_LACKS_FTP | PLAN_LACKS_IRC);
}

static int record_write(struct nft_writer *w, __u32 generation, const struct store_change *c,
			const struct next *x)
{
	const struct store_view *before = x->before ? &x->before->store : NULL;
	struct store_record r;
	int err;

	/* a change by others is reported by each command until it is undone */
	err = store_record_make(&r, before, c, x->rules,
				before && before->is_changed ? 0 : generation + 1,
				w->is_whole);
	if (!err)
		nft_write_record(w, &r, !w->is_whole);
	store_record_free(&r);
	return err;
}

/* old: NULL if it does not matter */
static int next_send(struct nft *n, __u32 generation, const struct store_change *c,
		     struct next *x, const struct nft_view *old, __u32 *missing,
		     struct fw_error *e)
{
	struct nft_refusal why = {.cookie = NFT_COOKIE_NONE};
	struct nft_table found;
	struct nft_writer w;
	int err = nft_table_find(&found, &n->link, e);

	if (err)
		return err;
	err = next_write(n, &w, generation, c, x, old, found.present);
	if (!err)
		err = record_write(&w, generation, c, x);
	if (!err && n->gate)
		err = nft_gate_write(&w.batch, &n->link, n->gate == FW_GATE_CLOSED, e);
	if (!err)
		err = nft_batch_send(&n->link, &w.batch, &why);
	nft_writer_free(&w);
	*missing = refusal_helper(err, &why);
	/* what others have added may be in the way of the differences */
	if (err && !*missing && old && old->store.is_changed && err != -ERESTART &&
	    err != -EAGAIN && err != -EPERM)
		return next_send(n, generation, c, x, NULL, missing, e);
	return err ? refusal_print(c, x->rules, err, &why, found.owned, e) : 0;
}

/* Does the change put right what others have changed?  In a dormant table any has to. */
static bool rewrites_table(const struct store_change *c, const struct nft_view *old)
{
	return old->table.dormant || (old->store.is_changed && store_change_removes_foreign(c));
}

/*
 * rs in place of what is there; old: NULL if that does not matter.  What masquerades does
 * without a helper that the kernel lacks, as in 2.0.
 */
static int next_apply(struct nft *n, __u32 generation, struct plan_options o,
		      const struct store_change *c, const struct fw_ruleset *rs,
		      const struct nft_view *old, struct fw_error *e)
{
	const struct nft_view *before = old;
	struct next x;
	__u32 missing;
	char text[256];
	int err;

	if (old && rewrites_table(c, old))
		old = NULL;
	for (;; next_free(&x)) {
		x = (struct next){.format = n->format, .rules = rs, .before = before};
		missing = 0;
		err = next_lower(o, c, &x, e);
		if (!err)
			err = next_send(n, generation, c, &x, old, &missing, e);
		if (!missing)
			break;
		o.helpers_missing |= missing;
	}
	if (!err)
		n->helpers_missing = plan_helpers_missing(x.plan->needs);
	if (!err && n->format->warn &&
	    plan_passes_more(x.plan, before ? before->store.settings.needs : 0, rs, c->edit,
			     c->count, text, sizeof(text)))
		n->format->warn(text);
	next_free(&x);
	return err;
}

static int next_edit(struct nft *n, __u32 generation, const struct store_change *c,
		     const struct nft_view *old, struct fw_error *e)
{
	struct plan_options o = { .mark_mask = old->store.settings.mark_mask,
				  .log_group = old->store.settings.log_group };
	struct fw_ruleset rs;
	int err = fw_ruleset_copy(&rs, &old->store.rules);

	if (err)
		return fw_error_set(e, -err, "out of memory");
	err = fw_ruleset_edit_all(&rs, c->edit, c->count, e);
	if (!err)
		o.lasting = nft_lasting_needs(n, &old->store.settings, &rs);
	if (!err && (old->table.present || n->gate || !store_rules_are_default(&rs)))
		err = next_apply(n, generation, o, c, &rs, old, e);
	warning_set(n, old, rewrites_table(c, old));
	if (!old->table.present && store_dump_is_loaded())
		snprintf(n->warning, sizeof(n->warning), STORE_DUMP_WARNING);
	fw_ruleset_free(&rs);
	return err;
}

static int view_get(struct nft *n, __u32 generation, bool unknown, struct nft_view *v,
		    struct fw_error *e)
{
	int err = nft_view_read(v, n, e);

	if (!err)
		err = nft_generation_confirm(&n->link, generation, e);
	if (!err && (v->store.is_foreign || (v->store.is_unknown && !unknown)))
		err = store_view_refuse(&v->store, "table ip " NFT_TABLE " was", e);
	return err;
}

int nft_view_get(struct nft *n, __u32 generation, struct nft_view *v, struct fw_error *e)
{
	return view_get(n, generation, false, v, e);
}

static int edits_attempt(struct nft *n, __u32 generation, void *ctx, struct fw_error *e)
{
	const struct store_change *c = ctx;
	struct nft_view old;
	int err = NFT_NOT_SINGLE;

	if (c->count == 1)
		err = nft_single_add(n, c->edit, e);
	if (c->count == 1 && err == NFT_NOT_SINGLE)
		err = nft_single_delete(n, generation, c->edit, e);
	if (err != NFT_NOT_SINGLE)
		return err;
	err = view_get(n, generation, true, &old, e);
	if (!err && old.table.owned)
		err = refuse_owned(e);
	if (!err && store_change_has_forwards(c))
		store_view_settle(&old.store);
	if (!err)
		err = next_edit(n, generation, c, &old, e);
	nft_view_free(&old);
	return err;
}

/* The same rules, with what they need for connections that began meanwhile. */
static int recheck_attempt(struct nft *n, __u32 generation, void *ctx, struct fw_error *e)
{
	const struct store_change none = { .count = 0 };
	const __u32 *needs = ctx;
	struct nft_view old;
	int err = view_get(n, generation, true, &old, e);

	if (!err) {
		const struct plan_options o = {
			.mark_mask = old.store.settings.mark_mask,
			.log_group = old.store.settings.log_group,
			.lasting = plan_needs_lasting(old.store.settings.needs) | *needs,
		};

		err = next_apply(n, generation, o, &none, &old.store.rules, &old, e);
	}
	nft_view_free(&old);
	return err;
}

/* Attempts a change, and makes sure that no connection is forgotten by it. */
static int change_attempt(struct nft *n, nft_attempt_fn attempt, struct store_change *c,
			  struct fw_error *e)
{
	int err;
	__u32 missed;

	n->warning[0] = '\0';
	err = nft_attempt(n, attempt, c, e);
	missed = err ? 0 : nft_lasting_recheck(n);
	if (!err && n->warning[0] && n->format->warn)
		n->format->warn(n->warning);
	return missed ? nft_attempt(n, recheck_attempt, &missed, e) : err;
}

int nft_apply_to_view(struct nft *n, __u32 generation, const struct nft_view *old,
		      const struct fw_edit *edit, size_t count, struct fw_error *e)
{
	struct store_change c = { .edit = edit, .count = count };

	return next_edit(n, generation, &c, old, e);
}

int nft_apply_edits(struct nft *n, const struct fw_edit *edit, size_t count,
		    struct fw_error *e)
{
	struct store_change c = { .edit = edit, .count = count };
	int err = count == 1 ? nft_single_add(n, edit, e) : NFT_NOT_SINGLE;

	if (!count)
		return 0;
	if (err != NFT_NOT_SINGLE && err != -EAGAIN && err != -ERESTART)
		return err;
	return change_attempt(n, edits_attempt, &c, e);
}

/* A foreign rule that goes with all others is named.  A table of others is not compared. */
static void foreign_report(struct nft *n)
{
	struct nft_view v;

	if (!nft_view_read(&v, n, NULL) && !v.store.is_foreign)
		warning_set(n, &v, true);
	nft_view_free(&v);
}

static int ruleset_apply(struct nft *n, __u32 generation, const struct store_change *c,
			 struct plan_options o, struct fw_error *e)
{
	struct rule_settings old;
	int err = nft_lasting_settings(n, &old, e);

	if (err)
		return err;
	foreign_report(n);
	if (old.mark_mask == o.mark_mask)
		o.lasting = nft_lasting_needs(n, &old, c->rules);
	return next_apply(n, generation, o, c, c->rules, NULL, e);
}

static int ruleset_attempt(struct nft *n, __u32 generation, void *ctx, struct fw_error *e)
{
	const struct plan_options o = { .mark_mask = n->mark_mask, .log_group = n->log_group };

	return ruleset_apply(n, generation, ctx, o, e);
}

int nft_apply_ruleset(struct nft *n, const struct fw_ruleset *rs, struct fw_error *e)
{
	struct store_change c = { .rules = rs };

	return change_attempt(n, ruleset_attempt, &c, e);
}

static int refresh_attempt(struct nft *n, __u32 generation, void *ctx, struct fw_error *e)
{
	struct store_change c = { 0 };
	struct nft_view old;
	int err = nft_view_get(n, generation, &old, e);

	(void)ctx;
	if (!err && old.store.is_changed) {
		const struct plan_options o = {
			.mark_mask = old.store.settings.mark_mask,
			.log_group = old.store.settings.log_group,
		};

		c.rules = store_record_rules(&old.store);
		err = ruleset_apply(n, generation, &c, o, e);
	} else if (!err && old.store.is_stale) {
		err = next_edit(n, generation, &c, &old, e);
	}
	nft_view_free(&old);
	return err;
}

int nft_apply_refresh(struct nft *n, struct fw_error *e)
{
	int err;

	n->warning[0] = '\0';
	err = nft_attempt(n, refresh_attempt, NULL, e);
	if (!err && n->warning[0] && n->format->warn)
		n->format->warn(n->warning);
	return err;
}

static int gate_attempt(struct nft *n, __u32 generation, void *ctx, struct fw_error *e)
{
	struct nft_refusal why;
	struct nft_batch b;
	int err;

	nft_batch_begin(&b, generation);
	err = nft_gate_write(&b, &n->link, *(bool *)ctx, e);
	if (!err) {
		err = nft_batch_send(&n->link, &b, &why);
		if (err)
			fw_error_set(e, -err, "the kernel refuses the gate for IPv6: %s%s%s",
				     why.text[0] ? why.text : strerror(-err),
				     why.part[0] ? " at " : "", why.part);
	}
	nft_batch_free(&b);
	return err;
}

int nft_apply_gate(struct nft *n, bool closes, struct fw_error *e)
{
	return nft_attempt(n, gate_attempt, &closes, e);
}

static int forget_attempt(struct nft *n, __u32 generation, void *ctx, struct fw_error *e)
{
	struct rule_settings s;
	int err = nft_lasting_settings(n, &s, e);

	if (err || !(s.needs & PLAN_HONOURS) || s.needs & PLAN_KEEPS)
		return err;
	return edits_attempt(n, generation, ctx, e);
}

void nft_apply_forget(struct nft *n)
{
	struct store_change none = { .count = 0 };

	nft_attempt(n, forget_attempt, &none, NULL);
}
