// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * path-vectors - recorded packets taken through a host anew, every step compared.
 *
 *	path-vectors --backend NAME FILE...
 *
 * A line of a FILE is a network with rules and the packets that met them, in
 * order; see path in tests/recorded/README.
 */
#include <stdio.h>
#include <string.h>

#include "tests/lib/jsonl.h"
#include "tests/lib/paths.h"

static const struct path_runner *const runners[] = {
	&path_sim, &path_kmod, &path_kmod_planted, &path_nft, &path_nft_planted,
	&path_nft_text, &path_xtables, &path_xtables_planted,
};

static const struct path_runner *runner_find(const char *name)
{
	size_t i;

	for (i = 0; i < FW_COUNT(runners); i++)
		if (!strcmp(runners[i]->name, name))
			return runners[i];
	return NULL;
}

static void file_run(const struct path_runner *runner, struct tally *t, const char *path)
{
	struct jsonl *in = jsonl_open(path);
	json_t *scenario;

	if (!in) {
		tally_fail(t, "%s: cannot be read", path);
		return;
	}
	while ((scenario = jsonl_next(in))) {
		runner->scenario(t, scenario);
		json_decref(scenario);
	}
	if (jsonl_close(in))
		tally_fail(t, "%s: cannot be read to its end", path);
}

int main(int argc, char **argv)
{
	const struct path_runner *runner = NULL;
	struct tally t = { 0 };
	int i;

	if (argc > 3 && !strcmp(argv[1], "--backend"))
		runner = runner_find(argv[2]);
	if (!runner) {
		fprintf(stderr, "usage: %s --backend NAME FILE...\n", argv[0]);
		return 2;
	}
	for (i = 3; i < argc; i++)
		file_run(runner, &t, argv[i]);
	if (runner->end)
		runner->end();
	return tally_end(&t);
}
