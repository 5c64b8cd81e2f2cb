/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * piece_index.h - the pieces of a long list by what most rules fix.
 *
 * For the first byte of each address, for the name of the interface and for the protocol there is a
 * set of the pieces that a value meets, one bit a piece.  A question takes the
 * intersection of its sets, and compares what is left.
 */
#ifndef BACKEND_PIECE_INDEX_H
#define BACKEND_PIECE_INDEX_H

#include "backend/analysis/pieces.h"

#define INDEX_BYTES 256
#define INDEX_PROTOCOLS 4	/* TCP, UDP, ICMP, others */

struct piece_index {
	const struct piece *piece;
	size_t words;		/* of a set */
	__u64 *room;		/* of all sets */
	__u32 mask[CUBE_BITS];	/* the bits of the byte; 0: none */
	__u64 *by[CUBE_BITS][INDEX_BYTES];
	__u64 *protocol[INDEX_PROTOCOLS];
};

/* 0 or -ENOMEM; the pieces must not change.  The caller frees it in any case. */
int piece_index_make(struct piece_index *x, const struct piece_list *p,
		     const struct device_ids *d);
void piece_index_free(struct piece_index *x);

/* The numbers of the pieces that meet c, ascending: how many. */
__u32 piece_index_find(const struct piece_index *x, const struct cube *c, __u32 *number);

#endif
