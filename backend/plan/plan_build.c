// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plan_build.c - the memory and the parts of a plan.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/plan/plan_build.h"

#define PLAN_CHUNK 4096

static void *chunk_new(void *no_memory, size_t size)
{
	void *chunk = malloc(size);

	if (!chunk)
		longjmp(*(jmp_buf *)no_memory, 1);
	return chunk;
}

static void chunk_free(void *no_memory, void *chunk)
{
	(void)no_memory;	/* the lowering that set it is over */
	free(chunk);
}

struct plan *plan_new(enum plan_target target)
{
	struct plan *p = calloc(1, sizeof(*p));

	if (!p)
		return NULL;
	p->target = target;
	p->tail = &p->chains;
	return p;
}

void plan_start(struct plan *p, jmp_buf *no_memory)
{
	obstack_specify_allocation_with_arg(&p->memory, PLAN_CHUNK,
					    _Alignof(max_align_t), chunk_new,
					    chunk_free, no_memory);
}

void plan_resume(struct plan *p, jmp_buf *no_memory)
{
	p->memory.extra_arg = no_memory;
}

void plan_free(struct plan *p)
{
	if (!p)
		return;
	if (p->memory.chunk)
		obstack_free(&p->memory, NULL);
	free(p);
}

void *plan_alloc(struct plan *p, size_t size)
{
	return memset(obstack_alloc(&p->memory, size), 0, size);
}

void *plan_copy(struct plan *p, const void *data, size_t size)
{
	return size ? obstack_copy(&p->memory, data, size) : NULL;
}

const char *plan_text(struct plan *p, const char *format, ...)
{
	char text[256];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	return plan_copy(p, text, strlen(text) + 1);
}

struct plan_chain *plan_chain_add(struct plan *p, const char *table, const char *name)
{
	struct plan_chain *c = plan_alloc(p, sizeof(*c));

	c->name = name;
	c->table = table;
	c->hook = PLAN_HOOKS;
	c->tail = &c->rules;
	c->id = p->nchains++;
	*p->tail = c;
	p->tail = &c->next;
	return c;
}

void plan_chain_hook(struct plan *p, struct plan_chain *c, const char *type,
		     enum plan_hook hook, int priority)
{
	struct plan_chain **at = &p->base[hook];

	c->type = type;
	c->hook = hook;
	c->priority = priority;
	while (*at && (*at)->priority <= priority)
		at = &(*at)->next_base;
	c->next_base = *at;
	*at = c;
}

struct plan_rule *plan_rule_add(struct plan *p, struct plan_chain *c,
				const struct plan_match *match, unsigned int nmatches,
				const struct plan_action *action, unsigned int nactions)
{
	struct plan_rule *r = plan_alloc(p, sizeof(*r));

	r->match = match;
	r->nmatches = (__u16)nmatches;
	r->action = action;
	r->nactions = (__u16)nactions;
	r->origin = PLAN_ORIGIN_GLUE;
	*c->tail = r;
	c->tail = &r->next;
	c->nrules++;
	return r;
}
