// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ipportfw.c - the command line and the listing of ipportfw 1.11, for Linux 2.0.
 *
 * Its kernel had one target for each address and port, and to delete a forward cut its
 * connections.
 */
#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compat/portfw_front.h"
#include "compat/portfw_proc.h"

#define ARGUMENT_MAX 22		/* characters of ADDRESS/PORT that count */
#define KERNEL_NAME "ipfwadm"	/* what it called itself when the kernel refused */

static const char help[] =
	"ipportfw v1.11-mbv 2000/02/03\n\n"
	"Usage: ipportfw -A -[t|u] l.l.l.l/lport -R r.r.r.r/rport  add entry\n"
	"       ipportfw -D -[t|u] l.l.l.l/lport                   delete entry\n"
	"       ipportfw -C                                        clear table\n"
	"       ipportfw -L                                        list table\n\n"
	"l.l.l.l is the local interface receiving packets to be forwarded.\n"
	"r.r.r.r is the remote address.\n"
	"lport is the port being redirected.\n"
	"rport is the port being redirected to.\n";

/* strtol() within limits, up to a delimiter or the end */
static bool number_read(const char **s, long least, long most, char delimiter, long *n)
{
	char *end;

	*n = strtol(*s, &end, 10);
	if (end == *s || *n < least || *n > most || *end != delimiter)
		return false;
	*s = end + (delimiter != '\0');
	return true;
}

/* A.B.C.D/PORT */
static bool address_read(const char *arg, __u32 *addr, __u16 *port)
{
	char text[ARGUMENT_MAX + 1];
	const char *s = text;
	long n;

	snprintf(text, sizeof(text), "%s", arg);
	*addr = 0;
	for (int i = 0; i < 4; i++) {
		if (!number_read(&s, 0, 255, i < 3 ? '.' : '/', &n))
			return false;
		*addr = *addr << 8 | (__u32)n;
	}
	if (!number_read(&s, 1, FW_PORTFW_PORT_MAX, '\0', &n))
		return false;
	*port = (__u16)n;
	return true;
}

/* One option; NULL, or what is wrong. */
static const char *option_read(struct portfw_command *c, int letter, const char *arg)
{
	struct fw_portfw *f = &c->forward;

	switch (letter) {
	case 't':
	case 'u':
		if (f->proto)
			return "multiple protocols specified";
		f->proto = letter == 't' ? FW_PROTO_TCP : FW_PROTO_UDP;
		if (!address_read(arg, &f->addr, &f->low))
			return "illegal local address/port specified";
		f->high = f->low;
		return NULL;
	case 'R':
		if (f->to_port)
			return "multiple destinations specified";
		return address_read(arg, &f->to, &f->to_port) ?
			       NULL : "illegal destination specified";
	default:
		if (c->letter)
			return "multiple commands specified";
		c->letter = (char)letter;
		return NULL;
	}
}

static const char *command_check(const struct portfw_command *c)
{
	const struct fw_portfw *f = &c->forward;

	if ((c->letter == 'A' && (!f->proto || !f->to)) || (c->letter == 'D' && !f->proto))
		return "insufficient options specified";
	if ((c->letter == 'D' && f->to) || (strchr("CL", c->letter) && (f->proto || f->to)))
		return "incompatible options specified";
	return NULL;
}

static bool side_is_known(const struct fw_portfw_table *t, const struct fw_portfw *f)
{
	__u32 i = 0;

	while (i < t->count && !fw_portfw_same_side(&t->entry[i], f))
		i++;
	return i < t->count;
}

static int edits_make(struct portfw_change *change, const struct portfw_command *c)
{
	struct fw_portfw_edit del = { FW_PORTFW_DELETE_SIDE, c->letter == 'D', c->forward };
	struct fw_portfw_edit add = { FW_PORTFW_INSERT, false, c->forward };

	if (c->letter == 'C')
		portfw_change_clear(change, PORTFW_ONE_PORT, true);
	if (c->letter == 'D' || (c->letter == 'A' &&
				 side_is_known(portfw_change_table(change), &c->forward)))
		portfw_change_add(change, &del);
	if (c->letter == 'A')
		portfw_change_add(change, &add);
	return 0;
}

/* The program put each line of the file, whose newline it kept. */
static void list_print(const struct fw_portfw_table *t, const struct portfw_command *c)
{
	(void)c;
	portfw_proc_records(stdout, t, "\n\n");
}

static int list_refusal(const char *name, const struct fw_error *e)
{
	puts("Could not open /proc/net/ip_portfw\n"
	     "Are you sure you have Port Forwarding installed?");
	fflush(stdout);
	fprintf(stderr, "%s: %s\n", name, e->text);
	return FRONT_FAILED;
}

const struct portfw_program ipportfw_program = {
	.kind = PORTFW_ONE_PORT, .print = list_print, .edit = edits_make,
	.list_refusal = list_refusal,
};

int ipportfw_run(const struct portfw_host *h, int argc, char **argv)
{
	struct portfw_command c = { .forward = { .weight = FW_PORTFW_WEIGHT,
					  .flags = FW_PORTFW_HAS_PORT } };
	const char *wrong;
	int letter;

	while ((letter = getopt(argc, argv, "ADCLt:u:R:h")) != -1) {
		if (letter == 'h' || letter == '?') {
			fputs(help, stdout);
			return 0;
		}
		wrong = option_read(&c, letter, optarg);
		if (wrong)
			return portfw_usage_error(argv[0], wrong);
	}
	if (optind < argc)
		return portfw_usage_error(argv[0], "unknown arguments found on commandline");
	if (!c.letter) {
		fputs(help, stdout);
		return 0;
	}
	wrong = command_check(&c);
	return wrong ? portfw_usage_error(argv[0], wrong) :
		       portfw_command_run(&ipportfw_program, h, &c, c.letter == 'L', argv[0],
					  KERNEL_NAME);
}
