/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * glue.h - the chains between the lists, as tables of rows.
 *
 * A list of 2.0 is one chain of the plan.  Glue is everything else: base chains,
 * what 2.0 decided before any rule, and the chains that carry a verdict from one
 * hook to another.  A target has one table of chains and one table of rows, in
 * the order of the plan; a row appends one rule to each of its chains.
 *
 * A row is used if the rule set needs all that the row is for and something that its
 * chain is for.  A chain is added to the plan where the first row uses it or jumps to
 * it.  Marks have names here, because their values depend on the mask that is configured.
 */
#ifndef BACKEND_PLAN_GLUE_H
#define BACKEND_PLAN_GLUE_H

#include "backend/plan/plan.h"

struct lower;

/* What a rule set needs of the glue; the lower eight bits are PLAN_MASQUERADES and so on. */
enum glue_need {
	ALWAYS = 0,
	MASQUERADES = PLAN_MASQUERADES,
	REDIRECTS = PLAN_REDIRECTS,
	KEEPS = PLAN_KEEPS,
	HONOURS = PLAN_HONOURS,
	PORTFW = PLAN_PORTFW,
	INPUT_REJECTS = 1 << 8,
	FORWARD_REJECTS = 1 << 9,
	OUTPUT_REJECTS = 1 << 10,
	ACCT_IN = 1 << 11,	/* accounting rules for incoming packets */
	ACCT_OUT = 1 << 12,
	ACCT_ANY = 1 << 13,	/* rules that mean the same in both directions */
	ACCT_TRACKED = 1 << 14,	/* nft: incoming, by connection state */
	ACCT_MASQ = 1 << 15,	/* xtables: outgoing, to be masqueraded */
	ACCT_ANSWERS = 1 << 16,	/* xtables: outgoing, of forwarded connections */
	HAS_HELPERS = 1 << 17,	/* xtables: rules with --helper */
	OUTPUT_HELPERS = 1 << 18,	/* xtables: likewise in the output list */
	TRANSLATES = 1 << 19,	/* masquerades or redirects */
};

/* values of the packet mark or of the connection mark; see struct plan_marks */
enum glue_mark {
	MARK_NONE,
	MARK_REJECT,
	MARK_REJECT_PORT,
	MARK_MASQUERADE,
	MARK_PENDING,
	MARK_KEEP,
	MARK_FORWARDED,
	MARK_REMEMBER,		/* keep in place of pending */
	MARK_REDIRECT,		/* the number of any redirect port */
	MARK_PORT,		/* that of the port that is current */
	MARK_TRANSLATE,		/* masquerade, and the number of any redirect port */
	GLUE_MARKS,
};

struct glue_mark_bits {
	__u32 value, mask;
};

struct glue_chain {
	const char *name;
	__u32 needs;		/* used for any of these; 0: always */
	const char *table;	/* xtables; NULL: mangle */
	const char *type;	/* nft, base chain: "filter" or "nat" */
	__u32 hooks;		/* nft: of a base chain; xtables: that call it */
	int priority;
};

/* With a mark, value 1 of a match or action is the mark's, 0 is none of its bits. */
struct glue_match {
	struct plan_match is;	/* PLAN_M_NEVER: no more matches */
	enum glue_mark mark;
};

struct glue_action {
	enum plan_action_type type;	/* PLAN_A_COUNTER: no more actions */
	__u32 value;
	enum glue_mark mark;
	unsigned int chain;
};

#define GLUE_MATCHES 5
#define GLUE_ACTIONS 2

struct glue {
	__u32 chains;		/* bit n: chain n of the target */
	__u32 needs;		/* all of these */
	struct glue_match match[GLUE_MATCHES];
	struct glue_action action[GLUE_ACTIONS];
	const char *comment;	/* NULL: none */
	/* in place of a rule: what depends on the rules, of a list or of all */
	void (*fill)(struct lower *l, struct plan_chain *c);
	void (*lower)(struct lower *l, struct plan_chain *c, enum fw_list_id list);
	enum fw_list_id list;
};

#define GLUE_CHAINS 30		/* of a target, at most */

/* Adds a table of rows to the plan. */
void glue_fill(struct lower *l, const struct glue *row, unsigned int n);

/* Appends the rule of a row to c; needs and chains of the row are not asked. */
void glue_add(struct lower *l, struct plan_chain *c, const struct glue *row);

/* Chain id of the target, which is added to the plan if it is not part of it. */
struct plan_chain *glue_chain(struct lower *l, unsigned int id);

/* the words of rows */
#define IN(id)		.chains = 1u << (id)
#define AT(x)		(1u << PLAN_##x)
#define IS(x)		{ .is = { .type = PLAN_M_##x } }
#define NOT(x)		{ .is = { .type = PLAN_M_##x, .invert = true } }
#define RANGES(x, item, n) { .is = { .type = PLAN_M_##x, .ranges = { item, n } } }
#define NOT_RANGES(x, item, n) \
	{ .is = { .type = PLAN_M_##x, .invert = true, .ranges = { item, n } } }
#define ICMP		RANGES(PROTO, lower_protocols, 1)
#define TCP		RANGES(PROTO, lower_protocols + 1, 1)
#define UDP		RANGES(PROTO, lower_protocols + 2, 1)
#define TCP_UDP		RANGES(PROTO, lower_protocols + 1, 2)
#define ICMP_TCP_UDP	RANGES(PROTO, lower_protocols, 3)
#define NOT_ICMP	NOT_RANGES(PROTO, lower_protocols, 1)
#define NOT_ICMP_TCP_UDP NOT_RANGES(PROTO, lower_protocols, 3)
#define ICMP_REQUEST	RANGES(ICMP_TYPE, lower_icmp_requests, 4)
#define NOT_ICMP_REQUEST NOT_RANGES(ICMP_TYPE, lower_icmp_requests, 4)
#define ICMP_ERROR	RANGES(ICMP_TYPE, lower_icmp_errors, 3)
#define TO_PORT_0	RANGES(DPORT, &lower_port_0, 1)
#define LOCAL_ADDRESS	IS(LOCAL)
#define SHORT(bytes)	{ .is = { .type = PLAN_M_SHORT, .bits = { bytes, 0 } } }
#define PLAIN(bytes)	{ .is = { .type = PLAN_M_PLAIN, .bits = { bytes, 0 } } }
#define STATE(x)	{ .is = { .type = PLAN_M_CT_STATE, .bits = { FW_STATE_##x, FW_STATES } } }
#define NOT_STATE(x) \
	{ .is = { .type = PLAN_M_CT_STATE, .invert = true, .bits = { FW_STATE_##x, FW_STATES } } }
#define UNTRACKED \
	{ .is = { .type = PLAN_M_CT_STATE, .invert = true, \
		  .bits = { FW_STATES & ~FW_STATE_INVALID, FW_STATES } } }
#define MARKED(x)	{ .is = { .type = PLAN_M_MARK, .bits = { 1, 0 } }, .mark = MARK_##x }
#define CT_MARKED(x)	{ .is = { .type = PLAN_M_CT_MARK, .bits = { 1, 0 } }, .mark = MARK_##x }
#define CT_ANY(x) \
	{ .is = { .type = PLAN_M_CT_MARK, .invert = true, .bits = { 0, 0 } }, .mark = MARK_##x }

#define ACCEPT		{ .type = PLAN_A_ACCEPT }
#define DROP		{ .type = PLAN_A_DROP }
#define RETURN		{ .type = PLAN_A_RETURN }
#define JUMP(id)	{ .type = PLAN_A_JUMP, .chain = id }
#define GOTO(id)	{ .type = PLAN_A_GOTO, .chain = id }
#define REJECT(code)	{ .type = PLAN_A_REJECT, .value = code }
#define SET(x)		{ .type = PLAN_A_MARK, .value = 1, .mark = MARK_##x }
#define CT_CLEAR(x)	{ .type = PLAN_A_CT_MARK, .mark = MARK_##x }
#define CT_SET(x)	{ .type = PLAN_A_CT_MARK, .value = 1, .mark = MARK_##x }
#define MASQUERADE	{ .type = PLAN_A_MASQUERADE }
#define MASQUERADE_PORTS { .type = PLAN_A_MASQUERADE, .value = 1 }
#define REDIRECT	{ .type = PLAN_A_REDIRECT }
#define REDIRECT_PORT	{ .type = PLAN_A_REDIRECT, .mark = MARK_PORT }
#define TIMEOUT(proto)	{ .type = PLAN_A_TIMEOUT, .value = proto }
#define LIST(x)		.lower = list_lower, .list = x

#endif
