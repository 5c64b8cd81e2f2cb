/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * nft.h - rules in force: nftables, in table ip ipfwadm.
 */
#ifndef BACKEND_NFT_H
#define BACKEND_NFT_H

#include "backend/backend.h"

extern const struct backend_ops nft_ops;

#endif
