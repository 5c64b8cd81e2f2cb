/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * exactness.h - reports, on stderr and in the document of --json, of what a translation
 * cannot express exactly.
 */
#ifndef IPFWADM_EXACTNESS_H
#define IPFWADM_EXACTNESS_H

#include "backend/backend.h"
#include "backend/plan/plan.h"
#include "ipfwadm/app/app.h"

/*
 * Reports all of rs that p does not express exactly; returns the worst of it.  With notes
 * also where the kernel's connection states differ, which is no matter of exactness.
 */
enum plan_exactness exactness_report(const struct app *app, const struct fw_ruleset *rs,
				     const struct plan *p, bool notes);

/*
 * Reports what b does not express exactly of rs, or of the rule that an edit has brought
 * into it (NULL: all).  Returns the worst, PLAN_EXACT also if b cannot be asked.
 */
enum plan_exactness exactness_report_backend(const struct app *app, struct backend *b,
					     const struct fw_ruleset *rs,
					     const struct fw_edit *edit);

/* What a document says of all that it is about. */
void exactness_document(const struct app *app, enum plan_exactness exactness);

#endif
