/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * prove.h - does a plan treat every packet as the rules that it was made of do?
 *
 * A proof has two parts.
 *
 * Lists: the rules of the plan that stem from rule i hold for the packets that rule i
 * matches, as sets of packets, and do the same under each of their conditions; and they
 * are in order.  So each list of the plan decides by the same rule as the core's.
 *
 * Between the lists: packets of every kind that the rest of the plan can tell apart
 * (protocol, ICMP type, length, fragment, state, marks, the path of the packet) are walked
 * through core and plan with every decision that the lists can make.  Rules that do the
 * same are represented by one of them.
 *
 * A difference counts if a packet shows it that goes through both without any of this
 * being assumed.  What the proof presumes: interfaces are as they were given, marks of
 * the connection are as the plan itself left them, states are those of the tracker.
 */
#ifndef BACKEND_PROVE_H
#define BACKEND_PROVE_H

#include "backend/analysis/traversal.h"

enum prove_answer {
	PROVE_SAME,		/* but for rules and policies that the plan reports */
	PROVE_DIFFERS,		/* packet and what */
	PROVE_UNDECIDED,	/* reason */
	/* negative: -ENOMEM */
};

struct proof {
	/* the packet that is treated differently; its interfaces are in dev */
	struct traversal_packet packet;
	struct fw_dev dev[3];
	const char *what;		/* "verdict", "counters" ... */
	struct traversal_end core, plan;
	/* the first thing that was not decided */
	const char *reason;
	enum fw_list_id list;
	__s32 rule;			/* -1: it is not about a rule */
	unsigned long walks;		/* of packets through core and plan */
};

/* budget: comparisons, see analysis/cube.h. */
int prove_plan(const struct fw_ruleset *rs, const struct plan *plan, const struct fw_dev *devs,
	       __u32 ndevs, __u64 budget, struct proof *proof);

#endif
