/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * piece_index.h - the pieces of a long list by the first byte of their addresses.
 *
 * A set of packets from 10.0.0.0/8 cannot meet pieces from elsewhere, so of the pieces
 * only those of that byte are tried, and those that leave it open.
 */
#ifndef BACKEND_PIECE_INDEX_H
#define BACKEND_PIECE_INDEX_H

#include "backend/analysis/pieces.h"

#define INDEX_BYTES 256		/* what does not fix the byte follows as one more */

struct piece_index {
	const struct piece *piece;
	__u32 count;
	struct {
		__u32 *number;			/* of pieces, ascending for each byte */
		__u32 first[INDEX_BYTES + 2];
	} by[2];				/* CUBE_SRC, CUBE_DST */
};

/* 0 or -ENOMEM; the pieces must not change.  The caller frees it in any case. */
int piece_index_make(struct piece_index *x, const struct piece_list *p);
void piece_index_free(struct piece_index *x);

/* The numbers of the pieces that meet c, ascending: how many. */
__u32 piece_index_find(const struct piece_index *x, const struct cube *c, __u32 *number);

#endif
