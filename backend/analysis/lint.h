/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * lint.h - rules that cannot do what they say.
 *
 * Every finding holds for all packets; "undecided" is a finding of its own.  Before a
 * rule is said not to be dead or redundant, the core has confirmed the packet that shows
 * it.  Findings of a list come in the order of its rules.
 */
#ifndef BACKEND_LINT_H
#define BACKEND_LINT_H

#include "backend/backend.h"

enum finding_kind {
	/* notes */
	FINDING_REDUNDANT,	/* others decide alike about its packets */
	FINDING_POLICY,		/* the rules decide about every packet */
	/* warnings */
	FINDING_NEVER,		/* no packet matches; reason says why */
	FINDING_DEAD,		/* others match all of its packets before it */
	FINDING_REPEATS,	/* it is rule others[0] again */
	FINDING_COUNTS,		/* accounting: it counts what others[0] counts */
	FINDING_NAME,		/* -W: no interface can have this name */
	FINDING_ADDRESS,	/* -V: no interface has this address */
	FINDING_ANSWERS,	/* it masquerades, but reason denies all answers */
	FINDING_UNDECIDED,	/* within the budget */
};

/* Lint speaks of the default policy. */
#define FINDING_OF_POLICY (-1)

struct finding {
	enum finding_kind kind;
	enum fw_list_id list;
	__s32 rule;		/* index, or FINDING_OF_POLICY */
	const char *reason;	/* NULL: the kind says all */
	const __u32 *others;	/* indices in the same list */
	__u32 nothers;
};

typedef void (*finding_fn)(void *ctx, const struct finding *f);

/* comparisons of two sets of packets: of all questions together, and of one */
#define ANALYSIS_BUDGET 1000000000u
#define ANALYSIS_LIMIT 50000000u

struct lint_options {
	const struct fw_interfaces *ifs;	/* NULL: not known */
	__u64 budget;
	/*
	 * Rules without which the same happens are taken out as they are found, so that what
	 * is found later holds without them.  Reports nothing else, and nothing of accounting.
	 */
	bool removes;
};

/*
 * Reports all findings.  Returns 0, -ENOMEM, -E2BIG (too many interfaces are named), or
 * -EBADE: the core contradicts a witness, which is a defect of the analysis.
 */
int lint_rules(const struct fw_ruleset *rs, const struct lint_options *o,
	       finding_fn on_finding, void *ctx);

#endif
