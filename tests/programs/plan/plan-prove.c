// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plan-prove - are plans proved, and mistakes in them found?
 *
 *	plan-prove [--seed S] [--count N] [--mutate | FILE...]
 *
 * N random rule sets are lowered for both targets, and both plans are proved.  With
 * --mutate, each mistake is planted in N plans in which random packets notice it, and
 * the proof must find a packet, too.  Of recordings, every Nth rule set is proved.
 * What remains undecided is printed; it may be one in fifty.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/analysis/lint.h"
#include "backend/analysis/prove.h"
#include "backend/backend.h"
#include "tests/lib/jsonl.h"
#include "tests/lib/plan_random.h"
#include "tests/lib/recorded.h"
#include "tests/lib/tally.h"
#include "tests/programs/plan/plan_mutate.h"

#define PACKETS_PER_SET	64
#define MUTANTS_MAX	8000	/* of one kind, for each that is asked for */

static const struct target {
	const char *name;
	struct plan *(*lower)(const struct fw_ruleset *rs, const struct plan_options *o);
} targets[] = {
	{ "nft", plan_lower_nft },
	{ "xtables", plan_lower_xtables },
};

static struct plan *rules_lower(const struct target *t, const struct fw_ruleset *rs,
				const struct fw_dev *devs, __u32 ndevs, __u32 mark_mask)
{
	const struct plan_options o = { .devs = devs, .ndevs = ndevs, .mark_mask = mark_mask };
	struct plan *p = t->lower(rs, &o);

	if (!p)
		abort();
	return p;
}

static unsigned long undecided;

/* what: the rule set, for the report.  Returns how many packets were walked. */
static unsigned long rules_prove(const char *what, const struct fw_ruleset *rs,
				 const struct fw_dev *devs, __u32 ndevs, __u32 mark_mask,
				 struct tally *t)
{
	unsigned long walks = 0;
	struct proof proof;
	size_t k;

	for (k = 0; k < FW_COUNT(targets); k++) {
		struct plan *plan = rules_lower(&targets[k], rs, devs, ndevs, mark_mask);
		int answer = prove_plan(rs, plan, devs, ndevs, ANALYSIS_BUDGET, &proof);

		walks += proof.walks;
		if (answer == PROVE_SAME)
			tally_pass(t);
		else if (answer == PROVE_UNDECIDED && ++undecided)
			printf("%s, %s: undecided: %s, list %u rule %d\n", what,
			       targets[k].name, proof.reason, proof.list, proof.rule);
		else
			tally_fail(t, "%s, %s: differs: %s", what, targets[k].name, proof.what);
		plan_free(plan);
	}
	return walks;
}

/* the commands of a recorded rule set that were not refused then */
static void recorded_rules_load(struct fw_ruleset *rs, const json_t *recorded)
{
	const json_t *commands = json_object_get(recorded, "commands");
	json_t *line;
	size_t i;

	json_array_foreach(json_object_get(recorded, "rules"), i, line)
		recorded_command(rs, json_string_value(line));
	json_array_foreach(commands, i, line)
		recorded_command(rs, jsonl_str(line, "cmd") + strlen("ipfwadm "));
}

static unsigned long file_prove(const char *path, unsigned long every, struct tally *t)
{
	static const struct fw_dev usual[] = {
		{ "lo", 0x7f000001, 0xff000000 }, { "eth0", 0x0a000001, 0xffffff00 },
		{ "eth1", 0xc0a80101, 0xffffff00 }, { "ppp0", 0x01020304, 0xffffffff },
	};
	struct jsonl *in = jsonl_open(path);
	unsigned long n = 0, walks = 0;
	json_t *recorded;

	while (in && (recorded = jsonl_next(in))) {
		const json_t *ifaces = json_object_get(recorded, "ifaces");
		struct recorded_devs devs;
		struct fw_ruleset rs;
		char what[64];

		snprintf(what, sizeof(what), "rule set %lu of %.40s", n, path);
		if (n++ % every == 0) {
			fw_ruleset_init(&rs);
			recorded_devs(&devs, ifaces);
			recorded_rules_load(&rs, recorded);
			walks += rules_prove(what, &rs, ifaces ? devs.dev : usual,
					     ifaces ? devs.count : FW_COUNT(usual),
					     BACKEND_MARK_MASK, t);
			fw_ruleset_free(&rs);
		}
		json_decref(recorded);
	}
	if (!in || jsonl_close(in) || !n)
		tally_fail(t, "%s: cannot be read", path);
	return walks;
}

static unsigned long random_prove(struct random *r, unsigned long count, struct tally *t)
{
	static struct random_set set;
	unsigned long i, walks = 0;
	char what[32];

	for (i = 0; i < count; i++) {
		random_set_make_forwarding(&set, r);
		snprintf(what, sizeof(what), "set %lu", i);
		walks += rules_prove(what, &set.rules, set.dev, set.ndevs, set.mark_mask, t);
	}
	return walks;
}

/* Does a random packet show the mistake? */
static bool packet_shows(struct random_set *s, const struct plan *plan, struct random *r)
{
	struct traversal_packet packet;
	unsigned int i;

	for (i = 0; i < PACKETS_PER_SET; i++) {
		struct traversal core = { .rules = &s->rules, .packet = &packet, .plan = plan };
		struct traversal lowered = core;

		random_packet_make(&packet, s, r);
		traversal_by_core(&core);
		traversal_by_plan(&lowered);
		if (!core.inexact && !lowered.inexact && traversal_difference(&core, &lowered))
			return true;
	}
	return false;
}

/* A proof is not about rules that are inexact, nor about mistakes in them. */
static bool plan_is_exact(const struct plan *p)
{
	bool exact = true;

	for (int list = 0; list < FW_LISTS; list++) {
		exact &= p->policy_report[list].exactness == PLAN_EXACT;
		for (__u32 i = 0; i < p->nreports[list]; i++)
			exact &= p->report[list][i].exactness == PLAN_EXACT;
	}
	return exact;
}

static void mutation_prove(const struct plan_mutation *m, const struct target *target,
			   struct random *r, unsigned long count, struct tally *t)
{
	static struct random_set set;
	unsigned long shown = 0, i;
	struct proof proof;

	for (i = 0; shown < count && i < MUTANTS_MAX * count; i++) {
		struct plan *plan;
		int answer;

		random_set_make_forwarding(&set, r);
		plan = rules_lower(target, &set.rules, set.dev, set.ndevs, set.mark_mask);
		if (!plan_is_exact(plan) || !plan_mutate(plan, m, r) ||
		    !packet_shows(&set, plan, r)) {
			plan_free(plan);
			continue;
		}
		shown++;
		answer = prove_plan(&set.rules, plan, set.dev, set.ndevs, ANALYSIS_BUDGET,
				    &proof);
		if (answer == PROVE_DIFFERS)
			tally_pass(t);
		else if (answer == PROVE_UNDECIDED && ++undecided)
			printf("%s: %s: undecided: %s\n", target->name, m->name, proof.reason);
		else
			tally_fail(t, "%s: %s: proved", target->name, m->name);
		plan_free(plan);
	}
	if (shown < count)
		tally_fail(t, "%s: %s: planted %lu times", target->name, m->name, shown);
}

static void mutations_prove(struct random *r, unsigned long count, struct tally *t)
{
	size_t i, k;

	for (k = 0; k < FW_COUNT(targets); k++)
		for (i = 0; plan_mutations[i].name; i++)
			if (plan_mutations[i].targets & 1u << k)
				mutation_prove(&plan_mutations[i], &targets[k], r, count, t);
}

int main(int argc, char **argv)
{
	unsigned long count = 100, walks = 0;
	struct tally t = { 0 };
	bool mutate = false;
	struct random r;
	__u64 seed = 1;
	int a;

	for (a = 1; a < argc && argv[a][0] == '-'; a++) {
		if (!strcmp(argv[a], "--mutate"))
			mutate = true;
		else if (!strcmp(argv[a], "--seed") && a + 1 < argc)
			seed = strtoull(argv[++a], NULL, 0);
		else if (!strcmp(argv[a], "--count") && a + 1 < argc)
			count = strtoul(argv[++a], NULL, 0);
		else
			return 2;
	}
	if (!count)
		return 2;
	random_seed(&r, seed);
	if (mutate)
		mutations_prove(&r, count, &t);
	else if (a == argc)
		walks = random_prove(&r, count, &t);
	for (; a < argc; a++)
		walks += file_prove(argv[a], count, &t);
	if (undecided * 50 > t.passed)
		tally_fail(&t, "%lu undecided", undecided);
	if (walks)
		printf("%lu packets\n", walks);
	return tally_end(&t);
}
