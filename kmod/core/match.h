/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * match.h - the walk of a packet through a list, and the decision at its end.
 *
 * The packet filter of the core is the one of ip_fw_chk() in Linux 2.0 with states of
 * connections.  The module and the simulated host compile the same files:
 *
 *	rule.h	a rule, its validity and equality
 *	list.h	lists of rules, rule sets, their edits
 *	view.h	does one rule match a packet?
 *	match.h	which rule of a list decides, and which rules count
 *	classify.h	which rules of a long list may match
 *	hook.h	what the verdict of a list means at its hook
 *	show.h	log lines and /proc lines of 2.0
 *	names.h	the words of the language
 *
 * All of it computes values from values.  It allocates nothing, takes no lock and reads
 * no clock.  The caller (the host) owns lists and packets and protects them: the module
 * by RCU, since a published list never changes except for the interface indices in
 * fw_list.bound, which are single loads; user space has one thread.
 *
 * A host stores whole rules (fw_list.slots) or only their matched parts
 * (fw_list.match).  Whole rules can count packets themselves (fw_walk.count).  The
 * module stores the matched parts and counts per CPU in on_match.
 *
 * Walk: packets that are decided before any rule (fragments, short packets), then kept
 * connections, then the rules in order, then the policy.  The accounting list counts in
 * every matching rule and decides nothing.
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
	/* what an accepting rule asks for the packet's connection */
	bool keep_state;
	__u8 helper;		/* enum fw_helper_id */
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
