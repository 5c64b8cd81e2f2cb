// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * xt_apply.c - changes of the rules in force, by a worker that holds the lock.
 *
 * The kernel notices who changes a table without the lock.  Then the change is tried
 * again.
 */
#include "backend/plan/plan_check.h"
#include "backend/xtables/xt_apply.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "backend/conntrack/conntrack.h"
#include "backend/ruleset.h"
#include "backend/store/store_record.h"
#include "backend/xtables/xt_lock.h"
#include "backend/xtables/xt_single.h"
#include "backend/xtables/xt_timeouts.h"
#include "backend/xtables/xt_write.h"

#define ATTEMPTS 100
#define TABLE "the chains " XT_PREFIX "* of iptables were"

/* a change being tried by a worker */
struct job {
	struct xt *x;
	/* 0 or -errno; -EAGAIN: once more */
	int (*attempt)(struct job *job, struct fw_error *e);
	struct store_change change;
	bool removes_foreign; /* rules of others in our chains */
	enum fw_list_id list; /* to be zeroed */
	__u32 helpers_missing; /* that masquerading has to do without */
	struct xt_report *report;
};

static int job_attempt(struct job *job, struct fw_error *e)
{
	unsigned int i;
	int err = -EAGAIN;

	for (i = 0; i < ATTEMPTS && err == -EAGAIN; i++)
		err = job->attempt(job, e);
	return err;
}

/*
 * The kernel refuses a table without saying which rule is to blame.  It may lack the
 * modules of helpers, without which 2.0 masqueraded as well.
 */
static int job_attempt_without_helpers(struct job *job)
{
	static const __u32 lacks[] = {PLAN_LACKS_IRC, PLAN_LACKS_FTP,
				      PLAN_LACKS_IRC | PLAN_LACKS_FTP};
	struct fw_error e;
	unsigned int i;
	int err = -ENOENT;

	for (i = 0; i < FW_COUNT(lacks) && err; i++) {
		job->helpers_missing = plan_helpers_missing(lacks[i]);
		err = job_attempt(job, &e);
	}
	return err;
}

static int job_do(void *ctx, struct xt_report *report, struct fw_error *e)
{
	struct job *job = ctx;
	int lock = xt_lock_take(e), err;

	if (lock == -EACCES) { /* a user without access may often do nothing at all */
		err = xt_check(e);
		return err ? err : lock;
	}
	if (lock < 0)
		return lock;
	job->report = report;
	err = job_attempt(job, e);
	if (err == -ENOENT && !job_attempt_without_helpers(job))
		err = 0;
	xt_lock_drop(lock);
	return err;
}

static int job_run(struct job *job, struct fw_ruleset *rs, struct fw_error *e)
{
	struct fw_error unused;
	struct xt_report report;
	int err = xt_worker_run(job_do, job, &report, e ? e : &unused);

	if (err == -ETIMEDOUT)
		xt_lock_missed();
	if (err)
		return err;
	if (report.warning[0] && job->x->format->warn)
		job->x->format->warn(report.warning);
	job->x->helpers_missing = report.helpers_missing;
	if (rs)
		*rs = report.rules;
	else
		fw_ruleset_free(&report.rules);
	return 0;
}

/* What others have done does not let a command fail; it is reported after it. */
static void change_report(const struct job *job, const struct xt_view *v, bool is_undone)
{
	if (v->store.is_changed)
		store_view_print(&v->store, is_undone, job->report->warning,
				 sizeof(job->report->warning));
}

/*
 * Reads the tables.  Rules that are not known are not read as if there were none; unknown:
 * but for some, which are left as if they were of others.
 */
static int view_read(const struct job *job, bool unknown, struct xt_view *v,
		     struct fw_error *e)
{
	int err = xt_view_read(v, job->x, e);

	if (!err && v->store.is_unknown && (v->store.is_foreign || !unknown))
		err = store_view_refuse(&v->store, TABLE, e);
	return err;
}

/* Connections that the rules before remembered may go on. */
static __u32 needs_lasting(const struct rule_settings *before)
{
	struct netlink link;
	__u32 lasting = plan_needs_lasting(before->needs);

	if (!lasting || netlink_open(&link, NETLINK_NETFILTER, NULL))
		return lasting;
	lasting = conntrack_needs_lasting(&link, before->needs, before->mark_mask);
	netlink_close(&link);
	return lasting;
}

/* Are there timeouts, even those that 2.0 began with? */
static bool change_has_timeouts(const struct store_change *c)
{
	size_t i = 0;

	while (i < c->count && c->edit[i].op != FW_OP_TIMEOUTS)
		i++;
	return i < c->count;
}

/* The timeouts that a change sets; the others are 0. */
static struct fw_timeouts timeouts_asked(const struct store_change *c,
					 const struct fw_timeouts *before,
					 const struct fw_timeouts *after)
{
	struct fw_timeouts asked = {
		.tcp = after->tcp != before->tcp ? after->tcp : 0,
		.tcpfin = after->tcpfin != before->tcpfin ? after->tcpfin : 0,
		.udp = after->udp != before->udp ? after->udp : 0,
	};
	size_t i;

	for (i = 0; i < c->count; i++) {
		if (c->edit[i].op != FW_OP_TIMEOUTS)
			continue;
		asked.tcp = c->edit[i].timeouts.tcp ? after->tcp : asked.tcp;
		asked.tcpfin = c->edit[i].timeouts.tcpfin ? after->tcpfin : asked.tcpfin;
		asked.udp = c->edit[i].timeouts.udp ? after->udp : asked.udp;
	}
	return asked;
}

/* Timeouts are not in the tables, but change with them. */
static int next_write(const struct job *job, struct xt_view *v,
		      const struct store_next *n, struct fw_error *e)
{
	struct fw_timeouts asked = timeouts_asked(
		&job->change, &v->store.settings.timeouts, &n->rules.timeouts);
	struct xt_timeouts before;
	int err = xt_timeouts_set(&asked, &before, e);

	if (err)
		return err;
	err = xt_write(v, n, &job->change,
		       v->store.is_changed && !job->removes_foreign, job->x->format, e);
	if (err)
		xt_timeouts_restore(&before);
	return err;
}

/* Applies the job's change to what is installed. */
static int view_change(const struct job *job, struct xt_view *v, __u32 mark_mask,
		       __u16 log_group, struct fw_error *e)
{
	const struct rule_settings *before = &v->store.settings;
	struct store_next n;
	int err;

	if (store_change_has_forwards(&job->change))
		store_view_settle(&v->store);
	err = store_next_apply(&n, &v->store, &job->change, e);

	if (!err &&
	    (job->change.rules || v->store.is_present ||
	     !store_rules_are_default(&n.rules) || change_has_timeouts(&job->change))) {
		const struct plan_options o = {
			.mark_mask = mark_mask,
			.log_group = log_group,
			.lasting = before->mark_mask == mark_mask ? needs_lasting(before)
								  : 0,
			.helpers_missing = job->helpers_missing,
		};

		err = store_next_lower(&n, PLAN_XTABLES, o, &job->change, e);
		if (!err)
			err = next_write(job, v, &n, e);
		if (!err) {
			job->report->helpers_missing = plan_helpers_missing(n.plan->needs);
			plan_passes_more(n.plan, before->needs, &n.rules, job->change.edit,
					 job->change.count, job->report->warning,
					 sizeof(job->report->warning));
		}
	}
	store_next_free(&n);
	return err;
}

static int edits_attempt(struct job *job, struct fw_error *e)
{
	struct xt_view v = {.store.is_changed = false};
	int err = XT_NOT_SINGLE;

	if (job->change.count == 1)
		err = xt_single_add(job->change.edit, job->x->format, &v.store, e);
	if (!err)
		change_report(job, &v, false);
	if (err != XT_NOT_SINGLE)
		return err;
	err = view_read(job, true, &v, e);
	if (!err)
		err = view_change(job, &v, v.store.settings.mark_mask,
				  v.store.settings.log_group, e);
	if (!err)
		change_report(job, &v, job->removes_foreign);
	if (!err && !v.store.is_present && store_dump_is_loaded())
		snprintf(job->report->warning, sizeof(job->report->warning),
			 STORE_DUMP_WARNING);
	xt_view_free(&v);
	return err;
}

int xt_apply_edits(struct xt *x, const struct fw_edit *edit, size_t count,
		   struct fw_error *e)
{
	struct job job = {
		.x = x, .attempt = edits_attempt, .change = {edit, count, NULL}};

	job.removes_foreign = store_change_removes_foreign(&job.change);

	return count ? job_run(&job, NULL, e) : 0;
}

/* All rules go, but those of others are named. */
static int ruleset_attempt(struct job *job, struct fw_error *e)
{
	struct xt_view v;
	int err = xt_view_read(&v, job->x, NULL);

	if (!err && !v.store.is_foreign)
		change_report(job, &v, true);
	xt_view_free(&v);
	err = xt_view_read_settings(&v, job->x, e);
	if (!err)
		err = view_change(job, &v, job->x->mark_mask, job->x->log_group, e);
	xt_view_free(&v);
	return err;
}

int xt_apply_ruleset(struct xt *x, const struct fw_ruleset *rs, struct fw_error *e)
{
	struct job job = {.x = x, .attempt = ruleset_attempt, .change.rules = rs};

	return job_run(&job, NULL, e);
}

/*
 * A change without edits makes all entries what they should be, and they count on.  Rules
 * that were deleted are loaded again with the others.
 */
static int refresh_attempt(struct job *job, struct fw_error *e)
{
	struct xt_view v;
	int err = view_read(job, false, &v, e);

	job->change.rules = !err && v.store.lost ? store_record_rules(&v.store) : NULL;
	if (!err && (v.store.is_stale || v.store.is_changed))
		err = view_change(job, &v, v.store.settings.mark_mask,
				  v.store.settings.log_group, e);
	if (!err)
		change_report(job, &v, true);
	xt_view_free(&v);
	return err;
}

int xt_apply_refresh(struct xt *x, struct fw_error *e)
{
	struct job job = {.x = x, .attempt = refresh_attempt, .removes_foreign = true};

	return job_run(&job, NULL, e);
}

static int forget_attempt(struct job *job, struct fw_error *e)
{
	struct xt_view v;
	int err = xt_view_read_settings(&v, job->x, e);
	__u32 needs = v.store.settings.needs;

	xt_view_free(&v);
	return err || !(needs & PLAN_HONOURS) || needs & PLAN_KEEPS
		       ? err
		       : edits_attempt(job, e);
}

void xt_apply_forget(struct xt *x)
{
	struct job job = {.x = x, .attempt = forget_attempt};

	job_run(&job, NULL, NULL);
}

/*
 * Zeroes the chains in which the list's rules count.  libiptc subtracts what was read, so
 * that packets that are counted meanwhile are not lost.
 */
static int list_zero(struct xt_view *v, enum fw_list_id list, struct fw_error *e)
{
	const struct xt_image *image = &v->tables.image[XT_MANGLE];
	bool is_edited[XT_TABLES] = {false};
	__u32 i, k;

	for (i = 0; i < image->nchains; i++) {
		const struct xt_chain *c = &image->chain[i];

		for (k = 0; k < c->count; k++)
			if (c->item[k].tag.list == list &&
			    (c->item[k].tag.kind == TAG_RULE ||
			     c->item[k].tag.kind == TAG_MORE))
				break;
		if (k == c->count)
			continue;
		is_edited[XT_MANGLE] = true;
		if (!iptc_zero_entries(c->name, v->tables.handle[XT_MANGLE]))
			return xt_write_refused(xt_errno(), XT_MANGLE, e);
	}
	return xt_commit(&v->tables, v->store.plan, is_edited, e);
}

static int zero_attempt(struct job *job, struct fw_error *e)
{
	struct xt_view v;
	int err = view_read(job, false, &v, e);

	if (!err)
		err = list_zero(&v, job->list, e);
	if (!err) {
		change_report(job, &v, false);
		job->report->rules = v.store.rules;
		fw_ruleset_init(&v.store.rules);
	}
	xt_view_free(&v);
	return err;
}

int xt_apply_zero(struct xt *x, enum fw_list_id list, struct fw_ruleset *rs,
		  struct fw_error *e)
{
	struct job job = {.x = x, .attempt = zero_attempt, .list = list};

	return job_run(&job, rs, e);
}

static int load_attempt(struct job *job, struct fw_error *e)
{
	struct xt_view v;
	int err = view_read(job, false, &v, e);

	if (!err) {
		change_report(job, &v, false);
		store_view_settle(&v.store);
		job->report->helpers_missing =
			plan_helpers_missing(v.store.settings.needs);
		store_view_take(&v.store, job->x->wants_deleted, &job->report->rules);
	}
	xt_view_free(&v);
	return err;
}

/* Reading needs no extension of libxtables, and so no worker, unless it is restored. */
int xt_apply_load(struct xt *x, struct fw_ruleset *rs, struct fw_error *e)
{
	struct job job = {.x = x, .attempt = load_attempt};
	struct xt_report report = {.warning = ""};
	int err = job_do(&job, &report, e);

	if (err == XT_NEEDS_WORKER)
		return job_run(&job, rs, e);
	if (err)
		return err;
	if (report.warning[0] && x->format->warn)
		x->format->warn(report.warning);
	x->helpers_missing = report.helpers_missing;
	*rs = report.rules;
	return 0;
}
