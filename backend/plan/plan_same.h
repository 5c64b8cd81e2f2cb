/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * plan_same.h - do parts of two plans mean the same?
 */
#ifndef BACKEND_PLAN_SAME_H
#define BACKEND_PLAN_SAME_H

#include "backend/plan/plan.h"

/* texts that may be NULL */
bool plan_text_same(const char *a, const char *b);
bool plan_match_same(const struct plan_match *a, const struct plan_match *b);
/* Chains are the same if they are called the same. */
bool plan_action_same(const struct plan_action *a, const struct plan_action *b);

/* Are the chains the same, apart from what comes from ipfwadm rules? */
bool plan_glue_same(const struct plan_chain *a, const struct plan_chain *b);

#endif
