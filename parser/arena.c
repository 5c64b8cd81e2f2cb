// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdlib.h>
#include <string.h>

#include "parser/arena.h"

#define CHUNK 8192	/* bytes; enough for most lines */
#define ALIGN sizeof(void *)

struct arena_chunk {
	struct arena_chunk *older;
	size_t size;
	char data[];
};

static void chunk_use(struct arena *a, struct arena_chunk *c)
{
	a->chunks = c;
	a->next = c->data;
	a->end = c->data + c->size;
}

static char *chunk_add(struct arena *a, size_t size)
{
	size_t room = size > CHUNK ? size : CHUNK;
	struct arena_chunk *c = malloc(sizeof(*c) + room);

	if (!c)
		return NULL;
	*c = (struct arena_chunk){ .older = a->chunks, .size = room };
	chunk_use(a, c);
	return a->next;
}

void *arena_alloc(struct arena *a, size_t size)
{
	char *p = a->next;

	size = (size + ALIGN - 1) / ALIGN * ALIGN;
	if ((size_t)(a->end - a->next) < size)
		p = chunk_add(a, size);
	if (p)
		a->next = p + size;
	return p;
}

char *arena_copy(struct arena *a, const char *s, size_t n)
{
	char *p = arena_alloc(a, n + 1);

	if (!p)
		return NULL;
	if (n)
		memcpy(p, s, n);
	p[n] = '\0';
	return p;
}

static void chunks_free(struct arena_chunk *c)
{
	while (c) {
		struct arena_chunk *older = c->older;

		free(c);
		c = older;
	}
}

void arena_reset(struct arena *a)
{
	struct arena_chunk *c = a->chunks;

	if (!c)
		return;
	if (c->older) {
		chunks_free(c->older);
		c->older = NULL;
	}
	chunk_use(a, c);
}

void arena_free(struct arena *a)
{
	chunks_free(a->chunks);
	*a = (struct arena){ .chunks = NULL };
}
