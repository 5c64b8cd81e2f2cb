// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * emit-cases nft|iptables		print a file with all emit_cases[]
 * emit-cases nft-listed|iptables-listed	and the rules as they are then listed
 */
#include <string.h>

#include "tests/lib/emit_cases.h"

static const char *const iptables_chain[EMIT_PLACES] = {
	[EMIT_IN_MANGLE] = "PREROUTING",
	[EMIT_IN_RAW] = "PREROUTING",
	[EMIT_IN_FORWARD] = "FORWARD",
	[EMIT_IN_REDIRECT] = "PREROUTING",
	[EMIT_IN_MASQUERADE] = "POSTROUTING",
};

static void nft_listed_print(const struct emit_case *k)
{
	if (k->nft)
		puts(k->listed ? k->listed : k->nft);
}

static void iptables_listed_print(const struct emit_case *k)
{
	const char *line = k->saved ? k->saved : k->iptables;

	if (line)
		printf("-A %s%s%s\n", iptables_chain[k->place], *line ? " " : "", line);
}

static int listed_print(void (*print)(const struct emit_case *))
{
	size_t i;

	for (i = 0; i < emit_cases_count; i++)
		print(&emit_cases[i]);
	return 0;
}

int main(int argc, char **argv)
{
	static const struct emit_options plain;
	const char *what = argc == 2 ? argv[1] : "";

	if (strcmp(what, "nft") == 0)
		return emit_nft(stdout, emit_cases_plan(PLAN_NFT), &plain) != 0;
	if (strcmp(what, "iptables") == 0)
		return emit_iptables(stdout, emit_cases_plan(PLAN_XTABLES), &plain) != 0;
	if (strcmp(what, "nft-listed") == 0)
		return listed_print(nft_listed_print);
	if (strcmp(what, "iptables-listed") == 0)
		return listed_print(iptables_listed_print);
	fputs("usage: emit-cases nft|iptables|nft-listed|iptables-listed\n", stderr);
	return 2;
}
