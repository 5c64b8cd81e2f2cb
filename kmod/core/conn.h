/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * conn.h - the connection table: for now the masqueraded connections of 2.0.
 *
 * It will hold every tracked connection, masqueraded or not; that is why it is
 * named so and why an entry knows its state bits apart from its translation.
 * The caller owns all memory (an array of entries, an array of hash heads) and
 * tells the time; nothing is allocated here and nothing expires by itself.
 */
#ifndef FW_CONN_H
#define FW_CONN_H

#include "kmod/core/list.h"

#define FW_MASQ_PORT_FIRST	61000
#define FW_MASQ_PORT_END	65096	/* one behind the last port given out */
#define FW_MASQ_MAX		4096	/* entries per protocol */
#define FW_CONN_HASH		256	/* heads; the order of listings depends on it */

/* struct fw_conn.flags */
#define FW_CONN_FIN_OUT		0x01
#define FW_CONN_FIN_IN		0x02
#define FW_CONN_RST		0x04
#define FW_CONN_NO_DADDR	0x08	/* any peer address may answer */
#define FW_CONN_NO_DPORT	0x10	/* any peer port may answer, until one has */
#define FW_CONN_NO_SPORT	0x20	/* inner port unknown yet (FTP PASV) */
#define FW_CONN_NO_REPLY	0x40	/* nothing came back yet */

struct fw_conn {
	struct fw_conn *next;	/* in its hash chain, newest first; or free list */
	struct fw_conn *control;	/* FTP data: the connection that announced it */
	__u32 saddr, daddr, maddr;
	__u16 sport, dport, mport;	/* ICMP: id; code + 256 * type; id outside */
	__u8 proto, flags;
	__u8 helper;		/* enum fw_helper_id bound by dport */
	__u32 init_seq;		/* as /proc shows them: sequence deltas of helpers */
	__s32 delta, previous_delta;
	__u64 expires;		/* in ticks of FW_HZ */
};

#define FW_HZ 100

struct fw_conn_table {
	struct fw_conn *entries;	/* of the caller */
	__u32 nentries;
	struct fw_conn *free;
	struct fw_conn *head[FW_CONN_HASH];	/* by protocol, maddr, mport */
	__u32 used[3];		/* entries in use: UDP, TCP, ICMP */
	__u16 next_port;
	struct fw_timeouts timeouts;
};

/* entries may be NULL with n 0: a table that is always full */
void fw_conn_table_init(struct fw_conn_table *t, struct fw_conn *entries, __u32 n);

/*
 * Outgoing packet with verdict masquerade, leaving by a device with address
 * maddr: finds or makes the entry and rewrites pkt.  0, or a negative error
 * when the packet must be dropped (other protocol, no port, no memory).
 * ICMP that is no request passes unchanged with 0.
 */
int fw_masquerade(struct fw_conn_table *t, struct fw_packet *pkt, __u32 maddr,
		  __u64 now);

/* Packet for a local address: 1 rewritten towards the inside, 0 not ours, <0 drop. */
int fw_demasquerade(struct fw_conn_table *t, struct fw_packet *pkt, __u64 now);

/* ICMP error from inside about a masqueraded connection: 1 rewritten, 0 not. */
int fw_masquerade_error(struct fw_conn_table *t, struct fw_packet *pkt, __u64 now);

/* Frees what has expired at now. */
void fw_conn_expire(struct fw_conn_table *t, __u64 now);

/* The n-th entry in the order of /proc/net/ip_masquerade, NULL behind the last. */
struct fw_conn *fw_conn_next(const struct fw_conn_table *t, const struct fw_conn *c,
			     __u32 *bucket);

#endif
