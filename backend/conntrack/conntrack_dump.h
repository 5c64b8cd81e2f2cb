/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * conntrack_dump.h - connections as the kernel tells them, one by one.
 */
#ifndef BACKEND_CONNTRACK_DUMP_H
#define BACKEND_CONNTRACK_DUMP_H

#include "backend/conntrack/conntrack_entry.h"
#include "backend/netlink/netlink.h"

/* 0, or -errno, and no more are told */
typedef int (*conntrack_entry_fn)(const struct conntrack_entry *entry,
				  const struct track_conn *c, void *ctx);

/*
 * Calls each for the connections that filter chooses, of which status has all bits
 * (0: any).  0, or -errno of the kernel or of each.
 */
int conntrack_dump(struct netlink *l, const struct track_filter *filter, __u32 status,
		   conntrack_entry_fn each, void *ctx);

/* What went wrong with a request about connections; returns -code. */
int conntrack_refused(int code, const char *what, struct fw_error *e);

#endif
