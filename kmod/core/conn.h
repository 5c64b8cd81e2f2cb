/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * conn.h - the connection table: for now the masqueraded connections of 2.0.
 *
 * It will hold every tracked connection, masqueraded or not; that is why it is
 * named so and why an entry knows its state bits apart from its translation.
 * The caller owns all memory (the entries and the table) and tells the time,
 * which must never run backwards; nothing is allocated here.
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

#define FW_MASQ_HELPERS 6
#define FW_MASQ_HELPER_PORTS 2

/* a helper of 2.0, which a masqueraded connection has by its destination port */
struct fw_masq_helper {
	enum fw_helper_id id;
	__u8 proto;
	__u8 nports;
	__u16 ports[FW_MASQ_HELPER_PORTS];
};

extern const struct fw_masq_helper fw_masq_helpers[FW_MASQ_HELPERS];

/* the helper of connections to that port */
enum fw_helper_id fw_masq_helper_bind(__u8 proto, __u16 dport);

struct fw_conn {
	struct fw_conn *next;	/* in its hash chain, newest first; or free list */
	struct fw_conn *out_next;	/* in the chain for outgoing packets */
	struct fw_conn *control;	/* FTP data: the connection that announced it */
	__u32 dependents;	/* entries whose control this is: it outlives them */
	__u32 saddr, daddr, maddr;
	__u16 sport, dport, mport;	/* ICMP: id; code + 256 * type; id outside */
	__u8 proto;		/* 0: not in use */
	__u8 flags;
	__u8 helper;		/* enum fw_helper_id, bound by dport */
	__u32 init_seq;		/* as /proc shows them: sequence deltas of helpers */
	__s32 delta, previous_delta;
	__u64 expires;		/* in ticks of FW_HZ */
};

#define FW_HZ 100

struct fw_conn_table;

/*
 * Work on the payload: called after the connection was found and before the
 * header is rewritten, for connections that have a helper.  0, or a negative
 * error when the packet must be dropped.
 */
typedef int (*fw_masq_payload_fn)(struct fw_conn_table *t, struct fw_conn *c,
				  struct fw_packet *pkt, bool outgoing, __u64 now);

struct fw_conn_table {
	struct fw_conn *entries;	/* of the caller */
	__u32 nentries;
	struct fw_conn *free;
	struct fw_conn *head[FW_CONN_HASH];	/* by protocol, maddr, mport */
	struct fw_conn *out[FW_CONN_HASH];	/* by protocol, saddr, sport */
	__u32 used[3];		/* entries in use: UDP, TCP, ICMP */
	__u16 next_port;
	__u64 earliest;		/* nothing expires before that */
	struct fw_timeouts timeouts;
	fw_masq_payload_fn payload;	/* NULL: payloads pass as they are */
};

/* entries may be NULL with n 0: a table that is always full */
void fw_conn_table_init(struct fw_conn_table *t, struct fw_conn *entries, __u32 n);

/*
 * Outgoing packet with verdict masquerade, leaving by a device with address
 * maddr: finds or makes the entry and rewrites pkt.  0 (1 for an ICMP query,
 * as 2.0 told them apart), or a negative error when the packet must be dropped
 * (other protocol, no port, no memory).  ICMP that is no request passes
 * unchanged with 0.
 */
int fw_masquerade(struct fw_conn_table *t, struct fw_packet *pkt, __u32 maddr,
		  __u64 now);

/* Packet for a local address: 1 rewritten towards the inside, 0 not ours, <0 drop. */
int fw_demasquerade(struct fw_conn_table *t, struct fw_packet *pkt, __u64 now);

/* Is it an ICMP error of the kinds that masquerading looks into? */
bool fw_masq_looks_into(const struct fw_packet *pkt);

/* ICMP error from inside about a masqueraded connection: 1 rewritten, 0 not. */
int fw_masquerade_error(struct fw_conn_table *t, struct fw_packet *pkt, __u64 now);

/* Does the outgoing packet belong to an entry? */
bool fw_masqueraded(struct fw_conn_table *t, const struct fw_packet *pkt, __u64 now);

/* Frees what has expired at now.  All that is given a time does so first. */
void fw_conn_expire(struct fw_conn_table *t, __u64 now);

/* an address with its port, or the identifier or type of an ICMP query */
struct fw_end {
	__u32 addr;
	__u16 port;
};

/* The entry of a packet from peer to masq, or from inner to peer; else NULL. */
struct fw_conn *fw_conn_find_in(const struct fw_conn_table *t, __u8 proto,
				struct fw_end peer, struct fw_end masq);
struct fw_conn *fw_conn_find_out(struct fw_conn_table *t, __u8 proto,
				 struct fw_end inner, struct fw_end peer);

/*
 * Makes an entry: proto, saddr, daddr, maddr, sport, dport, flags and control
 * are taken from like.  NULL when no port or entry is free.
 */
struct fw_conn *fw_conn_add(struct fw_conn_table *t, const struct fw_conn *like,
			    __u64 now);

/* A packet was seen: the entry's timeout begins anew. */
void fw_conn_refresh(struct fw_conn_table *t, struct fw_conn *c, __u64 now);

/* Fill in what FW_CONN_NO_SPORT, or NO_DADDR and NO_DPORT, left open. */
void fw_conn_inner_learn(struct fw_conn_table *t, struct fw_conn *c, __u16 sport);
void fw_conn_peer_learn(struct fw_conn *c, struct fw_end peer);

/* free masquerade ports of a protocol, as /proc/net/ip_masquerade tells them */
__u32 fw_conn_ports_free(const struct fw_conn_table *t, __u8 proto);

/*
 * The entry behind c in the order of /proc/net/ip_masquerade, NULL behind the
 * last.  Begins with c NULL and *bucket 0.
 */
struct fw_conn *fw_conn_next(const struct fw_conn_table *t, const struct fw_conn *c,
			     __u32 *bucket);

#endif
