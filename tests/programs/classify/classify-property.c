// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * classify-property - does a walk with a classifier do what a linear walk does?
 *
 *	classify-property [--seed S] [--count N]
 *
 * N packets go through random lists of every kind, with a classifier and without.  They
 * must agree in the decision, in the rules that match, in their order and in their
 * counters, and leaves have no more rules than classify.h says.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/ruleset.h"
#include "kmod/core/classify.h"
#include "tests/lib/tally.h"
#include "tests/programs/classify/classify_lists.h"

#define PACKETS_PER_LIST 1024
#define RULES_MAX 3000
#define OTHERS_MAX 40		/* rules before and after those that are covered */

static struct tally tally;

/* the rules that matched a packet, in order */
struct matched {
	__u64 hash;
	__u32 n;
};

static void on_match(void *ctx, const struct fw_match *m, __u32 index,
		     const struct fw_packet *pkt)
{
	struct matched *x = ctx;

	(void)m;
	(void)pkt;
	x->hash = (x->hash ^ index) * 0x100000001b3u;
	x->n++;
}

/* In a leaf rules are in the order of the list, and as rare as classify.h says. */
static void leaf_check(const struct fw_classifier *cl, const __u32 *candidate)
{
	__u32 i, before = 0;

	for (i = 0; candidate[i] != FW_CLASSIFY_NONE; i++) {
		__u32 rule = candidate[i] / FW_CLASSIFY_TREES;

		if (rule < before || rule >= cl->count)
			tally_fail(&tally, "candidate %u follows %u", rule, before);
		if (i > FW_CLASSIFY_LEAF && (i - FW_CLASSIFY_LEAF) * 2 * cl->trees > rule)
			tally_fail(&tally, "%u candidates to rule %u", i + 1, rule);
		before = rule;
	}
}

static void leaves_check(const struct fw_classifier *cl, __u32 node)
{
	const struct fw_classify_node *n = &cl->node[node];

	if (n->field == FW_BY_NOTHING) {
		leaf_check(cl, &cl->candidate[n->next]);
		return;
	}
	leaves_check(cl, n->next);
	leaves_check(cl, n->next + 1);
}

static void decisions_compare(const struct fw_decision *a, const struct fw_decision *b,
			      const struct matched *x)
{
	if (a->verdict == b->verdict && a->by == b->by && a->rule == b->rule &&
	    a->tos == b->tos && a->redirport == b->redirport &&
	    a->keep_state == b->keep_state && a->helper == b->helper &&
	    x[0].hash == x[1].hash && x[0].n == x[1].n)
		tally_packet(&tally);
	else
		tally_fail(&tally, "rule %d of %u that match, and linearly %d of %u", a->rule,
			   x[0].n, b->rule, x[1].n);
}

/* bound: for each slot an interface that is up, one that is down, or none */
static void bound_fill(const volatile int **bound, __u32 n, struct random *r)
{
	static const volatile int up = 1, down = 0;
	__u32 i;

	for (i = 0; i < n; i++)
		bound[i] = random_one_in(r, 2) ? NULL : random_one_in(r, 8) ? &down : &up;
}

static void packets_walk(struct fw_list *l, struct fw_list *linear, enum fw_list_id id,
			 struct random *r)
{
	struct fw_decision d[2];
	struct fw_packet pkt;
	struct fw_dev dev;
	unsigned int i;

	for (i = 0; i < PACKETS_PER_LIST; i++) {
		struct matched x[2] = { { 0 } };
		struct fw_walk w = {
			.list = id, .count = true, .on_match = on_match, .ctx = &x[0],
			.direction = random_one_in(r, 2) ? FW_DIR_IN : FW_DIR_OUT,
			.dev = random_one_in(r, 16) ? NULL : &dev,
		};

		classify_packet(&pkt, &dev, random_one_in(r, 8) ? NULL :
				fw_list_rule(l, random_below(r, l->count)), r);
		fw_list_walk(l, &w, &pkt, &d[0]);
		w.ctx = &x[1];
		fw_list_walk(linear, &w, &pkt, &d[1]);
		decisions_compare(&d[0], &d[1], x);
	}
}

/* Returns whether the list got a classifier. */
static bool list_check(int kind, __u32 n, struct random *r)
{
	enum fw_list_id id = (enum fw_list_id)random_below(r, FW_LISTS);
	__u32 before = random_below(r, OTHERS_MAX), after = random_below(r, OTHERS_MAX);
	__u32 cap = before + n + after, i;
	struct fw_ruleset rs, linear;
	struct fw_list *l = &rs.list[id];
	const volatile int **bound;
	bool has_classifier;

	fw_ruleset_init(&rs);
	l->slots = calloc(cap, sizeof(*l->slots));
	bound = calloc(cap, sizeof(const volatile int *));
	if (!l->slots || !bound)
		exit(2);
	classify_list_fill(l->slots, cap, kind, id, r);
	bound_fill(bound, cap, r);
	l->cap = cap;
	l->first = before;
	l->count = n;
	fw_ruleset_classify(&rs);
	/* rules are added at both ends */
	l->first = 0;
	l->count = cap;
	l->classified_first += before;
	if (fw_ruleset_copy(&linear, &rs))
		exit(2);
	if (random_one_in(r, 2))
		l->bound = linear.list[id].bound = bound;
	for (i = 0; l->classifier && i < l->classifier->trees; i++)
		leaves_check(l->classifier, i);
	packets_walk(l, &linear.list[id], id, r);
	if (memcmp(l->slots, linear.list[id].slots, cap * sizeof(*l->slots)) != 0)
		tally_fail(&tally, "%s, %u rules: counters differ", list_kinds[kind], n);
	has_classifier = l->classifier;
	fw_ruleset_free(&rs);
	fw_ruleset_free(&linear);
	free((void *)bound);
	tally_case_end(&tally);
	return has_classifier;
}

int main(int argc, char **argv)
{
	__u32 classified[LIST_KINDS] = { 0 };
	unsigned long count = 100000, seed = 1, lists, i;
	struct random r;
	int kind;

	for (i = 1; i + 1 < (unsigned long)argc; i += 2)
		*(strcmp(argv[i], "--seed") ? &count : &seed) = strtoul(argv[i + 1], NULL, 0);
	random_seed(&r, seed);
	lists = count / PACKETS_PER_LIST + LIST_KINDS;
	for (i = 0; i < lists; i++) {
		kind = (int)(i % LIST_KINDS);
		classified[kind] += list_check(kind, 1 + random_below(&r, random_one_in(&r, 2) ?
						       400 : RULES_MAX), &r);
	}
	for (kind = 0; kind < LIST_KINDS; kind++)
		printf("%s: %u of %lu lists have a classifier\n", list_kinds[kind],
		       classified[kind], lists / LIST_KINDS);
	return tally_end(&tally);
}
