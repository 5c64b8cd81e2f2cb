/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * traversal.h - one packet's whole path through a host, decided by the core and by a plan.
 *
 * The core's lists are asked in the order of 2.0, and what netfilter does between its
 * hooks (translating addresses) is done to the packet as the path says.  Both have the
 * same result, or the plan is wrong.
 *
 * Decisions may be forced: the rules of a list are then not compared with the packet, but
 * the rule that is named decides.  A proof walks few packets so, with every decision that
 * lists can make, and compares rules with packets elsewhere.
 */
#ifndef BACKEND_TRAVERSAL_H
#define BACKEND_TRAVERSAL_H

#include "backend/plan/plan_eval.h"
#include "kmod/core/match.h"

/* the paths a packet can take through a host */
enum packet_path {
	PATH_FORWARDED,
	PATH_LOCAL_IN,
	PATH_LOCAL_OUT,
	PATH_PROXY,	/* the host answers to a redirected connection */
	PATH_REPLY,	/* to a masqueraded connection: forwarded to the inside */
	PATH_DATA,	/* for the inside, because a helper expects it */
	PATH_ASKED,	/* reply to what the inside began and a helper expected */
	PATH_ERROR,	/* an ICMP error from the inside about such a connection */
	PATH_KEPT,	/* later packet of such a connection that --keep-state keeps */
	PATH_CLIENT,	/* later packet to a forwarded port, or error about an answer */
	PATH_ANSWER,	/* from the target of a forwarded port, or error of the inside */
	PATHS,
};

static inline bool path_is_local(enum packet_path path)
{
	return path == PATH_LOCAL_OUT || path == PATH_PROXY;
}

/* to the inside of a masqueraded or forwarded connection */
static inline bool path_is_inward(enum packet_path path)
{
	return path == PATH_REPLY || path == PATH_DATA || path == PATH_ASKED ||
	       path == PATH_CLIENT;
}

/* of a connection to a forwarded port that has begun */
static inline bool path_is_forwarded(enum packet_path path)
{
	return path == PATH_CLIENT || path == PATH_ANSWER;
}

/* of a connection that the forward list masqueraded, or of one that a helper expects */
static inline bool path_is_masqueraded(enum packet_path path)
{
	return path >= PATH_REPLY && path <= PATH_KEPT;
}

static inline bool dev_is_loopback(const struct fw_dev *dev)
{
	return dev->addr >> 24 == 127;
}

/* priority of chains at which destinations are translated */
#define TRAVERSAL_DNAT (-100)
#define TRAVERSAL_MARKS 5

/* a packet, where it comes from and leads to, and what will be translated */
struct traversal_packet {
	enum packet_path path;
	struct fw_packet pkt;
	const struct fw_dev *in;	/* as the wire has it; NULL: sent by the host */
	const struct fw_dev *alias;	/* as 2.0's input list has it */
	const struct fw_dev *out;	/* NULL: delivered here, and no port is forwarded */
	__u32 ct_mark;			/* bits of other programs, outside of our mask */
	__u32 mark[TRAVERSAL_MARKS];	/* what they set, hook by hook, anywhere */
	__u16 masq_port;
	/* where it is going; PATH_PROXY, PATH_ANSWER: where it seems to come from */
	__u32 inner_addr;
	__u16 inner_port;
};

/* where rules count */
enum traversal_step {
	STEP_ACCT_IN,
	STEP_INPUT,
	STEP_FORWARD,
	STEP_OUTPUT,
	STEP_ACCT_OUT,
	STEPS,
};

/* rules that matched in a step; a sum that tells any two sets of rules apart */
struct traversal_count {
	__u32 times;
	__s32 rule;		/* the last one */
	__u64 sum;
};

struct traversal_end {
	enum plan_verdict verdict;
	__u8 reject_code;
	__u8 tos;		/* of a packet that is not dropped */
	bool redirected;
	__u16 redirport;	/* the effective one; TCP and UDP only */
	bool masqueraded;
	__u32 forward;		/* number of the port forward that it begins a connection by,
				   from 1; 0: none */
	__u32 forward_addr;
	__u16 forward_port;
	bool answered;		/* PATH_ANSWER: it has the address that the client asked for */
	bool kept;		/* its connection is remembered afterwards */
	/* its connection, if it is new, gets */
	bool helped;		/* the helper that 2.0 had for it, or that of a rule */
	bool timed;		/* the timeouts of masqueraded ones (nft) */
	struct traversal_count counted[STEPS], logged[STEPS];
	__u32 saddr;		/* as the output list saw it; core alone */
};

/* what a list decides; a rule's index, or: */
#define FORCE_POLICY (-1)

struct traversal_force {
	__s32 rule[FW_ACCT];
	/* accounting, by rule: bits 1 << enum fw_direction, in which it matches and counts */
	const __u8 *counts;
	/* by the plan's chains: lists, whose rules without conditions are compared, too */
	const bool *is_list;
};

struct traversal {
	const struct fw_ruleset *rules;
	const struct traversal_packet *packet;
	const struct plan *plan;	/* for what is not exact, and its marks */
	const struct traversal_force *force;	/* NULL: packets are compared with rules */
	/* the rules' port forwards after some connections; NULL: as they are */
	const struct fw_portfw_table *forwards;
	/* called, if set, for the number of the packet among those that a rule of a turn asks */
	__u32 (*turn)(void *ctx, const struct plan_rule *r);
	/* called, if set, for each chain of the plan that the packet enters */
	void (*entered)(void *ctx, const struct traversal *tr, const struct plan_chain *chain,
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
	struct traversal_end end;
};

void traversal_by_core(struct traversal *tr);
void traversal_by_plan(struct traversal *tr);

/* NULL if they agree, else what differs */
const char *traversal_difference(const struct traversal *core, const struct traversal *plan);

const char *traversal_step_name(enum traversal_step step);

#endif
