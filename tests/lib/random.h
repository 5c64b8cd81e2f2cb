/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * random.h - numbers by chance; the same seed gives the same everywhere.
 */
#ifndef TESTS_LIB_RANDOM_H
#define TESTS_LIB_RANDOM_H

#include "kmod/core/base.h"

struct random {
	__u64 state;
};

void random_seed(struct random *r, __u64 seed);
__u32 random_word(struct random *r);
/* 0 ... n - 1 */
__u32 random_below(struct random *r, __u32 n);
bool random_one_in(struct random *r, __u32 n);
bool random_chance(struct random *r, unsigned int percent);

#endif
