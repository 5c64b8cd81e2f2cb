// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * path-random - the recorded ways of packets shuffled: other rules, other packets.
 *
 *	path-random --backend NAME --seed S --count N FILE
 *
 * Each of N networks has rules of some recordings of FILE and packets of others, with
 * addresses, ports, flags and types exchanged among packets that came the same way.
 * What should become of them the core says, which agrees with all recordings.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/lib/jsonl.h"
#include "tests/programs/paths/paths.h"
#include "tests/lib/random.h"

#define RULES_MAX 10
#define MUTATED 40	/* percent of the packets */

/* all that was recorded; jansson owns it */
struct pool {
	json_t *scenarios;
	json_t *rules;		/* lines, all but policies */
	json_t *steps;
};

static bool line_is_policy(const json_t *line)
{
	return strstr(json_string_value(line), " -p ");
}

static void pool_add(struct pool *p, json_t *scenario)
{
	json_t *line, *step;
	size_t i;

	json_array_append_new(p->scenarios, scenario);
	json_array_foreach(json_object_get(scenario, "rules"), i, line)
		if (!line_is_policy(line))
			json_array_append(p->rules, line);
	json_array_foreach(json_object_get(scenario, "steps"), i, step)
		json_array_append(p->steps, step);
}

static bool pool_read(struct pool *p, const char *path)
{
	struct jsonl *in = jsonl_open(path);
	json_t *scenario;

	*p = (struct pool){ json_array(), json_array(), json_array() };
	while (in && (scenario = jsonl_next(in)))
		pool_add(p, scenario);
	return in && !jsonl_close(in) && json_array_size(p->rules) &&
	       json_array_size(p->steps);
}

static void pool_free(struct pool *p)
{
	json_decref(p->steps);
	json_decref(p->rules);
	json_decref(p->scenarios);
}

static json_t *pick(struct random *r, const json_t *array)
{
	return json_array_get(array, random_below(r, (__u32)json_array_size(array)));
}

static bool same_member(const json_t *a, const json_t *b, const char *key)
{
	return json_equal(json_object_get(a, key), json_object_get(b, key)) ||
	       json_object_get(a, key) == json_object_get(b, key);
}

/* Did both arrive by the same device, or were both sent the same way? */
static bool same_way(const json_t *a, const json_t *b)
{
	return same_member(a, b, "iface") && same_member(a, b, "via");
}

/* Takes a member of another packet that has it, if that could be. */
static void member_take(json_t *packet, const json_t *other, const char *key)
{
	if (json_object_get(packet, key) && json_object_get(other, key))
		json_object_set(packet, key, json_object_get(other, key));
}

static void packet_mutate(json_t *packet, const struct pool *p, struct random *r)
{
	static const char *const keys[] = {
		"saddr", "daddr", "sport", "dport", "tcpflags", "tos", "icmptype", "icmpid",
	};
	const char *key = keys[random_below(r, FW_COUNT(keys))];
	const json_t *other = json_object_get(pick(r, p->steps), "pkt");
	bool address = !strcmp(key, "saddr") || !strcmp(key, "daddr");

	/* what the host sends has the address of the device it leaves by */
	if (same_way(packet, other) && !(address && json_object_get(packet, "via")))
		member_take(packet, other, key);
}

/* the steps of one recording, with others in between, and some changed */
static json_t *steps_make(const struct pool *p, const json_t *from, struct random *r)
{
	json_t *steps = json_array(), *step;
	size_t i;
	int n;

	json_array_foreach(json_object_get(from, "steps"), i, step) {
		step = json_deep_copy(random_chance(r, 20) ? pick(r, p->steps) : step);
		for (n = random_chance(r, MUTATED) ? 4 : 0; n; n--)
			packet_mutate(json_object_get(step, "pkt"), p, r);
		json_array_append_new(steps, step);
	}
	return steps;
}

/* the policies of one recording, perhaps with its rules, and rules of others */
static json_t *rules_make(const struct pool *p, const json_t *from, struct random *r)
{
	bool alike = random_chance(r, 60);
	__u32 n = random_below(r, alike ? 3 : RULES_MAX);
	json_t *rules = json_array(), *line;
	size_t i;

	json_array_foreach(json_object_get(from, "rules"), i, line)
		if (line_is_policy(line) || (alike && !random_chance(r, 10)))
			json_array_append(rules, line);
	while (n--)
		json_array_append(rules, pick(r, p->rules));
	return rules;
}

static json_t *scenario_make(const struct pool *p, struct random *r, unsigned long long id)
{
	const json_t *from = pick(r, p->scenarios);
	json_t *scenario = json_copy((json_t *)from);

	json_object_set_new(scenario, "id", json_integer((json_int_t)id));
	json_object_set_new(scenario, "rules", rules_make(p, from, r));
	if (random_chance(r, 30))
		from = pick(r, p->scenarios);
	json_object_set_new(scenario, "steps", steps_make(p, from, r));
	return scenario;
}

/* Each has a seed of its own, which its failures tell as their number. */
static void scenarios_run(const struct path_runner *runner, const struct pool *p,
			  unsigned long long seed, unsigned long count, struct tally *t)
{
	struct random r;
	json_t *scenario;

	for (; count--; seed++) {
		random_seed(&r, seed);
		scenario = scenario_make(p, &r, seed);
		if (path_sim_foretell(scenario))
			runner->scenario(t, scenario);
		tally_case_end(t);
		json_decref(scenario);
	}
}

int main(int argc, char **argv)
{
	const struct path_runner *runner = NULL;
	struct tally t = { 0 };
	struct pool p;

	if (argc == 8 && !strcmp(argv[1], "--backend") && !strcmp(argv[3], "--seed") &&
	    !strcmp(argv[5], "--count"))
		runner = path_runner_find(argv[2]);
	if (!runner) {
		fprintf(stderr, "usage: %s --backend NAME --seed S --count N FILE\n", argv[0]);
		return 2;
	}
	if (pool_read(&p, argv[7]))
		scenarios_run(runner, &p, strtoull(argv[4], NULL, 0),
			      strtoul(argv[6], NULL, 0), &t);
	else
		tally_fail(&t, "%s: cannot be read", argv[7]);
	pool_free(&p);
	if (runner->end)
		runner->end();
	return tally_end(&t);
}
