/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kmod_track.h - the connections that the module tracks.
 */
#ifndef BACKEND_KMOD_TRACK_H
#define BACKEND_KMOD_TRACK_H

#include "backend/kmod/kmod_link.h"

extern const struct track_ops kmod_track_ops;

/* one connection of the module; lasts for the call */
typedef int (*kmod_conn_fn)(const struct ipfwadm_conn *conn, void *ctx);
typedef int (*kmod_expect_fn)(const struct ipfwadm_expect *expect, void *ctx);

#define KMOD_DUMPS_MAX 8	/* attempts at one that the module calls interrupted */

/*
 * Reads connections, all without filter, and expectations; then each is reported.  A dump
 * that was interrupted is read again.  0 or -errno.
 */
int kmod_conns_read(struct kmod_link *l, const struct track_filter *filter,
		    kmod_conn_fn each, void *ctx, struct netlink_refusal *why);
int kmod_expects_read(struct kmod_link *l, kmod_expect_fn each, void *ctx,
		      struct netlink_refusal *why);

/* The masqueraded ones, as struct backend_ops.connections. */
int kmod_masqueraded(struct backend *b, struct fw_conn **conns, size_t *n,
		     struct fw_error *e);

#endif
