/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * renaming.h - masquerade ports: what the recording calls them and what they are.
 *
 * The old kernel counted up from 61000 and gave each connection a port of its own;
 * others choose as they like, and connections to several peers may share one.  All
 * that matters is that connections keep apart.  For ICMP the port is the id.
 */
#ifndef TESTS_NET_RENAMING_H
#define TESTS_NET_RENAMING_H

#include "kmod/core/packet.h"

#define RENAMING_MAX 256

struct renaming {
	struct renamed {
		__u8 proto;
		__u32 peer;		/* it talks to */
		__u16 peer_port;	/* ICMP: the type of its requests */
		__u16 recorded, live;
		__u32 inner;		/* the host behind it, and its port or id */
		__u16 inner_port;
	} item[RENAMING_MAX];
	unsigned int n;
};

/*
 * Learns that a packet of an inner host, recorded with one source port when it
 * left, had another.  False when that contradicts what was known, and the new
 * name holds from now on.
 */
bool renaming_learn(struct renaming *n, const struct fw_packet *inside,
		    const struct fw_packet *recorded, const struct fw_packet *live);

/* Are all live names those that were recorded? */
bool renaming_is_exact(const struct renaming *n);

/* The live name of a recorded port; NULL if it was never seen. */
const struct renamed *renaming_find(const struct renaming *n, __u8 proto,
				    __u16 recorded);

/* The connection that a recorded packet answers; NULL if it answers none. */
const struct renamed *renaming_answered(const struct renaming *n,
					const struct fw_packet *recorded);

/*
 * The live destination port of a packet recorded with that of a masqueraded
 * connection.  If it answers none, its live port is one that means nothing to its
 * sender either.
 */
__u16 renaming_destination(const struct renaming *n, const struct fw_packet *recorded);

#endif
