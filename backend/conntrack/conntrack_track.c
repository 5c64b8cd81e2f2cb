// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * conntrack_track.c - the members of struct track_ops that nft and xtables share.
 *
 * Each opens a socket of its own: these commands are rare.
 */
#include "backend/conntrack/conntrack.h"

int conntrack_track_list(struct backend *b, const struct track_filter *filter,
			 track_fn each, void *ctx, struct fw_error *e)
{
	struct netlink link;
	int err = netlink_open(&link, NETLINK_NETFILTER, e);

	(void)b;
	if (!err)
		err = conntrack_list(&link, filter, each, ctx, e);
	netlink_close(&link);
	return err;
}

int conntrack_track_end(struct backend *b, const struct track_filter *filter,
			track_fn each, void *ctx, struct fw_error *e)
{
	struct netlink link;
	int err = netlink_open(&link, NETLINK_NETFILTER, e);

	(void)b;
	if (!err)
		err = conntrack_end(&link, filter, each, ctx, e);
	netlink_close(&link);
	return err;
}

int conntrack_track_flush(struct fw_error *e)
{
	struct netlink link;
	int err = netlink_open(&link, NETLINK_NETFILTER, e);

	if (!err)
		err = conntrack_flush(&link, e);
	netlink_close(&link);
	return err;
}

int conntrack_track_follow(struct backend *b, const struct track_listener *to,
			   struct fw_error *e)
{
	struct netlink link;
	int err = netlink_open(&link, NETLINK_NETFILTER, e);

	(void)b;
	if (!err)
		err = conntrack_follow(&link, to, e);
	netlink_close(&link);
	return err;
}

int conntrack_track_timeouts(struct backend *b, struct track_timeout **timeouts,
			     size_t *n, struct fw_error *e)
{
	(void)b;
	return conntrack_timeouts(timeouts, n, e);
}

int conntrack_track_timeouts_set(struct backend *b, const struct track_timeout *timeouts,
				 size_t n, struct fw_error *e)
{
	(void)b;
	return conntrack_timeouts_set(timeouts, n, e);
}

int conntrack_track_masqueraded(struct backend *b, struct fw_conn **conns, size_t *n,
				struct fw_error *e)
{
	struct netlink link;
	int err = netlink_open(&link, NETLINK_NETFILTER, e);

	if (!err)
		err = conntrack_masqueraded(&link, b->mark_mask, conns, n, e);
	netlink_close(&link);
	return err;
}
