/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * filter_compare.h - do two rule sets treat every packet of a path alike?
 *
 * Alike means: for whatever holds of conditions that are not known.  A difference is one
 * whatever holds of them, too; all else is undecided.
 */
#ifndef BACKEND_FILTER_COMPARE_H
#define BACKEND_FILTER_COMPARE_H

#include "backend/analysis/filter_walk.h"

struct filter_difference {
	/* a packet that is treated differently; dev is not used */
	struct witness witness;
	/* its interfaces: numbers in the space */
	int arrives, leaves;
	struct effect effect[2];
	struct filter_by by[2];
	/* undecided: what it depends on; empty: the budget was not sufficient */
	char reason[FILTER_TEXT_MAX];
};

/*
 * Both are of one space.  enum compare_answer, or -E2BIG: undecided; -ENOMEM; -EINVAL with
 * the error of one of them.  Subtracts what was needed from *budget.
 */
int filter_compare(struct filter *const f[2], enum filter_path path, enum effect_level level,
		   __u64 *budget, struct filter_difference *d);

#endif
