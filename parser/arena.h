/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * arena.h - memory that is freed all at once.
 */
#ifndef PARSER_ARENA_H
#define PARSER_ARENA_H

#include <stddef.h>

struct arena_chunk;

/* empty if all is zero */
struct arena {
	struct arena_chunk *chunks;	/* newest first */
	char *next, *end;		/* the free part of the newest */
};

/* NULL without memory; aligned for pointers */
void *arena_alloc(struct arena *a, size_t size);
/* n bytes and a NUL */
char *arena_copy(struct arena *a, const char *s, size_t n);
/* Frees all but one chunk, which is reused. */
void arena_reset(struct arena *a);
void arena_free(struct arena *a);

#endif
