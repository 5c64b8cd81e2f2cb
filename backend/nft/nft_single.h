/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * nft_single.h - edits of one ordinary rule, without reading all the others.
 */
#ifndef BACKEND_NFT_SINGLE_H
#define BACKEND_NFT_SINGLE_H

#include "backend/nft/nft_handle.h"

#define NFT_NOT_SINGLE 1

/*
 * Tries to add a rule, to delete one: 0; NFT_NOT_SINGLE if it takes more than that, and
 * nothing has been done; -EAGAIN or -ERESTART to try again; or another error with a
 * text.
 */
int nft_single_add(struct nft *n, const struct fw_edit *edit, struct fw_error *e);
int nft_single_delete(struct nft *n, __u32 generation, const struct fw_edit *edit,
		     struct fw_error *e);

#endif
