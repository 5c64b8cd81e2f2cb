/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * plan.h - a rule set as tables, chains, matches and actions of netfilter; nothing
 * textual and nothing of a library.
 *
 * A lowering makes a plan from a rule set and the interfaces; emitters write it
 * as nft text, iptables-save text or netlink; the evaluator walks packets
 * through it, which is how a lowering is proved against the core.
 *
 * A rule with several conditions of one type needs all of them to hold.  What
 * looks behind the IP header is false for later fragments, inverted or not.
 * An xtables rule has one action at most besides PLAN_A_COUNTER.  A rule set's rule
 * has counted what all plan rules of its origin with PLAN_A_COUNTER have.
 *
 * All memory of a plan is one obstack, which plan_free() frees.
 */
#ifndef BACKEND_PLAN_H
#define BACKEND_PLAN_H

#include <obstack.h>
#include <stddef.h>

#include "kmod/core/list.h"

enum plan_target { PLAN_NFT, PLAN_XTABLES };

enum plan_hook {
	PLAN_PREROUTING,
	PLAN_INPUT,
	PLAN_FORWARD,
	PLAN_OUTPUT,
	PLAN_POSTROUTING,
	PLAN_HOOKS,		/* number of them; also: a chain without a hook */
};

/* the words of nft, and the built-in chains of iptables */
extern const char *const plan_hook_names[PLAN_HOOKS], *const plan_hook_chains[PLAN_HOOKS];
/* PLAN_HOOKS: it is none of these words */
enum plan_hook plan_hook_find(const char *const words[PLAN_HOOKS], const char *word);

enum plan_match_type {
	PLAN_M_NEVER,		/* holds for no packet */
	PLAN_M_SADDR,		/* (address & bits.mask) == bits.value */
	PLAN_M_DADDR,
	PLAN_M_PROTO,		/* ranges */
	PLAN_M_SPORT,		/* ranges; false for later fragments */
	PLAN_M_DPORT,
	PLAN_M_ICMP_TYPE,	/* ranges; false for later fragments */
	PLAN_M_TCP_FLAGS,	/* bits; false for later fragments */
	PLAN_M_IIFNAME,		/* names: one of them */
	PLAN_M_OIFNAME,
	PLAN_M_CT_STATE,	/* bits.value: FW_STATE_* set, one of them */
	PLAN_M_CT_STATUS_SNAT,	/* the connection's source is translated */
	PLAN_M_CT_STATUS_DNAT,	/* its destination is */
	PLAN_M_CT_STATUS_EXPECTED,	/* a helper had foreseen the connection */
	PLAN_M_CT_STATUS_CONFIRMED,	/* its first packet has left or arrived */
	PLAN_M_CT_REPLY,	/* the packet goes in reply direction */
	PLAN_M_CT_ORIG_DADDR,	/* bits: where its first packet went (xtables) */
	PLAN_M_CT_ORIG_DPORT,	/* one range, likewise (xtables) */
	PLAN_M_CT_MARK,		/* bits */
	PLAN_M_MARK,		/* bits */
	PLAN_M_FRAGMENT,	/* a later fragment (offset not 0) */
	PLAN_M_FRAGMENT_AT_1,	/* offset is 8 bytes */
	PLAN_M_SHORT,		/* total length < header length + bits.value */
	PLAN_M_PLAIN,		/* no IP options, total length >= PLAN_IP_HEADER
				   + bits.value; never inverted */
	PLAN_M_DSCP,		/* bits over the six upper TOS bits, shifted down */
	PLAN_M_ECN,		/* bits over the two lower TOS bits */
	PLAN_M_LOCAL,		/* the destination is an address of this host */
	PLAN_M_TURN,		/* turn; never inverted */
};

#define PLAN_IP_HEADER 20	/* bytes of a header without options */

struct plan_range {
	__u16 lo, hi;
};

struct plan_match {
	enum plan_match_type type;
	bool invert;		/* holds when the condition does not */
	union {
		struct { __u32 value, mask; } bits;
		struct { const struct plan_range *item; __u32 count; } ranges;
		struct { const char *const *item; __u32 count; } names;
		/*
		 * The packets that are asked are counted from 0.  Holds for those whose
		 * number modulo `of' is not among `lo' to `hi'.
		 */
		struct { __u32 of, lo, hi; } turn;
	};
};

enum plan_action_type {
	PLAN_A_COUNTER,		/* counts; the plan rule's packets and bytes */
	PLAN_A_LOG,		/* text: prefix; log_group */
	PLAN_A_TOS,		/* bits: tos = (tos & mask) ^ value (xtables) */
	PLAN_A_DSCP,		/* bits.value, already shifted down (nft) */
	PLAN_A_ECN,		/* bits.value */
	PLAN_A_MARK,		/* bits: mark = (mark & ~mask) | value */
	PLAN_A_CT_MARK,		/* bits, likewise for the connection */
	PLAN_A_HELPER,		/* text: plan_helper.name (nft) or .type (xtables) */
	PLAN_A_TIMEOUT,		/* text: plan_timeout.name (nft) */
	/* the rest ends a rule; at most one, last */
	PLAN_A_ACCEPT,
	PLAN_A_DROP,
	PLAN_A_REJECT,		/* bits.value: ICMP unreachable code 1 or 3 */
	PLAN_A_RETURN,
	PLAN_A_JUMP,		/* chain */
	PLAN_A_GOTO,		/* chain */
	PLAN_A_REDIRECT,	/* bits.value: port, 0 = the packet's own */
	PLAN_A_MASQUERADE,	/* range: ports, 0-0 = any */
	PLAN_A_DNAT,		/* to: port 0 = the packet's own */
};

struct plan_action {
	enum plan_action_type type;
	__u16 log_group;	/* of NFLOG; 0: the kernel's own log */
	union {
		struct { __u32 value, mask; } bits;
		struct plan_range range;
		const char *text;
		const struct plan_chain *chain;
		struct { __u32 addr; __u16 port; } to;
	};
};

#define PLAN_ORIGIN_POLICY (-1)	/* a list's default policy */
#define PLAN_ORIGIN_GLUE (-2)	/* what carries verdicts from hook to hook */
#define PLAN_ORIGIN_PORTFW (-3)	/* forward n: this - n */

struct plan_rule {
	struct plan_rule *next;
	const struct plan_match *match;
	const struct plan_action *action;
	__u16 nmatches, nactions;
	__u8 list;		/* enum fw_list_id of the origin */
	bool is_lead;		/* the rules after it have its origin and its comment */
	__s32 origin;		/* index there, or PLAN_ORIGIN_* */
	const char *comment;	/* glue and policy: what it is for; may be NULL */
	__u64 packets, bytes;	/* where PLAN_A_COUNTER starts */
};

/* The index of the forward that a plan rule belongs to, -1 if it is none's. */
static inline __s32 plan_rule_forward(const struct plan_rule *r)
{
	return r->origin <= PLAN_ORIGIN_PORTFW ? PLAN_ORIGIN_PORTFW - r->origin : -1;
}

struct plan_chain {
	struct plan_chain *next;
	struct plan_chain *next_base;	/* of the same hook, by priority */
	const char *name;
	const char *table;	/* xtables: raw, mangle, nat, filter; nft: NULL */
	const char *type;	/* base chain, nft: "filter" or "nat" */
	enum plan_hook hook;	/* PLAN_HOOKS: reached by jump and goto only */
	int priority;		/* netfilter's number; orders chains of a hook */
	struct plan_rule *rules, **tail;
	__u32 nrules;
	__u32 id;		/* its place among the plan's chains */
};

enum plan_exactness { PLAN_EXACT, PLAN_APPROXIMATE, PLAN_IMPOSSIBLE };

/* what became of one ipfwadm rule, or of a list's policy */
struct plan_report {
	enum plan_exactness exactness;
	const char *reason;	/* when not exact: what differs, without full stop */
	bool passes_more;	/* some packets pass that would not pass the rule */
};

/* a connection tracking helper for one protocol */
struct plan_helper {
	__u8 helper, proto;	/* enum fw_helper_id; FW_PROTO_TCP or FW_PROTO_UDP */
	const char *name;	/* nft: of the object, "sip-udp" */
	const char *type;	/* what the kernel calls it */
};

/* states of connections in which they have timeouts, in the kernel's order */
enum {
	PLAN_TCP_SYN_SENT,
	PLAN_TCP_SYN_RECV,
	PLAN_TCP_ESTABLISHED,
	PLAN_TCP_FIN_WAIT,
	PLAN_TCP_CLOSE_WAIT,
	PLAN_TCP_LAST_ACK,	/* both sides have closed */
	PLAN_TCP_TIME_WAIT,
	PLAN_TCP_CLOSE,		/* reset */
	PLAN_TCP_SYN_SENT2,
	PLAN_TCP_RETRANS,
	PLAN_TCP_UNACK,
	PLAN_TCP_STATES,

	PLAN_UDP_UNREPLIED = 0,
	PLAN_UDP_REPLIED,
	PLAN_UDP_STATES,
};

/* timeouts for connections of one protocol (nft) */
struct plan_timeout {
	__u8 proto;		/* FW_PROTO_TCP or FW_PROTO_UDP */
	const char *name;	/* of the object; others have another one */
	__u32 seconds[PLAN_TCP_STATES];	/* UDP: fewer */
};

static inline unsigned int plan_timeout_states(const struct plan_timeout *t)
{
	return t->proto == FW_PROTO_TCP ? PLAN_TCP_STATES : PLAN_UDP_STATES;
}

/*
 * Parts of the mark mask.  What a list decided is carried by the mark of the connection,
 * because another program may set any bit of the packet's at any hook; bits that came to
 * nothing are cleared where the connection's next packet enters.  Only xtables has to
 * carry a rejection to another table, and nft to the end of a base chain: these are
 * values of the whole mask, which no bit of another program makes up, and the packet is
 * dropped in either case.
 */
struct plan_marks {
	/* of the connection */
	__u32 masquerade;	/* its source is or will be translated */
	__u32 pending;		/* a rule remembers it if this packet passes every list */
	__u32 keep;		/* a rule remembered it */
	__u32 forwarded;	/* its destination is translated by a port forward */
	__u32 redirect;		/* several bits: number of the redirect port, from 1 */
	/* of the packet */
	__u32 reject;		/* answer with host unreachable, and drop */
	__u32 reject_port;	/* likewise with port unreachable (xtables) */
};

struct plan_marks plan_marks_of(__u32 mark_mask);

/* what glue a rule set needs between its lists */
enum {
	PLAN_MASQUERADES = 1 << 0,
	PLAN_REDIRECTS = 1 << 1,
	PLAN_KEEPS = 1 << 2,	/* a rule has connections remembered */
	PLAN_HONOURS = 1 << 3,	/* remembered connections pass */
	/* what masquerading does without, because the kernel has no module for it */
	PLAN_LACKS_FTP = 1 << 4,
	PLAN_LACKS_IRC = 1 << 5,
	PLAN_PORTFW = 1 << 6,	/* ports are forwarded */
};

/* Does netfilter, too, have this helper of masquerading? */
bool plan_netfilter_helps(unsigned int helper);

/* The helpers that these say are missing: bits 1 << enum fw_helper_id. */
__u32 plan_helpers_missing(__u32 needs);

struct plan {
	enum plan_target target;
	__u32 needs;		/* PLAN_MASQUERADES and so on */
	struct plan_chain *chains, **tail;	/* in the order to be written */
	__u32 nchains;
	struct plan_chain *base[PLAN_HOOKS];	/* those with a hook, by priority */
	__u32 mark_mask;	/* our bits of the packet and connection mark */
	struct plan_marks marks;	/* parts of mark_mask */
	__u16 log_group;	/* of what logs; 0: the kernel's own log */
	/* helpers used by a rule, to be declared before the chains */
	struct plan_helper helpers[2 * FW_HELPERS];
	__u32 nhelpers;
	/* likewise timeouts, one for each protocol at most */
	struct plan_timeout timeouts[2];
	__u32 ntimeouts;
	struct plan_report *report[FW_LISTS];	/* per rule */
	struct plan_report policy_report[FW_LISTS];
	__u32 nreports[FW_LISTS];
	struct plan_report *portfw_report;	/* per forward */
	__u32 nportfw;
	struct obstack memory;
};

/* Can the target, and its text, match this interface name and nothing else? */
bool plan_name_ok(enum plan_target target, const char *name);

/* one block of at least 16 bits */
static inline bool plan_mark_mask_valid(__u32 mask)
{
	return !(mask & (mask + (mask & -mask))) && __builtin_popcount(mask) >= 16;
}

#define PLAN_LOCAL_OUTPUT "local-output"	/* nft: a chain that every plan has */

struct plan_options {
	const struct fw_dev *devs;	/* interfaces and their addresses */
	__u32 ndevs;
	__u32 mark_mask;		/* contiguous, at least 16 bits */
	__u16 log_group;		/* of NFLOG; 0: the kernel's own log */
	/* needs of connections that rules which are gone remembered */
	__u32 lasting;
	/* helpers that the kernel has no module for: bits 1 << enum fw_helper_id */
	__u32 helpers_missing;
	bool is_text;			/* nothing follows addresses that change */
	/* by rule: what the names of its chains contain; NULL: its index and 1 */
	const __s32 *number[FW_LISTS];
};

/* Why netfilter cannot carry out a forward, without full stop; NULL if it can. */
const char *plan_portfw_refusal(const struct fw_portfw *f);
#define PLAN_PORTFW_ELSEWHERE ", use --backend kmod or sim"	/* to go on with */

/*
 * Does forward i, by its connections, move behind a later one that takes some of its packets
 * without taking turns with it?
 */
bool plan_portfw_moves(const struct fw_portfw_table *t, __u32 i);

/* What do rules need by themselves? */
__u32 plan_needs_of(const struct fw_ruleset *rs);

/* What of a plan's needs outlives its rules?  All that its connections go through. */
static inline __u32 plan_needs_lasting(__u32 needs)
{
	__u32 remembered = PLAN_MASQUERADES | PLAN_REDIRECTS | PLAN_HONOURS;

	return (needs & PLAN_HONOURS ? needs & remembered : 0) | (needs & PLAN_PORTFW);
}

/*
 * Lower a rule set.  The rules must outlive the plan.  Returns NULL only when
 * memory is exhausted.  A rule that cannot be expressed is reported as
 * impossible and has no plan rules; nothing is ever weakened in silence.
 */
struct plan *plan_lower_nft(const struct fw_ruleset *rs, const struct plan_options *o);
struct plan *plan_lower_xtables(const struct fw_ruleset *rs, const struct plan_options *o);
void plan_free(struct plan *p);

/*
 * Returns note n, from 0 on, about a rule: a sentence without full stop on how the states
 * of nf_conntrack differ from ours, or NULL.  These differences concern packets that are
 * forged, damaged or rare, so the rule remains exact.
 */
const char *plan_note(const struct fw_rule *r, unsigned int n);

#endif
