/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * plan_eval.h - walk a packet through a plan, in user space.
 */
#ifndef BACKEND_PLAN_EVAL_H
#define BACKEND_PLAN_EVAL_H

#include "backend/plan/plan.h"

enum plan_verdict {
	PLAN_V_ACCEPT,
	PLAN_V_DROP,
	PLAN_V_REJECT,		/* code */
};

/* called for each plan rule that counted */
typedef void (*plan_counted_fn)(void *ctx, const struct plan_rule *r);
/* called for each that logs, or that led to glue that does, with the prefix of the line */
typedef void (*plan_logged_fn)(void *ctx, const struct plan_rule *r, const char *prefix);

/*
 * What netfilter would know of a packet.  The facts about its connection are
 * given; the walk changes packet, mark, ct_mark and the results, and masquerading
 * ct_snat.
 */
struct plan_packet {
	struct fw_packet pkt;
	const struct fw_dev *in, *out;	/* NULL: none at this hook */
	__u32 mark, ct_mark;
	bool ct_snat;		/* its connection's source is translated */
	bool ct_dnat;		/* its destination is */
	bool ct_expected;	/* a helper had foreseen it */
	bool ct_confirmed;	/* its first packet has left or arrived */
	bool ct_reply;		/* it goes in reply direction */
	__u32 ct_daddr;		/* where its first packet went */
	__u16 ct_dport;
	bool to_local;		/* the packet goes to an address of this host */
	__u32 turn;		/* its number among the connections that take turns */
	/* results */
	enum plan_verdict verdict;
	__u8 reject_code;
	bool redirected;
	__u16 redirport;
	bool masqueraded;
	struct plan_range masq_ports;
	bool forwarded;		/* to forward_addr; forward_port 0: its own port */
	__u32 forward_addr;
	__u16 forward_port;
	const char *helper, *timeout;
};

/* what takes the place of a rule's conditions */
enum plan_forced { PLAN_NOT_FORCED, PLAN_HOLDS, PLAN_HOLDS_NOT };

/* callbacks for what rules do; each may be NULL */
struct plan_watch {
	plan_counted_fn counted;
	plan_logged_fn logged;
	/* called for each rule before it is compared */
	enum plan_forced (*forced)(void *ctx, const struct plan_chain *c,
				   const struct plan_rule *r);
	/*
	 * called for the number of the packet among those that a rule with PLAN_M_TURN asks,
	 * in place of plan_packet.turn
	 */
	__u32 (*turn)(void *ctx, const struct plan_rule *r);
	/* called for each chain that the packet enters */
	void (*entered)(void *ctx, const struct plan_chain *c, const struct plan_packet *pp);
	void *ctx;
};

/*
 * Runs the base chains of a hook whose priority p has from <= p < to, in order,
 * until one of them drops or rejects.  Splitting a hook in two lets the caller
 * translate addresses in between, as the kernel's NAT does.
 */
void plan_eval_hook(const struct plan *p, enum plan_hook hook, int from, int to,
		    struct plan_packet *pp, const struct plan_watch *watch);

#endif
