/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * conntrack_entry.h - the kernel's message about a connection, and dumps of them.
 */
#ifndef BACKEND_CONNTRACK_ENTRY_H
#define BACKEND_CONNTRACK_ENTRY_H

#include <linux/netlink.h>

#include "backend/netlink/netlink.h"
#include "backend/track.h"

/* one direction of a connection */
struct conntrack_tuple {
	__u32 saddr, daddr;
	__u16 sport, dport;
	bool has_ports;
	__u8 proto;
	__u8 icmp_type, icmp_code;
	__u16 icmp_id;
};

struct conntrack_entry {
	struct conntrack_tuple out, back;
	__u32 status;		/* IPS_* */
	__u32 seconds;
	__u32 mark;
	const char *state;	/* of TCP and SCTP; NULL: absent */
	bool counted;
	struct track_counters out_count, back_count;
	/* attributes that identify it, in the message; NULL: absent */
	const struct nlattr *tuple, *id, *zone;
};

void conntrack_entry_read(struct conntrack_entry *entry, const struct nlmsghdr *h);
void conntrack_entry_tell(const struct conntrack_entry *entry, struct track_conn *c);

/* conntrack_dump.c */
/* Returns 0, or -errno to end the dump. */
typedef int (*conntrack_entry_fn)(const struct conntrack_entry *entry,
				  const struct track_conn *c, void *ctx);

/*
 * Calls each for the connections that match filter and whose status has all bits of status.
 * Returns 0, or -errno of the kernel or of each.
 */
int conntrack_dump(struct netlink *l, const struct track_filter *filter, __u32 status,
		   conntrack_entry_fn each, void *ctx);

/* conntrack.c: ends those that are chosen.  0, or -errno with a text. */
typedef bool (*conntrack_chooser_fn)(const struct conntrack_entry *entry,
				     const struct track_conn *c, void *ctx);
int conntrack_end_chosen(struct netlink *l, conntrack_chooser_fn is_chosen, void *ctx,
			 struct fw_error *e);

/* Reports why a request about connections failed; returns -code. */
int conntrack_refused(int code, const char *what, struct fw_error *e);

#endif
