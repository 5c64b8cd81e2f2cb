/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * nft_foreign.h - chains of other programs in nftables.
 */
#ifndef BACKEND_NFT_FOREIGN_H
#define BACKEND_NFT_FOREIGN_H

#include "backend/netlink/netlink.h"

/* Reports the chains of all tables but ours that IPv4 packets may pass.  0 or -errno. */
int nft_foreign_chains(struct netlink *l, foreign_chain_fn each, void *ctx);

#endif
