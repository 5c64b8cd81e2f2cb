/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * nft_gate.h - the gate for IPv6: nftables, in table ip6 ipfwadm.
 */
#ifndef BACKEND_NFT_GATE_H
#define BACKEND_NFT_GATE_H

#include "backend/nft/nft_batch.h"

struct nft_gate {
	bool is_closed;		/* there is such a table */
	bool is_foreign;	/* there is one of this name that we have not made */
	bool is_changed;	/* it is not as it was made */
};

/* 0; -EAGAIN when it changed meanwhile; or another error with a text. */
int nft_gate_read(struct netlink *l, struct nft_gate *g, struct fw_error *e);

/* Adds to a batch what closes or opens the gate, if it is not so.  As nft_gate_read(). */
int nft_gate_write(struct nft_batch *b, struct netlink *l, bool closes, struct fw_error *e);

#endif
