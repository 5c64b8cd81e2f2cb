/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * nft_kept.h - connections that rules remembered, and that outlive these rules.
 */
#ifndef BACKEND_NFT_KEPT_H
#define BACKEND_NFT_KEPT_H

#include "backend/nft_apply.h"

/* The settings of the table that is there, without reading the rest; or all 0. */
int nft_kept_settings(struct nft *n, struct nft_settings *s, struct fw_error *e);

/* What rules that replace those of s need for the sake of connections that go on. */
__u32 nft_kept_needs(struct nft *n, const struct nft_settings *s);

#endif
