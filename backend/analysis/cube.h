/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cube.h - sets of packets: cubes, and the question whether some of them cover another.
 *
 * A cube is a product of conditions, one per dimension: bits that have a value, a range
 * of ports, a set of small numbers.  What rules match is a list of cubes (pieces.h), and
 * every question of the analysis is one of the form "do these pieces cover that cube?".
 * The answer is yes, or a cube of packets that no piece contains, or that the budget was
 * not sufficient.  The last is an answer of its own because the problem is coNP-hard.
 *
 * Method: the piece that restricts the cube least is cut out of it; each of the parts
 * around it is asked for in turn, with the pieces that meet that part.  No list of
 * remaining cubes is ever made, so memory is the pieces of one descent.
 */
#ifndef BACKEND_CUBE_H
#define BACKEND_CUBE_H

#include <stddef.h>

#include "kmod/core/base.h"

enum { CUBE_SRC, CUBE_DST, CUBE_DEVICE, CUBE_BITS };
enum { CUBE_SPORT, CUBE_DPORT, CUBE_RANGES };
enum { CUBE_CLASS, CUBE_STATE, CUBE_DIRECTION, CUBE_LEAVES, CUBE_SETS };
/*
 * Of chains (filter.h): interfaces by number; facts of a packet, known or not; the code of
 * ICMP and the number of other protocols.
 */
enum { CUBE_ARRIVES = CUBE_DIRECTION, CUBE_FACTS = CUBE_DEVICE, CUBE_CODE = CUBE_DPORT,
       CUBE_PROTOCOL = CUBE_SPORT };

struct cube {
	struct cube_bits { __u32 value, mask; } bits[CUBE_BITS];	/* value within mask */
	struct cube_range { __u16 lo, hi; } range[CUBE_RANGES];
	__u32 set[CUBE_SETS];	/* bit N: number N is in */
};

/* a cube of packets that rule number `rule' matches */
struct piece {
	struct cube cube;
	__u32 rule;
};

bool cube_is_empty(const struct cube *c);

/* Does p contain all of x? */
bool cube_contains(const struct cube *p, const struct cube *x);

/* *out = a and b; false if no packet is in both. */
bool cube_intersect(const struct cube *a, const struct cube *b, struct cube *out);

/* Enlarges a to contain b as well, and perhaps more. */
void cube_enlarge(struct cube *a, const struct cube *b);

static inline __u32 bits_apart(const struct cube_bits *a, const struct cube_bits *b)
{
	return (a->value ^ b->value) & a->mask & b->mask;
}

/* Without a branch for each dimension, which nothing could predict. */
static inline bool cube_meets(const struct cube *a, const struct cube *b)
{
	bool apart = false;
	unsigned int i;

	if (bits_apart(&a->bits[CUBE_SRC], &b->bits[CUBE_SRC]) |
	    bits_apart(&a->bits[CUBE_DST], &b->bits[CUBE_DST]) |
	    bits_apart(&a->bits[CUBE_DEVICE], &b->bits[CUBE_DEVICE]))
		return false;
	for (i = 0; i < CUBE_RANGES; i++)
		apart |= (a->range[i].lo > b->range[i].hi) | (b->range[i].lo > a->range[i].hi);
	for (i = 0; i < CUBE_SETS; i++)
		apart |= !(a->set[i] & b->set[i]);
	return !apart;
}

/*
 * A series of questions with one budget, counted in comparisons of two cubes.  The
 * caller initialises piece and budget, and frees with cover_free().
 */
struct cover {
	const struct piece *piece;
	__u64 budget;		/* of all questions */
	__u64 limit;		/* of one question */
	bool *used;		/* by rule, set for those that a yes needed; or NULL */
	struct cube witness;	/* after no */
	__u32 *stack;		/* indices of pieces: candidates of each level */
	size_t count, cap;
	__u64 left;		/* of this question */
};

enum cover_answer {
	COVER_NO,
	COVER_YES,
	/* negative: */
	/* -E2BIG: undecided, the budget was not sufficient */
	/* -ENOMEM */
};

/* Begins a question; the candidates of the last one are discarded. */
void cover_begin(struct cover *c);

/* Adds those of pieces [from, to) that meet x.  0, -ENOMEM or -E2BIG. */
int cover_add(struct cover *c, const struct cube *x, __u32 from, __u32 to);

/* The same of n pieces by their indices. */
int cover_add_some(struct cover *c, const struct cube *x, const __u32 *index, __u32 n);

/* Takes n comparisons, made by the caller, from the budget.  0 or -E2BIG. */
int cover_spend(struct cover *c, size_t n);

/* Do the pieces that were added for x cover it? */
int cover_ask(struct cover *c, const struct cube *x);

/* All of that. */
int cover_question(struct cover *c, const struct cube *x, __u32 from, __u32 to);

void cover_free(struct cover *c);

#endif
