/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * xt_compare.h - is what stands in the tables what the rules lower to?
 */
#ifndef BACKEND_XT_COMPARE_H
#define BACKEND_XT_COMPARE_H

#include "backend/xtables/xt_view.h"

/* notes a change, the first in words */
void xt_view_change(struct xt_view *v, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Fills stale, changed and change.  0, or -ENOMEM. */
int xt_view_compare(struct xt_view *v);

#endif
