// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plan_hooks.c - the words for hooks.
 */
#include "backend/plan/plan.h"

#include <string.h>

const char *const plan_hook_names[PLAN_HOOKS] = {
	[PLAN_PREROUTING] = "prerouting", [PLAN_INPUT] = "input", [PLAN_FORWARD] = "forward",
	[PLAN_OUTPUT] = "output", [PLAN_POSTROUTING] = "postrouting",
};

const char *const plan_hook_chains[PLAN_HOOKS] = {
	[PLAN_PREROUTING] = "PREROUTING", [PLAN_INPUT] = "INPUT", [PLAN_FORWARD] = "FORWARD",
	[PLAN_OUTPUT] = "OUTPUT", [PLAN_POSTROUTING] = "POSTROUTING",
};

enum plan_hook plan_hook_find(const char *const words[PLAN_HOOKS], const char *word)
{
	unsigned int hook = 0;

	while (hook < PLAN_HOOKS && strcmp(words[hook], word) != 0)
		hook++;
	return (enum plan_hook)hook;
}
