/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * scenario.h - recorded scenarios of a connection tracker, given to ours.
 */
#ifndef TESTS_STATE_SCENARIO_H
#define TESTS_STATE_SCENARIO_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "kmod/core/entry.h"

/*
 * A scenario that disagrees is played again, SCENARIO_TRIES times in all, if a packet was later
 * than SCENARIO_LATE ms: a timeout of 2 s may have passed.
 */
#define SCENARIO_LATE 300
#define SCENARIO_TRIES 3

/* The recorded bytes of a packet; returns how many, at most size. */
size_t scenario_bytes(const json_t *packet, __u8 *bytes, size_t size);

struct scenario_run {
	size_t packets;	/* that agreed */
	__u16 own;	/* FW_OWN_* that decided until the first disagreement */
	bool agrees;
	char what[2048];	/* the first disagreement */
};

/*
 * Gives the packets of a scenario to a tracker that has no entries, with the
 * deliberate differences own, and stops at the first disagreement.
 */
void scenario_run(const json_t *scenario, __u16 own, struct scenario_run *run);

#endif
