/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * replay.h - recorded ways of packets, taken through a real kernel.
 */
#ifndef TESTS_NET_REPLAY_H
#define TESTS_NET_REPLAY_H

#include "tests/lib/tally.h"
#include "tests/net/live.h"
#include "tests/net/step.h"

struct replay {
	const struct live *live;
	long long id;
	struct recorded_devs devs;
	struct router router;
	struct fw_ruleset expected;	/* counters: what this step should add */
	struct fw_ruleset seen;		/* counters: as last read */
	struct renaming names;
};

/* Replays one scenario, counting each step in t. */
void replay_scenario(struct tally *t, const struct live *live, const json_t *scenario);

#endif
