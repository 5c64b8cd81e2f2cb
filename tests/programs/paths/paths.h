/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * paths.h - the recorded ways of packets, and who is sent the same packets.
 */
#ifndef TESTS_PATHS_H
#define TESTS_PATHS_H

#include "tests/lib/recorded.h"
#include "tests/lib/tally.h"

/* Something that packets can be sent through. */
struct path_runner {
	const char *name;	/* of --backend */
	/*
	 * Runs a network with its rules and packets.  Every step is compared and counted
	 * as a packet; the caller ends the case.  Without a packet it is skipped.
	 */
	void (*scenario)(struct tally *t, const json_t *scenario);
	void (*end)(void);	/* says what there is to say about all of them; or NULL */
};

extern const struct path_runner path_sim, path_kmod, path_kmod_planted;
extern const struct path_runner path_nft, path_nft_planted, path_nft_text;
extern const struct path_runner path_xtables, path_xtables_planted;

/* NULL: there is none of this name */
const struct path_runner *path_runner_find(const char *name);

/*
 * Puts into each step of a scenario what the core makes of its packet, as if it had
 * been recorded.  False if a rule is refused.
 */
bool path_sim_foretell(json_t *scenario);

#endif
