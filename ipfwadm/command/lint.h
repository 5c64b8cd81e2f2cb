/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * lint.h - findings of lint as text.
 */
#ifndef IPFWADM_LINT_H
#define IPFWADM_LINT_H

#include "ipfwadm/command/placed.h"

struct lint_counts {
	unsigned long warnings, notes, undecided;
};

/*
 * Prints what lint finds: all of it, or warnings alone.  Returns 0, or -errno after a
 * message.
 */
int lint_print(const struct app *app, const struct placed *p, __u64 budget, bool all, FILE *out,
	       struct lint_counts *counts);

#endif
