/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * delivered.h - what a namespace delivers to itself, recorded and swallowed.
 *
 * A table of the tests' own at the very end of the input hook hands each packet
 * over and drops it, so that the stack's answers do not mix with what is tested.
 */
#ifndef TESTS_NET_DELIVERED_H
#define TESTS_NET_DELIVERED_H

#include <stddef.h>

#include "kmod/core/packet.h"
#include "tests/lib/packet_log.h"

struct delivered {
	struct packet_log log;
};

/* invalid: the packet was not delivered, but found invalid on its way in */
typedef void (*delivered_fn)(void *ctx, const __u8 *packet, size_t len, bool invalid);

/* Swallows from now on what this thread's namespace gets.  0 or -errno. */
int delivered_open(struct delivered *d);
void delivered_close(struct delivered *d);

/*
 * Also tells from now on which arriving packets connection tracking finds
 * invalid.  This turns tracking on.  0 or -errno.
 */
int delivered_watch_invalid(void);

/* Hands over all that was delivered so far; never waits. */
void delivered_take(struct delivered *d, delivered_fn take, void *ctx);

#endif
