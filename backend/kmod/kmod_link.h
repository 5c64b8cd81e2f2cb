/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kmod_link.h - a generic netlink socket to the module (kmod/ipfwadm_uapi.h).
 */
#ifndef BACKEND_KMOD_LINK_H
#define BACKEND_KMOD_LINK_H

#include <libmnl/libmnl.h>
#include <stddef.h>

#include "backend/backend.h"
#include "kmod/ipfwadm_uapi.h"

struct kmod_link {
	struct mnl_socket *socket;
	__u16 family;
	__u32 sequence;
	char *answer; /* receive buffer */
};

/* -ENOENT and a sentence if the module is not loaded */
int kmod_link_open(struct kmod_link *l, struct fw_error *e);
void kmod_link_close(struct kmod_link *l);

/* a message being written, in memory that grows */
struct kmod_request {
	struct nlmsghdr *message;
	size_t cap;
};

/* bytes that any one thing put into a message takes at most, EDIT nests included */
#define KMOD_ROOM 1024

/* 0 or -ENOMEM; *r is to be freed only on success */
int kmod_request_begin(struct kmod_request *r, const struct kmod_link *l, __u8 command);
void kmod_request_free(struct kmod_request *r);

/* Makes room for KMOD_ROOM bytes more: 0 or -ENOMEM.  The message may move. */
int kmod_request_grow(struct kmod_request *r);

/* why the kernel refused */
struct kmod_refusal {
	__u32 offset; /* of the attribute at fault in the message, or 0 */
	char text[192]; /* a sentence, or empty */
};

/* one message of an answer: 0, or -errno and the rest is passed over */
typedef int (*kmod_answer_fn)(const struct nlmsghdr *h, void *ctx);

/*
 * Sends the request, as a dump or not, and hands each message of the answer to each,
 * which may be NULL.  0, or -errno as the kernel or each gave it, with *why.
 */
int kmod_link_ask(struct kmod_link *l, struct kmod_request *r, bool dump,
		  kmod_answer_fn each, void *ctx, struct kmod_refusal *why);

#endif
