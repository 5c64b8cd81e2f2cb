/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * effect.h - what a rule or a policy does to the packets that it decides, as a value.
 *
 * Two effects are equal if no packet shows a difference, with one exception: a redirect
 * to port 0 goes to the packet's own destination port, so it equals one to port P for
 * packets to P.
 */
#ifndef BACKEND_EFFECT_H
#define BACKEND_EFFECT_H

#include "backend/analysis/cube.h"
#include "kmod/core/hook.h"

/* what is compared; each level includes those before it */
enum effect_level {
	EFFECT_VERDICT,		/* accepted, denied, rejected, redirected, masqueraded */
	EFFECT_PACKET,		/* TOS, redirect port, --keep-state, --helper */
	EFFECT_LOG,		/* -o */
	EFFECT_COUNTERS,	/* which rule counts */
	EFFECT_LEVELS,
};

/* Values that the level does not include are 0. */
struct effect {
	enum fw_action action;
	bool log;
	__u8 tosand, tosxor, keep_state, helper;
	__u16 redirport;	/* also of a destination that is translated */
	__u32 daddr, saddr;	/* translated to; 0: the host's own */
	__u32 counter;		/* rules of one number are the same rule; 0: a policy */
};

struct effect effect_of_rule(enum fw_list_id list, const struct fw_match *m, __u32 counter,
			     enum effect_level level);
struct effect effect_of_policy(enum fw_list_id list, __u32 policy);

bool effect_equal(const struct effect *a, const struct effect *b);

/* The effect on a packet to that port. */
struct effect effect_for_port(struct effect e, __u16 dport);

/* The parts of y whose packets are treated differently by a and b: their number. */
unsigned int effect_parts(const struct effect *a, const struct effect *b, const struct cube *y,
			  struct cube part[2]);

#endif
