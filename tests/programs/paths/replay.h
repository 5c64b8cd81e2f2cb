/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * replay.h - recorded ways of packets, taken through a real kernel.
 */
#ifndef TESTS_NET_REPLAY_H
#define TESTS_NET_REPLAY_H

#include "tests/lib/tally.h"
#include "kmod/core/conn.h"
#include "tests/programs/paths/live.h"
#include "tests/programs/paths/step.h"

#define REPLAY_PAST 256

/* what became of an earlier packet */
struct past {
	struct fw_packet inside;	/* as the inner host knows it */
	bool known;			/* it left, and tracking took note */
	bool masqueraded;
};

struct replay {
	const struct live *live;
	bool planted;
	long long id;
	struct recorded_devs devs;
	__u32 gateway;
	struct router router;
	struct fw_ruleset expected;	/* counters: what this step should add */
	struct fw_ruleset seen;		/* counters: as last read */
	struct renaming names;
	struct past past[REPLAY_PAST];
	unsigned int npast;
	bool reset;	/* a masqueraded connection was: it ends when time passes, and not here */
	unsigned int nredirects;	/* messages about shorter ways so far */
};

/*
 * Replays one scenario, counting each step in t.  With planted the rule that
 * matters most is loaded wrong, and the scenario counts as one that passed when
 * this is noticed.
 */
void replay_scenario(struct tally *t, const struct live *live, bool planted,
		     const json_t *scenario);

/*
 * Would another masquerade port have met another output or accounting rule
 * than the recorded one?
 */
bool replay_tells_ports_apart(const struct replay *r, const struct step *s);

#endif
