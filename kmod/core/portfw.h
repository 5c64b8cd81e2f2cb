/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * portfw.h - port forwarding: packets to a port of the host go to a target inside.
 *
 * The table is one array in the order of its listing; the first forward that matches a
 * packet decides.  Targets of the same outer side take turns, as in Linux 2.2: the
 * first gets `weight' connections in a row, then it moves behind the others.  Two kinds
 * are about masqueraded connections that leave to their ports: these keep their source
 * port, or have a helper of 2.0, which then has the ports of the table in place of its own.
 * Time is in ticks of FW_TRACK_HZ.  The owner of a table protects it and enlarges its array.
 */
#ifndef FW_PORTFW_H
#define FW_PORTFW_H

#include "kmod/core/conn.h"
#include "kmod/core/packet.h"

#define FW_PORTFW_PORT_MAX	60999	/* above are the ports of masquerading */
#define FW_PORTFW_WEIGHT	10
#define FW_PORTFW_TRIGGER_TIME	15	/* seconds */

/* struct fw_portfw.flags */
#define FW_PORTFW_ANY_ADDR	0x01	/* every address of the host */
#define FW_PORTFW_HAS_PORT	0x02	/* to_port is given, else the packet's own */
#define FW_PORTFW_SAME_PORT	0x04	/* no target: masqueraded connections to the ports
					   keep their source port */
#define FW_PORTFW_FLAGS	0x07

struct fw_portfw {
	__u32 addr;		/* outer address, unless FW_PORTFW_ANY_ADDR */
	__u32 to;		/* target; with a trigger the host that was learned */
	__u32 mark;		/* of packets, instead of address and ports; 0: none */
	__u32 trigger_time;	/* seconds, 0: no limit */
	__u32 weight, left;	/* connections in a row; of these not made yet */
	__u32 until;		/* tick at which a learned host is forgotten */
	__u16 low, high;	/* outer ports */
	__u16 to_port;
	__u16 trigger_port;	/* 0: no trigger */
	__u8 trigger_proto;
	__u8 proto;		/* FW_PROTO_TCP or _UDP; with a mark also 0, both */
	__u8 flags;
	__u8 helper;		/* no target: masqueraded connections to the port have it */
	__u64 conns;		/* made through it */
};

struct fw_portfw_table {
	struct fw_portfw *entry;
	__u32 count, cap;
	__u32 changes;	/* by packets; tells the owner that a copy is old */
	bool keeps_ports;	/* a forward has FW_PORTFW_SAME_PORT */
};

/* what an edit does */
enum fw_portfw_op {
	FW_PORTFW_APPEND,	/* one that is known gets the weight */
	FW_PORTFW_INSERT,
	FW_PORTFW_DELETE,	/* all equal ones */
	FW_PORTFW_DELETE_SIDE,	/* all of the outer side */
	FW_PORTFW_FLUSH,
	FW_PORTFW_ZERO,	/* counts of connections */
};

struct fw_portfw_edit {
	enum fw_portfw_op op;
	bool cut;	/* delete and flush: connections through it end */
	struct fw_portfw forward;
};

/* Is it about connections that leave? */
static inline bool fw_portfw_leaves(const struct fw_portfw *f)
{
	return f->flags & FW_PORTFW_SAME_PORT || f->helper;
}

/* 0, or -EINVAL if no such forward is possible. */
int fw_portfw_check(const struct fw_portfw *f);

/* Have both the same outer side? */
static inline bool fw_portfw_same_side(const struct fw_portfw *a, const struct fw_portfw *b)
{
	const __u8 kind = FW_PORTFW_ANY_ADDR | FW_PORTFW_SAME_PORT;

	return a->proto == b->proto && a->addr == b->addr && a->mark == b->mark &&
	       a->low == b->low && a->high == b->high && a->helper == b->helper &&
	       !((a->flags ^ b->flags) & kind);
}

/* Outer side and target? */
bool fw_portfw_equal(const struct fw_portfw *a, const struct fw_portfw *b);

/*
 * One edit.  0; -EINVAL: bad forward, or nothing to delete; -ENOSPC: the array is full,
 * and the table as it was.
 */
int fw_portfw_table_edit(struct fw_portfw_table *t, const struct fw_portfw_edit *e);

/* Does an edit delete that forward? */
bool fw_portfw_is_deleted(const struct fw_portfw *f, const struct fw_portfw_edit *e);

/* Is this the outer side of f?  daddr and dport: where a packet goes. */
bool fw_portfw_covers(const struct fw_portfw *f, __u8 proto, __u32 daddr, __u16 dport,
		      __u32 mark);

/* The forward for a packet to an address of the host, NULL if there is none. */
struct fw_portfw *fw_portfw_find(const struct fw_portfw_table *t,
					const struct fw_packet *pkt, __u32 now);

/* A connection is made through f: counts it, and rotates.  f is no longer to be used. */
void fw_portfw_use(struct fw_portfw_table *t, struct fw_portfw *f);

/* A masqueraded packet leaves for a control port: its sender becomes the target. */
void fw_portfw_trigger(struct fw_portfw_table *t, const struct fw_packet *pkt, __u32 now);

/* Do masqueraded connections to that port keep their source port? */
bool fw_portfw_keeps_port(const struct fw_portfw_table *t, __u16 dport);

/* The helper of masqueraded connections to that port.  t: NULL if there is no table. */
enum fw_helper_id fw_portfw_helper(const struct fw_portfw_table *t, __u8 proto, __u16 dport);

/* The n-th port of a helper of 2.0, 0 if it has no more. */
__u16 fw_portfw_helper_port(const struct fw_portfw_table *t, const struct fw_masq_helper *h,
			    __u32 n);

#endif
