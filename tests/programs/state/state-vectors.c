// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * state-vectors - recorded scenarios of a connection tracker, given to ours, or as real
 * packets to the running kernel.
 *
 *	state-vectors [--as-linux] [--backend kmod] [--of-kind N] [--first] FILE...
 *	state-vectors --backend nft|xtables [--planted] [--first] FILE...
 *
 * With --as-linux every scenario must agree.  Without it a scenario may differ if a
 * deliberate difference from Linux decided about one of its packets, and if it agrees
 * once those that decided are taken back; such a scenario is printed with the
 * numbers of the differences.  With --first it ends at the first failure.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/lib/jsonl.h"
#include "tests/lib/tally.h"
#include "tests/programs/state/scenario.h"
#include "tests/programs/state/scenario_kmod.h"
#include "tests/programs/state/state_backend.h"

struct totals {
	struct tally tally;
	unsigned long differ;
	bool first; /* end at the first failure */
	__u16 own; /* FW_OWN_* that are tested */
	const struct state_backend *backend; /* NULL: our tracker */
	bool planted; /* its rules are wrong */
	bool kmod; /* of the module, not of the core */
	int of_kind; /* how many of a kind; 0: all */
	json_t *kinds; /* how many there were */
	int processes; /* under way */
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

/* Some that wait run in processes of their own at the same time. */
#define PROCESSES 8

static int child_run(struct totals *all, const json_t *scenario, __u16 own)
{
	struct scenario_run run;

	/* The namespace of the parent stays: only descriptors are closed. */
	scenario_kmod_end();
	scenario_kmod_run(scenario, own, &run);
	scenario_kmod_end();
	if (!run.agrees)
		tally_fail(&all->tally, "%s: %s", jsonl_str(scenario, "name"), run.what);
	fflush(NULL);
	return !run.agrees;
}

static void child_wait(struct totals *all)
{
	int status;

	if (wait(&status) < 0)
		return;
	all->processes--;
	if (status)
		all->tally.failed++;
	else
		tally_pass(&all->tally);
}

static void child_begin(struct totals *all, const json_t *scenario, __u16 own)
{
	pid_t pid;

	if (all->processes == PROCESSES)
		child_wait(all);
	fflush(NULL);
	pid = fork();
	if (pid == 0)
		_exit(child_run(all, scenario, own));
	if (pid < 0)
		tally_fail(&all->tally, "%s: no process", jsonl_str(scenario, "name"));
	else
		all->processes++;
}

static bool scenario_waits(const json_t *scenario)
{
	const json_t *packets = json_object_get(scenario, "packets");
	const json_t *packet;
	size_t i;

	json_array_foreach(packets, i, packet)
		if (jsonl_int(packet, "t", 0))
			return true;
	return false;
}

/*
 * The module must do as recorded, and must not where the core has a deliberate
 * difference.
 */
static void kmod_test(struct totals *all, const json_t *scenario, __u16 own)
{
	const char *name = jsonl_str(scenario, "name");
	struct scenario_run core, run;

	scenario_run(scenario, own, &core);
	if (core.agrees && scenario_waits(scenario)) {
		child_begin(all, scenario, own);
		return;
	}
	scenario_kmod_run(scenario, own, &run);
	all->tally.packets += run.packets;
	if (run.agrees == core.agrees) {
		all->differ += !run.agrees;
		tally_pass(&all->tally);
	} else if (run.agrees) {
		tally_fail(&all->tally, "%s: no difference, but the core has: %s", name,
			   core.what);
	} else {
		tally_fail(&all->tally, "%s: %s", name, run.what);
	}
}

/* Is it one of the first of its kind? */
static bool kind_wanted(struct totals *all, const json_t *scenario)
{
	const char *kind = jsonl_str(scenario, "kind");
	long long n = jsonl_int(all->kinds, kind, 0);

	json_object_set_new(all->kinds, kind, json_integer(n + 1));
	return !all->of_kind || n < all->of_kind;
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
		if (!kind_wanted(all, scenario))
			;
		else if (all->kmod)
			kmod_test(all, scenario, all->own);
		else
			scenario_test(all, scenario);
		json_decref(scenario);
	}
	if (jsonl_close(in))
		tally_fail(&all->tally, "%s: cannot be read to its end", path);
}

/* Reads options; returns the index of the first FILE, or -1. */
static int options_read(struct totals *all, int argc, char **argv)
{
	static const struct option options[] = {
		{"as-linux", no_argument, NULL, 'l'},
		{"first", no_argument, NULL, 'f'},
		{"planted", no_argument, NULL, 'p'},
		{"backend", required_argument, NULL, 'b'},
		{"of-kind", required_argument, NULL, 'n'},
		{NULL, 0, NULL, 0},
	};
	int c;

	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (c == 'l')
			all->own = FW_OWN_NONE;
		else if (c == 'f')
			all->first = true;
		else if (c == 'p')
			all->planted = true;
		else if (c == 'n')
			all->of_kind = atoi(optarg);
		else if (c == 'b' && !strcmp(optarg, "kmod"))
			all->kmod = true;
		else if (c != 'b' || !(all->backend = backend_find(optarg)))
			return -1;
	}
	return optind < argc ? optind : -1;
}

int main(int argc, char **argv)
{
	struct totals all = {.own = FW_OWN_ALL, .kinds = json_object()};
	int i = options_read(&all, argc, argv);

	if (i < 0) {
		fprintf(stderr,
			"usage: %s [--as-linux] [--backend NAME [--planted]] [--of-kind N] "
			"[--first] FILE...\n",
			argv[0]);
		return 2;
	}
	for (; i < argc; i++)
		file_run(&all, argv[i]);
	while (all.processes)
		child_wait(&all);
	scenario_kmod_end();
	json_decref(all.kinds);
	if (all.backend)
		state_live_end();
	else
		printf("%lu scenarios differ on purpose\n", all.differ);
	return tally_end(&all.tally);
}
