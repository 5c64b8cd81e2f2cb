/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * list.h - a list of rules: edit it, walk a packet through it.
 *
 * A list lives in an array that the caller owns and enlarges; there is room to
 * grow at both ends, since 2.0 inserts at the head only.  The core takes no
 * locks: whoever shares a list protects it.
 */
#ifndef FW_LIST_H
#define FW_LIST_H

#include "kmod/core/packet.h"

struct fw_list {
	struct fw_rule *slots;	/* cap of them; rule i is slots[first + i] */
	__u32 cap, first, count;
	__u32 policy;		/* FW_POLICY_*, but stored unchecked as in 2.0 */
};

struct fw_timeouts {
	__u32 tcp, tcpfin, udp;	/* seconds */
};

#define FW_TIMEOUT_TCP		(15 * 60)
#define FW_TIMEOUT_TCPFIN	(2 * 60)
#define FW_TIMEOUT_UDP		(5 * 60)
#define FW_TIMEOUT_ICMP		125

struct fw_ruleset {
	struct fw_list list[FW_LISTS];
	struct fw_timeouts timeouts;
};

static inline struct fw_rule *fw_list_rule(const struct fw_list *l, __u32 i)
{
	return &l->slots[l->first + i];
}

/*
 * Edits.  Append and insert store a prepared copy and return -ENOSPC when the
 * array has no free slot at that end: the caller makes room and tries again.
 * The caller has checked the rule.  Delete removes the first equal rule,
 * -EINVAL if there is none.
 */
int fw_list_append(struct fw_list *l, const struct fw_rule *r);
int fw_list_insert(struct fw_list *l, const struct fw_rule *r);
int fw_list_delete(struct fw_list *l, const struct fw_rule *r);
void fw_list_flush(struct fw_list *l);
void fw_list_zero(struct fw_list *l);

/* one change of a rule set, as resolve makes it and backends carry it out */
enum fw_op {
	FW_OP_APPEND,
	FW_OP_INSERT,
	FW_OP_DELETE,
	FW_OP_FLUSH,
	FW_OP_ZERO,
	FW_OP_POLICY,
	FW_OP_TIMEOUTS,		/* a member that is 0 stays as it is */
};

struct fw_edit {
	enum fw_op op;
	enum fw_list_id list;
	__u32 origin;		/* the front end's own: which command it came from */
	bool counters;		/* append/insert: keep rule.pcnt and rule.bcnt */
	union {
		struct fw_rule rule;
		__u32 policy;
		struct fw_timeouts timeouts;
	};
};

/* how a list is walked */
enum fw_mode {
	FW_MODE_FIREWALL,	/* first match decides and counts */
	FW_MODE_CHECK,		/* the same without counting */
	FW_MODE_ACCT_IN,	/* every match counts, the verdict is accept */
	FW_MODE_ACCT_OUT,
};

enum fw_verdict {
	FW_V_DENY,
	FW_V_ACCEPT,
	FW_V_REJECT,
	FW_V_REDIRECT,
	FW_V_MASQUERADE,
};

/* who decided */
enum fw_by {
	FW_BY_NONE,		/* accounting: nobody */
	FW_BY_EARLY,		/* fragments and short packets, before any rule */
	FW_BY_STATE,		/* the connection was kept by an earlier rule */
	FW_BY_RULE,
	FW_BY_POLICY,
};

struct fw_decision {
	enum fw_verdict verdict;
	enum fw_by by;
	__s32 rule;		/* index, -1 if no rule; accounting: the first */
	__u8 tos;		/* the packet's TOS afterwards */
	__u16 redirport;	/* effective port of FW_V_REDIRECT in the input list */
};

/*
 * Called for every rule that matches, before it counts; pkt still has its old
 * TOS.  May be NULL.
 */
typedef void (*fw_match_fn)(void *ctx, const struct fw_rule *r, __u32 index,
			    const struct fw_packet *pkt);

/*
 * Walks pkt through list, which is list number id.  dev is the device of the
 * list (input: receiving, forward and output: outgoing), NULL if there is none.
 * pkt itself stays as it is; the caller puts decision.tos into it.
 */
void fw_list_walk(struct fw_list *l, enum fw_list_id id, enum fw_mode mode,
		  const struct fw_packet *pkt, const struct fw_dev *dev,
		  fw_match_fn matched, void *ctx, struct fw_decision *d);

/* The same, but no rule counts: for those who only want to know. */
void fw_list_look(struct fw_list *l, enum fw_list_id id, enum fw_mode mode,
		  const struct fw_packet *pkt, const struct fw_dev *dev,
		  fw_match_fn matched, void *ctx, struct fw_decision *d);

/* Does the rule match, the decisions before any rule left aside? */
bool fw_rule_match(const struct fw_rule *r, const struct fw_packet *pkt,
		   const struct fw_dev *dev, enum fw_mode mode);

#endif
