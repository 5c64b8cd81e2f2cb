/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * plan_interfaces.h - the interfaces that a plan depends on.
 */
#ifndef BACKEND_PLAN_INTERFACES_H
#define BACKEND_PLAN_INTERFACES_H

#include "backend/backend.h"
#include "backend/plan/plan.h"

/*
 * Reads the system's interfaces into *ifs and *o if a plan of rs depends on them;
 * o->lasting must be set.  The caller frees ifs->dev, after a failure as well.
 */
int plan_interfaces(struct fw_interfaces *ifs, const struct fw_ruleset *rs,
		    struct plan_options *o, struct fw_error *e);

#endif
