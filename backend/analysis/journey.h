/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * journey.h - one packet's whole way through a host, decided by the core and by a plan.
 *
 * The core's lists are asked in the order of 2.0, and what netfilter does between its
 * hooks (translating addresses) is done to the packet as the way says.  Both ways of
 * deciding have the same result, or the plan is wrong.
 *
 * Decisions may be forced: the rules of a list are then not compared with the packet, but
 * the rule that is named decides.  A proof walks few packets so, with every decision that
 * lists can make, and compares rules with packets elsewhere.
 */
#ifndef BACKEND_JOURNEY_H
#define BACKEND_JOURNEY_H

#include "backend/plan/plan_eval.h"
#include "kmod/core/match.h"

/* the ways a packet can take through a host */
enum packet_way {
	WAY_FORWARDED,
	WAY_LOCAL_IN,
	WAY_LOCAL_OUT,
	WAY_PROXY,	/* the host answers to a redirected connection */
	WAY_REPLY,	/* to a masqueraded connection: forwarded to the inside */
	WAY_DATA,	/* for the inside, because a helper expects it */
	WAY_ASKED,	/* reply to what the inside began and a helper expected */
	WAY_ERROR,	/* an ICMP error from the inside about such a connection */
	WAY_KEPT,	/* later packet of such a connection that --keep-state keeps */
	WAYS,
};

static inline bool way_is_local(enum packet_way way)
{
	return way == WAY_LOCAL_OUT || way == WAY_PROXY;
}

/* to the inside of a masqueraded connection */
static inline bool way_is_inward(enum packet_way way)
{
	return way == WAY_REPLY || way == WAY_DATA || way == WAY_ASKED;
}

#define JOURNEY_MARKS 5

/* a packet, where it comes from and leads to, and what will be translated */
struct journey_packet {
	enum packet_way way;
	struct fw_packet pkt;
	const struct fw_dev *in;	/* as the wire has it; NULL: sent by the host */
	const struct fw_dev *alias;	/* as 2.0's input list has it */
	const struct fw_dev *out;	/* NULL: delivered here */
	__u32 ct_mark;			/* bits of other programs, outside of our mask */
	__u32 mark[JOURNEY_MARKS];	/* what they set, hook by hook, anywhere */
	__u16 masq_port;
	__u32 inner_addr;		/* WAY_REPLY: where it is going; WAY_PROXY: from */
	__u16 inner_port;
};

/* where rules count */
enum journey_step {
	STEP_ACCT_IN,
	STEP_INPUT,
	STEP_FORWARD,
	STEP_OUTPUT,
	STEP_ACCT_OUT,
	STEPS,
};

/* rules that matched in a step; a sum that tells any two sets of rules apart */
struct journey_count {
	__u32 times;
	__s32 rule;		/* the last one */
	__u64 sum;
};

struct journey_end {
	enum plan_verdict verdict;
	__u8 reject_code;
	__u8 tos;		/* of a packet that is not dropped */
	bool redirected;
	__u16 redirport;	/* the effective one; TCP and UDP only */
	bool masqueraded;
	bool kept;		/* its connection is remembered afterwards */
	/* its connection, if it is new, gets */
	bool helped;		/* the helper that 2.0 had for it, or that of a rule */
	bool timed;		/* the timeouts of masqueraded ones (nft) */
	struct journey_count counted[STEPS], logged[STEPS];
	__u32 saddr;		/* as the output list saw it; core alone */
};

/* what a list decides; a rule's index, or: */
#define FORCE_POLICY (-1)

struct journey_force {
	__s32 rule[FW_ACCT];
	/* accounting, by rule: bits 1 << enum fw_direction, in which it matches and counts */
	const __u8 *counts;
	/* by the plan's chains: lists, whose rules without conditions are compared, too */
	const bool *is_list;
};

struct journey {
	const struct fw_ruleset *rules;
	const struct journey_packet *packet;
	const struct plan *plan;	/* for what is not exact, and its marks */
	const struct journey_force *force;	/* NULL: packets are compared with rules */
	/* called, if set, for each chain of the plan that the packet enters */
	void (*entered)(void *ctx, const struct journey *j, const struct plan_chain *chain,
			const struct plan_packet *pp);
	void *ctx;
	enum plan_hook hook;	/* of the plan, where the packet is */
	/* bit n: list n was asked about rules; FW_ACCT + enum fw_direction: likewise */
	__u32 asked;
	bool inexact;		/* a rule or policy that is not exact took part */
	__u32 mark;		/* plan: what another program has set last */
	unsigned int marks;	/* how often */
	bool leaked;		/* marks: ours left the host, or others changed */
	bool mislogged;		/* a line does not begin as in 2.0 */
	struct journey_end end;
};

void journey_by_core(struct journey *j);
void journey_by_plan(struct journey *j);

/* NULL if they agree, else what differs */
const char *journey_difference(const struct journey *core, const struct journey *plan);

const char *journey_step_name(enum journey_step step);

#endif
