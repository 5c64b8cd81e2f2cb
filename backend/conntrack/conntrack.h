/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * conntrack.h - connection tracking of the running kernel, for every backend that
 * has its rules there.
 *
 * The members of struct track_ops, with the socket to be used; and the
 * masqueraded connections alone, in 2.0 order.
 */
#ifndef BACKEND_CONNTRACK_H
#define BACKEND_CONNTRACK_H

#include "backend/netlink/netlink.h"
#include "backend/plan/plan.h"
#include "backend/track.h"

int conntrack_list(struct netlink *l, const struct track_filter *filter, track_fn each,
		   void *ctx, struct fw_error *e);
int conntrack_end(struct netlink *l, const struct track_filter *filter, track_fn each,
		  void *ctx, struct fw_error *e);
int conntrack_flush(struct netlink *l, struct fw_error *e);

/* conntrack_events.c */
int conntrack_follow(struct netlink *l, const struct track_listener *to, struct fw_error *e);

/* Has a connection this bit in its mark?  True if the kernel cannot be asked. */
bool conntrack_marked(struct netlink *l, __u32 bit);

/* Of needs that outlive their rules, those that a connection has. */
__u32 conntrack_needs_marked(struct netlink *l, __u32 lasting, __u32 mark_mask);

/* Of the needs of a plan that is replaced, those of connections that continue. */
__u32 conntrack_needs_lasting(struct netlink *l, __u32 needs, __u32 mark_mask);

int conntrack_timeouts(struct track_timeout **timeouts, size_t *n, struct fw_error *e);
int conntrack_timeouts_set(const struct track_timeout *timeouts, size_t n,
			   struct fw_error *e);

/* Masqueraded connections and those to forwarded ports.  *conns is malloc'ed. */
int conntrack_masqueraded(struct netlink *l, __u32 mark_mask, struct fw_conn **conns,
			  size_t *n, struct fw_error *e);

/*
 * Has apply make the edits, and ends connections that these concern: of deleted forwards if
 * they say so, and those to an added one's outer side.
 */
typedef int (*conntrack_edit_fn)(struct backend *b, const struct fw_edit *edit, size_t n,
				 struct fw_error *e);
int conntrack_portfw_edit(struct backend *b, const struct fw_edit *edit, size_t n,
			  conntrack_edit_fn apply, struct fw_error *e);

/* struct track_ops and backend_ops.connections, on a socket of their own */
int conntrack_track_list(struct backend *b, const struct track_filter *filter, track_fn each,
			 void *ctx, struct fw_error *e);
int conntrack_track_end(struct backend *b, const struct track_filter *filter, track_fn each,
			void *ctx, struct fw_error *e);
int conntrack_track_flush(struct fw_error *e);
int conntrack_track_follow(struct backend *b, const struct track_listener *to,
			   struct fw_error *e);
int conntrack_track_timeouts(struct backend *b, struct track_timeout **timeouts, size_t *n,
			     struct fw_error *e);
int conntrack_track_timeouts_set(struct backend *b, const struct track_timeout *timeouts,
				 size_t n, struct fw_error *e);
int conntrack_track_masqueraded(struct backend *b, struct fw_conn **conns, size_t *n,
				struct fw_error *e);

#endif
