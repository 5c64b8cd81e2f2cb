/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * plan_journey.h - one packet's whole way, decided by the core and by a plan.
 */
#ifndef TESTS_LIB_PLAN_JOURNEY_H
#define TESTS_LIB_PLAN_JOURNEY_H

#include "backend/plan/plan_eval.h"
#include "tests/lib/plan_random.h"

/* where rules count */
enum journey_step {
	STEP_ACCT_IN,
	STEP_INPUT,
	STEP_FORWARD,
	STEP_OUTPUT,
	STEP_ACCT_OUT,
	STEPS,
};

struct journey_end {
	enum plan_verdict verdict;
	__u8 reject_code;
	__u8 tos;		/* of a packet that is not dropped */
	bool redirected;
	__u16 redirport;	/* the effective one; TCP and UDP only */
	bool masqueraded;
	bool kept;		/* its connection is remembered afterwards */
	/* its connection, if it is new, gets */
	bool helped;		/* the helper that 2.0 had for it, or that of a rule */
	bool timed;		/* the timeouts of masqueraded ones (nft) */
	__u8 counted[STEPS][RANDOM_RULES];	/* how often */
	__u8 logged[STEPS][RANDOM_RULES];
};

struct journey {
	struct random_set *set;
	const struct random_packet *packet;
	const struct plan *plan;	/* for what is not exact, and its marks */
	bool inexact;		/* a rule or policy that is not exact took part */
	__u32 mark;		/* plan: what another program has set last */
	unsigned int marks;	/* how often */
	bool leaked;		/* marks: ours left the host, or others changed */
	bool mislogged;		/* a line does not begin as in 2.0 */
	struct journey_end end;
};

void journey_by_core(struct journey *j);
void journey_by_plan(struct journey *j);

/* NULL if they agree, else what differs */
const char *journey_difference(const struct journey *core, const struct journey *plan);

const char *journey_step_name(enum journey_step step);

#endif
