/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * path.h - the whole way of a packet through a 2.0 host, as decisions.
 *
 * What 2.0 did in ip_rcv, ip_forward and the two output functions, with the
 * device layer and sockets left out: the caller supplies interfaces and the
 * gateway, and is told each step as an event.  Packets are whole, as with
 * CONFIG_IP_ALWAYS_DEFRAG; what goes out by lo comes in again.  Limits on the
 * rate of ICMP errors are the business of whoever really sends them.
 */
#ifndef FW_PATH_H
#define FW_PATH_H

#include "kmod/core/conn.h"
#include "kmod/core/match.h"

enum fw_step {
	FW_STEP_ACCT_IN,
	FW_STEP_INPUT,
	FW_STEP_FORWARD,
	FW_STEP_OUTPUT,
	FW_STEP_ACCT_OUT,
	FW_STEP_MASQUERADE,	/* after it was tried; result as of fw_masquerade */
	FW_STEP_DEMASQUERADE,	/* likewise: 1, 0, -errno */
	FW_STEP_MASQ_ICMP,	/* ICMP error from inside: 1, 0 */
	FW_STEP_ICMP_SEND,	/* we answer with ICMP type/code about pkt */
	FW_STEP_XMIT,		/* leaves by dev */
	FW_STEP_DELIVER,	/* handed to a local socket; redirport */
	FW_STEP_DROP,		/* the end of it; reason says why */
};

enum fw_drop {
	FW_DROP_LIST,		/* a list said so: see the event before */
	FW_DROP_TTL,
	FW_DROP_NO_ROUTE,
	FW_DROP_NOT_MASQUERADABLE,
	FW_DROP_NOT_FORWARDING,
	FW_DROP_LOOP,		/* went round by lo too often */
};

struct fw_event {
	enum fw_step step;
	const struct fw_packet *pkt;	/* list steps: as before the list */
	const struct fw_dev *dev;
	struct fw_decision decision;	/* of a list step */
	int result;		/* of a masquerading step */
	__u8 icmp_type, icmp_code;
	__u16 redirport;	/* FW_STEP_DELIVER, 0 if not redirected */
	enum fw_drop reason;
};

struct fw_path {
	struct fw_ruleset *rules;
	/* NULL: nothing is masqueraded; takes its timeouts from rules */
	struct fw_conn_table *conns;
	const struct fw_dev *devs;
	__u32 ndevs;
	__u32 gateway;		/* default route, 0 = none; reached by its net */
	__u64 now;		/* ticks of FW_HZ */
	bool counting;		/* false: rules keep their counters */
	bool not_forwarding;	/* what 2.0 called ip_forward = 0 */
	__u16 next_id;		/* header id of the next packet of our own */
	void (*event)(void *ctx, const struct fw_event *ev);
	fw_match_fn on_match;	/* every rule that matched, for logs and traces */
	void *ctx;
};

/* A packet arrives on dev. */
void fw_path_receive(struct fw_path *p, const struct fw_packet *pkt,
		     const struct fw_dev *dev);

/*
 * The host itself sends a packet.  queued: through ip_queue_xmit (TCP), else
 * through ip_build_xmit (UDP, ICMP, raw), whose caller learns of a refusal:
 * returns 0 or -EPERM.  -ENETUNREACH without a route.
 */
int fw_path_send(struct fw_path *p, const struct fw_packet *pkt, bool queued);

/* The device by which packets for daddr leave, NULL if there is no route. */
const struct fw_dev *fw_path_route(const struct fw_path *p, __u32 daddr);

/* Is addr one of ours (own address, 127/8, broadcast, multicast)? */
bool fw_path_local(const struct fw_path *p, __u32 addr);

#endif
