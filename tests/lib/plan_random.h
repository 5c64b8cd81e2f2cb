/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * plan_random.h - random interfaces, rule sets and packets, all from one seed.
 */
#ifndef TESTS_LIB_PLAN_RANDOM_H
#define TESTS_LIB_PLAN_RANDOM_H

#include "backend/analysis/traversal.h"
#include "tests/lib/random.h"

#define RANDOM_DEVS	6
#define RANDOM_RULES	10
#define RANDOM_FORWARDS	4

/* a host with its rules */
struct random_set {
	struct fw_dev dev[RANDOM_DEVS];
	__u32 ndevs;
	struct fw_rule slot[FW_LISTS][RANDOM_RULES];
	struct fw_portfw forward[RANDOM_FORWARDS];
	struct fw_ruleset rules;
	__u32 mark_mask;	/* what the plan may use */
	bool masquerades, redirects, keeps;
};

void random_set_make(struct random_set *s, struct random *r);

/* The same, with port forwards in some. */
void random_set_make_forwarding(struct random_set *s, struct random *r);

void random_packet_make(struct traversal_packet *p, const struct random_set *s,
			struct random *r);

#endif
