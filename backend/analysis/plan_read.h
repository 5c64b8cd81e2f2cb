/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * plan_read.h - our own tables and chains, as the kernel's tools list them, as plans.
 *
 * A text contains neither the rule of ipfwadm that each rule belongs to, nor what helpers
 * and marks are for.  A plan that is read takes these from the plan that was wanted, which
 * must live as long.  Which rules of the two belong together is found by
 * what they are like.  If that goes wrong less can be proved, but nothing that is false.
 *
 * Rules of others, in chains that are not ours, are counted and left out.
 */
#ifndef BACKEND_PLAN_READ_H
#define BACKEND_PLAN_READ_H

#include <setjmp.h>

#include "backend/analysis/filter.h"
#include "backend/plan/plan_build.h"

#define PLAN_READ_MATCHES 24
#define PLAN_READ_ACTIONS 8

struct plan_read {
	const struct plan *wanted;
	struct plan *plan;
	unsigned long nothers;		/* rules and chains of others that may see packets */
	/* a rule, or a policy, that is not exact and not as it is wanted: plan_rule.origin */
	bool is_altered;
	enum fw_list_id altered_list;
	__s32 altered_rule;
	struct filter_error error;	/* what is not known, and its place */
	/* of the rule that is read */
	struct plan_match match[PLAN_READ_MATCHES];
	struct plan_action action[PLAN_READ_ACTIONS];
	unsigned int nmatches, nactions;
	jmp_buf no_memory;
};

struct proof;
/* No proof says anything of what is altered. */
void plan_read_altered(const struct plan_read *r, int *answer, struct proof *proof);

/*
 * A text of nft -j list ruleset, or of iptables-save or dump.  0 and r->plan, which the
 * caller frees; -ENOMEM; or -EINVAL and r->error.
 */
int plan_read_nft(struct plan_read *r, const struct plan *wanted, const char *text,
		  size_t length);
int plan_read_iptables(struct plan_read *r, const struct plan *wanted, const char *text,
		       size_t length);

/* The rest is for these. */

/* An empty plan for the target of wanted; false: there is no memory. */
bool plan_read_begin(struct plan_read *r, const struct plan *wanted);

/* An error: -EINVAL.  The first one counts. */
int plan_read_fail(struct plan_read *r, __u32 line, __u32 column, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/* A condition or an action of the rule, which the caller fills; of too many it is an error. */
struct plan_match *plan_read_match(struct plan_read *r, enum plan_match_type type, bool invert);
void plan_read_range(struct plan_read *r, struct plan_match *m, __u32 lo, __u32 hi);
/* The protocol, unless a condition of the rule asks for it. */
void plan_read_proto(struct plan_read *r, __u8 proto);
struct plan_action *plan_read_action(struct plan_read *r, enum plan_action_type type);

struct plan_chain *plan_read_chain(const struct plan_read *r, const char *table,
				   const char *name);
/* Ends the rule: appends it. */
void plan_read_rule(struct plan_read *r, struct plan_chain *c);

/* All chains are there: gives each rule its origin. */
int plan_origins_find(struct plan_read *r);

#endif
