// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * piece_index.c - the pieces of a long list by what most rules fix.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "backend/analysis/piece_index.h"

#define WORD 64
#define OPEN INDEX_BYTES	/* the byte is not fixed */

static const __u32 protocol_classes[INDEX_PROTOCOLS] = {
	CLASSES_TCP | 1u << CLASS_TCP_LATER,
	CLASSES_UDP | 1u << CLASS_UDP_LATER,
	CLASSES_ICMP | 1u << CLASS_ICMP_LATER,
	CLASSES_OTHER,
};

/* The byte that the index is made by, or OPEN. */
static unsigned int byte_of(const struct piece_index *x, unsigned int d, const struct cube *c)
{
	__u32 mask = x->mask[d];

	if (!mask || (c->bits[d].mask & mask) != mask)
		return OPEN;
	return (c->bits[d].value & mask) >> __builtin_ctz(mask);
}

/* Room for a set of each value that a piece fixes, and one of the pieces that fix none. */
static int sets_make(struct piece_index *x, const struct piece_list *p)
{
	bool used[CUBE_BITS][INDEX_BYTES + 1] = { { false } };
	size_t n = INDEX_PROTOCOLS + CUBE_BITS;
	unsigned int d, k;
	__u64 *next, *open;
	__u32 i;

	for (d = 0; d < CUBE_BITS; d++)
		for (i = 0; i < p->count; i++) {
			k = byte_of(x, d, &p->piece[i].cube);
			n += k != OPEN && !used[d][k];
			used[d][k] = true;
		}
	x->words = p->count / WORD + 1;
	next = x->room = calloc(n * x->words, sizeof(*x->room));
	if (!x->room)
		return -ENOMEM;
	for (k = 0; k < INDEX_PROTOCOLS; k++, next += x->words)
		x->protocol[k] = next;
	for (d = 0; d < CUBE_BITS; d++) {
		open = next;
		next += x->words;
		for (k = 0; k < INDEX_BYTES; k++) {
			x->by[d][k] = used[d][k] ? next : open;
			next += used[d][k] ? x->words : 0;
		}
	}
	return 0;
}

static void set_add(__u64 *set, __u32 i)
{
	set[i / WORD] |= (__u64)1 << i % WORD;
}

/* A value that no piece fixes has the set of another such one: adding twice is no harm. */
static void piece_enter(struct piece_index *x, __u32 i)
{
	const struct cube *c = &x->piece[i].cube;
	unsigned int d, k, byte;

	for (k = 0; k < INDEX_PROTOCOLS; k++)
		if (c->set[CUBE_CLASS] & protocol_classes[k])
			set_add(x->protocol[k], i);
	for (d = 0; d < CUBE_BITS; d++) {
		byte = byte_of(x, d, c);
		for (k = 0; byte == OPEN && k < INDEX_BYTES; k++)
			set_add(x->by[d][k], i);
		if (byte != OPEN)
			set_add(x->by[d][byte], i);
	}
}

int piece_index_make(struct piece_index *x, const struct piece_list *p,
		     const struct device_ids *d)
{
	__u32 i;
	int err;

	memset(x, 0, sizeof(*x));
	x->piece = p->piece;
	x->mask[CUBE_SRC] = x->mask[CUBE_DST] = 0xff000000u;
	x->mask[CUBE_DEVICE] = d->name_mask & 0xff;
	err = sets_make(x, p);
	for (i = 0; i < p->count && !err; i++)
		piece_enter(x, i);
	return err;
}

void piece_index_free(struct piece_index *x)
{
	free(x->room);
	memset(x, 0, sizeof(*x));
}

__u32 piece_index_find(const struct piece_index *x, const struct cube *c, __u32 *number)
{
	const __u64 *all[CUBE_BITS], *any[INDEX_PROTOCOLS];
	unsigned int nall = 0, nany = 0, k;
	__u32 n = 0, i;
	size_t w;

	for (k = 0; k < INDEX_PROTOCOLS; k++)
		if (c->set[CUBE_CLASS] & protocol_classes[k])
			any[nany++] = x->protocol[k];
	for (k = 0; k < CUBE_BITS; k++) {
		unsigned int byte = byte_of(x, k, c);

		if (byte != OPEN)
			all[nall++] = x->by[k][byte];
	}
	for (w = 0; w < x->words; w++) {
		__u64 set = 0;

		for (k = 0; k < nany; k++)
			set |= any[k][w];
		for (k = 0; k < nall; k++)
			set &= all[k][w];
		for (; set; set &= set - 1) {
			i = (__u32)w * WORD + (__u32)__builtin_ctzll(set);
			if (cube_meets(&x->piece[i].cube, c))
				number[n++] = i;
		}
	}
	return n;
}
