/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * filter_walk.h - a path through chains as one list of cubes, of which the first decides.
 *
 * The packets of a cube are followed through all base chains of the path.  Where a rule
 * decides about some, what follows for these is written first, then what follows for the
 * rest; so the order of the list alone says what each packet meets, and no cube is ever
 * cut.  What a rule does to packets (translates them, changes their TOS) is carried along,
 * and later conditions on it are conditions on the packet as it came, constants, or not
 * known.
 *
 * Chains of type nat see the first packet of a connection.  What they say of a packet here
 * is what they would say if it were the first one.
 */
#ifndef BACKEND_FILTER_WALK_H
#define BACKEND_FILTER_WALK_H

#include "backend/analysis/effect.h"
#include "backend/analysis/filter.h"
#include "backend/analysis/pieces.h"

#define FILTER_BY_MAX 4

/* what decided: rules, the last ones first; and perhaps a policy */
struct filter_by {
	const struct filter_chain *chain[FILTER_BY_MAX];
	const struct filter_rule *rule[FILTER_BY_MAX];	/* NULL: the chain's policy */
	__u32 n;
};

struct filter_flat {
	struct piece_list pieces;	/* one for each rule of the list */
	struct effect *effect;
	struct filter_by *by;
	__u32 cap;
};

#define FILTER_PIECES_MAX 400000

/*
 * Adds the packets of x that take the path, whose ports are as those of one class are.
 * 0, -ENOMEM, or -E2BIG: the list, or the budget of comparisons, does not suffice; or
 * -EINVAL with an error of f.
 */
int filter_flatten(struct filter *f, enum filter_path path, const struct cube *x,
		   enum effect_level level, __u64 *budget, struct filter_flat *flat);
void filter_flat_free(struct filter_flat *flat);

/* All packets of a path, as such cubes: their number. */
#define FILTER_ROOTS 6
unsigned int filter_roots(const struct filter_space *s, enum filter_path path,
			  struct cube root[FILTER_ROOTS]);

#endif
