// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * filter.c - chains and rules, as they are read.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/analysis/filter.h"

void filter_init(struct filter *f, struct filter_space *space, const char *title)
{
	memset(f, 0, sizeof(*f));
	f->space = space;
	snprintf(f->title, sizeof(f->title), "%s", title);
	f->unit = "line";
	f->tail = &f->chains;
	if (!space->nnames) {
		space->nnames = 1;
		space->nfacts = FACT_UNKNOWN;
	}
}

void filter_free(struct filter *f)
{
	struct filter_block *b = f->memory, *next;

	for (; b; b = next) {
		next = b->next;
		free(b);
	}
	f->memory = NULL;
}

int filter_error_set(struct filter_error *e, __u32 line, __u32 column, const char *format,
		     va_list args)
{
	if (e->text[0])
		return -EINVAL;
	e->line = line;
	e->column = column;
	vsnprintf(e->text, sizeof(e->text), format, args);
	return -EINVAL;
}

int filter_fail(struct filter *f, __u32 line, __u32 column, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	filter_error_set(&f->error, line, column, format, args);
	va_end(args);
	return -EINVAL;
}

void *filter_alloc(struct filter *f, size_t n, size_t size)
{
	size_t bytes;
	struct filter_block *b;

	if (__builtin_mul_overflow(n, size, &bytes) ||
	    __builtin_add_overflow(bytes, sizeof(max_align_t), &bytes))
		return NULL;
	_Static_assert(sizeof(*b) <= sizeof(max_align_t), "what follows it is aligned");
	b = calloc(1, bytes);
	if (!b)
		return NULL;
	b->next = f->memory;
	f->memory = b;
	return (char *)b + sizeof(max_align_t);
}

char *filter_text(struct filter *f, const char *text, size_t length)
{
	char *copy = filter_alloc(f, length + 1, 1);

	return copy ? memcpy(copy, text, length) : NULL;
}

struct filter_chain *filter_chain_find(const struct filter *f, const char *table,
				       const char *name)
{
	struct filter_chain *c = f->chains;

	while (c && (strcmp(c->name, name) != 0 || strcmp(c->table, table) != 0))
		c = c->next;
	return c;
}

struct filter_chain *filter_chain_add(struct filter *f, const char *table, const char *name)
{
	struct filter_chain *c = filter_alloc(f, 1, sizeof(*c));

	if (!c)
		return NULL;
	c->table = filter_text(f, table, strlen(table));
	c->name = filter_text(f, name, strlen(name));
	if (!c->table || !c->name)
		return NULL;
	c->policy = FILTER_ACCEPT;
	c->tail = &c->rules;
	*f->tail = c;
	f->tail = &c->next;
	return c;
}

struct filter_rule *filter_rule_add(struct filter *f, struct filter_chain *c,
				    const struct filter_match *m, __u32 line)
{
	struct filter_rule *r = filter_alloc(f, 1, sizeof(*r));

	if (!r)
		return NULL;
	r->cube = m->cube;
	r->ncubes = m->n;
	r->tosand = 0xff;
	r->line = line;
	*c->tail = r;
	c->tail = &r->next;
	return r;
}

/* How many chains may wait for one another below c: its depth, or an error. */
static int depth_count(struct filter *f, struct filter_chain *c, __u32 above)
{
	struct filter_rule *r;
	int err;

	c->is_entered = true;
	c->depth = 1;
	for (r = c->rules; r; r = r->next) {
		if (!r->target)
			continue;
		if (r->target->is_entered || above == FILTER_DEPTH_MAX)
			return filter_fail(f, r->line, 0, "chain '%s': %s", r->target->name,
					   r->target->is_entered ? "a circle of jumps" :
					   "more jumps than are followed");
		if (!r->target->depth) {
			err = depth_count(f, r->target, above + 1);
			if (err)
				return err;
		}
		if (c->depth <= r->target->depth)
			c->depth = r->target->depth + 1;
	}
	c->is_entered = false;
	return c->depth <= FILTER_DEPTH_MAX ? 0 :
	       filter_fail(f, c->rules->line, 0, "chain '%s': more jumps than are followed",
			   c->name);
}

/* Do any packets of a base chain fare otherwise than without it? */
static bool chain_matters(const struct filter_chain *c)
{
	const struct filter_rule *r = c->rules;

	while (r && r->what == FILTER_CONTINUE && r->tosand == 0xff && !r->tosxor)
		r = r->next;
	return r || c->policy != FILTER_ACCEPT;
}

static int base_add(struct filter *f, enum filter_path path, struct filter_chain *c)
{
	struct filter_chain **base = f->path[path];
	__u32 i = f->nbases[path]++;

	if (i == FILTER_BASES_MAX)
		return filter_fail(f, c->rules ? c->rules->line : 0, 0,
				   "more base chains than %d", FILTER_BASES_MAX);
	while (i && (base[i - 1]->hook > c->hook ||
		     (base[i - 1]->hook == c->hook && base[i - 1]->priority > c->priority))) {
		base[i] = base[i - 1];
		i--;
	}
	base[i] = c;
	return 0;
}

int filter_finish(struct filter *f)
{
	static const __u32 hooks[FILTER_PATHS] = {
		[FILTER_IN] = 1u << PLAN_PREROUTING | 1u << PLAN_INPUT,
		[FILTER_FORWARD] = 1u << PLAN_PREROUTING | 1u << PLAN_FORWARD |
				   1u << PLAN_POSTROUTING,
		[FILTER_OUT] = 1u << PLAN_OUTPUT | 1u << PLAN_POSTROUTING,
	};
	struct filter_chain *c;
	int err = 0;

	for (c = f->chains; c && !err; c = c->next)
		if (!c->depth)
			err = depth_count(f, c, 1);
	for (c = f->chains; c && !err; c = c->next)
		for (unsigned int p = 0; p < FILTER_PATHS && !err; p++)
			if (c->is_base && chain_matters(c) && hooks[p] >> c->hook & 1)
				err = base_add(f, (enum filter_path)p, c);
	return err;
}

int filter_names(struct filter *f, const char *name, bool is_prefix, __u32 line, __u32 *set)
{
	struct filter_space *s = f->space;
	char kind[FW_IFNAMSIZ];
	__u32 i = 1;

	*set = ~0u;
	if (is_prefix && !*name)
		return 0;
	snprintf(kind, sizeof(kind), "%s%s", name, is_prefix ? "*" : "");
	while (i < s->nnames && strncmp(s->name[i], kind, FW_IFNAMSIZ) != 0)
		i++;
	if (i == FILTER_NAMES_MAX)
		return filter_fail(f, line, 0, "more interfaces than %d", FILTER_NAMES_MAX - 1);
	if (i == s->nnames)
		memcpy(s->name[s->nnames++], kind, sizeof(kind));
	*set = 1u << i;
	for (i = 1; is_prefix && i < s->nnames; i++)
		if (!strncmp(s->name[i], name, strlen(name)))
			*set |= 1u << i;
	return 0;
}

int filter_fact(struct filter_space *s, const char *text)
{
	__u32 i = FACT_UNKNOWN;
	char key[FILTER_TEXT_MAX];

	snprintf(key, sizeof(key), "%s", text);
	while (i < s->nfacts && strcmp(s->fact[i], key) != 0)
		i++;
	if (i == FILTER_FACTS_MAX)
		return -1;
	if (i == s->nfacts)
		memcpy(s->fact[s->nfacts++], key, sizeof(key));
	return (int)i;
}
