// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * help.c - what -h and --help print.
 *
 * -h keeps the shape that 2.3.0 gave it, for whoever looks at its first line.
 */
#include <ctype.h>
#include <string.h>

#include "ipfwadm/app/app.h"

static const char classic_usage[] =
	"Usage: ipfwadm -A [direction] command [options] (accounting)\n"
	"       ipfwadm -F command [options] (forwarding firewall)\n"
	"       ipfwadm -I command [options] (input firewall)\n"
	"       ipfwadm -O command [options] (output firewall)\n"
	"       ipfwadm -M [-s | -l] [options] (masquerading)\n"
	"       ipfwadm -h (print this help (or try 'ipfwadm help'))\n";

static const char classic_commands[] =
	"Commands:\n"
	"  -i [policy]  insert rule at the head (no policy for accounting)\n"
	"  -a [policy]  append rule (no policy for accounting)\n"
	"  -d [policy]  delete the first equal rule (no policy for accounting)\n"
	"  -l           list the rules of a list, or the masquerading sessions\n"
	"  -z           set all counters of a list to zero\n"
	"  -f           remove all rules of a list\n"
	"  -p policy    change the default policy (accept, deny, reject, masquerade)\n"
	"  -s tcp tcpfin udp\n"
	"               set the masuerading timeouts, in seconds\n"
	"  -c           check how a packet would fare\n";

static const char classic_options[] =
	"Options:\n"
	"  -P protocol  tcp, udp, icmp, or all\n"
	"  -S address[/mask] [port ...]\n"
	"               source, with ports or ICMP types\n"
	"  -D address[/mask] [port ...]\n"
	"               destination, with ports\n"
	"  -V address   address of the network interface\n"
	"  -W name      name of the network interface\n"
	"  -b           match in both directions\n"
	"  -e           extended listing\n"
	"  -k           match TCP packets only when ACK is set\n"
	"  -m           masquerade forwarded packets\n"
	"  -n           show addresses and ports as numbers\n"
	"  -o           log matching packets\n"
	"  -r [port]    redirect to a local port\n"
	"  -t and xor   change the TOS field by these masks\n"
	"  -v           be verbose\n"
	"  -x           show exact counters\n"
	"  -y           match TCP packets only when SYN is set and ACK is clear\n";

static const char new_options[] =
	"New options of rules:\n"
	"  --state LIST     new, established, related, invalid; !LIST for the others\n"
	"  --keep-state     let later packets of the connection pass, both ways\n"
	"  --helper NAME    find related connections: ftp, irc, tftp ...\n"
	"  --comment TEXT   keep a remark with the rule\n";

static const char tracking_usage[] =
	"       ipfwadm -T [-l | -d | -f | -s] [options] (tracked connections)\n";

static const char tracking[] =
	"Tracked connections:\n"
	"  -T -l            list them; with -P, -S, -D some; with -e packets and bytes\n"
	"  -T -d            end those that -P, -S, -D choose\n"
	"  -T -f            end all\n"
	"  -T -s            show the timeouts by name\n"
	"  -T -s name seconds ...\n"
	"                   set timeouts\n";

static const char global_options[] =
	"Global options:\n"
	"  --backend NAME   where the rules are: kmod, nft, xtables, sim or sim:FILE\n"
	"  --json           listings, traces and save as JSON\n"
	"  --color          coloured messages\n"
	"  --mark-mask MASK bits of the packet mark that translations may use\n"
	"  --trace-backend  tell every call of the backend on stderr\n"
	"  --version        print the version (in scripts: ipfwadm version)\n"
	"  --help           print this help (in scripts: ipfwadm help)\n";

void help_classic(FILE *out)
{
	fprintf(out, "ipfwadm 2.3.0, 1996/07/30\n\n%s\n%s\n%s", classic_usage,
		classic_commands, classic_options);
}

static void help_all(FILE *out)
{
	const struct subcommand *s;

	fprintf(out, "ipfwadm %s - the firewall command of Linux 2.0, for today\n\n",
		IPFWADM_VERSION);
	fputs(classic_usage, out);
	fputs(tracking_usage, out);
	for (s = subcommands; s->name; s++)
		fprintf(out, "       ipfwadm %s%s%s\n", s->name, *s->arguments ? " " : "",
			s->arguments);
	fprintf(out, "\n%s\n%s\n%s\n%s\nSubcommands:\n", classic_commands, classic_options,
		new_options, tracking);
	for (s = subcommands; s->name; s++)
		fprintf(out, "  %-10s %s\n", s->name, s->summary);
	fprintf(out, "\n%s\nSee ipfwadm(8) and ipfwadm.conf(5).\n", global_options);
}

static void usage_write(FILE *out, const struct app *app, const struct subcommand *s)
{
	fprintf(out, "usage: %s %s%s%s\n", app->name, s->name, *s->arguments ? " " : "",
		s->arguments);
}

void help_subcommand(FILE *out, const struct app *app, const struct subcommand *s)
{
	usage_write(out, app, s);
	fprintf(out, "\n%c%s.\n%s", toupper((unsigned char)s->summary[0]), s->summary + 1,
		s->details);
}

int help_usage(const struct app *app, const char *name)
{
	const struct subcommand *s;

	for (s = subcommands; s->name; s++)
		if (strcmp(s->name, name) == 0)
			usage_write(stderr, app, s);
	return STATUS_USAGE;
}

int help_run(struct app *app, int argc, char **argv)
{
	const struct subcommand *s;

	if (argc > 2)
		return help_usage(app, argv[0]);
	if (argc < 2) {
		help_all(stdout);
		return STATUS_OK;
	}
	s = subcommand_find(argv[1]);
	if (!s) {
		app_error(app, "there is no subcommand '%s'", argv[1]);
		return STATUS_USAGE;
	}
	help_subcommand(stdout, app, s);
	return STATUS_OK;
}

int version_run(struct app *app, int argc, char **argv)
{
	(void)app;
	(void)argc;
	(void)argv;
	printf("ipfwadm %s\n", IPFWADM_VERSION);
	return STATUS_OK;
}
