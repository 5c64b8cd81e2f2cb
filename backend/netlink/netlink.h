/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * netlink.h - a netlink socket to the kernel, for kmod, nft and conntrack.
 *
 * One request is under way on a socket at a time: netlink_query() sends it and reads
 * its answer to the end.  The kernel works on a message before send() returns, so all
 * that it says about messages of netlink_send() can be received without waiting.
 *
 * A socket belongs to its opener and has one receive buffer; what netlink_receive()
 * and message functions get is valid until the next datagram is received.  Errors are
 * -errno.  Messages are written with libmnl.  They are read with netlink_attr.h.
 */
#ifndef BACKEND_NETLINK_H
#define BACKEND_NETLINK_H

#include <stddef.h>

#include "backend/backend.h"
#include "backend/netlink/netlink_attr.h"

struct netlink {
	struct mnl_socket *socket; /* NULL: not open */
	__u32 sequence; /* of the last request */
	char *answer; /* receive buffer; malloc'ed */
};

/* protocol: NETLINK_NETFILTER and so on.  *l may be closed in any case. */
int netlink_open(struct netlink *l, int protocol, struct fw_error *e);
void netlink_close(struct netlink *l);

/* Sends messages as one datagram of any size. */
int netlink_send(const struct netlink *l, const void *messages, size_t len);

/* The next datagram.  -EAGAIN: none is there, and wait is false. */
int netlink_receive(const struct netlink *l, bool wait, struct netlink_messages *answer);
/* The first datagram of a dump of which no more is read. */
int netlink_receive_head(const struct netlink *l, struct netlink_messages *answer);

/* why the kernel refused a message */
struct netlink_refusal {
	__u32 sequence; /* of that message */
	__u32 offset; /* in it, of the attribute at fault; 0: not known */
	char text[192]; /* the kernel's sentence, or empty */
};

/* An NLMSG_ERROR message: -errno, 0 for an acknowledgement, and *why. */
int netlink_error(const struct nlmsghdr *h, struct netlink_refusal *why);

/* one message of an answer: 0, or -errno and the rest of the answer is skipped */
typedef int (*netlink_message_fn)(const struct nlmsghdr *h, void *ctx);

/*
 * Sends a request and calls on_message, which may be NULL, for every message of the
 * answer.  Returns 0, or -errno of the kernel or of on_message; -EAGAIN if the dump
 * was inconsistent because its objects changed.  why may be NULL.
 */
int netlink_query(struct netlink *l, struct nlmsghdr *request,
		  netlink_message_fn on_message, void *ctx, struct netlink_refusal *why);

/* Joins a multicast group: 0 or -errno. */
int netlink_join(const struct netlink *l, __u32 group);

/* one message of a group: reports its events to the listener */
typedef void (*netlink_event_fn)(const struct nlmsghdr *h, const struct track_listener *to);

/*
 * Receives messages of the groups that were joined until the listener ends it, which also
 * receives what was lost because the socket was full.  Returns 0 or -errno.
 */
int netlink_follow(const struct netlink *l, const struct track_listener *to,
		   netlink_event_fn on_message);

#define NETLINK_REQUEST 512 /* bytes of a netfilter request with its names */

/* Begins a message to a subsystem of netfilter in buf. */
struct nlmsghdr *netlink_netfilter(void *buf, __u8 subsystem, __u16 type, __u16 flags);

#endif
