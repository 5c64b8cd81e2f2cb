/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * nft_set.h - anonymous sets, as nft makes them of "{ 1, 5-9 }".
 */
#ifndef BACKEND_NFT_SET_H
#define BACKEND_NFT_SET_H

#include "backend/nft/nft_batch.h"
#include "backend/plan/plan.h"

#define NFT_SET_NAME "__set%d"	/* the kernel puts a number in */

/* Does a match that was made simple (emit_text.h) look something up in a set? */
bool nft_match_has_set(const struct plan_match *m);

/* Writes the set of such a match; id: its number in the batch, from 1. */
void nft_set_write(struct nft_batch *b, const struct plan_match *m, __u32 id,
		   __u32 cookie);

/* a number of size 1 or 2 as in a packet, in wire; returns it */
const void *nft_number_wire(__u8 wire[2], __u32 number, unsigned int size);

#endif
