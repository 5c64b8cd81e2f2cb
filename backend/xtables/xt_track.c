// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * xt_track.c - the connections of the running kernel.
 */
#include "backend/xtables/xt_track.h"

#include "backend/conntrack/conntrack.h"
#include "backend/xtables/xt_apply.h"

static int track_list(struct backend *b, const struct track_filter *filter, track_fn each,
		      void *ctx, struct fw_error *e)
{
	struct netlink link;
	int err = netlink_open(&link, NETLINK_NETFILTER, e);

	(void)b;
	if (err)
		return err;
	err = conntrack_list(&link, filter, each, ctx, e);
	netlink_close(&link);
	return err;
}

static int track_end(struct backend *b, const struct track_filter *filter, track_fn each,
		     void *ctx, struct fw_error *e)
{
	struct netlink link;
	int err = netlink_open(&link, NETLINK_NETFILTER, e);

	(void)b;
	if (err)
		return err;
	err = conntrack_end(&link, filter, each, ctx, e);
	netlink_close(&link);
	return err;
}

static int track_flush(struct backend *b, struct fw_error *e)
{
	struct netlink link;
	int err = netlink_open(&link, NETLINK_NETFILTER, e);

	if (err)
		return err;
	err = conntrack_flush(&link, e);
	netlink_close(&link);
	if (!err)
		xt_apply_forget(xt_of(b));
	return err;
}

static int track_timeouts(struct backend *b, struct track_timeout **timeouts, size_t *n,
			  struct fw_error *e)
{
	(void)b;
	return conntrack_timeouts(timeouts, n, e);
}

static int track_timeouts_set(struct backend *b, const struct track_timeout *timeouts,
			      size_t n, struct fw_error *e)
{
	(void)b;
	return conntrack_timeouts_set(timeouts, n, e);
}

const struct track_ops xt_track = {
	.list = track_list,
	.end = track_end,
	.flush = track_flush,
	.timeouts = track_timeouts,
	.timeouts_set = track_timeouts_set,
};

int xt_track_masqueraded(struct backend *b, struct fw_conn **conns, size_t *n,
			 struct fw_error *e)
{
	struct netlink link;
	int err = netlink_open(&link, NETLINK_NETFILTER, e);

	(void)b;
	if (err)
		return err;
	err = conntrack_masqueraded(&link, conns, n, e);
	netlink_close(&link);
	return err;
}
