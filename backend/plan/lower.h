/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * lower.h - state and functions of the two lowerings.
 *
 * An ipfwadm rule is a disjunction of conjunctions of netfilter's conditions:
 * -b alone makes two of them.  lower_conditions() makes them, and each
 * lowering decides which chains they belong to.
 */
#ifndef BACKEND_LOWER_H
#define BACKEND_LOWER_H

#include "backend/plan/glue.h"
#include "backend/plan/plan_build.h"
#include "kmod/core/conn.h"

/* where a list is asked about packets, and what the target can express there */
struct lower_view {
	enum fw_list_id list;
	bool out;		/* the device is the one that a packet leaves by */
	bool alias;		/* input: an alias receives what is sent to it */
	bool masqueraded;	/* the source will be that device's address */
	bool answers;	/* it will be where the connection's first packet went (xtables) */
	bool single;		/* one name or ICMP type in a condition at most */
};

struct conjunct {
	const struct plan_match *match;
	unsigned int n;
};

/* an interface by which a packet satisfies a rule */
struct lower_device {
	const struct fw_dev *dev;	/* NULL: not one of the table */
	struct plan_match name;		/* names.count 0: no condition */
	__u32 daddr;			/* alias: the destination, */
	__u32 dmask;			/* in these bits */
	const __u32 *not_daddr;		/* destinations that are excluded */
	unsigned int nnot_daddr;
};

enum lower_verdict {
	LOWER_DROP,
	LOWER_REJECT,
	LOWER_ACCEPT,
	LOWER_MASQUERADE,
	LOWER_REDIRECT,
};

#define LOWER_VERDICTS (LOWER_REDIRECT + 1)

/* chains that change TOS and then accept, or go to end */
#define LOWER_TOS_ENDS 4
struct lower_tos {
	const struct plan_chain *end;
	struct plan_chain **chain;	/* by both masks; NULL until needed */
	struct plan_chain *ecn[4];	/* by what happens to bit 1 */
};

struct lower {
	struct plan *plan;
	const struct fw_ruleset *rules;
	const struct plan_options *options;
	jmp_buf no_memory;

	/* the glue: see glue.h */
	__u32 needs;			/* enum glue_need */
	struct glue_mark_bits mark[GLUE_MARKS];
	__u16 redirect_to;		/* the port that is current: MARK_PORT */
	const struct glue_chain *chains;	/* of the target */
	struct plan_chain *chain[GLUE_CHAINS];	/* NULL: not in the plan yet */
	struct plan_chain *list[FW_LISTS];	/* not of accounting */

	/* the current rule */
	struct plan_report *report;
	bool accepts;			/* what it matches; false: policy, accounting */
	bool denies;
	bool counted;	/* a plan rule has the rule's counters */
	struct conjunct *conjunct;	/* malloc'ed */
	unsigned int nconjuncts, conjuncts_cap;
	struct lower_device *device;	/* malloc'ed */
	unsigned int ndevices, devices_cap;

	/* shared by all rules */
	__u16 *redirect_number;		/* by port; NULL until needed */
	__u16 nredirects;
	__u16 *redirect_port;		/* by number; likewise */
	struct plan_chain **redirect_chain;	/* xtables: by number; likewise */
	struct plan_chain *log_chain[FW_ACCT][LOWER_VERDICTS];	/* xtables; likewise */
	struct lower_tos tos[LOWER_TOS_ENDS];	/* nft */
	const char *last_name;
	const struct plan_action *last_action;
	unsigned int last_nactions;
};

/* Runs fill on a new plan, whose glue consists of chains. */
struct plan *lower_run(enum plan_target target, const struct glue_chain *chains,
		       const struct fw_ruleset *rs, const struct plan_options *o,
		       void (*fill)(struct lower *l));

/* Room for one more element behind *n; never returns without it. */
void *lower_more(struct lower *l, void *array, unsigned int n, unsigned int *cap,
		 size_t size);

/* Reports the current rule as inexact; the worst report is recorded. */
void lower_report(struct lower *l, enum plan_exactness e, const char *reason);

/* It matches more packets, or fewer, than it should: may some pass that should not? */
void lower_report_matches(struct lower *l, bool more, bool fewer);

/* Reports that a text is exact only for the addresses that interfaces have now. */
void lower_report_addresses(struct lower *l);

/* Begins rule index of list: its report is the current one. */
const struct fw_rule *lower_rule_begin(struct lower *l, enum fw_list_id list,
				       __u32 index);

/* Fills l->device with the interfaces that satisfy r's -V and -W. */
void lower_devices(struct lower *l, const struct fw_rule *r, const struct lower_view *v);

/* Fills l->conjunct with r's conditions; at least one, if only PLAN_M_NEVER. */
void lower_conditions(struct lower *l, const struct fw_rule *r,
		      const struct lower_view *v);

enum lower_verdict lower_rule_verdict(const struct fw_rule *r, enum fw_list_id list);
enum lower_verdict lower_policy_verdict(__u32 policy, enum fw_list_id list);
bool lower_rule_alters_tos(const struct fw_rule *r, enum fw_list_id list);

/* The number of a redirect port in the mark; 0: no number is left. */
__u16 lower_redirect_number(struct lower *l, __u16 port);
__u16 lower_redirect_most(const struct lower *l);	/* the highest */
struct plan_action lower_redirect_mark(const struct lower *l, __u16 number);

/* Reports a rule as impossible if no number is left for its redirect port. */
bool lower_rule_is_possible(struct lower *l, const struct fw_rule *r, enum fw_list_id list);

/* Fill functions of glue: the redirect ports; port 0, which is not redirected. */
void lower_redirect_ports(struct lower *l, struct plan_chain *c);
void lower_redirect_port_0(struct lower *l, struct plan_chain *c);

/* Reports of all port forwards, before rules are lowered. */
void lower_portfw_report(struct lower *l);

/* Fill function of glue: what is forwarded is marked, and goes to its target. */
void lower_portfw(struct lower *l, struct plan_chain *c);

/* The helpers that a rule asks for; at most LOWER_HELPERS. */
#define LOWER_HELPERS 2
unsigned int lower_helpers(struct lower *l, const struct fw_rule *r,
			   const struct plan_helper **helper);

/* xtables: attaches them in table raw, by chain c, to what the rule matches. */
void lower_helpers_early(struct lower *l, struct plan_chain *c, enum fw_list_id list,
			 __u32 index);

/* The helper, declared once; netfilter has it for that protocol. */
const struct plan_helper *lower_helper_declare(struct lower *l, __u8 helper, __u8 proto);

/* a helper that 2.0 had for masqueraded TCP connections to a port */
struct lower_masq_helper {
	const struct plan_helper *is;
	const struct plan_range *range;	/* just port */
	__u16 port;
	bool lasts;		/* as long as what it expects, idle or not */
	__u32 kind, nth;	/* of what follows it: helper, and port of it */
};

/* The next port of those that the kernel has, after *h; of zeros: the first. */
bool lower_masq_helper_next(struct lower *l, struct lower_masq_helper *h);

/* Those that it lacks, as needs of the plan: PLAN_LACKS_FTP and so on. */
__u32 lower_masq_lacks(const struct lower *l);

/* Reports those that it lacks, for what masquerades. */
void lower_masq_report(struct lower *l);

/* xtables: attaches them in table raw, before the lists have decided. */
void lower_masq_helpers_early(struct lower *l, struct plan_chain *c);

/* What -M -s sets, declared once for TCP and for UDP. */
const struct plan_timeout *lower_masq_timeout(struct lower *l, __u8 proto);

/* The list's name in chain names, and the name of a rule's own chain. */
extern const char *const lower_list_name[FW_LISTS];
const char *lower_chain_name(struct lower *l, enum fw_list_id list, __u32 index,
			     const char *suffix);
struct plan_chain *lower_chain_add(struct lower *l, enum fw_list_id list, __u32 index,
				   const char *suffix);

/* what a rule does, in order */
#define LOWER_ACTIONS 12
struct lower_actions {
	struct plan_action a[LOWER_ACTIONS];
	unsigned int n;
};

void lower_act(struct lower_actions *as, enum plan_action_type type);
void lower_act_bits(struct lower_actions *as, enum plan_action_type type,
		    __u32 value, __u32 mask);
void lower_act_text(struct lower_actions *as, enum plan_action_type type,
		    const char *text);
void lower_act_chain(struct lower_actions *as, enum plan_action_type type,
		     const struct plan_chain *chain);

/* If r logs: the log, with what the line of 2.0 begins with. */
void lower_act_log(struct lower *l, struct lower_actions *as, const struct fw_rule *r,
		   enum fw_list_id list, bool out);

/* Appends a rule; match belongs to the plan.  Origin and comment are to follow. */
struct plan_rule *lower_add(struct lower *l, struct plan_chain *c,
			    const struct plan_match *match, unsigned int nmatches,
			    const struct lower_actions *as);
/* likewise a list's policy, if that is not to accept; match is copied */
void lower_add_policy(struct lower *l, struct plan_chain *c, const struct plan_match *match,
		      unsigned int nmatches, enum fw_list_id list,
		      const struct lower_actions *as);
/* Appends one rule for each conjunct, all of r's origin. */
void lower_add_conjuncts(struct lower *l, struct plan_chain *c, enum fw_list_id list,
			 __u32 index, const struct lower_actions *as);
/*
 * xtables: appends for each conjunct a rule for each target, the last of which leaves
 * the list.  The first counts, so that a packet is counted once.
 */
void lower_add_targets(struct lower *l, struct plan_chain *c, enum fw_list_id list,
		       __u32 index, const struct lower_actions *targets);
/* Appends one rule without conditions, of that origin. */
void lower_add_tail(struct lower *l, struct plan_chain *c, enum fw_list_id list,
		    __u32 index, const struct lower_actions *as);

/*
 * nft: appends the change of TOS and what accepts the packet afterwards, or goes to end.
 * Only constants can be written into the header, so other changes are made by
 * chains of their own, which enumerate the old values.
 */
void lower_tos_accept(struct lower *l, struct lower_actions *as, const struct fw_rule *r,
		      const struct plan_chain *end);

/* a chain in which packets are compared with an accounting rule */
struct lower_account {
	struct lower_view view;
	struct plan_chain *chain;
	const char *suffix;
};

/* Lowers an accounting rule: compared in n chains, counted in one. */
void lower_account(struct lower *l, __u32 index, const struct lower_account *place,
		   unsigned int n);

/* conditions that glue is made of */
struct plan_match match_bits(enum plan_match_type type, __u32 value, __u32 mask);
struct plan_match match_not(struct plan_match m);
struct plan_match match_proto(__u8 proto);	/* one of lower_protocols */
struct plan_match match_ranges(enum plan_match_type type, const struct plan_range *item,
			       __u32 count);

/* Does the rule in l->conjunct match nothing? */
bool lower_is_never(const struct lower *l);

/* protocols 1, 6 and 17; the ICMP requests that 2.0 masquerades */
extern const struct plan_range lower_protocols[3];
extern const struct plan_range lower_icmp_requests[4];
extern const struct plan_range lower_icmp_errors[3];
extern const struct plan_range lower_port_0;

#endif
