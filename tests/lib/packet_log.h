/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * packet_log.h - packets that rules of this thread's namespace log, with what connection
 * tracking says of them.
 *
 * A packet log receives one NFLOG group.  Packets of one processor arrive in the order
 * in which the rules saw them.  Errors are -errno.
 */
#ifndef TESTS_PACKET_LOG_H
#define TESTS_PACKET_LOG_H

#include "backend/netlink/netlink.h"

struct packet_log {
	struct netlink netlink;
	unsigned long lost; /* times that the kernel had no room for packets */
};

struct logged_packet {
	const __u8 *bytes; /* from the IP header on */
	__u32 len;
	__u8 hook; /* NF_INET_* */
	__u32 iface; /* index of the interface where it came in, 0: sent by this host */
	__u64 usec; /* when it came in, since 1970 */
	__u8 state; /* FW_STATE_*; 0 unless logged by PACKET_LOG_BY_STATE */
	__u8 dir; /* FW_ORIGINAL, FW_REPLY, FW_NO_DIR */
};

/* p lasts for the call */
typedef void (*packet_log_fn)(const struct logged_packet *p, void *ctx);

/*
 * Rules of an nft chain that log every packet by what connection tracking says of it.  A
 * prefix has it because not every kernel can append it to the message (GLUE_CT).
 */
#define PACKET_LOG_BY_STATE(group)                                                       \
	PACKET_LOG_RULE("invalid", "i-", group)                                          \
	PACKET_LOG_RULE("new ct direction original", "no", group)                        \
	PACKET_LOG_RULE("new ct direction reply", "nr", group)                           \
	PACKET_LOG_RULE("established ct direction original", "eo", group)                \
	PACKET_LOG_RULE("established ct direction reply", "er", group)                   \
	PACKET_LOG_RULE("related ct direction original", "ro", group)                    \
	PACKET_LOG_RULE("related ct direction reply", "rr", group)
#define PACKET_LOG_RULE(state, prefix, group)                                            \
	"ct state " state " log prefix \"" prefix "\" group " #group "\n"

/* Binds the group.  buffer: bytes that may wait, 0 for the system's default. */
int packet_log_open(struct packet_log *log, __u16 group, int buffer);
void packet_log_close(struct packet_log *log);

static inline int packet_log_fd(const struct packet_log *log)
{
	return mnl_socket_get_fd(log->netlink.socket);
}

/* Calls on_packet for what is there; wait: for at least one datagram.  0 or -errno. */
int packet_log_take(struct packet_log *log, bool wait, packet_log_fn on_packet,
		    void *ctx);

#endif
