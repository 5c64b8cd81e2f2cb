/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * plan_build.h - putting a plan together; for the lowerings.
 */
#ifndef BACKEND_PLAN_BUILD_H
#define BACKEND_PLAN_BUILD_H

#include <setjmp.h>

#include "backend/plan/plan.h"

/*
 * An empty plan, or NULL.  Whatever is allocated in it afterwards jumps to
 * no_memory when memory is exhausted, which must be set before.
 */
struct plan *plan_new(enum plan_target target);
void plan_start(struct plan *p, jmp_buf *no_memory);
/* The same for a plan that has been started before. */
void plan_resume(struct plan *p, jmp_buf *no_memory);

/* memory of the plan, zeroed; a copy in it, NULL of nothing; text in it */
void *plan_alloc(struct plan *p, size_t size);
void *plan_copy(struct plan *p, const void *data, size_t size);
const char *plan_text(struct plan *p, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* A chain that is reached by jump and goto; table: xtables only. */
struct plan_chain *plan_chain_add(struct plan *p, const char *table, const char *name);

/* Makes c a base chain. */
void plan_chain_hook(struct plan *p, struct plan_chain *c, const char *type,
		     enum plan_hook hook, int priority);

/* Appends a rule; match and action must live as long as the plan. */
struct plan_rule *plan_rule_add(struct plan *p, struct plan_chain *c,
				const struct plan_match *match, unsigned int nmatches,
				const struct plan_action *action, unsigned int nactions);

#endif
