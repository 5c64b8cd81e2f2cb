// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * state-vectors - recorded scenarios of a connection tracker, given to ours, or as real
 * packets to the running kernel.
 *
 *	state-vectors [--as-linux] [--first] FILE...
 *	state-vectors --backend NAME [--planted] [--first] FILE...
 *
 * With --as-linux every scenario must agree.  Without it a scenario may differ if a
 * deliberate difference from Linux decided about one of its packets, and if it agrees
 * once those that decided are taken back; such a scenario is printed with the
 * numbers of the differences.  With --first it ends at the first failure.
 */
#include <stdio.h>
#include <string.h>

#include "tests/lib/jsonl.h"
#include "tests/lib/tally.h"
#include "tests/programs/state/scenario.h"
#include "tests/programs/state/state_backend.h"

struct totals {
	struct tally tally;
	unsigned long differ;
	bool first; /* end at the first failure */
	__u16 own; /* FW_OWN_* that are tested */
	const struct state_backend *backend; /* NULL: our tracker */
	bool planted; /* its rules are wrong */
};

static const struct state_backend *const backends[] = {&state_nft, &state_xtables};

static const struct state_backend *backend_find(const char *name)
{
	size_t i;

	for (i = 0; i < FW_COUNT(backends); i++)
		if (!strcmp(backends[i]->name, name))
			return backends[i];
	return NULL;
}

/*
 * Takes back what decided until the scenario agrees; false if it never does so because
 * it differs without a reason.
 */
static bool agrees_without(const json_t *scenario, __u16 own, __u16 decided)
{
	struct scenario_run run;

	while (decided) {
		own &= (__u16)~decided;
		scenario_run(scenario, own, &run);
		if (run.agrees)
			return true;
		decided = run.own;
	}
	return false;
}

/* Those that make the scenario differ alone; all, if only together they do. */
static __u16 own_alone(const json_t *scenario, __u16 own)
{
	struct scenario_run run;
	unsigned int n;
	__u16 alone = 0;

	for (n = 1; n < 16; n++) {
		if (!(own & FW_OWN(n)))
			continue;
		scenario_run(scenario, (__u16)FW_OWN(n), &run);
		if (!run.agrees)
			alone |= (__u16)FW_OWN(n);
	}
	return alone ? alone : own;
}

static void difference_print(const char *name, __u16 own)
{
	const char *separator = " 13.";
	unsigned int n;

	printf("differs: %s:", name);
	for (n = 1; n < 16; n++) {
		if (own & FW_OWN(n)) {
			printf("%s%u", separator, n);
			separator = ", 13.";
		}
	}
	printf("\n");
}

static void scenario_test(struct totals *all, const json_t *scenario)
{
	const char *name = jsonl_str(scenario, "name");
	struct scenario_run run;

	if (all->backend) {
		state_live_run(&all->tally, all->backend, scenario, all->planted);
		return;
	}
	scenario_run(scenario, all->own, &run);
	all->tally.packets += run.packets;
	if (run.agrees) {
		tally_pass(&all->tally);
		return;
	}
	if (!agrees_without(scenario, all->own, run.own)) {
		tally_fail(&all->tally, "%s: %s, without a deliberate difference", name,
			   run.what);
		return;
	}
	difference_print(name, own_alone(scenario, run.own));
	all->differ++;
	tally_pass(&all->tally);
}

static void file_run(struct totals *all, const char *path)
{
	struct jsonl *in = jsonl_open(path);
	json_t *scenario;

	if (!in) {
		tally_fail(&all->tally, "%s: cannot be read", path);
		return;
	}
	while (!(all->first && all->tally.failed) && (scenario = jsonl_next(in))) {
		scenario_test(all, scenario);
		json_decref(scenario);
	}
	if (jsonl_close(in))
		tally_fail(&all->tally, "%s: cannot be read to its end", path);
}

/* Reads options; returns the index of the first FILE, or -1. */
static int options_read(struct totals *all, int argc, char **argv)
{
	int i;

	for (i = 1; i < argc && argv[i][0] == '-'; i++) {
		if (!strcmp(argv[i], "--as-linux"))
			all->own = FW_OWN_NONE;
		else if (!strcmp(argv[i], "--first"))
			all->first = true;
		else if (!strcmp(argv[i], "--planted"))
			all->planted = true;
		else if (!strcmp(argv[i], "--backend") && i + 1 < argc &&
			 (all->backend = backend_find(argv[i + 1])))
			i++;
		else
			return -1;
	}
	return i < argc ? i : -1;
}

int main(int argc, char **argv)
{
	struct totals all = {.own = FW_OWN_ALL};
	int i = options_read(&all, argc, argv);

	if (i < 0) {
		fprintf(stderr,
			"usage: %s [--as-linux | --backend NAME [--planted]] [--first] "
			"FILE...\n",
			argv[0]);
		return 2;
	}
	for (; i < argc; i++)
		file_run(&all, argv[i]);
	if (all.backend)
		state_live_end();
	else
		printf("%lu scenarios differ on purpose\n", all.differ);
	return tally_end(&all.tally);
}
