/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * classify.h - decision trees that find the rules of a long list which may match a packet.
 *
 * A classifier covers rules classified_first ... of a list (list.h) and returns them in
 * the order of the list, without most of those that do not match.  Whether a candidate
 * matches is decided by fw_rule_match(), so a walk with a classifier does what a walk
 * without it does, if each rule is a candidate of every packet that it matches.
 *
 * The host gives the memory, as much as fw_classifier_sizes() says, and calls
 * fw_classifier_step() until it returns false; the time of a step is linear in the rules.
 * A classifier is constant when it is built, points into no list and
 * stays valid while rules are added before and after those that it covers; a host drops
 * it before it deletes a rule.
 *
 * Cost.  Of the first k rules that are covered, at most k / 2 and FW_CLASSIFY_LEAF + 1 for
 * each tree are candidates.  A list for which no such trees were found, as one of random
 * masks, is walked linearly.
 */
#ifndef FW_CLASSIFY_H
#define FW_CLASSIFY_H

#include "kmod/core/view.h"

#define FW_CLASSIFY_MIN 96	/* a shorter list is walked */
#define FW_CLASSIFY_MAX (1u << 28)
/* The first rules of a list are not covered: busy rules are often there. */
#define FW_CLASSIFY_HEAD 8

/*
 * The trees.  Rules are apart by whether they name a narrow source and a narrow
 * destination, because a wide rule would be copied to most leaves of a tree of narrow
 * ones.
 */
#define FW_CLASSIFY_TREES 4
#define FW_CLASSIFY_LEAF 3	/* candidates that are not divided */
#define FW_CLASSIFY_NONE (~0u)

/* what the nodes of a tree test; all but addresses are in the upper 16 bits */
enum fw_classify_field {
	FW_BY_SADDR,
	FW_BY_DADDR,
	FW_BY_SPORT,
	FW_BY_DPORT,
	FW_BY_KIND,
	FW_BY_NAME,		/* a hash of the interface's name */
	FW_CLASSIFY_FIELDS,
	FW_BY_NOTHING = FW_CLASSIFY_FIELDS,	/* a leaf */
};

/* Is the field, shifted left, above value in its upper 16 bits? */
struct fw_classify_node {
	__u8 field, shift;
	__u16 value;
	/* the node if not, which is followed by the node if so; of a leaf its candidates */
	__u32 next;
};

struct fw_classifier {
	__u32 count;		/* rules */
	__u32 trees;
	/* candidate of each tree, whose root is the node of its number */
	__u32 first[FW_CLASSIFY_TREES];
	bool by_name;		/* a node tests FW_BY_NAME */
	struct fw_classify_node *node;
	/*
	 * of each leaf, in the order of the list, with FW_CLASSIFY_NONE at the end: a rule
	 * * FW_CLASSIFY_TREES + its tree
	 */
	__u32 *candidate;
};

struct fw_classifier_sizes {
	__u32 pieces;		/* a rule, or each direction of a rule with -b */
	unsigned long bytes;	/* of the classifier: 36 for a piece */
	unsigned long scratch;	/* bytes that are needed until it is built */
};

/* False: the list is too short. */
bool fw_classifier_sizes(const struct fw_list *l, struct fw_classifier_sizes *sizes);

struct fw_classifier_build;

/* In memory and scratch, aligned for a pointer; l must not change until it is built. */
struct fw_classifier_build *fw_classifier_begin(struct fw_classifier *memory, void *scratch,
						const struct fw_classifier_sizes *sizes,
						const struct fw_list *l);
bool fw_classifier_step(struct fw_classifier_build *b);
/* False: the list is better walked. */
bool fw_classifier_is_useful(const struct fw_classifier_build *b);

/* the candidates of a packet in a list */
struct fw_candidates {
	bool begun;
	__u32 last;
	__u32 field[FW_CLASSIFY_FIELDS];
	__u32 next[FW_CLASSIFY_TREES];	/* candidate of each tree, or not after it */
	const __u32 *at[FW_CLASSIFY_TREES];	/* NULL: its leaf was not looked up */
};

/*
 * The next rules to try, *begin ... *end - 1 of l, which has a classifier: each of those
 * covered that matches, then all after them, which end with the list.  The caller begins
 * with those before.
 */
void fw_candidates_next(struct fw_candidates *c, const struct fw_list *l,
			const struct fw_view *v, __u32 *begin, __u32 *end);

#endif
