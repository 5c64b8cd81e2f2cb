// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * tools.c - the tools of the time by name, and those that have no layout of their own.
 */
#include "ipfwadm/run/tools.h"

#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "parser/source.h"

const char *tool_quad(__u32 addr)
{
	static char text[8][INET_ADDRSTRLEN];
	static unsigned int next;
	char *buf = text[next++ % 8];

	snprintf(buf, INET_ADDRSTRLEN, QUAD, QUAD_OF(addr));
	return buf;
}

int tool_usage(const char *name)
{
	fprintf(stderr, "%s: the sandbox does not know these arguments\n", name);
	return 1;
}

static int silent(struct tools *t, int argc, char **argv)
{
	(void)t;
	(void)argc;
	(void)argv;
	return 0;
}

/* Would be done, and is not. */
static int left_out(struct tools *t, int argc, char **argv)
{
	(void)argc;
	(void)argv;
	t->effect = TOOL_LEFT_OUT;
	return 0;
}

static int refused(struct tools *t, int argc, char **argv)
{
	(void)argc;
	t->effect = TOOL_REFUSED;
	fprintf(stderr, "%s: not in a sandbox\n", argv[0]);
	return 1;
}

/* Of the other branch of a kernel test. */
static int later_kernel(struct tools *t, int argc, char **argv)
{
	(void)argc;
	t->effect = TOOL_REFUSED;
	fprintf(stderr, "%s: Protocol not available\n", argv[0]);
	return 1;
}

/* Brings an interface up that is declared, or not. */
static int bring_up(struct tools *t, int argc, char **argv)
{
	const char *name = argc > 1 ? argv[argc - 1] : "ppp0";

	if (*name == '-' || machine_interface_find(t->machine, name))
		return 0;
	t->effect = TOOL_REFUSED;
	fprintf(stderr, "%s: there is no %s in the sandbox: declare it with --interface\n",
		argv[0], name);
	return 1;
}

static int sleep_for(struct tools *t, int argc, char **argv)
{
	double seconds = 0;

	for (int i = 1; i < argc; i++) {
		char *end;
		double n = strtod(argv[i], &end);
		const char *unit = *end ? strchr("smhd", *end) : "s";

		if (end == argv[i] || n < 0 || !unit || (*end && end[1])) {
			fprintf(stderr, "sleep: invalid time interval '%s'\n", argv[i]);
			return 1;
		}
		seconds += n * (*unit == 'm' ? 60 : *unit == 'h' ? 3600 : *unit == 'd' ? 86400 : 1);
	}
	t->sleep = seconds;
	return argc > 1 ? 0 : tool_usage(argv[0]);
}

static int usleep_for(struct tools *t, int argc, char **argv)
{
	t->sleep = argc > 1 ? strtod(argv[1], NULL) / 1e6 : 1e-6;
	return 0;
}

/* Prints assignments; -s or a word behind two dashes each. */
static int ipcalc(struct tools *t, int argc, char **argv)
{
	__u32 addr = 0, mask = 0;
	int i = 1;

	while (i < argc && argv[i][0] == '-')
		i++;
	if (i == argc || machine_address_parse(argv[i], &addr) < 0)
		return tool_usage(argv[0]);
	if (i + 1 == argc || machine_address_parse(argv[i + 1], &mask) < 0)
		mask = machine_class_mask(addr);
	for (int o = 1; o < i; o++) {
		const char *name = machine_host_name(t->machine, addr);
		const char *word = argv[o] + strspn(argv[o], "-");

		if (strcmp(word, "netmask") == 0)
			printf("NETMASK=%s\n", tool_quad(mask));
		else if (strcmp(word, "broadcast") == 0)
			printf("BROADCAST=%s\n", tool_quad(addr | ~mask));
		else if (strcmp(word, "network") == 0)
			printf("NETWORK=%s\n", tool_quad(addr & mask));
		else if (strcmp(word, "hostname") == 0 && name)
			printf("HOSTNAME=%s\n", name);
		else if (strcmp(word, "silent") != 0)
			return 1;
	}
	return 0;
}

static const struct tool {
	const char *name;
	tool_fn run;
} tools[] = {
	{ "ifconfig", tool_ifconfig },	{ "route", tool_route },
	{ "netstat", tool_netstat },	{ "arp", tool_arp },
	{ "hostname", tool_hostname },	{ "uname", tool_uname },
	{ "id", tool_id },		{ "whoami", tool_whoami },
	{ "nslookup", tool_nslookup },	{ "host", tool_host },
	{ "ping", tool_ping },		{ "lsmod", tool_lsmod },
	{ "modprobe", tool_modprobe },	{ "insmod", tool_modprobe },
	{ "rmmod", tool_rmmod },	{ "depmod", silent },
	{ "sleep", sleep_for },		{ "usleep", usleep_for },
	{ "ipcalc", ipcalc },		{ "initlog", silent },
	{ "logger", left_out },		{ "mail", left_out },
	{ "sendmail", left_out },	{ "at", left_out },
	{ "ipchains", later_kernel },	{ "iptables", later_kernel },
	{ "nft", refused },
	{ "dhcpcd", bring_up },		{ "pump", bring_up },
	{ "dhclient", bring_up },	{ "pppd", bring_up },
	{ "diald", bring_up },		{ "ifup", bring_up },
	{ "ifdown", bring_up },		{ "wvdial", bring_up },
	{ "mount", refused },		{ "umount", refused },
	{ "reboot", refused },		{ "halt", refused },
	{ "poweroff", refused },	{ "shutdown", refused },
	{ "init", refused },		{ "telinit", refused },
	{ "telnet", refused },		{ "ftp", refused },
	{ "nc", refused },		{ "wget", refused },
	{ "curl", refused },		{ "lynx", refused },
	{ "tcpdump", refused },		{ "ip", refused },
};

const char *tools_name(size_t i)
{
	return i < FW_COUNT(tools) ? tools[i].name : NULL;
}

static const struct tool *tool_find(const char *name)
{
	const char *slash = strrchr(name, '/');

	for (size_t i = 0; i < FW_COUNT(tools); i++)
		if (strcmp(tools[i].name, slash ? slash + 1 : name) == 0)
			return &tools[i];
	return NULL;
}

bool tools_has(const char *name)
{
	return tool_find(name) != NULL;
}

/* Options that are all of these letters. */
static bool options_are(int argc, char **argv, const char *letters)
{
	for (int i = 1; i < argc; i++)
		if (argv[i][0] != '-' || argv[i][1 + strspn(argv[i] + 1, letters)])
			return false;
	return true;
}

static bool ifconfig_asks(int argc, char **argv)
{
	return argc == 1 || (argc == 2 && (argv[1][0] != '-' || options_are(argc, argv, "a")));
}

static bool route_asks(int argc, char **argv)
{
	return options_are(argc, argv, "ne");
}

static bool netstat_asks(int argc, char **argv)
{
	return argc > 1 && options_are(argc, argv, "nri") && strpbrk(argv[1], "ri");
}

static bool uname_asks(int argc, char **argv)
{
	return options_are(argc, argv, "asnrvmp");
}

/* Modules that no kernel has any more. */
static bool module_is_masq(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		if (strstr(argv[i], "ip_masq_"))
			return true;
	return false;
}

bool tools_answer(int argc, char **argv)
{
	static const struct {
		tool_fn run;
		bool (*asks)(int argc, char **argv);
	} questions[] = {
		{ tool_ifconfig, ifconfig_asks }, { tool_route, route_asks },
		{ tool_netstat, netstat_asks },	{ tool_uname, uname_asks },
		{ tool_modprobe, module_is_masq }, { tool_rmmod, module_is_masq },
	};
	const struct tool *tool = tool_find(argv[0]);

	for (size_t i = 0; i < FW_COUNT(questions); i++)
		if (questions[i].run == tool->run)
			return questions[i].asks(argc, argv);
	return false;
}

static void call_record(struct tools *t, const char *at, int argc, char **argv)
{
	struct tool_record *r;
	struct source words = { 0 };

	t->count[t->effect]++;
	if (t->nrecords++ >= TOOLS_RECORDS)
		return;
	r = &t->record[t->nrecords - 1];
	r->effect = t->effect;
	r->at = strdup(at);
	if (source_from_argv(&words, argc, argv) == 0 &&
	    asprintf(&r->command, "%s%s%s", argv[0], argc > 1 ? " " : "", words.text) < 0)
		r->command = NULL;
	source_free(&words);
}

int tools_run(struct tools *t, const char *at, int argc, char **argv)
{
	const struct tool *tool = tool_find(argv[0]);
	int status;

	t->effect = TOOL_NONE;
	t->sleep = 0;
	argv[0] = (char *)tool->name;
	status = tool->run(t, argc, argv);
	if (t->effect != TOOL_NONE)
		call_record(t, at, argc, argv);
	return status;
}

void tools_free(struct tools *t)
{
	for (size_t i = 0; i < t->nrecords && i < TOOLS_RECORDS; i++) {
		free(t->record[i].at);
		free(t->record[i].command);
	}
}
