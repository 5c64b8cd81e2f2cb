/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * nft_batch.h - a batch of messages to nf_tables: all take effect, or none.
 */
#ifndef BACKEND_NFT_BATCH_H
#define BACKEND_NFT_BATCH_H

#include "backend/netlink/netlink.h"

#define NFT_TABLE "ipfwadm"	/* of family ip: ours */

/* the generation of all rules of the namespace: changes with every change */
int nft_generation_read(struct netlink *l, __u32 *generation, struct fw_error *e);

/*
 * Is this still the generation, and no change under way?  All that is read between two
 * such calls is consistent.  0, -ERESTART if not, or another error.
 */
int nft_generation_confirm(struct netlink *l, __u32 generation, struct fw_error *e);

/* Begins a request in buf, of NETLINK_REQUEST bytes. */
struct nlmsghdr *nft_request(void *buf, __u16 type, __u16 flags);

/* a batch being written, in memory that grows */
struct nft_batch {
	char *buf;
	size_t len, cap;
	__u32 *cookie; /* by message: the caller's cookie */
	__u32 count, cookie_cap;
	__u32 sequence; /* of the first message */
	bool failed; /* an allocation failed: the batch cannot be sent */
};

#define NFT_COOKIE_NONE 0xffffffffu
#define NFT_COOKIE_TIMEOUTS 0xfffffffeu
#define NFT_COOKIE_HELPER 0xfffff000u /* plus enum fw_helper_id */

/* which message the kernel refused, and why in its words */
struct nft_refusal {
	__u32 cookie;
	char text[192]; /* empty if it did not say */
	char part[64]; /* of a rule or the table, that it is cookie; or empty */
};

/*
 * Begins a batch that takes effect only if generation is still the present one; 0
 * is any.
 */
void nft_batch_begin(struct nft_batch *b, __u32 generation);
void nft_batch_free(struct nft_batch *b);

/*
 * Begins a message of at most NFT_MESSAGE bytes; the caller writes it and calls
 * nft_batch_end_message.  Never NULL; after an allocation failure it is a dummy buffer
 * and the batch cannot be sent.
 */
#define NFT_MESSAGE 16384
struct nlmsghdr *nft_batch_message(struct nft_batch *b, __u16 type, __u16 flags,
				   __u32 cookie);
void nft_batch_end_message(struct nft_batch *b, const struct nlmsghdr *message);

/* 0; -ERESTART: the generation has changed; else -errno and *why. */
int nft_batch_send(struct netlink *l, struct nft_batch *b, struct nft_refusal *why);

#endif
