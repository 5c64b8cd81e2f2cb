/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * nflog.h - packets that rules send to a group of NFLOG.
 */
#ifndef BACKEND_NFLOG_H
#define BACKEND_NFLOG_H

#include "backend/netlink/netlink.h"

/* valid until the next datagram is received */
struct nflog_packet {
	const char *prefix;	/* printable; "" if the rule has none */
	__u32 in, out;		/* indices of interfaces, 0: none */
	const __u8 *ip;		/* len bytes, with a whole IPv4 header */
	__u32 len;
};
typedef void (*nflog_packet_fn)(void *ctx, const struct nflog_packet *p);

/* Opens *l and listens to the group, of which one process at a time may be the listener. */
int nflog_open(struct netlink *l, __u16 group, struct fw_error *e);

/*
 * Waits for a datagram and calls on_packet for each IPv4 packet in it.  Returns 0;
 * -ENOBUFS if packets were lost because the socket was full; or another -errno.
 */
int nflog_receive(const struct netlink *l, nflog_packet_fn on_packet, void *ctx);

#endif
