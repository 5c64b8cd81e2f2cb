// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * old-ipfwadm.c - commands that change rules, by the socket options of 2.0.
 *
 *	old-ipfwadm IPFWADM ARG...
 *
 * Other commands, and those with mistakes, are carried out by the program IPFWADM.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "parser/command.h"
#include "tests/lib/old_options.h"

static struct random chance;	/* fills what a kernel has to ignore */

static int edit_set(int inet, const struct fw_edit *e)
{
	const struct old_timeouts t = {
		.tcp = (int)e->timeouts.tcp * 100,
		.tcpfin = (int)e->timeouts.tcpfin * 100,
		.udp = (int)e->timeouts.udp * 100,
	};

	switch (e->op) {
	case FW_OP_APPEND:
		return old_rule_option(inet, e->list, OLD_APPEND, &e->rule, &chance);
	case FW_OP_INSERT:
		return old_rule_option(inet, e->list, OLD_INSERT, &e->rule, &chance);
	case FW_OP_DELETE:
		return old_rule_option(inet, e->list, OLD_DELETE, &e->rule, &chance);
	case FW_OP_FLUSH:
		return old_flush(inet, e->list);
	case FW_OP_ZERO:
		return old_zero(inet, e->list);
	case FW_OP_POLICY:
		return old_policy(inet, e->list, (int)e->policy);
	case FW_OP_TIMEOUTS:
		return old_option(inet, OLD_NUMBER(FW_FORWARD, OLD_TIMEOUTS), &t, sizeof(t));
	case FW_OP_PORTFW:
	case FW_OP_IPV6:
		break;
	}
	return -EINVAL;
}

int main(int argc, char **argv)
{
	struct program p = { 0 };
	struct source source = { 0 };
	struct diags diags;
	int status = 0, inet = socket(AF_INET, SOCK_RAW, IPPROTO_RAW);

	if (argc < 2)
		return 2;
	diags_init(&diags, &source);
	random_seed(&chance, (unsigned long long)getpid());
	if (program_parse_argv(&p, argc - 1, argv + 1, &source, &diags) || !p.ncommands ||
	    p.command[0].kind != COMMAND_EDIT || p.command[0].verbose) {
		argv[0] = argv[1];
		argv[1] = "ipfwadm";	/* its name in messages */
		execv(argv[0], argv + 1);
		return 1;
	}
	for (unsigned int i = 0; i < p.nedits; i++) {
		int err = edit_set(inet, &p.edit[i]);

		if (err) {
			fprintf(stderr, "ipfwadm: setsockopt failed: %s\n", strerror(-err));
			status = 255;
		}
	}
	diags_free(&diags);
	program_free(&p);
	source_free(&source);
	return status;
}
