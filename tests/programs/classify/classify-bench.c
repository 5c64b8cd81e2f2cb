// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * classify-bench - what a packet costs in a long list, with a classifier and without.
 *
 *	classify-bench KIND RULES		one line of a table
 *	classify-bench KIND RULES linear|trees	the packets alone, once, for callgrind
 *	classify-bench --heading		the heading of the table
 *
 * Nine packets in ten are drawn from random rules, the tenth from none.  Times are CPU
 * time: nanoseconds a packet, the median of RUNS runs; the two ways run in turns.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "backend/ruleset.h"
#include "kmod/core/classify.h"
#include "tests/programs/classify/classify_lists.h"

#define PACKETS 2048
#define RUNS 9
#define TESTS_MAX 20000000ul	/* rules that a run tries */

static struct fw_packet packets[PACKETS];
static struct fw_dev devs[PACKETS];

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

static double median(double *times)
{
	qsort(times, RUNS, sizeof(*times), compare);
	return times[RUNS / 2];
}

/* nanoseconds a packet */
static double walk(struct fw_list *l, unsigned long n)
{
	struct fw_walk w = { .list = FW_INPUT };
	struct fw_decision d;
	double begin = now();
	unsigned long i;

	for (i = 0; i < n; i++) {
		w.dev = &devs[i % PACKETS];
		fw_list_walk(l, &w, &packets[i % PACKETS], &d);
		__asm__ volatile("" ::"m"(d));
	}
	return (now() - begin) / (double)n;
}

static struct fw_match *matches_copy(const struct fw_list *l)
{
	struct fw_match *match = calloc(l->count, sizeof(*match));
	__u32 i;

	if (!match)
		exit(2);
	for (i = 0; i < l->count; i++)
		match[i] = *fw_list_match(l, i);
	return match;
}

int main(int argc, char **argv)
{
	double with[RUNS], linear[RUNS], build, ours, plainly;
	struct fw_classifier_sizes sizes = { 0 };
	unsigned long n, many, i;
	struct fw_ruleset rs;
	struct fw_list *l = &rs.list[FW_INPUT], plain;
	struct random r;
	int kind = argc > 1 ? list_kind_find(argv[1]) : -1;

	if (argc == 2 && !strcmp(argv[1], "--heading")) {
		printf("%-6s %7s %12s %12s %7s %10s %12s\n", "list", "rules", "linear ns",
		       "classified", "ratio", "build ms", "bytes/rule");
		return 0;
	}
	if (kind < 0 || argc < 3)
		return 2;
	n = strtoul(argv[2], NULL, 0);
	random_seed(&r, 1);
	fw_ruleset_init(&rs);
	l->slots = calloc(n, sizeof(*l->slots));
	if (!l->slots || !n)
		return 2;
	l->cap = l->count = (__u32)n;
	classify_list_fill(l->slots, l->count, kind, FW_INPUT, &r);
	for (i = 0; i < PACKETS; i++)
		classify_packet(&packets[i], &devs[i], i % 10 == 9 ? NULL :
				fw_list_rule(l, random_below(&r, l->count)), &r);
	/* the matched parts alone, as the module stores them */
	l->match = matches_copy(l);
	build = now();
	fw_ruleset_classify(&rs);
	build = now() - build;
	fw_classifier_sizes(l, &sizes);
	plain = *l;
	plain.classifier = NULL;
	if (argc > 3) {
		walk(strcmp(argv[3], "linear") ? l : &plain, PACKETS);
		goto end;
	}
	many = TESTS_MAX / n < 500 ? 500 : TESTS_MAX / n > 200000 ? 200000 : TESTS_MAX / n;
	for (i = 0; i < RUNS; i++) {
		linear[i] = walk(&plain, many / 2);
		with[i] = walk(l, l->classifier ? 50000 : many / 2);
	}
	ours = median(with);
	plainly = median(linear);
	printf("%-6s %7lu %12.0f %12.0f %7.3f %10.2f %12.1f%s\n", argv[1], n, plainly, ours,
	       ours / plainly, build / 1e6,
	       l->classifier ? (double)sizes.bytes / (double)n : 0,
	       l->classifier ? "" : "  walked");
end:
	free(l->match);
	fw_ruleset_free(&rs);
	return 0;
}
