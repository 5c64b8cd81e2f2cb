/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * arena.h - memory that is given back all at once.
 */
#ifndef PARSER_ARENA_H
#define PARSER_ARENA_H

#include <stddef.h>

struct arena_chunk;

/* all zero is an empty one */
struct arena {
	struct arena_chunk *chunks;	/* the last one added first */
	char *next, *end;		/* what is free of it */
};

/* NULL when there is no memory; aligned for any of our structs */
void *arena_alloc(struct arena *a, size_t size);
/* n bytes and a NUL */
char *arena_copy(struct arena *a, const char *s, size_t n);
/* Everything is free again; one chunk is kept for the next use. */
void arena_reset(struct arena *a);
void arena_free(struct arena *a);

#endif
