// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * lower.c - from rules to plan rules, as far as both targets agree.
 */
#include <stdlib.h>
#include <string.h>

#include "backend/plan/lower.h"
#include "kmod/core/show.h"

void *lower_more(struct lower *l, void *array, unsigned int n, unsigned int *cap,
		 size_t size)
{
	unsigned int room = *cap ? 2 * *cap : 16;
	void *bigger;

	if (n < *cap)
		return array;
	bigger = reallocarray(array, room, size);
	if (!bigger)
		longjmp(l->no_memory, 1);
	*cap = room;
	return bigger;
}

/* of one rule, or a policy */
static __u32 verdict_needs(enum lower_verdict v)
{
	return v == LOWER_MASQUERADE ? PLAN_MASQUERADES :
	       v == LOWER_REDIRECT ? PLAN_REDIRECTS : 0;
}

__u32 plan_needs_of(const struct fw_ruleset *rs)
{
	__u32 needs = 0, list, i;

	for (i = 0; i < rs->portfw.count; i++)
		needs |= rs->portfw.entry[i].helper ? 0 : PLAN_PORTFW;
	for (list = 0; list < FW_ACCT; list++) {
		const struct fw_list *rules = &rs->list[list];

		needs |= verdict_needs(lower_policy_verdict(rules->policy, list));
		for (i = 0; i < rules->count; i++) {
			const struct fw_rule *r = fw_list_rule(rules, i);

			needs |= verdict_needs(lower_rule_verdict(r, list));
			if (r->keep_state)
				needs |= PLAN_KEEPS | PLAN_HONOURS;
		}
	}
	return needs;
}

static bool list_rejects(const struct fw_list *rules, enum fw_list_id list)
{
	__u32 i;

	if (lower_policy_verdict(rules->policy, list) == LOWER_REJECT)
		return true;
	for (i = 0; i < rules->count; i++)
		if (lower_rule_verdict(fw_list_rule(rules, i), list) == LOWER_REJECT)
			return true;
	return false;
}

/* what a rule set needs of the glue, for either target */
static __u32 glue_needs(const struct fw_ruleset *rs, __u32 plan_needs)
{
	static const __u32 rejects[FW_LISTS] = {
		[FW_INPUT] = INPUT_REJECTS,
		[FW_FORWARD] = FORWARD_REJECTS,
		[FW_OUTPUT] = OUTPUT_REJECTS,
	};
	__u32 needs = plan_needs, list;

	if (needs & (MASQUERADES | REDIRECTS))
		needs |= TRANSLATES;
	for (list = 0; list < FW_ACCT; list++)
		if (list_rejects(&rs->list[list], list))
			needs |= rejects[list];
	return needs;
}

static void marks_set(struct lower *l)
{
	const struct plan_marks *m = &l->plan->marks;
	const __u32 whole = l->plan->mark_mask, translate = m->masquerade | m->redirect;
	const struct glue_mark_bits mark[GLUE_MARKS] = {
		[MARK_REJECT] = { m->reject, whole },
		[MARK_REJECT_PORT] = { m->reject_port, whole },
		[MARK_MASQUERADE] = { m->masquerade, m->masquerade },
		[MARK_PENDING] = { m->pending, m->pending },
		[MARK_KEEP] = { m->keep, m->keep },
		[MARK_FORWARDED] = { m->forwarded, m->forwarded },
		[MARK_REMEMBER] = { m->keep, m->keep | m->pending },
		[MARK_REDIRECT] = { m->redirect, m->redirect },
		[MARK_PORT] = { 0, m->redirect },
		[MARK_TRANSLATE] = { translate, translate },
	};

	memcpy(l->mark, mark, sizeof(mark));
}

/* The lower four bits of the mask have meanings of their own, the rest are a number. */
struct plan_marks plan_marks_of(__u32 mask)
{
	__u32 bit = mask & -mask;

	return (struct plan_marks){
		.masquerade = bit,
		.pending = bit << 1,
		.forwarded = bit << 2,
		.keep = bit << 3,
		.redirect = mask & ~(bit * 15),
		.reject = bit * 0x1d,
		.reject_port = bit * 0x2d,
	};
}

static void lower_fill(struct lower *l, void (*fill)(struct lower *l))
{
	struct plan *p = l->plan;
	unsigned int list;

	plan_start(p, &l->no_memory);
	p->mark_mask = l->options->mark_mask;
	p->marks = plan_marks_of(p->mark_mask);
	p->log_group = l->options->log_group;
	for (list = 0; list < FW_LISTS; list++) {
		p->nreports[list] = l->rules->list[list].count;
		p->report[list] = plan_alloc(p, p->nreports[list] *
					     sizeof(*p->report[list]));
	}
	p->nportfw = l->rules->portfw.count;
	p->portfw_report = plan_alloc(p, p->nportfw * sizeof(*p->portfw_report));
	p->needs = plan_needs_of(l->rules) | l->options->lasting;
	l->needs = glue_needs(l->rules, p->needs);
	if (p->needs & PLAN_MASQUERADES)
		p->needs |= lower_masq_lacks(l);
	marks_set(l);
	lower_portfw_report(l);
	fill(l);
}

struct plan *lower_run(enum plan_target target, const struct glue_chain *chains,
		       const struct fw_ruleset *rs, const struct plan_options *o,
		       void (*fill)(struct lower *l))
{
	struct lower l = { .rules = rs, .options = o, .chains = chains };

	l.plan = plan_new(target);
	if (!l.plan)
		return NULL;
	if (!setjmp(l.no_memory)) {
		lower_fill(&l, fill);
	} else {
		plan_free(l.plan);
		l.plan = NULL;
	}
	free(l.conjunct);
	free(l.device);
	return l.plan;
}

void lower_report(struct lower *l, enum plan_exactness e, const char *reason)
{
	if (l->report->exactness >= e)
		return;
	l->report->exactness = e;
	l->report->reason = reason;
}

void lower_report_matches(struct lower *l, bool more, bool fewer)
{
	l->report->passes_more |= (l->accepts && more) || (l->denies && fewer);
}

const struct fw_rule *lower_rule_begin(struct lower *l, enum fw_list_id list,
				       __u32 index)
{
	const struct fw_rule *r = fw_list_rule(&l->rules->list[list], index);

	l->report = &l->plan->report[list][index];
	l->accepts = list != FW_ACCT && lower_rule_verdict(r, list) >= LOWER_ACCEPT;
	l->denies = list != FW_ACCT && !l->accepts;
	l->counted = false;
	return r;
}

enum lower_verdict lower_rule_verdict(const struct fw_rule *r, enum fw_list_id list)
{
	if (r->flags & FW_ACCEPT && r->flags & FW_REDIR) {
		if (list == FW_INPUT)
			return LOWER_REDIRECT;
		return list == FW_FORWARD ? LOWER_DROP : LOWER_ACCEPT;
	}
	return lower_policy_verdict(r->flags, list);
}

enum lower_verdict lower_policy_verdict(__u32 policy, enum fw_list_id list)
{
	if (policy & FW_ACCEPT)
		return policy & FW_MASQ && list == FW_FORWARD ? LOWER_MASQUERADE
							      : LOWER_ACCEPT;
	return policy & FW_ICMPRPL ? LOWER_REJECT : LOWER_DROP;
}

bool lower_rule_alters_tos(const struct fw_rule *r, enum fw_list_id list)
{
	return lower_rule_verdict(r, list) >= LOWER_ACCEPT &&
	       ((r->tosand | 1) != 0xff || r->tosxor & 0xfe);
}

void lower_act_log(struct lower *l, struct lower_actions *as, const struct fw_rule *r,
		   enum fw_list_id list, bool out)
{
	char prefix[FW_SHOW_LOG_PREFIX];
	struct fw_text t;

	if (!(r->flags & FW_PRN))
		return;
	fw_text_init(&t, prefix, sizeof(prefix));
	fw_show_log_prefix(&t, &r->match, list, out ? FW_DIR_OUT : FW_DIR_IN);
	lower_act_text(as, PLAN_A_LOG, plan_text(l->plan, "%s", prefix));
	as->a[as->n - 1].log_group = l->plan->log_group;
}
