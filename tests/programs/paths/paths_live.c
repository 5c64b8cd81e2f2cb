// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * paths_live.c - real kernels take packets along the recorded ways.
 */
#include "tests/programs/paths/paths.h"
#include "tests/programs/paths/reasons.h"

static void nft_scenario(struct tally *t, const json_t *scenario)
{
	replay_scenario(t, &live_nft, false, scenario);
}

static void nft_planted(struct tally *t, const json_t *scenario)
{
	replay_scenario(t, &live_nft, true, scenario);
}

static void xtables_scenario(struct tally *t, const json_t *scenario)
{
	replay_scenario(t, &live_xtables, false, scenario);
}

static void kmod_scenario(struct tally *t, const json_t *scenario)
{
	replay_scenario(t, &live_kmod, false, scenario);
}

static void kmod_planted(struct tally *t, const json_t *scenario)
{
	replay_scenario(t, &live_kmod, true, scenario);
}

static void xtables_planted(struct tally *t, const json_t *scenario)
{
	replay_scenario(t, &live_xtables, true, scenario);
}

static void nft_text_scenario(struct tally *t, const json_t *scenario)
{
	replay_scenario(t, &live_nft_text, false, scenario);
}

const struct path_runner path_nft = {
	.name = "nft",
	.scenario = nft_scenario,
	.end = reasons_print,
};

const struct path_runner path_nft_planted = {
	.name = "nft-planted",
	.scenario = nft_planted,
};

const struct path_runner path_xtables = {
	.name = "xtables",
	.scenario = xtables_scenario,
	.end = reasons_print,
};

const struct path_runner path_xtables_planted = {
	.name = "xtables-planted",
	.scenario = xtables_planted,
};

const struct path_runner path_nft_text = {
	.name = "nft-text",
	.scenario = nft_text_scenario,
	.end = reasons_print,
};

const struct path_runner path_kmod = {
	.name = "kmod",
	.scenario = kmod_scenario,
	.end = reasons_print,
};

const struct path_runner path_kmod_planted = {
	.name = "kmod-planted",
	.scenario = kmod_planted,
};
