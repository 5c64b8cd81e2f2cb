/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * diff_plan.h - rules compared with what their own translation has become.
 */
#ifndef IPFWADM_DIFF_PLAN_H
#define IPFWADM_DIFF_PLAN_H

#include "ipfwadm/command/diff_filters.h"

/*
 * If one side is rules and the other a text with nothing but our own table or chains, these
 * are proved to do what the rules do, which says more than comparing them as those of
 * another program.  Returns an exit status of diff, or -1 if that is not so.
 */
int plan_diff(const struct app *app, const struct placed side[2], enum effect_level level,
	      __u64 budget);

#endif
