/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * nft_link.h - a netlink socket to netfilter: queries, and batches that take
 * effect as a whole or not at all.
 */
#ifndef BACKEND_NFT_LINK_H
#define BACKEND_NFT_LINK_H

#include <stddef.h>

#include "backend/backend.h"
#include "backend/nft/nft_attr.h"

#define NFT_ANSWER_SIZE (64 * 1024)	/* no datagram of a dump is larger */

struct nft_link {
	int fd;			/* -1: not open */
	__u32 sequence;
	char *answer;		/* receive buffer of NFT_ANSWER_SIZE bytes */
};

int nft_link_open(struct nft_link *l, struct fw_error *e);
void nft_link_close(struct nft_link *l);

/* the generation of all rules of the namespace: changes with every change */
int nft_link_generation(struct nft_link *l, __u32 *generation, struct fw_error *e);

/*
 * Is this still the generation, and no change under way?  Between two such calls
 * everything that was read is of one piece.  0, -ERESTART if not, or another error.
 */
int nft_link_confirm(struct nft_link *l, __u32 generation, struct fw_error *e);

/* Sends messages as they are: 0 or -errno. */
int nft_link_write(const struct nft_link *l, const void *messages, size_t len);

/*
 * The next answer, in l's buffer until the next call; 0 or -errno, -EAGAIN if there
 * is none and none is waited for.
 */
int nft_link_read(const struct nft_link *l, bool wait, struct nft_messages *answer);

#define NFT_REQUEST 512		/* bytes of a query with its names */

/* Begins a query in buf, of NFT_REQUEST bytes; attributes are to be put behind. */
struct nlmsghdr *nft_request(void *buf, __u16 type, __u16 flags);
/* likewise to another subsystem of netfilter */
struct nlmsghdr *nft_link_request(void *buf, __u8 subsystem, __u16 type, __u16 flags);

/* one message of an answer: 0, or -errno and the rest is passed over */
typedef int (*nft_answer_fn)(const struct nlmsghdr *h, void *ctx);

/*
 * Sends a query and calls each for every message of the answer.  0, or -errno as
 * the kernel or each gave it; -EAGAIN when things changed in between and the
 * answer may mix old and new.
 */
int nft_link_query(struct nft_link *l, struct nlmsghdr *request, nft_answer_fn each,
		   void *ctx);

/* messages to be sent together */
struct nft_batch {
	char *buf;
	size_t len, cap;
	__u32 *about;		/* by message: what the caller said it is about */
	__u32 count, about_cap;
	__u32 sequence;		/* of the first message */
	bool failed;		/* memory was exhausted: cannot be sent */
};

#define NFT_ABOUT_NONE 0xffffffffu
#define NFT_ABOUT_TIMEOUTS 0xfffffffeu
#define NFT_ABOUT_HELPER 0xfffff000u	/* plus enum fw_helper_id */

/* which message the kernel refused, and why in its words */
struct nft_refusal {
	__u32 about;
	char text[160];		/* empty if it did not say */
	char part[64];		/* of a rule or the table, that it is about; or empty */
};

/*
 * Begins a batch that takes effect only if generation is still the present one; 0
 * is any.
 */
void nft_batch_begin(struct nft_batch *b, __u32 generation);
void nft_batch_free(struct nft_batch *b);

/*
 * Room for a message of at most NFT_MESSAGE bytes; the caller fills it and calls
 * nft_batch_end_message.  Never NULL: after a failure it is scrap.
 */
#define NFT_MESSAGE 16384
struct nlmsghdr *nft_batch_message(struct nft_batch *b, __u16 type, __u16 flags,
				   __u32 about);
void nft_batch_end_message(struct nft_batch *b, const struct nlmsghdr *message);

/* 0; -ERESTART: the generation has changed; else -errno and *why. */
int nft_link_send(struct nft_link *l, struct nft_batch *b, struct nft_refusal *why);

#endif
