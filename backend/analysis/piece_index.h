/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * piece_index.h - the pieces of a long list by what most rules fix.
 *
 * For each byte of both addresses, for the name of the interface and for the protocol there
 * is a set of the pieces that a value meets, one bit a piece.  A question takes the
 * intersection of its sets; what is left is to be compared.
 */
#ifndef BACKEND_PIECE_INDEX_H
#define BACKEND_PIECE_INDEX_H

#include "backend/analysis/pieces.h"

#define INDEX_BYTES 256
#define INDEX_AXES 9		/* four bytes of each address, the interface */
#define INDEX_PROTOCOLS 4	/* TCP, UDP, ICMP, others */

struct index_axis {
	unsigned int bits;	/* of a cube */
	__u32 mask;		/* one byte of them; 0: none */
	__u64 *open;		/* pieces that do not fix it */
	__u64 *by[INDEX_BYTES];	/* pieces that do; open, if no piece has that value */
};

struct piece_index {
	size_t words;		/* of a set */
	__u64 *room;		/* of all sets */
	struct index_axis axis[INDEX_AXES];
	__u64 *protocol[INDEX_PROTOCOLS];
};

/* 0 or -ENOMEM.  The caller frees it in any case. */
int piece_index_make(struct piece_index *x, const struct piece_list *p,
		     const struct device_ids *d);
void piece_index_free(struct piece_index *x);

/*
 * The numbers of the pieces that perhaps meet c, ascending: how many.  A question costs as much as
 * to compare x->words pieces.
 */
__u32 piece_index_find(const struct piece_index *x, const struct cube *c, __u32 *number);

#endif
