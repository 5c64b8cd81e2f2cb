/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * host.h - the simulated host: the path of a packet through Linux 2.0.
 *
 * The host does what ip_rcv, ip_forward and the two output functions of 2.0 did with a
 * packet: lists, routing, masquerading, ICMP errors.  Decisions are the core's
 * (fw_list_walk, fw_list_outcome, fw_masquerade); the host carries them out in order.
 * There are no sockets, no link layer and no limits on the rate of ICMP errors.
 * Packets are whole, as with CONFIG_IP_ALWAYS_DEFRAG.
 *
 *	received	accounting, input, then delivered or forwarded
 *	forwarded	time to live, route, forward, masquerading, output, accounting
 *	sent		route, output, accounting
 *
 * With a tracker, each packet that is received or sent is tracked first: its state is
 * what rules see, unless the packet came with one.  What it begins is stored when it
 * leaves or is delivered, or is masqueraded.  Rules with --keep-state and --helper mark
 * the entry.  The text that a helper changes is that of the packet as it leaves, behind
 * all lists.
 *
 * What leaves by lo is received again: it is queued until the packet in work is done,
 * so functions do not recurse.  Demasqueraded packets skip the forward list.
 *
 * The caller owns all that struct sim_host points to.  Each step is reported to
 * on_event, in order; pointers in an event are valid during the call.
 */
#ifndef SIM_HOST_H
#define SIM_HOST_H

#include "backend/sim/route.h"
#include "kmod/core/masq.h"
#include "kmod/core/match.h"

enum sim_step {
	SIM_STEP_ACCT_IN,
	SIM_STEP_INPUT,
	SIM_STEP_FORWARD,
	SIM_STEP_OUTPUT,
	SIM_STEP_ACCT_OUT,
	SIM_STEP_MASQUERADE,	/* result of fw_masquerade */
	SIM_STEP_DEMASQUERADE,	/* result: 1, 0, -errno */
	SIM_STEP_PORTFW,	/* to a target of a port forward; result: 1, -errno */
	SIM_STEP_MASQ_ICMP,	/* ICMP error from inside; result: 1, 0 */
	SIM_STEP_ICMP_SEND,	/* the host answers with ICMP type/code about pkt */
	SIM_STEP_XMIT,		/* leaves by dev */
	SIM_STEP_DELIVER,	/* to a local socket; redirport */
	SIM_STEP_DROP,		/* the last step; reason */
	SIM_STEP_TRACK,		/* the tracker's word on pkt: seen */
	SIM_STEP_STORE,		/* the second phase, seen; result: 0, -errno */
	SIM_STEP_HELPER,	/* a helper changes the text: edits of seen */
};

enum sim_drop {
	SIM_DROP_LIST,		/* decided by the list of the event before */
	SIM_DROP_TTL,
	SIM_DROP_NO_ROUTE,
	SIM_DROP_NOT_MASQUERADABLE,
	SIM_DROP_NOT_FORWARDING,
	SIM_DROP_LOOP,		/* the loopback queue is full */
	SIM_DROP_TRACK,		/* the tracker: no room, or a helper */
};

struct sim_event {
	enum sim_step step;
	const struct fw_packet *pkt;	/* list steps: as before the list */
	const struct fw_dev *dev;	/* NULL: none */
	struct fw_decision decision;	/* of a list step */
	int result;		/* of a masquerading step */
	__s32 rule;		/* of a port forward: which makes the connection, or -1 */
	const struct fw_portfw *forward;	/* that one, as it was then */
	__u8 icmp_type, icmp_code;
	__u16 redirport;	/* SIM_STEP_DELIVER, 0 if not redirected */
	enum sim_drop reason;
	const struct fw_seen *seen;	/* SIM_STEP_TRACK, _STORE, _HELPER */
	/* SIM_STEP_XMIT: numbers and text with which it leaves; NULL: not tracked */
	const struct fw_track_packet *view;
	__u32 now;
};

struct sim_host {
	struct fw_ruleset *rules;
	/* NULL: no states, no masquerading; timeouts of masquerading come from rules */
	struct fw_track *track;
	struct sim_routes routes;
	__u32 now;		/* ticks of FW_TRACK_HZ */
	bool count;		/* rules count packets */
	bool no_forwarding;	/* ip_forward = 0 */
	__u16 next_id;		/* header id of the host's next packet */
	void (*on_event)(void *ctx, const struct sim_event *ev);	/* may be NULL */
	fw_match_fn on_match;	/* every rule that matched; may be NULL */
	void *ctx;
};

/*
 * A packet arrives on dev.  view is what the tracker reads of it; NULL: the numbers that
 * its connection would send next, and no payload.
 */
void sim_host_receive(struct sim_host *h, const struct fw_packet *pkt,
		      const struct fw_track_packet *view, const struct fw_dev *dev);

/*
 * The host sends a packet.  queued: through ip_queue_xmit (TCP), else through
 * ip_build_xmit (UDP, ICMP, raw), which reports a refusal.  Returns 0, -EPERM, or
 * -ENETUNREACH without a route.
 */
int sim_host_send(struct sim_host *h, const struct fw_packet *pkt,
		  const struct fw_track_packet *view, bool queued);

/* The list and direction of a list step; false if the step walks no list. */
bool sim_step_walk(enum sim_step step, struct fw_walk *w);

#endif
