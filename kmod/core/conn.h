/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * conn.h - a masqueraded connection as 2.0 listed it, and the helpers of 2.0.
 *
 * The entries themselves are the tracker's, track.h.
 */
#ifndef FW_CONN_H
#define FW_CONN_H

#include "kmod/core/rule.h"

#define FW_MASQ_PORT_FIRST	61000
#define FW_MASQ_PORT_END	65096	/* one after the last port given out */
#define FW_MASQ_MAX		4096	/* entries per protocol */
#define FW_CONN_HASH		256	/* buckets of 2.0, by which listings are ordered */

/* struct fw_conn.flags and struct fw_entry.masq */
#define FW_CONN_FIN_OUT		0x01
#define FW_CONN_FIN_IN		0x02
#define FW_CONN_RST		0x04
#define FW_CONN_NO_DADDR	0x08	/* any peer address may answer */
#define FW_CONN_NO_DPORT	0x10	/* any peer port may answer, until one has */
#define FW_CONN_NO_SPORT	0x20	/* inner port unknown yet (FTP PASV) */
#define FW_CONN_NO_REPLY	0x40	/* nothing came back yet */
#define FW_CONN_MASQ		0x80	/* the entry is masqueraded */

#define FW_CONN_OPEN		(FW_CONN_NO_DADDR | FW_CONN_NO_DPORT | FW_CONN_NO_SPORT)

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

/* A line of /proc/net/ip_masquerade. */
struct fw_conn {
	__u32 saddr, daddr, maddr;
	__u16 sport, dport, mport;	/* ICMP: id; code + 256 * type; id outside */
	__u8 proto;
	__u8 flags;
	__u32 init_seq;		/* sequence deltas of helpers */
	__s32 delta, previous_delta;
	__u64 expires;		/* in ticks of FW_HZ */
	__u32 id;		/* in order of appearance; wraps around */
};

#define FW_HZ 100

/* The bucket of 2.0 of a connection; within one the newest is listed first. */
static inline __u32 fw_conn_bucket(const struct fw_conn *c)
{
	return (c->proto ^ c->maddr ^ c->mport) % FW_CONN_HASH;
}

/* The order of 2.0's listing, for qsort() and sort(): below 0 if a comes first. */
static inline int fw_conn_compare(const void *a, const void *b)
{
	const struct fw_conn *x = (const struct fw_conn *)a;
	const struct fw_conn *y = (const struct fw_conn *)b;
	__u32 i = fw_conn_bucket(x), j = fw_conn_bucket(y);

	if (i != j)
		return i < j ? -1 : 1;
	return (__s32)(x->id - y->id) > 0 ? -1 : x->id != y->id;
}

#endif
