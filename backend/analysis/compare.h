/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * compare.h - do two lists of rules treat every packet alike?
 *
 * A packet that is treated differently is decided, on one side at least, by a rule outside
 * of the longest common subsequence of both lists, or on both by the policy: of two common
 * rules the earlier one would decide on both sides.  So each pair of such a rule and a rule
 * of the other side must have the same effect, or be covered by what precedes both.
 */
#ifndef BACKEND_COMPARE_H
#define BACKEND_COMPARE_H

#include "backend/analysis/effect.h"
#include "backend/analysis/pieces.h"

struct difference {
	struct witness witness;
	/* what the one and the other decide, by the core; rule -1: the policy */
	struct fw_decision decision[2];
};

enum compare_answer {
	COMPARE_ALIKE,
	COMPARE_DIFFERS,	/* *d: the core has confirmed the packet */
	/* negative: -E2BIG, undecided; -ENOMEM; -EBADE, a defect of the analysis */
};

/*
 * The accounting list decides nothing: it differs at level EFFECT_COUNTERS only, if the
 * one has a rule more often than the other; the rules of the
 * decisions are that rule, and -1.  Subtracts what
 * was needed from *budget.
 */
int compare_lists(enum fw_list_id id, const struct fw_list *a, const struct fw_list *b,
		  enum effect_level level, __u64 *budget, struct difference *d);

/*
 * The same of two lists of cubes with their effects, of which the first decides and which
 * leave no packet to a policy.  Packets that seem to differ are given to confirm, which
 * returns COMPARE_DIFFERS, -E2BIG if that is not certain, or an error.
 */
typedef int (*compare_confirm_fn)(void *ctx, const struct cube *witness);

int compare_flat(const struct piece_list *const p[2], const struct effect *const effect[2],
		 __u64 *budget, compare_confirm_fn confirm, void *ctx);

#endif
