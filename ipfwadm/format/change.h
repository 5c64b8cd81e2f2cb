/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * change.h - what becomes of a rule set, printed.
 */
#ifndef IPFWADM_CHANGE_H
#define IPFWADM_CHANGE_H

#include "ipfwadm/app/app.h"
#include "kmod/core/list.h"

/*
 * Prints the lines of the saved form that only one of the two has, with their signs, or
 * with --json as a document; counters are not compared.  Returns 1 if there are any, 0, or
 * -ENOMEM.
 */
int change_print(const struct app *app, const struct fw_ruleset *before,
		 const struct fw_ruleset *after);

/* The document of a change of what is no rule. */
void change_document(const struct app *app, bool changed);

#endif
