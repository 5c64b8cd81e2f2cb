// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * state-table - the core's table of TCP states as ipfwadm-state(7) shows it.
 *
 *	state-table [timeouts]
 *
 * timeouts: prints the names of timeouts and their default in seconds instead.
 */
#include <stdio.h>
#include <string.h>

#include "kmod/core/tcp.h"
#include "kmod/core/track.h"

static const char *const kinds[FW_TCP_KINDS] = {
	[FW_TCP_KIND_SYN] = "SYN", [FW_TCP_KIND_SYN_ACK] = "SYN ACK",
	[FW_TCP_KIND_FIN] = "FIN", [FW_TCP_KIND_ACK] = "ACK",
	[FW_TCP_KIND_RST] = "RST",
};

/* Two letters for the heads of the columns. */
static const char *const marks[FW_TCP_STATES] = {
	"", "SS", "S2", "SR", "ES", "FW", "CW", "LA", "TW", "CL",
};

static const char *move_text(__u8 move)
{
	return move == FW_TCP_BAD ? "-" : move == FW_TCP_SAME ? "." : marks[move];
}

static void direction_print(unsigned int dir, const char *name)
{
	unsigned int kind, state;

	printf("%-12s  ", name);
	for (state = 1; state < FW_TCP_STATES; state++)
		printf("  %s", marks[state]);
	putchar('\n');
	for (kind = 0; kind < FW_TCP_KINDS; kind++) {
		printf("  %-8s", kinds[kind]);
		for (state = 0; state < FW_TCP_STATES; state++)
			printf(state == FW_TCP_STATES - 1 ? "  %s" : "  %-2s",
			       move_text(fw_tcp_moves[dir][kind][state]));
		putchar('\n');
	}
}

int main(int argc, char **argv)
{
	unsigned int state, i;

	if (argc == 2 && !strcmp(argv[1], "timeouts")) {
		for (i = 0; i < FW_TIMEOUTS; i++)
			printf("%s %u\n", fw_timeout_table[i].name,
			       fw_timeout_table[i].seconds);
		return 0;
	}

	for (state = 1; state < FW_TCP_STATES; state++)
		printf("%s %s%s", marks[state], fw_tcp_state_names[state],
		       state == 3 || state == 6 || state == 9 ? "\n" : ", ");
	putchar('\n');
	direction_print(FW_ORIGINAL, "original");
	putchar('\n');
	direction_print(FW_REPLY, "reply");
	return 0;
}
