/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * nft_diff.h - from the rules in force to others by as few messages as it takes.
 */
#ifndef BACKEND_NFT_DIFF_H
#define BACKEND_NFT_DIFF_H

#include "backend/nft/nft_view.h"
#include "backend/nft/nft_write.h"

/*
 * Writes what turns old into w->plan, which is `to'; rules that stay keep what
 * they have counted meanwhile.  false: nothing is written, and the table must be
 * written as a whole.  Failures are in w->error.
 */
bool nft_diff_write(struct nft_writer *w, struct plan *to, const struct nft_view *old);

#endif
