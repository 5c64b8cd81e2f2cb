/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * state_backend.h - recorded scenarios as real packets: what of a backend is asked.
 *
 * A scenario is a sequence of packets through a router of this thread's own namespace.
 * Rules count the packets of each state, so the state of a packet is the rule whose
 * counter it increased.  The table is compared after each packet.  A backend that tracks
 * connections by another table than nf_conntrack's implements struct state_backend for
 * it.
 *
 * Time passes between packets, so the seconds that an entry has left may be fewer than
 * recorded.  A scenario that took so long that this may have changed a state is repeated.
 */
#ifndef TESTS_STATE_BACKEND_H
#define TESTS_STATE_BACKEND_H

#include <jansson.h>

#include "tests/lib/tally.h"
#include "tests/programs/paths/live.h"

/* lines of a table, in any order */
struct state_lines {
	unsigned int n;
	char line[512][128];
};

/* Errors are -errno. */
struct state_backend {
	const char *name;
	const struct live *live; /* puts rules in force and reads their counters */
	int (*open)(void); /* in the namespace whose table it is */
	void (*close)(void);
	/* Sets what the recordings call by nf_conntrack's name; -ENOENT: has no such
	 * setting. */
	int (*setting)(const char *name, long value);
	int (*flush)(void); /* ends all connections */
	/*
	 * Appends all entries in the recorded form, LEFT rounded up or down.  recorded
	 * are those that should be there, if asking for them is faster.
	 */
	int (*table)(struct state_lines *lines, const json_t *recorded);
	int (*expected)(struct state_lines *lines); /* NULL: is not compared */
};

extern const struct state_backend state_nft, state_xtables;

/* Appends a line; those beyond the last are lost, and the comparison fails. */
void state_lines_add(struct state_lines *lines, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/*
 * Runs a scenario, and counts its packets and it in t.  planted: rules tell new and
 * established the wrong way round, so it passes if that is noticed.
 */
void state_live_run(struct tally *t, const struct state_backend *b,
		    const json_t *scenario, bool planted);

/* Prints how often the kernel differs for which reason, and closes the router. */
void state_live_end(void);

#endif
