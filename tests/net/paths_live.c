// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * paths_live.c - real kernels take packets along the recorded ways.
 */
#include "tests/lib/paths.h"
#include "tests/net/reasons.h"

static void nft_text_scenario(struct tally *t, const json_t *scenario)
{
	replay_scenario(t, &live_nft_text, false, scenario);
}

static void nft_text_planted(struct tally *t, const json_t *scenario)
{
	replay_scenario(t, &live_nft_text, true, scenario);
}

const struct path_runner path_nft_text = {
	.name = "nft-text",
	.scenario = nft_text_scenario,
	.end = reasons_print,
};

const struct path_runner path_nft_text_planted = {
	.name = "nft-text-planted",
	.scenario = nft_text_planted,
};
