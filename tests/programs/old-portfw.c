// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * old-portfw.c - a program of the 1990s for port forwarding: socket options, and /proc.
 *
 *	old-portfw TOOL ARG...
 *
 * TOOL is ipportfw or ipmasqadm with a module, the arguments those of a command without
 * mistakes; they are taken by position of their letters, and what is not understood ends
 * the program with status 99.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "tests/lib/old_forwards.h"

#define FOREIGN 99

static int option(const char *caller, int number, const void *arg, socklen_t len)
{
	int raw = socket(AF_INET, SOCK_RAW, IPPROTO_RAW);

	if (!setsockopt(raw, IPPROTO_IP, number, arg, len))
		return 0;
	fprintf(stderr, "%s: setsockopt failed: %s\n", caller, strerror(errno));
	return 255;
}

static unsigned short protocol(const char *word)
{
	return word[0] == 't' ? IPPROTO_TCP : IPPROTO_UDP;
}

static void side(const char *word, u_int32_t *addr, unsigned short *port)
{
	char *slash = strchr(word, '/');
	struct in_addr in = { 0 };
	char text[16];

	if (!slash)
		exit(FOREIGN);
	snprintf(text, sizeof(text), "%.*s", (int)(slash - word), word);
	if (!inet_aton(text, &in))
		exit(FOREIGN);
	*addr = ntohl(in.s_addr);
	*port = (unsigned short)atoi(slash + 1);
}

/* The program put each line, newline and all. */
static int ipportfw_list(void)
{
	FILE *in = fopen("/proc/net/ip_portfw", "r");
	char line[256];

	if (!in)
		return 1;
	while (fgets(line, sizeof(line), in))
		puts(line);
	fclose(in);
	return 0;
}

static int ipportfw(int argc, char **argv)
{
	struct old_portfw p = { .protocol = 65535, .dummy = 0xdead };
	int letter, command = 0;

	while ((letter = getopt(argc, argv, "ADCLt:u:R:")) != -1) {
		if (letter == 't' || letter == 'u') {
			p.protocol = letter == 't' ? IPPROTO_TCP : IPPROTO_UDP;
			side(optarg, &p.laddr, &p.lport);
		} else if (letter == 'R') {
			side(optarg, &p.raddr, &p.rport);
		} else {
			command = letter;
		}
	}
	switch (command) {
	case 'A':
		return option("ipfwadm", OLD_PORTFW, &p, sizeof(p));
	case 'D':
		return option("ipfwadm", OLD_PORTFW + 1, &p, sizeof(p));
	case 'C':
		return option("ipfwadm", OLD_PORTFW + 2, &p, sizeof(p));
	case 'L':
		return ipportfw_list();
	}
	return FOREIGN;
}

static int masq(const char *module, int cmd, struct old_masq_ctl *ctl)
{
	ctl->target = 2;
	ctl->cmd = cmd;
	strcpy(ctl->name, module);
	return option(module, OLD_MASQ_CTL, ctl, sizeof(*ctl));
}

/* ADDRESS PORT, of which the second word is the next one */
static void words(char **argv, u_int32_t *addr, unsigned short *port)
{
	struct in_addr in;
	struct servent *service;
	char *end;

	if (!inet_aton(optarg, &in))
		exit(FOREIGN);
	*addr = in.s_addr;
	if (!argv[optind] || argv[optind][0] == '-')
		return;
	*port = htons((unsigned short)strtoul(argv[optind], &end, 10));
	service = end == argv[optind] ? getservbyname(argv[optind], "tcp") : NULL;
	if (service)
		*port = (unsigned short)service->s_port;
	optind++;
}

static const char *dotted(unsigned int addr)
{
	return inet_ntoa((struct in_addr){ htonl(addr) });
}

static int portfw_list(void)
{
	FILE *in = fopen("/proc/net/ip_masq/portfw", "r");
	unsigned int laddr, lport, raddr, rport;
	char line[256], name[10];
	int left, pref;

	if (!in || !fgets(line, sizeof(line), in))
		return 1;
	printf("%-4s %-20s %-20s %8s %8s %5s %5s\n", "prot", "localaddr", "rediraddr", "lport",
	       "rport", "pcnt", "pref");
	while (fgets(line, sizeof(line), in)) {
		if (sscanf(line, "%9s %x %u > %x %u %d %d", name, &laddr, &lport, &raddr, &rport,
			   &left, &pref) != 7)
			return FOREIGN;
		printf("%-4s %-20s ", name, dotted(laddr));
		printf("%-20s %8u %8u %5d %5d\n", dotted(raddr), lport, rport, left, pref);
	}
	fclose(in);
	return 0;
}

static int portfw(int argc, char **argv)
{
	struct old_masq_ctl ctl = { .u.portfw = { .protocol = 65535, .pref = 10 } };
	int letter, command = 0;

	while ((letter = getopt(argc, argv, "adflnP:L:R:p:")) != -1) {
		if (letter == 'P')
			ctl.u.portfw.protocol = protocol(optarg);
		else if (letter == 'L')
			words(argv, &ctl.u.portfw.laddr, &ctl.u.portfw.lport);
		else if (letter == 'R')
			words(argv, &ctl.u.portfw.raddr, &ctl.u.portfw.rport);
		else if (letter == 'p')
			ctl.u.portfw.pref = atoi(optarg);
		else if (letter != 'n')
			command = letter;
	}
	switch (command) {
	case 'a':
		return masq("portfw", OLD_MASQ_ADD, &ctl);
	case 'd':
		return masq("portfw", OLD_MASQ_DEL, &ctl);
	case 'f':
		return masq("portfw", OLD_MASQ_FLUSH, &ctl);
	case 'l':	/* it had the module loaded */
		return masq("portfw", OLD_MASQ_NONE, &ctl) ? 1 : portfw_list();
	}
	return FOREIGN;
}

static int mfw_list(void)
{
	FILE *in = fopen("/proc/net/ip_masq/mfw", "r");
	unsigned int mark, addr, port;
	char line[256];
	int left, pref;

	if (!in || !fgets(line, sizeof(line), in))
		return 1;
	printf("%-8s %-20s %8s %5s %5s\n", "fwmark", "rediraddr", "rport", "pcnt", "pref");
	while (fgets(line, sizeof(line), in)) {
		if (sscanf(line, "%x > %x %u %d %d", &mark, &addr, &port, &left, &pref) != 5)
			return FOREIGN;
		printf("%-8u %-20s %8u %5d %5d\n", mark, dotted(addr), port, left, pref);
	}
	fclose(in);
	return 0;
}

static int mfw(int argc, char **argv)
{
	struct old_masq_ctl ctl = { .u.mfw.pref = 10 };
	int letter, command = 0;

	while ((letter = getopt(argc, argv, "AEDFSLnm:r:p:")) != -1) {
		if (letter == 'm')
			ctl.u.mfw.fwmark = (u_int32_t)atoi(optarg);
		else if (letter == 'r')
			words(argv, &ctl.u.mfw.raddr, &ctl.u.mfw.rport);
		else if (letter == 'p')
			ctl.u.mfw.pref = atoi(optarg);
		else if (letter != 'n')
			command = letter;
	}
	ctl.u.mfw.flags = command == 'S';
	switch (command) {
	case 'A':
		return masq("mfw", OLD_MASQ_ADD, &ctl);
	case 'D':
		return masq("mfw", OLD_MASQ_DEL, &ctl);
	case 'E':
	case 'S':
		return masq("mfw", OLD_MASQ_SET, &ctl);
	case 'F':
		return masq("mfw", OLD_MASQ_FLUSH, &ctl);
	case 'L':
		return masq("mfw", OLD_MASQ_NONE, &ctl) ? 1 : mfw_list();
	}
	return FOREIGN;
}

/* -r TYPE LOW HIGH, -h HOST, -c TYPE PORT, each with all its words */
static int autofw(int argc, char **argv)
{
	struct old_masq_ctl ctl = { .u.autofw.flags = 2 | 4 };
	struct old_autofw *a = &ctl.u.autofw;

	for (int i = 2; i + 1 < argc; i++) {
		if (!strcmp(argv[i], "-r") && i + 3 < argc) {
			a->type = 1;
			a->protocol = protocol(argv[i + 1]);
			a->low = (unsigned short)atoi(argv[i + 2]);
			a->high = (unsigned short)atoi(argv[i + 3]);
			i += 3;
		} else if (!strcmp(argv[i], "-h")) {
			inet_aton(argv[++i], (struct in_addr *)&a->where);
			a->flags &= 2;
		} else if (!strcmp(argv[i], "-c") && i + 2 < argc) {
			a->ctlproto = protocol(argv[i + 1]);
			a->ctlport = (unsigned short)atoi(argv[i + 2]);
			i += 2;
		} else {
			return FOREIGN;
		}
	}
	switch (argv[1][1]) {
	case 'A':
		return masq("autofw", OLD_MASQ_ADD, &ctl);
	case 'D':
		return masq("autofw", OLD_MASQ_DEL, &ctl);
	case 'F':
		return masq("autofw", OLD_MASQ_FLUSH, &ctl);
	}
	return FOREIGN;
}

int main(int argc, char **argv)
{
	if (argc > 2 && !strcmp(argv[1], "ipportfw"))
		return ipportfw(argc - 1, argv + 1);
	if (argc < 4 || strcmp(argv[1], "ipmasqadm") != 0)
		return FOREIGN;
	if (!strcmp(argv[2], "portfw"))
		return portfw(argc - 2, argv + 2);
	if (!strcmp(argv[2], "mfw"))
		return mfw(argc - 2, argv + 2);
	return strcmp(argv[2], "autofw") ? FOREIGN : autofw(argc - 2, argv + 2);
}
