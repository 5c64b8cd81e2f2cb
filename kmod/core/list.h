/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * list.h - lists of rules, rule sets and their edits.
 *
 * The caller owns the array of a list and enlarges it.  The array has room at both
 * ends because 2.0 inserts at the head only.  The core takes no locks: a caller that
 * shares a list protects it.
 */
#ifndef FW_LIST_H
#define FW_LIST_H

#include "kmod/core/portfw.h"

struct fw_classifier;

struct fw_list {
	struct fw_rule *slots;	/* cap of them; rule i is slots[first + i] */
	struct fw_match *match;	/* the matched parts alone, in place of slots; or NULL */
	/*
	 * For each slot the index of the interface that the rule is bound to by -W, which
	 * may change at any time.  0: the interface is not up, so the rule matches nothing.
	 * NULL: the list, or the rule, is not bound.
	 */
	const volatile int **bound;
	__u32 cap, first, count;
	__u32 policy;		/* FW_POLICY_*, but stored unchecked as in 2.0 */
	/*
	 * Finds those of the rules from classified_first on that may match a packet; NULL:
	 * all are tried.  The caller owns it, see classify.h.
	 */
	const struct fw_classifier *classifier;
	__u32 classified_first;
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
	struct fw_portfw_table portfw;
	bool denies_ipv6;	/* the gate for IPv6, which the lists do not see, is closed */
};

static inline struct fw_rule *fw_list_rule(const struct fw_list *l, __u32 i)
{
	return &l->slots[l->first + i];
}

/* the matched part of rule i */
static inline const struct fw_match *fw_list_match(const struct fw_list *l, __u32 i)
{
	return l->match ? &l->match[l->first + i] : &l->slots[l->first + i].match;
}

/*
 * Append and insert store a prepared copy of a rule that the caller has checked.
 * They return 0, or -ENOSPC if the array has no free slot at that end: the caller
 * enlarges it and tries again.  Delete removes the first equal rule; it returns
 * -EINVAL if there is none.
 */
int fw_list_append(struct fw_list *l, const struct fw_rule *r);
int fw_list_insert(struct fw_list *l, const struct fw_rule *r);
int fw_list_delete(struct fw_list *l, const struct fw_rule *r);
void fw_list_flush(struct fw_list *l);
void fw_list_zero(struct fw_list *l);

/* one change of a rule set: resolve makes it, backends carry it out */
enum fw_op {
	FW_OP_APPEND,
	FW_OP_INSERT,
	FW_OP_DELETE,
	FW_OP_FLUSH,
	FW_OP_ZERO,
	FW_OP_POLICY,
	FW_OP_TIMEOUTS,		/* a member that is 0 stays as it is */
	FW_OP_PORTFW,
	FW_OP_IPV6,		/* policy: deny or accept, of the gate for IPv6 */
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
		struct fw_portfw_edit portfw;
	};
};

#endif
