// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * traversal_difference.c - what two walks of a packet ended with, compared.
 */
#include "backend/analysis/traversal.h"

const char *traversal_step_name(enum traversal_step step)
{
	static const char *const name[STEPS] = {
		"acct in", "input", "forward", "output", "acct out",
	};

	return name[step];
}

static bool counts_equal(const struct traversal_count *a, const struct traversal_count *b)
{
	unsigned int step;

	for (step = 0; step < STEPS; step++)
		if (a[step].times != b[step].times || a[step].sum != b[step].sum)
			return false;
	return true;
}

/* xtables: attached by what a rule asks of packets, which force does not compare */
static bool helper_is_early(const struct traversal *tr)
{
	return tr->force && tr->plan->target == PLAN_XTABLES &&
	       tr->force->rule[FW_FORWARD] != FORCE_POLICY;
}

/* One of two forwards that are equal may count for the other. */
static bool forwards_equal(const struct traversal *core, const struct traversal *plan)
{
	const struct fw_portfw_table *t = &core->rules->portfw;
	const struct traversal_end *c = &core->end, *p = &plan->end;

	if (c->forward == p->forward)
		return true;
	return c->forward && c->forward <= t->count && p->forward && p->forward <= t->count &&
	       fw_portfw_equal(&t->entry[c->forward - 1], &t->entry[p->forward - 1]);
}

const char *traversal_difference(const struct traversal *core, const struct traversal *plan)
{
	const struct traversal_end *c = &core->end, *p = &plan->end;

	if (!counts_equal(c->counted, p->counted))
		return "counters";
	if (plan->mislogged || !counts_equal(c->logged, p->logged))
		return "log";
	if (c->verdict != p->verdict)
		return "verdict";
	if (c->reject_code != p->reject_code)
		return "code of the answer";
	if (c->forward_addr != p->forward_addr || c->forward_port != p->forward_port)
		return "port forward";
	if (!forwards_equal(core, plan))
		return "counters";
	if (c->verdict == PLAN_V_ACCEPT && c->answered != p->answered)
		return "address of an answer";
	if (c->redirected != p->redirected || c->redirport != p->redirport)
		return "redirection";
	if (c->verdict == PLAN_V_ACCEPT && c->masqueraded != p->masqueraded)
		return "masquerading";
	if (c->verdict == PLAN_V_ACCEPT && c->tos != p->tos)
		return "TOS";
	if (c->verdict == PLAN_V_ACCEPT && c->kept != p->kept)
		return "remembered connection";
	if (c->verdict == PLAN_V_ACCEPT && c->helped && !p->helped && !helper_is_early(plan))
		return "helper";
	if (c->verdict == PLAN_V_ACCEPT && plan->plan->target == PLAN_NFT &&
	    c->timed != p->timed)
		return "timeouts";
	if (plan->leaked)
		return "marks";
	return NULL;
}
