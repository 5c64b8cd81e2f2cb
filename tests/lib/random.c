// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * random.c - numbers by chance: splitmix64.
 */
#include "tests/lib/random.h"

static __u64 random_next(struct random *r)
{
	__u64 z = r->state += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

void random_seed(struct random *r, __u64 seed)
{
	r->state = seed;
}

__u32 random_word(struct random *r)
{
	return (__u32)(random_next(r) >> 32);
}

__u32 random_below(struct random *r, __u32 n)
{
	return (__u32)(((__u64)random_word(r) * n) >> 32);
}

bool random_one_in(struct random *r, __u32 n)
{
	return random_below(r, n) == 0;
}

bool random_chance(struct random *r, unsigned int percent)
{
	return random_below(r, 100) < percent;
}
