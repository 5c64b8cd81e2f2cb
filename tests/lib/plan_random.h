/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * plan_random.h - random interfaces, rule sets and packets, all from one seed.
 */
#ifndef TESTS_LIB_PLAN_RANDOM_H
#define TESTS_LIB_PLAN_RANDOM_H

#include "kmod/core/list.h"
#include "tests/lib/random.h"

#define RANDOM_DEVS	6
#define RANDOM_RULES	10

/* a host with its rules */
struct random_set {
	struct fw_dev dev[RANDOM_DEVS];
	__u32 ndevs;
	struct fw_rule slot[FW_LISTS][RANDOM_RULES];
	struct fw_ruleset rules;
	__u32 mark_mask;	/* what the plan may use */
	bool masquerades, redirects, keeps;
};

void random_set_make(struct random_set *s, struct random *r);

/* the ways a packet can take through a host */
enum random_way {
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

static inline bool way_is_local(enum random_way way)
{
	return way == WAY_LOCAL_OUT || way == WAY_PROXY;
}

/* to the inside of a masqueraded connection */
static inline bool way_is_inward(enum random_way way)
{
	return way == WAY_REPLY || way == WAY_DATA || way == WAY_ASKED;
}

/* a packet, where it comes from and leads to, and what will be translated */
#define RANDOM_MARKS 5

struct random_packet {
	enum random_way way;
	struct fw_packet pkt;
	const struct fw_dev *in;	/* as the wire has it; NULL: sent by the host */
	const struct fw_dev *alias;	/* as 2.0's input list has it */
	const struct fw_dev *out;	/* NULL: delivered here */
	__u32 ct_mark;			/* bits of other programs, outside of our mask */
	__u32 mark[RANDOM_MARKS];	/* what they set, hook by hook, anywhere */
	__u16 masq_port;
	__u32 inner_addr;		/* WAY_REPLY: where it is going; WAY_PROXY: from */
	__u16 inner_port;
};

void random_packet_make(struct random_packet *p, const struct random_set *s,
			struct random *r);

#endif
