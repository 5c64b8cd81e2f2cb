/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * nft_conn.h - masqueraded connections as the kernel tracks them.
 */
#ifndef BACKEND_NFT_CONN_H
#define BACKEND_NFT_CONN_H

#include "backend/nft_link.h"

/* Those whose source is translated, in 2.0 order; *conns is malloc'ed. */
int nft_conn_list(struct nft_link *l, struct fw_conn **conns, size_t *n,
		  struct fw_error *e);

#endif
