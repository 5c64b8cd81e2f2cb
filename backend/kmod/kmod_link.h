/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kmod_link.h - a generic netlink socket to the module (kmod/ipfwadm_uapi.h).
 */
#ifndef BACKEND_KMOD_LINK_H
#define BACKEND_KMOD_LINK_H

#include "backend/netlink/netlink.h"
#include "kmod/ipfwadm_uapi.h"

struct kmod_link {
	struct netlink netlink;
	__u16 family;
	__u32 conns_group; /* events of connections; 0: an older module has none */
};

/* Returns 0 or -errno, with *e; -ENOENT if the module is not loaded. */
int kmod_link_open(struct kmod_link *l, struct fw_error *e);
void kmod_link_close(struct kmod_link *l);

/* a message under construction, in a buffer that grows */
struct kmod_request {
	struct nlmsghdr *message;
	size_t cap;
};

/* bytes of the largest attribute of a message, which is an EDIT */
#define KMOD_ROOM 1024

/* Returns 0 or -ENOMEM.  Caller frees *r on success. */
int kmod_request_begin(struct kmod_request *r, const struct kmod_link *l, __u8 command);
void kmod_request_free(struct kmod_request *r);

/* Ensures KMOD_ROOM bytes of free space: 0 or -ENOMEM.  The message may move. */
int kmod_request_grow(struct kmod_request *r);

/*
 * Sends the request and receives the reply, which is a dump or not.  on_message may be
 * NULL.  Returns 0, or -errno of the kernel, with *why, or of on_message; -EAGAIN if the
 * dump was interrupted by a change.
 */
int kmod_link_query(struct kmod_link *l, struct kmod_request *r, bool dump,
		    netlink_message_fn on_message, void *ctx,
		    struct netlink_refusal *why);

#endif
