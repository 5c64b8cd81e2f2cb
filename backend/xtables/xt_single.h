/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * xt_single.h - one ordinary rule appended or inserted, without reading the others.
 */
#ifndef BACKEND_XT_SINGLE_H
#define BACKEND_XT_SINGLE_H

#include "backend/store/store.h"

#define XT_NOT_SINGLE 1 /* the edit needs to know all rules */

/*
 * report: gets what others have changed in the list's chain.  0, XT_NOT_SINGLE, or -errno
 * with a text.  For the worker, which has the lock.
 */
int xt_single_add(const struct fw_edit *edit, const struct ruleset_format *format,
		  struct store_view *report, struct fw_error *e);

#endif
