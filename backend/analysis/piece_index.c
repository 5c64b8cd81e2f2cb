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

/* The byte that the axis is made by, or OPEN. */
static unsigned int byte_of(const struct index_axis *a, const struct cube *c)
{
	const struct cube_bits *b = &c->bits[a->bits];

	if (!a->mask || (b->mask & a->mask) != a->mask)
		return OPEN;
	return (b->value & a->mask) >> __builtin_ctz(a->mask);
}

static void axes_make(struct piece_index *x, const struct device_ids *devices)
{
	unsigned int i;

	for (i = 0; i < INDEX_AXES - 1; i++) {
		x->axis[i].bits = i % 2 ? CUBE_DST : CUBE_SRC;
		x->axis[i].mask = 0xffu << i / 2 * 8;
	}
	x->axis[i].bits = CUBE_DEVICE;
	x->axis[i].mask = devices->name_mask & 0xff;
}

/* Room for a set of each value that a piece fixes, and one of the pieces that fix none. */
static int sets_make(struct piece_index *x, const struct piece_list *p)
{
	bool used[INDEX_AXES][INDEX_BYTES + 1] = { { false } };
	size_t n = INDEX_PROTOCOLS + INDEX_AXES;
	unsigned int d, k;
	__u64 *next;
	__u32 i;

	for (d = 0; d < INDEX_AXES; d++)
		for (i = 0; i < p->count; i++) {
			k = byte_of(&x->axis[d], &p->piece[i].cube);
			n += k != OPEN && !used[d][k];
			used[d][k] = true;
		}
	x->words = p->count / WORD + 1;
	next = x->room = calloc(n * x->words, sizeof(*x->room));
	if (!x->room)
		return -ENOMEM;
	for (k = 0; k < INDEX_PROTOCOLS; k++, next += x->words)
		x->protocol[k] = next;
	for (d = 0; d < INDEX_AXES; d++) {
		x->axis[d].open = next;
		next += x->words;
		for (k = 0; k < INDEX_BYTES; k++) {
			x->axis[d].by[k] = used[d][k] ? next : x->axis[d].open;
			next += used[d][k] ? x->words : 0;
		}
	}
	return 0;
}

static void set_add(__u64 *set, __u32 i)
{
	set[i / WORD] |= (__u64)1 << i % WORD;
}

static void piece_enter(struct piece_index *x, const struct cube *c, __u32 i)
{
	unsigned int d, k;

	for (k = 0; k < INDEX_PROTOCOLS; k++)
		if (c->set[CUBE_CLASS] & protocol_classes[k])
			set_add(x->protocol[k], i);
	for (d = 0; d < INDEX_AXES; d++) {
		k = byte_of(&x->axis[d], c);
		set_add(k == OPEN ? x->axis[d].open : x->axis[d].by[k], i);
	}
}

int piece_index_make(struct piece_index *x, const struct piece_list *p,
		     const struct device_ids *d)
{
	__u32 i;
	int err;

	memset(x, 0, sizeof(*x));
	axes_make(x, d);
	err = sets_make(x, p);
	for (i = 0; i < p->count && !err; i++)
		piece_enter(x, &p->piece[i].cube, i);
	return err;
}

void piece_index_free(struct piece_index *x)
{
	free(x->room);
	memset(x, 0, sizeof(*x));
}

__u32 piece_index_find(const struct piece_index *x, const struct cube *c, __u32 *number)
{
	const __u64 *by[INDEX_AXES], *open[INDEX_AXES], *any[INDEX_PROTOCOLS];
	unsigned int nby = 0, nany = 0, k;
	__u32 n = 0;
	size_t w;

	for (k = 0; k < INDEX_PROTOCOLS; k++)
		if (c->set[CUBE_CLASS] & protocol_classes[k])
			any[nany++] = x->protocol[k];
	for (k = 0; k < INDEX_AXES; k++) {
		unsigned int byte = byte_of(&x->axis[k], c);

		if (byte == OPEN)
			continue;
		by[nby] = x->axis[k].by[byte];
		open[nby++] = x->axis[k].open;
	}
	for (w = 0; w < x->words; w++) {
		__u64 set = 0;

		for (k = 0; k < nany; k++)
			set |= any[k][w];
		for (k = 0; k < nby && set; k++)
			set &= by[k][w] | open[k][w];
		for (; set; set &= set - 1)
			number[n++] = (__u32)w * WORD + (__u32)__builtin_ctzll(set);
	}
	return n;
}
