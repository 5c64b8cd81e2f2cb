/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * match.h - the walk of a packet through a list, and the decision at its end.
 */
#ifndef FW_MATCH_H
#define FW_MATCH_H

#include "kmod/core/list.h"

enum fw_verdict {
	FW_V_DENY,
	FW_V_ACCEPT,
	FW_V_REJECT,
	FW_V_REDIRECT,
	FW_V_MASQUERADE,
};

/* the reason of a verdict */
enum fw_by {
	FW_BY_NONE,		/* accounting: no verdict */
	FW_BY_EARLY,		/* fragments and short packets, before any rule */
	FW_BY_STATE,		/* the connection was kept by an earlier rule */
	FW_BY_RULE,
	FW_BY_POLICY,
};

struct fw_decision {
	enum fw_verdict verdict;
	enum fw_by by;
	__s32 rule;		/* index, -1 if no rule; accounting: the first */
	__u8 tos;		/* of the packet after the list */
	__u16 redirport;	/* effective port of FW_V_REDIRECT in the input list */
};

enum fw_direction {
	FW_DIR_IN,
	FW_DIR_OUT,
};

/*
 * Called for every rule that matches, before the rule counts the packet; pkt still
 * has its old TOS.
 */
typedef void (*fw_match_fn)(void *ctx, const struct fw_match *m, __u32 index,
			    const struct fw_packet *pkt);

struct fw_walk {
	enum fw_list_id list;
	enum fw_direction direction;	/* accounting only */
	bool count;			/* matching rules count pkt; l has whole rules */
	const struct fw_dev *dev;	/* input: receiving, else outgoing; NULL: none */
	fw_match_fn on_match;		/* may be NULL */
	void *ctx;
};

/*
 * Walks pkt through l.  In the accounting list every matching rule counts and the
 * verdict is accept; in the others the first match decides, else the policy.  pkt
 * does not change: the caller stores d->tos in it.
 */
void fw_list_walk(struct fw_list *l, const struct fw_walk *w, const struct fw_packet *pkt,
		  struct fw_decision *d);

#endif
