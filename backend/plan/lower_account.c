// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * lower_account.c - accounting rules: every match counts, but once.
 */
#include "backend/plan/lower.h"

/* The log line contains the direction, so the rule that logs precedes the one that counts. */
static const struct plan_chain *log_add(struct lower *l, const struct fw_rule *r,
					__u32 index, const struct lower_account *at,
					const struct plan_chain *counter)
{
	struct lower_actions log = { .n = 0 }, on = { .n = 0 };
	struct plan_chain *c;

	if (!(r->flags & FW_PRN))
		return counter;
	c = lower_chain_add(l, FW_ACCT, index,
			    plan_text(l->plan, "%s-log", at->suffix));
	lower_act_log(l, &log, r, FW_ACCT, at->view.out);
	lower_add_tail(l, c, FW_ACCT, index, &log);
	lower_act_chain(&on, PLAN_A_GOTO, counter);
	lower_add_tail(l, c, FW_ACCT, index, &on);
	return c;
}

/* Of several conjuncts the first that holds leaves for the counter. */
static void conjuncts_add(struct lower *l, __u32 index, const struct lower_account *at,
			  const struct plan_chain *counter)
{
	struct lower_actions jump = { .n = 0 }, leave = { .n = 0 };
	struct plan_chain *any;

	if (l->nconjuncts == 1) {
		lower_act_chain(&jump, PLAN_A_JUMP, counter);
		lower_add_conjuncts(l, at->chain, FW_ACCT, index, &jump);
		return;
	}
	any = lower_chain_add(l, FW_ACCT, index, at->suffix);
	lower_act_chain(&jump, PLAN_A_JUMP, any);
	lower_add_tail(l, at->chain, FW_ACCT, index, &jump);
	lower_act_chain(&leave, PLAN_A_GOTO, counter);
	lower_add_conjuncts(l, any, FW_ACCT, index, &leave);
}

void lower_account(struct lower *l, __u32 index, const struct lower_account *place,
		   unsigned int n)
{
	const struct fw_rule *r = lower_rule_begin(l, FW_ACCT, index);
	struct lower_actions count = { .n = 0 };
	struct plan_chain *counter;
	unsigned int i;

	lower_act(&count, PLAN_A_COUNTER);
	if (n == 1)
		lower_act_log(l, &count, r, FW_ACCT, place->view.out);
	lower_conditions(l, r, &place->view);
	if (l->report->exactness == PLAN_IMPOSSIBLE)
		return;
	if (r->helper)
		lower_report(l, PLAN_APPROXIMATE,
			     "no helper is attached, for the rule only counts");
	if (n == 1 && l->nconjuncts == 1) {
		lower_add_conjuncts(l, place->chain, FW_ACCT, index, &count);
		return;
	}
	counter = lower_chain_add(l, FW_ACCT, index, "");
	lower_add_tail(l, counter, FW_ACCT, index, &count);
	for (i = 0; i < n; i++) {
		if (i)
			lower_conditions(l, r, &place[i].view);
		if (n > 1 && lower_is_never(l))
			continue;
		conjuncts_add(l, index, &place[i],
			      n == 1 ? counter : log_add(l, r, index, &place[i], counter));
	}
}
