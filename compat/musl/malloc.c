// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * malloc.c - memory of a process that lives for one edit.
 *
 * musl keeps its memory in groups that it maps and gives back one by one, which takes
 * as long as all the rest of the work.  Here pieces lie in a row, and what is freed
 * waits for the end of the process.
 */
#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define CHUNK ((size_t)256 << 10)
#define ALIGN _Alignof(max_align_t)

/* before each piece */
struct piece {
	_Alignas(max_align_t) size_t size;
};

static char *next, *end;	/* what is free of the last chunk; all zero */

static int chunk_map(size_t size)
{
	size_t room = size > CHUNK ? size : CHUNK;
	void *chunk = mmap(NULL, room, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (chunk == MAP_FAILED)
		return -1;
	next = chunk;
	end = next + room;
	return 0;
}

void *malloc(size_t size)
{
	struct piece *p;

	if (size > PTRDIFF_MAX - CHUNK) {
		errno = ENOMEM;
		return NULL;
	}
	size = (size + ALIGN - 1) & ~(ALIGN - 1);
	if ((size_t)(end - next) < sizeof(*p) + size && chunk_map(sizeof(*p) + size))
		return NULL;
	p = (struct piece *)next;
	p->size = size;
	next = (char *)(p + 1) + size;
	return p + 1;
}

void free(void *memory)
{
	(void)memory;
}

/* Nothing is used twice, so it is what the system has cleared. */
void *calloc(size_t n, size_t size)
{
	if (size && n > SIZE_MAX / size) {
		errno = ENOMEM;
		return NULL;
	}
	return malloc(n && size ? n * size : 1);
}

void *realloc(void *memory, size_t size)
{
	struct piece *p = memory ? (struct piece *)memory - 1 : NULL;
	void *bigger;

	if (p && p->size >= size)
		return memory;
	bigger = malloc(size);
	if (p && bigger)
		memcpy(bigger, memory, p->size);
	return bigger;
}
