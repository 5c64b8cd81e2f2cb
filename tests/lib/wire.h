/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * wire.h - the far end of a device: frames put on it and taken from it.
 */
#ifndef TESTS_NET_WIRE_H
#define TESTS_NET_WIRE_H

#include <stddef.h>

#include "kmod/core/packet.h"

#define WIRE_MAC 6
#define WIRE_PACKET_MAX 2048

struct wire {
	int fd;
	int ifindex;		/* of the far end */
	__u8 near_mac[WIRE_MAC];	/* of the machine under test */
	__u8 far_mac[WIRE_MAC];
};

/* called with an IPv4 datagram; checksummed is false when a device is to do it */
typedef void (*wire_packet_fn)(void *ctx, const __u8 *packet, size_t len,
			       bool checksummed);

/* Opens the end called name in this thread's namespace.  0 or -errno. */
int wire_open(struct wire *w, const char *name);
void wire_close(struct wire *w);

/* Sends an IPv4 datagram to the machine under test.  0 or -errno. */
int wire_send(const struct wire *w, const __u8 *packet, size_t len);

/* Whether something sent is still on its way to the machine under test. */
bool wire_is_busy(const struct wire *w);

/* Takes all that has come; never waits. */
void wire_take(const struct wire *w, wire_packet_fn take, void *ctx);

/*
 * Takes all that has come, and waits until nothing more can: the machine under
 * test answers an ARP probe for addr, one of its own, only after what it got
 * before.  0, or -ETIMEDOUT when it does not answer at all.
 */
int wire_settle(const struct wire *w, __u32 addr, wire_packet_fn take, void *ctx);

#endif
