// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/lib/tally.h"

#include <stdarg.h>
#include <stdio.h>

/* failures that are told */
#define TOLD_MAX 20

void tally_pass(struct tally *t)
{
	t->passed++;
}

void tally_skip(struct tally *t)
{
	t->skipped++;
}

void tally_packet(struct tally *t)
{
	t->packets++;
}

void tally_packet_skip(struct tally *t)
{
	t->packets_skipped++;
}

void tally_case_end(struct tally *t)
{
	if (t->failed == t->case_failed) {
		if (t->packets == t->case_packets)
			t->skipped++;
		else
			t->passed++;
	}
	t->case_failed = t->failed;
	t->case_packets = t->packets;
}

void tally_fail(struct tally *t, const char *format, ...)
{
	va_list args;

	if (t->failed++ >= TOLD_MAX)
		return;
	fputs("FAIL ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
}

int tally_end(const struct tally *t)
{
	if (t->failed > TOLD_MAX)
		fprintf(stderr, "and %lu more failures\n", t->failed - TOLD_MAX);
	if (t->packets_skipped)
		printf("%lu packets skipped\n", t->packets_skipped);
	if (t->packets)
		printf("%lu packets\n", t->packets);
	printf("%lu passed, %lu failed", t->passed, t->failed);
	if (t->skipped)
		printf(", %lu skipped", t->skipped);
	putchar('\n');
	return t->failed || !t->passed;
}
