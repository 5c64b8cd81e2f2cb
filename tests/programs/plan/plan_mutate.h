/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * plan_mutate.h - mistakes that a lowering could make, planted in its plan.
 */
#ifndef TESTS_LIB_PLAN_MUTATE_H
#define TESTS_LIB_PLAN_MUTATE_H

#include "backend/plan/plan.h"
#include "tests/lib/plan_random.h"

#define MUTATE_NFT	0x1
#define MUTATE_XTABLES	0x2
#define MUTATE_BOTH	0x3

/*
 * A mistake in one match, one action, or the order of rules: whichever function
 * is set.  It returns false where the mistake cannot be made.
 */
struct plan_mutation {
	const char *name;
	unsigned int targets;
	bool (*match)(struct plan_match *m, struct random *r);
	bool (*action)(struct plan_action *a, struct random *r);
	bool (*chain)(struct plan_chain *c, struct random *r);
};

/* ends with an entry without a name */
extern const struct plan_mutation plan_mutations[];

/*
 * Makes the mistake in one place of the plan chosen at random; false if there is
 * none.  One plan at a time can be mutated.
 */
bool plan_mutate(struct plan *p, const struct plan_mutation *m, struct random *r);

#endif
