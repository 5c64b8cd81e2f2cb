// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * obstack.c - what we use of the GNU library's obstacks, for musl, which has none.
 */
#include "compat/musl/obstack.h"

#include <string.h>

struct obstack_chunk {
	_Alignas(max_align_t) struct obstack_chunk *older;
	_Alignas(max_align_t) char data[];
};

static void chunk_add(struct obstack *o, size_t size)
{
	size_t room = size > o->chunk_size ? size : o->chunk_size;
	struct obstack_chunk *c = o->chunk_new(o->arg, sizeof(*c) + room);

	c->older = o->chunk;
	o->chunk = c;
	o->next = c->data;
	o->end = c->data + room;
}

void obstack_specify_allocation_with_arg(struct obstack *o, size_t chunk_size,
					 size_t alignment,
					 void *(*chunk_new)(void *arg, size_t size),
					 void (*chunk_free)(void *arg, void *chunk),
					 void *arg)
{
	*o = (struct obstack){
		.chunk_size = chunk_size, .alignment = alignment,
		.chunk_new = chunk_new, .chunk_free = chunk_free, .arg = arg,
	};
	chunk_add(o, 0);
}

void *obstack_alloc(struct obstack *o, size_t size)
{
	size_t whole = (size + o->alignment - 1) & ~(o->alignment - 1);
	char *p;

	if ((size_t)(o->end - o->next) < whole)
		chunk_add(o, whole);
	p = o->next;
	o->next += whole;
	return p;
}

void *obstack_copy(struct obstack *o, const void *data, size_t size)
{
	return memcpy(obstack_alloc(o, size), data, size);
}

void *obstack_copy0(struct obstack *o, const void *data, size_t size)
{
	char *p = obstack_alloc(o, size + 1);

	p[size] = '\0';
	return memcpy(p, data, size);
}

void obstack_free(struct obstack *o, void *object)
{
	struct obstack_chunk *older;

	(void)object;
	for (; o->chunk; o->chunk = older) {
		older = o->chunk->older;
		o->chunk_free(o->arg, o->chunk);
	}
}
