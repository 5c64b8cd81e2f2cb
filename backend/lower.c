// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * lower.c - from rules to plan rules, as far as both targets agree.
 */
#include <stdlib.h>
#include <string.h>

#include "backend/lower.h"

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

/* What does the rule set need of the glue between the hooks? */
static void lower_survey(struct lower *l)
{
	__u32 lasting = l->options->lasting;
	unsigned int list;
	__u32 i;

	l->masquerades = lasting & PLAN_MASQUERADES;
	l->redirects = lasting & PLAN_REDIRECTS;
	for (list = 0; list < FW_ACCT; list++) {
		const struct fw_list *rules = &l->rules->list[list];
		enum lower_verdict v = lower_policy_verdict(rules->policy, list);

		l->masquerades |= v == LOWER_MASQUERADE;
		l->rejects[list] |= v == LOWER_REJECT;
		for (i = 0; i < rules->count; i++) {
			const struct fw_rule *r = fw_list_rule(rules, i);

			v = lower_rule_verdict(r, list);
			l->masquerades |= v == LOWER_MASQUERADE;
			l->redirects |= v == LOWER_REDIRECT;
			l->rejects[list] |= v == LOWER_REJECT;
			l->keeps |= r->keep_state;
		}
	}
	l->honours = l->keeps || lasting & PLAN_HONOURS;
	l->plan->needs = (l->masquerades ? PLAN_MASQUERADES : 0) |
			 (l->redirects ? PLAN_REDIRECTS : 0) |
			 (l->keeps ? PLAN_KEEPS : 0) | (l->honours ? PLAN_HONOURS : 0);
}

/* Four bits of the mask have meanings of their own, the rest are a number. */
struct plan_marks plan_marks_of(__u32 mask)
{
	__u32 bit = mask & -mask;

	return (struct plan_marks){
		.masquerade = bit,
		.reject = bit << 1,
		.reject_port = bit << 2,
		.keep = bit << 3,
		.redirect = mask & ~(bit * 15),
	};
}

static void lower_fill(struct lower *l, void (*fill)(struct lower *l))
{
	struct plan *p = l->plan;
	unsigned int list;

	plan_start(p, &l->no_memory);
	p->mark_mask = l->options->mark_mask;
	p->marks = plan_marks_of(p->mark_mask);
	for (list = 0; list < FW_LISTS; list++) {
		p->nreports[list] = l->rules->list[list].count;
		p->report[list] = plan_alloc(p, p->nreports[list] *
					     sizeof(*p->report[list]));
	}
	lower_survey(l);
	fill(l);
}

struct plan *lower_run(enum plan_target target, const struct fw_ruleset *rs,
		       const struct plan_options *o, void (*fill)(struct lower *l))
{
	struct lower l = { .rules = rs, .options = o };

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

const struct fw_rule *lower_rule_begin(struct lower *l, enum fw_list_id list,
				       __u32 index)
{
	l->report = &l->plan->report[list][index];
	return fw_list_rule(&l->rules->list[list], index);
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

const char *lower_log_prefix(struct lower *l, const struct fw_rule *r,
			     enum fw_list_id list, bool out)
{
	static const char *const word[FW_LISTS] = {
		[FW_FORWARD] = "fw-fwd", [FW_INPUT] = "fw-in", [FW_OUTPUT] = "fw-out",
	};

	if (list == FW_ACCT)
		return out ? "IP acct out " : "IP acct in ";
	if (!(r->flags & FW_ACCEPT))
		return plan_text(l->plan, "IP %s %s ", word[list],
				 r->flags & FW_ICMPRPL ? "rej" : "deny");
	if (r->flags & FW_REDIR)
		return plan_text(l->plan, "IP %s acc/r%u ", word[list],
				 fw_rule_redirect_port(r));
	return plan_text(l->plan, "IP %s %s ", word[list],
			 r->flags & FW_MASQ ? "acc/masq" : "acc");
}
