/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * diff_filters.h - rule sets compared of which iptables or nft has written some.
 */
#ifndef IPFWADM_DIFF_FILTERS_H
#define IPFWADM_DIFF_FILTERS_H

#include "backend/analysis/effect.h"
#include "backend/analysis/filter.h"
#include "ipfwadm/command/placed.h"

/* as those of diff(1) */
enum diff_status { DIFF_ALIKE = 0, DIFF_DIFFERS = 1, DIFF_TROUBLE = 2 };

extern const char *const diff_path_names[FILTER_PATHS];

/*
 * By path: what the host receives, forwards and sends.  Prints what differs, and returns
 * an exit status of diff.
 */
int filters_diff(const struct app *app, const struct placed side[2], enum effect_level level,
		 __u64 budget);

#endif
