/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * prove_state.h - what the parts of a proof share.
 */
#ifndef BACKEND_PROVE_STATE_H
#define BACKEND_PROVE_STATE_H

#include "backend/analysis/plan_pieces.h"
#include "backend/analysis/prove.h"

/* the rules of one origin that follow each other in a chain */
struct block {
	const struct plan_chain *chain;
	const struct plan_rule *rule;
	__u32 nrules;
	bool lives;		/* one of them can hold */
};

/* what a list's chain knows of a source that is yet to be translated */
enum source_view {
	SOURCE_KNOWN,		/* it is translated, or will not be */
	SOURCE_MASQUERADED,	/* it will be the address of the interface */
	SOURCE_ANSWERS,		/* it will be what the connection's first packet went to */
	SOURCE_VIEWS,
};

/* where a list is asked: bits of struct prove.asked */
static inline __u32 ask_bit(enum traversal_step step, enum source_view source)
{
	return 1u << (SOURCE_VIEWS * step + source);
}

struct prove {
	const struct fw_ruleset *rs;
	const struct plan *plan;
	const struct fw_dev *devs;
	__u32 ndevs;
	struct proof *proof;
	int answer;
	struct cover cover;

	/* structure of the plan: prove_blocks.c */
	bool *is_list;			/* by chain */
	struct block *block;
	__u32 nblocks;
	__u32 *first[FW_LISTS];		/* blocks of rule i: first[i] ... first[i + 1] - 1 */
	__s32 *class[FW_ACCT];		/* a rule of each kind, and the policy */
	__u32 nclasses[FW_ACCT];

	__u32 *asked;			/* by chain: ask_bit() */
	__u32 unasked;			/* ask_bit(): no chain of the list is asked there */
	struct fw_dev any;		/* an interface that no rule names */
	/* port forwards after some connections, and how the plan counts them: NULL at first */
	const struct fw_portfw_table *forwards;
	struct prove_turns *turns;
};

/* 0 or -ENOMEM. */
int prove_blocks_make(struct prove *p);
void prove_blocks_free(struct prove *p);

/* Do the rules of a block do the same under each of their conditions, and nothing else? */
bool block_is_regular(const struct prove *p, const struct block *b, enum fw_list_id list);

/* The rules of a block that hold for packets: those of *n, from the first on. */
const struct plan_rule *block_conditions(const struct block *b, __u32 *n);

/* xtables: attaches a helper before any list is asked */
static inline bool rule_is_early(const struct plan_rule *r)
{
	return r->nactions == 1 && r->action[0].type == PLAN_A_HELPER;
}

static inline bool prove_is_exact(const struct prove *p, enum fw_list_id list, __s32 rule)
{
	const struct plan_report *r = rule < 0 ? &p->plan->policy_report[list] :
						 &p->plan->report[list][rule];

	return r->exactness == PLAN_EXACT;
}

/* Records what is not decided; the first is kept. */
void prove_undecided(struct prove *p, enum fw_list_id list, __s32 rule, const char *reason);

/* states that packets of a path have */
__u32 prove_path_states(enum packet_path path);

/* Is it one that its path can have? */
bool prove_packet_exists(const struct traversal_packet *p);

/* Walks a packet without force; true: it shows a difference, and is recorded. */
bool prove_try(struct prove *p, const struct traversal_packet *packet);

#define VALUES_MAX 64

struct values {
	__u32 value[VALUES_MAX];
	unsigned int n;
};

/* of packets, what a plan can distinguish between its lists */
struct prove_values {
	struct values port, type, length, mark;
	struct values daddr;	/* the first is one that nothing asks for */
	bool rewrites_tos, asks_flags;
};

void prove_values_collect(struct prove *p, struct prove_values *v);

/* The interface that packets have where none is asked for; not loopback. */
const struct fw_dev *prove_usual_device(const struct prove *p);

/*
 * The parts.  They end at the first difference, or with all that is undecided recorded;
 * 0 or -ENOMEM.
 */
int prove_between(struct prove *p);
int prove_lists(struct prove *p);
/* The turns of targets of port forwards: prove_turns.c. */
int prove_turns(struct prove *p);

/* The number of the packet that is walked among those that a rule of a turn asks. */
__u32 prove_turn_number(const struct prove *p, const struct plan_rule *r);

/*
 * Looks for a packet like packet within x that the lists decide as wanted: by a rule or
 * policy, by any that lets it pass, or by any.  true: it shows a difference.
 */
#define ANY_PASS (-2)
#define ANYTHING (-3)
bool prove_search(struct prove *p, const struct traversal_packet *packet, const struct cube *x,
		  const __s32 want[FW_ACCT]);

/* The interface that receives what another one gets for an address: itself, or an alias. */
const struct fw_dev *prove_alias(const struct prove *p, const struct fw_dev *dev, __u32 daddr);

static inline bool dev_is_alias(const struct fw_dev *d)
{
	return __builtin_strchr(d->name, ':');
}

#endif
