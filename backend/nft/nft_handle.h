/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * nft_handle.h - the open backend: its link and settings.
 */
#ifndef BACKEND_NFT_HANDLE_H
#define BACKEND_NFT_HANDLE_H

#include "backend/backend.h"
#include "backend/netlink/netlink.h"
#include "backend/ruleset.h"

struct nft {
	struct netlink link;
	const struct ruleset_format *format;
	__u32 mark_mask;
	__u16 log_group;
	__u32 helpers_missing;	/* see struct backend */
	enum fw_gate gate;	/* what the present change makes of it */
	char warning[320]; /* of the last attempt */
	__u32 dropped, dropped_mask;	/* see nft_lasting.h */
};

#endif
