// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * piece_index.c - the pieces of a long list by the first byte of their addresses.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "backend/analysis/piece_index.h"

#define FIRST_BYTE 0xff000000u

/* the first byte of an address, or INDEX_BYTES if it is not fixed */
static unsigned int byte_of(const struct cube_bits *b)
{
	return (b->mask & FIRST_BYTE) == FIRST_BYTE ? b->value >> 24 : INDEX_BYTES;
}

int piece_index_make(struct piece_index *x, const struct piece_list *p)
{
	__u32 next[INDEX_BYTES + 1], i;
	unsigned int d, k;

	memset(x, 0, sizeof(*x));
	x->piece = p->piece;
	x->count = p->count;
	for (d = CUBE_SRC; d <= CUBE_DST; d++) {
		__u32 *first = x->by[d].first;

		x->by[d].number = calloc((size_t)p->count + 1, sizeof(*x->by[d].number));
		if (!x->by[d].number)
			return -ENOMEM;
		for (i = 0; i < p->count; i++)
			first[byte_of(&p->piece[i].cube.bits[d]) + 1]++;
		for (k = 0; k <= INDEX_BYTES; k++) {
			next[k] = first[k];
			first[k + 1] += first[k];
		}
		for (i = 0; i < p->count; i++)
			x->by[d].number[next[byte_of(&p->piece[i].cube.bits[d])]++] = i;
	}
	return 0;
}

void piece_index_free(struct piece_index *x)
{
	free(x->by[CUBE_SRC].number);
	free(x->by[CUBE_DST].number);
	memset(x, 0, sizeof(*x));
}

/* how many pieces are to be tried by this address */
static __u32 tried(const struct piece_index *x, unsigned int d, const struct cube *c)
{
	const __u32 *first = x->by[d].first;
	unsigned int byte = byte_of(&c->bits[d]);

	return byte == INDEX_BYTES ? x->count :
	       first[byte + 1] - first[byte] + x->count - first[INDEX_BYTES];
}

/* The next of two ascending series; without a branch, which nothing could predict. */
static __u32 next_of(const __u32 **a, const __u32 **b)
{
	__u32 x = **a, y = **b;

	*a += x < y;
	*b += y < x;
	return x < y ? x : y;
}

__u32 piece_index_find(const struct piece_index *x, const struct cube *c, __u32 *number)
{
	unsigned int d = tried(x, CUBE_SRC, c) <= tried(x, CUBE_DST, c) ? CUBE_SRC : CUBE_DST;
	unsigned int byte = byte_of(&c->bits[d]);
	const __u32 *first = x->by[d].first, *fixed, *open, *fixed_end, *open_end;
	__u32 n = 0, i;

	if (byte == INDEX_BYTES) {
		for (i = 0; i < x->count; i++)
			if (cube_meets(&x->piece[i].cube, c))
				number[n++] = i;
		return n;
	}
	fixed = x->by[d].number + first[byte];
	fixed_end = x->by[d].number + first[byte + 1];
	open = x->by[d].number + first[INDEX_BYTES];
	open_end = x->by[d].number + x->count;
	while (fixed < fixed_end || open < open_end) {
		if (fixed < fixed_end && open < open_end)
			i = next_of(&fixed, &open);
		else
			i = fixed < fixed_end ? *fixed++ : *open++;
		if (cube_meets(&x->piece[i].cube, c))
			number[n++] = i;
	}
	return n;
}
