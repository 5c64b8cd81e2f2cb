/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * plan_shape.h - what holds for every plan, whatever its rules mean.
 */
#ifndef TESTS_LIB_PLAN_SHAPE_H
#define TESTS_LIB_PLAN_SHAPE_H

#include "backend/plan/plan.h"

/* NULL, or the first thing that is wrong with the plan of rs */
const char *plan_shape_fault(const struct plan *p, const struct fw_ruleset *rs);

#endif
