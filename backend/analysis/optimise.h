/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * optimise.h - fewer rules that do the same.
 *
 * Rules without which the same happens to every packet are taken out, and neighbours that
 * differ in one block of addresses or in their ports become one.  A list is replaced only
 * if the comparison of both forms has proved that they decide, change and log alike; what
 * counts is another rule.  The accounting list stays as it is.
 */
#ifndef BACKEND_OPTIMISE_H
#define BACKEND_OPTIMISE_H

#include "backend/backend.h"

struct optimised {
	__u32 removed, merged;	/* rules that are gone */
	/* 0; -E2BIG: not proved within the budget, or -EBADE: it would differ, which is a
	   defect of the analysis; in both cases the list is as it was */
	int error;
};

/* Changes *rs.  0 or -ENOMEM, -E2BIG: too many interfaces are named; -EBADE as in lint.h. */
int optimise_rules(struct fw_ruleset *rs, __u64 budget, struct optimised done[FW_LISTS]);

#endif
