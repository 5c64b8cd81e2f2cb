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
#include "tests/programs/paths/paths.h"

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
		tally_case_end(t);
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
		runner = path_runner_find(argv[2]);
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
