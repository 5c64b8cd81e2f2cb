// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * cube.c - sets of packets: cubes, and the question whether some of them cover another.
 */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>

#include "backend/analysis/cube.h"

#define DEPTH_MAX 3000		/* cuts of one descent; each takes 200 bytes of stack */

bool cube_is_empty(const struct cube *c)
{
	unsigned int i;

	for (i = 0; i < CUBE_RANGES; i++)
		if (c->range[i].lo > c->range[i].hi)
			return true;
	for (i = 0; i < CUBE_SETS; i++)
		if (!c->set[i])
			return true;
	return false;
}

bool cube_contains(const struct cube *p, const struct cube *x)
{
	unsigned int i;

	for (i = 0; i < CUBE_BITS; i++)
		if (p->bits[i].mask & ~x->bits[i].mask ||
		    (p->bits[i].value ^ x->bits[i].value) & p->bits[i].mask)
			return false;
	for (i = 0; i < CUBE_RANGES; i++)
		if (p->range[i].lo > x->range[i].lo || x->range[i].hi > p->range[i].hi)
			return false;
	for (i = 0; i < CUBE_SETS; i++)
		if (x->set[i] & ~p->set[i])
			return false;
	return true;
}

bool cube_intersect(const struct cube *a, const struct cube *b, struct cube *out)
{
	unsigned int i;

	if (!cube_meets(a, b))
		return false;
	for (i = 0; i < CUBE_BITS; i++) {
		out->bits[i].value = a->bits[i].value | b->bits[i].value;
		out->bits[i].mask = a->bits[i].mask | b->bits[i].mask;
	}
	for (i = 0; i < CUBE_RANGES; i++) {
		out->range[i].lo = a->range[i].lo > b->range[i].lo ? a->range[i].lo :
								     b->range[i].lo;
		out->range[i].hi = a->range[i].hi < b->range[i].hi ? a->range[i].hi :
								     b->range[i].hi;
	}
	for (i = 0; i < CUBE_SETS; i++)
		out->set[i] = a->set[i] & b->set[i];
	return true;
}

void cube_enlarge(struct cube *a, const struct cube *b)
{
	unsigned int i;

	for (i = 0; i < CUBE_BITS; i++) {
		a->bits[i].mask &= b->bits[i].mask & ~(a->bits[i].value ^ b->bits[i].value);
		a->bits[i].value &= a->bits[i].mask;
	}
	for (i = 0; i < CUBE_RANGES; i++) {
		if (b->range[i].lo < a->range[i].lo)
			a->range[i].lo = b->range[i].lo;
		if (b->range[i].hi > a->range[i].hi)
			a->range[i].hi = b->range[i].hi;
	}
	for (i = 0; i < CUBE_SETS; i++)
		a->set[i] |= b->set[i];
}

/* Inline for speed: without a flag for the processor the compiler's is a call. */
static inline int bits_count(__u32 x)
{
	x -= x >> 1 & 0x55555555;
	x = (x & 0x33333333) + (x >> 2 & 0x33333333);
	return (int)(((x + (x >> 4)) & 0x0f0f0f0f) * 0x01010101 >> 24);
}

/* into how many parts cutting p out of x divides it; not exact above limit */
static inline int parts_around(const struct cube *p, const struct cube *x, int limit)
{
	unsigned int i;
	int n = 0;

	for (i = 0; i < CUBE_BITS && n <= limit; i++)
		n += bits_count(p->bits[i].mask & ~x->bits[i].mask);
	for (i = 0; i < CUBE_RANGES && n <= limit; i++)
		n += (p->range[i].lo > x->range[i].lo) + (p->range[i].hi < x->range[i].hi);
	for (i = 0; i < CUBE_SETS && n <= limit; i++)
		n += !!(x->set[i] & ~p->set[i]);
	return n;
}

/* Room for n more candidates. */
static int stack_reserve(struct cover *c, size_t n)
{
	size_t cap = c->count + n;
	__u32 *bigger;

	if (cap <= c->cap)
		return 0;
	cap += cap / 2;
	bigger = reallocarray(c->stack, cap, sizeof(*bigger));
	if (!bigger)
		return -ENOMEM;
	c->stack = bigger;
	c->cap = cap;
	return 0;
}

int cover_spend(struct cover *c, size_t n)
{
	if (n > c->budget)
		return -E2BIG;
	c->budget -= n;
	return 0;
}

/* The same, as a part of a question. */
static int budget_take(struct cover *c, size_t n)
{
	if (n > c->left)
		return -E2BIG;
	c->left -= n;
	return cover_spend(c, n);
}

static int yes(const struct cover *c, __u32 piece)
{
	if (c->used)
		c->used[c->piece[piece].rule] = true;
	return COVER_YES;
}

static int part_ask(struct cover *c, const struct cube *x, size_t from, unsigned int depth);

/* Asks for the parts of x around p, which meets x, until one is not covered. */
static int around_ask(struct cover *c, const struct cube *x, const struct cube *p, size_t from,
		      unsigned int depth)
{
	struct cube in = *x, part;	/* in: what remains of x */
	int answer = COVER_YES;
	unsigned int i;

#define PART(condition, outside, inside)                                                         \
	do {                                                                                     \
		if (answer == COVER_YES && (condition)) {                                        \
			part = in;                                                               \
			outside;                                                                 \
			inside;                                                                  \
			answer = part_ask(c, &part, from, depth);                                \
		}                                                                                \
	} while (0)
	for (i = 0; i < CUBE_SETS; i++)
		PART(in.set[i] & ~p->set[i], part.set[i] &= ~p->set[i], in.set[i] &= p->set[i]);
	for (i = 0; i < CUBE_RANGES; i++) {
		const struct cube_range *r = &p->range[i];

		PART(in.range[i].lo < r->lo, part.range[i].hi = r->lo - 1,
		     in.range[i].lo = r->lo);
		PART(in.range[i].hi > r->hi, part.range[i].lo = r->hi + 1,
		     in.range[i].hi = r->hi);
	}
	for (i = 0; i < CUBE_BITS; i++) {
		__u32 todo = p->bits[i].mask & ~in.bits[i].mask;

		while (todo && answer == COVER_YES) {
			__u32 bit = 1u << (31 - __builtin_clz(todo));

			todo &= ~bit;
			in.bits[i].mask |= bit;
			PART(true, part.bits[i].value |= ~p->bits[i].value & bit,
			     in.bits[i].value |= p->bits[i].value & bit);
		}
	}
#undef PART
	return answer;
}

/*
 * The same question for a part, with the candidates of stack[from ... count).  At depth 0 all
 * of these meet x, or they had not been added.
 */
static int part_ask(struct cover *c, const struct cube *x, size_t from, unsigned int depth)
{
	size_t end = c->count, i;
	int least = INT_MAX, answer;
	__u32 best = 0;

	if (depth == DEPTH_MAX)
		return -E2BIG;
	answer = budget_take(c, end - from + 1);
	if (!answer)
		answer = stack_reserve(c, end - from);
	if (answer)
		return answer;
	for (i = from; i < end; i++) {
		const struct cube *p = &c->piece[c->stack[i]].cube;
		int parts;

		if (depth && !cube_meets(p, x))
			continue;
		parts = parts_around(p, x, least);
		if (parts < least) {
			least = parts;
			best = c->stack[i];
		}
		if (!parts)
			break;
		c->stack[c->count++] = c->stack[i];
	}
	if (least == INT_MAX) {
		c->witness = *x;
		return COVER_NO;
	}
	answer = least ? around_ask(c, x, &c->piece[best].cube, end, depth + 1) : COVER_YES;
	c->count = end;
	return answer == COVER_YES ? yes(c, best) : answer;
}

void cover_begin(struct cover *c)
{
	c->count = 0;
	c->left = c->limit;
}

int cover_add(struct cover *c, const struct cube *x, __u32 from, __u32 to)
{
	int err = budget_take(c, to - from);
	__u32 i;

	if (!err)
		err = stack_reserve(c, to - from);
	for (i = from; i < to && !err; i++)
		if (cube_meets(&c->piece[i].cube, x))
			c->stack[c->count++] = i;
	return err;
}

int cover_add_some(struct cover *c, const struct cube *x, const __u32 *index, __u32 n)
{
	int err = budget_take(c, n);
	__u32 i;

	if (!err)
		err = stack_reserve(c, n);
	for (i = 0; i < n && !err; i++)
		if (cube_meets(&c->piece[index[i]].cube, x))
			c->stack[c->count++] = index[i];
	return err;
}

int cover_ask(struct cover *c, const struct cube *x)
{
	return part_ask(c, x, 0, 0);
}

int cover_question(struct cover *c, const struct cube *x, __u32 from, __u32 to)
{
	int err;

	cover_begin(c);
	err = cover_add(c, x, from, to);
	return err ? err : cover_ask(c, x);
}

void cover_free(struct cover *c)
{
	free(c->stack);
	c->stack = NULL;
	c->count = c->cap = 0;
}
