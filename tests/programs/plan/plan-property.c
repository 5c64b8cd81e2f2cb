// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plan-property - is what a rule set is lowered to what the core means by it?
 *
 *	plan-property [--seed S] [--count N] [--plan nft|xtables] [--mutate]
 *
 * Random packets go through random rule sets, by the core and by both plans.
 * N is the number of pairs of rule set and packet.  With --mutate, mistakes are
 * planted in the plans, each of which must be noticed.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/text/emit.h"
#include "kmod/core/show.h"
#include "tests/programs/plan/plan_mutate.h"
#include "tests/programs/plan/plan_shape.h"
#include "tests/lib/plan_random.h"
#include "tests/lib/tally.h"

#define PACKETS_PER_SET	64
#define FAILURES_MAX	10
#define MUTANTS_MAX	4000	/* of one kind, before it counts as unnoticed */

typedef struct plan *(*lower_fn)(const struct fw_ruleset *rs,
				 const struct plan_options *o);

static const struct target {
	const char *name;
	lower_fn lower;
	int (*emit)(FILE *out, const struct plan *p, const struct emit_options *o);
} targets[] = {
	{ "nft", plan_lower_nft, emit_nft },
	{ "xtables", plan_lower_xtables, emit_iptables },
};

struct options {
	__u64 seed;
	unsigned long count;
	const struct target *only;	/* NULL: all */
	bool mutate;
};

static void describe(struct fw_text *t, enum fw_list_id list, const struct fw_rule *r)
{
	(void)list;
	fw_show_rule(t, r);
	while (t->len && t->len < t->size && t->buf[t->len - 1] == '\n')
		t->buf[--t->len] = '\0';
}

static void set_print(const struct random_set *s, const struct plan *p,
		      const struct target *target)
{
	const struct emit_options eo = { .rules = &s->rules, .describe = describe };
	char line[FW_SHOW_RULE_MAX];
	struct fw_text t;
	unsigned int list;
	__u32 i;

	for (i = 0; i < s->ndevs; i++)
		printf("interface %.16s %08x/%08x\n", s->dev[i].name, s->dev[i].addr,
		       s->dev[i].mask);
	for (list = 0; list < FW_LISTS; list++) {
		const struct fw_list *l = &s->rules.list[list];

		fw_text_init(&t, line, sizeof(line));
		fw_show_header(&t, list, l->policy);
		printf("%s", line);
		for (i = 0; i < l->count; i++) {
			fw_text_init(&t, line, sizeof(line));
			fw_show_rule(&t, &l->slots[i]);
			printf("%2u: state %x keep %u %s", i, l->slots[i].state,
			       l->slots[i].keep_state, line);
		}
	}
	target->emit(stdout, p, &eo);
}

static void packet_print(const struct traversal_packet *p)
{
	static const char *const path[PATHS] = {
		"forwarded", "to us", "from us", "answer", "reply", "data", "asked",
		"error", "kept", "client", "target",
	};
	const struct fw_packet *k = &p->pkt;

	printf("packet %s mark %08x: %s -> %s, proto %u %08x:%u -> %08x:%u icmp %u flags %02x "
	       "tos %02x len %u options %u frag %04x state %x kept %d; masq port %u, "
	       "inner %08x:%u\n",
	       path[p->path], p->mark[0], p->in ? p->in->name : "-", p->out ? p->out->name : "-",
	       k->proto, k->saddr, k->sport, k->daddr, k->dport, k->icmp_type,
	       k->tcpflags, k->tos, k->len, k->noptions, k->frag_off, k->state, k->kept,
	       p->masq_port, p->inner_addr, p->inner_port);
}

static void end_print(const char *who, const struct traversal_end *e)
{
	static const char *const verdict[] = { "accept", "drop", "reject" };
	unsigned int step;

	printf("%s: %s %u tos %02x redirected %d %u masqueraded %d forward %u %08x:%u "
	       "answered %d kept %d;", who, verdict[e->verdict], e->reject_code, e->tos,
	       e->redirected, e->redirport, e->masqueraded, e->forward, e->forward_addr,
	       e->forward_port, e->answered, e->kept);
	for (step = 0; step < STEPS; step++)
		if (e->counted[step].times)
			printf(" %s %u times, rule %d last", traversal_step_name(step),
			       e->counted[step].times, e->counted[step].rule);
	printf("\n");
}

static struct plan *set_lower(struct random_set *s, const struct target *target)
{
	const struct plan_options o = {
		.devs = s->dev, .ndevs = s->ndevs, .mark_mask = s->mark_mask,
	};
	struct plan *p = target->lower(&s->rules, &o);

	if (!p)
		abort();
	return p;
}

static bool shape_right(const struct random_set *s, const struct plan *p,
			const struct target *target)
{
	const char *fault = plan_shape_fault(p, &s->rules);

	if (!fault)
		return true;
	printf("--- %s: %s\n", target->name, fault);
	set_print(s, p, target);
	return false;
}

enum outcome { AGREED, SKIPPED, DIFFERED };

static enum outcome packet_compare(struct random_set *s, const struct traversal_packet *p,
				   const struct plan *plan, const struct target *target,
				   bool quiet)
{
	struct traversal core = { .rules = &s->rules, .packet = p, .plan = plan };
	struct traversal lowered = core;
	const char *what;

	traversal_by_core(&core);
	traversal_by_plan(&lowered);
	if (core.inexact || lowered.inexact)
		return SKIPPED;
	what = traversal_difference(&core, &lowered);
	if (!what)
		return AGREED;
	if (!quiet) {
		printf("--- %s disagrees: %s\n", target->name, what);
		set_print(s, plan, target);
		packet_print(p);
		end_print("core", &core.end);
		end_print("plan", &lowered.end);
	}
	return DIFFERED;
}

static void outcome_count(struct tally *t, enum outcome o)
{
	switch (o) {
	case AGREED:
		tally_packet(t);
		break;
	case SKIPPED:
		tally_packet_skip(t);
		break;
	case DIFFERED:
		t->failed++;
		break;
	}
}

/* A round is one rule set with its packets, by every plan. */
static unsigned long round_run(const struct options *o, struct random *r, struct tally *t)
{
	static struct random_set set;
	struct traversal_packet packet;
	struct plan *plan[FW_COUNT(targets)] = { 0 };
	unsigned long i;
	size_t k;

	random_set_make_forwarding(&set, r);
	for (k = 0; k < FW_COUNT(targets); k++) {
		if (o->only && o->only != &targets[k])
			continue;
		plan[k] = set_lower(&set, &targets[k]);
		t->failed += !shape_right(&set, plan[k], &targets[k]);
	}
	for (i = 0; i < PACKETS_PER_SET && t->failed < FAILURES_MAX; i++) {
		random_packet_make(&packet, &set, r);
		for (k = 0; k < FW_COUNT(targets); k++)
			if (plan[k])
				outcome_count(t, packet_compare(&set, &packet, plan[k],
								&targets[k], false));
	}
	for (k = 0; k < FW_COUNT(targets); k++)
		plan_free(plan[k]);
	tally_case_end(t);
	return i;
}

/* more rules that are not exact than a sensible random rule set has */
static bool skipped_too_many(const struct tally *t)
{
	return t->packets_skipped > (t->packets + t->packets_skipped) / 10;
}

static void property_run(const struct options *o, struct tally *t)
{
	unsigned long done = 0;
	struct random r;

	random_seed(&r, o->seed);
	while (done < o->count && t->failed < FAILURES_MAX)
		done += round_run(o, &r, t);
	if (skipped_too_many(t))
		tally_fail(t, "more than a tenth of all pairs met rules that are not exact");
}

/* Is the mistake noticed by any packet? */
static bool mutant_noticed(struct random_set *s, const struct plan *plan,
			   const struct target *target, struct random *r)
{
	struct traversal_packet packet;
	unsigned int i;

	for (i = 0; i < PACKETS_PER_SET; i++) {
		random_packet_make(&packet, s, r);
		if (packet_compare(s, &packet, plan, target, true) == DIFFERED)
			return true;
	}
	return false;
}

/* Plants the mistake in one rule set after another until it is noticed. */
static bool mutation_noticed(const struct plan_mutation *m, const struct target *target,
			     struct random *r)
{
	static struct random_set set;
	unsigned int i;
	bool noticed = false;

	for (i = 0; i < MUTANTS_MAX && !noticed; i++) {
		struct plan *plan;

		random_set_make_forwarding(&set, r);
		plan = set_lower(&set, target);
		if (plan_mutate(plan, m, r))
			noticed = mutant_noticed(&set, plan, target, r);
		plan_free(plan);
	}
	return noticed;
}

static void mutations_run(const struct options *o, struct tally *t)
{
	struct random r;
	size_t i, k;

	random_seed(&r, o->seed);
	for (k = 0; k < FW_COUNT(targets); k++) {
		if (o->only && o->only != &targets[k])
			continue;
		for (i = 0; plan_mutations[i].name; i++) {
			const struct plan_mutation *m = &plan_mutations[i];

			if (!(m->targets & 1u << k))
				continue;
			if (mutation_noticed(m, &targets[k], &r)) {
				printf("%s: noticed: %s\n", targets[k].name, m->name);
				tally_pass(t);
			} else {
				tally_fail(t, "%s: unnoticed: %s", targets[k].name,
					   m->name);
			}
		}
	}
}

static bool number_read(const char *text, __u64 *n)
{
	char *end;

	errno = 0;
	*n = strtoull(text, &end, 0);
	return !errno && *text && !*end;
}

static const struct target *target_find(const char *name)
{
	size_t k;

	for (k = 0; k < FW_COUNT(targets); k++)
		if (!strcmp(targets[k].name, name))
			return &targets[k];
	return NULL;
}

/* an option with a value; false: unknown, or the value is wrong */
static bool option_read(struct options *o, const char *option, const char *value)
{
	__u64 n;

	if (!strcmp(option, "--plan")) {
		o->only = target_find(value);
		return o->only;
	}
	if (!number_read(value, &n))
		return false;
	if (!strcmp(option, "--seed"))
		o->seed = n;
	else if (!strcmp(option, "--count"))
		o->count = n;
	else
		return false;
	return true;
}

static bool options_read(struct options *o, int argc, char **argv)
{
	int i;

	for (i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "--mutate"))
			o->mutate = true;
		else if (i + 1 == argc || !option_read(o, argv[i], argv[i + 1]))
			return false;
		else
			i++;
	}
	return true;
}

int main(int argc, char **argv)
{
	struct options o = { .seed = 1, .count = 100000 };
	struct tally t = { 0 };

	if (!options_read(&o, argc, argv)) {
		fprintf(stderr, "usage: %s [--seed S] [--count N] [--plan nft|xtables] "
			"[--mutate]\n", argv[0]);
		return 2;
	}
	if (o.mutate)
		mutations_run(&o, &t);
	else
		property_run(&o, &t);
	return tally_end(&t);
}
