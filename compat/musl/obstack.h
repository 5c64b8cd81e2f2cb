/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * obstack.h - what we use of the GNU library's obstacks, for musl, which has none.
 *
 * Memory that is given back all at once.  The functions behave as those of glibc do.
 */
#ifndef COMPAT_MUSL_OBSTACK_H
#define COMPAT_MUSL_OBSTACK_H

#include <stddef.h>

struct obstack_chunk;

struct obstack {
	struct obstack_chunk *chunk;	/* the last one, or NULL */
	char *next, *end;		/* what is free of it */
	size_t chunk_size, alignment;
	void *(*chunk_new)(void *arg, size_t size);
	void (*chunk_free)(void *arg, void *chunk);
	void *arg;
};

/* chunk_new never returns NULL; alignment is a power of two, at most that of malloc */
void obstack_specify_allocation_with_arg(struct obstack *o, size_t chunk_size,
					 size_t alignment,
					 void *(*chunk_new)(void *arg, size_t size),
					 void (*chunk_free)(void *arg, void *chunk),
					 void *arg);
void *obstack_alloc(struct obstack *o, size_t size);
void *obstack_copy(struct obstack *o, const void *data, size_t size);
/* and a NUL behind it */
void *obstack_copy0(struct obstack *o, const void *data, size_t size);
/* object: NULL, everything */
void obstack_free(struct obstack *o, void *object);

#endif
