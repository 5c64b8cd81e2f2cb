// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * tool_name.c - names of the machine, and of others.
 */
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ipfwadm/run/tools.h"

static int hostname_set(struct tools *t, const char *name)
{
	snprintf(t->machine->hostname, sizeof(t->machine->hostname), "%s", name);
	t->effect = TOOL_LEFT_OUT;
	return 0;
}

/* All addresses of the name in /etc/hosts, each with a blank behind it. */
static int addresses_print(const struct machine *m, const char *name)
{
	int found = 0;

	for (size_t i = 0; i < m->nhosts; i++)
		if (strcmp(m->host[i].name, name) == 0)
			found += printf("%s ", tool_quad(m->host[i].addr));
	if (found)
		putchar('\n');
	else
		fprintf(stderr, "%s: Unknown host\n", name);
	return !found;
}

int tool_hostname(struct tools *t, int argc, char **argv)
{
	const char *full = t->machine->hostname, *dot = strchr(full, '.');
	int len = (int)strcspn(full, ".");
	char letter = 's';

	if (argc > 1 && argv[1][0] != '-')
		return hostname_set(t, argv[1]);
	if (argc > 1)
		letter = argv[1][argv[1][1] == '-' ? 2 : 1];	/* of a long word the first */
	switch (letter) {
	case 'f':
		puts(full);
		return 0;
	case 'd':
		puts(dot ? dot + 1 : "");
		return 0;
	case 'i':
		return addresses_print(t->machine, full);
	case 's':
		printf("%.*s\n", len, full);
		return 0;
	}
	return tool_usage(argv[0]);
}

int tool_uname(struct tools *t, int argc, char **argv)
{
	char node[MACHINE_NAME];
	const char *const values[] = {
		"Linux", node, MACHINE_RELEASE, "#1 Sun Nov 29 12:00:00 UTC 1998", "i586",
		"unknown",
	};
	static const char letters[] = "snrvmp";
	const char *wanted = argc > 1 ? argv[1] + (argv[1][0] == '-') : "s";
	bool first = true;

	snprintf(node, sizeof(node), "%.*s", (int)strcspn(t->machine->hostname, "."),
		 t->machine->hostname);
	for (size_t i = 0; i < FW_COUNT(values); i++) {
		if (!strchr(wanted, 'a') && !strchr(wanted, letters[i]))
			continue;
		printf("%s%s", first ? "" : " ", values[i]);
		first = false;
	}
	putchar('\n');
	return 0;
}

/* The caller is root, also in a sandbox that root has made without a user namespace. */
int tool_id(struct tools *t, int argc, char **argv)
{
	const struct passwd *user;
	const struct group *group;
	bool name = false;
	int c, kind = 0;

	(void)t;
	optind = 0;
	opterr = 0;
	while ((c = getopt(argc, argv, "ugGnra")) != -1) {
		name |= c == 'n';
		if (strchr("ugG", c))
			kind = c;
		else if (c == '?')
			return tool_usage(argv[0]);
	}
	opterr = 1;
	user = getpwnam(optind < argc ? argv[optind] : "root");
	group = user ? getgrgid(user->pw_gid) : NULL;
	if (!group) {
		fprintf(stderr, "id: %s: No such user\n", optind < argc ? argv[optind] : "root");
		return 1;
	}
	if (!kind)
		printf("uid=%u(%s) gid=%u(%s) groups=%u(%s)\n", user->pw_uid, user->pw_name,
		       group->gr_gid, group->gr_name, group->gr_gid, group->gr_name);
	else if (name)
		puts(kind == 'u' ? user->pw_name : group->gr_name);
	else
		printf("%u\n", kind == 'u' ? user->pw_uid : group->gr_gid);
	return 0;
}

int tool_whoami(struct tools *t, int argc, char **argv)
{
	(void)t;
	(void)argc;
	(void)argv;
	puts("root");
	return 0;
}

int tool_nslookup(struct tools *t, int argc, char **argv)
{
	const char *name = argc > 1 ? argv[1] : "";
	__u32 addr;

	printf("Server:  ns\nAddress:  %s\n\n", tool_quad(t->machine->nameserver[0]));
	if (machine_host_find(t->machine, name, &addr) < 0) {
		fprintf(stderr, "*** ns can't find %s: Non-existent host/domain\n", name);
		t->effect = TOOL_REFUSED;
		return 0;
	}
	printf("Name:    %s\nAddress:  %s\n\n", name, tool_quad(addr));
	return 0;
}

int tool_host(struct tools *t, int argc, char **argv)
{
	const char *name = argc > 1 ? argv[argc - 1] : "";
	__u32 addr;

	if (machine_host_find(t->machine, name, &addr) < 0) {
		printf("Host not found.\n");
		t->effect = TOOL_REFUSED;
		return 1;
	}
	printf("%s has address %s\n", name, tool_quad(addr));
	return 0;
}

/* Who is declared answers: hosts, the gateway, and our own addresses. */
static bool is_declared(const struct machine *m, __u32 addr)
{
	bool found = addr == m->gateway || machine_host_name(m, addr);

	for (size_t i = 0; i < m->ninterfaces && !found; i++)
		found = addr && (m->interface[i].addr == addr || m->interface[i].peer == addr);
	return found;
}

int tool_ping(struct tools *t, int argc, char **argv)
{
	bool answers;
	const char *name;
	int count = 4, c;
	__u32 addr;

	optind = 0;
	opterr = 0;
	while ((c = getopt(argc, argv, "c:i:s:w:W:nqfdr")) != -1)
		if (c == 'c')
			count = atoi(optarg);
	opterr = 1;
	count = count < 1 ? 1 : count > 100 ? 100 : count;
	name = optind < argc ? argv[optind] : "";
	if (machine_host_find(t->machine, name, &addr) < 0) {
		fprintf(stderr, "ping: unknown host %s\n", name);
		t->effect = TOOL_REFUSED;
		return 2;
	}
	answers = is_declared(t->machine, addr);
	if (!answers)
		t->effect = TOOL_REFUSED;
	printf("PING %s (%s): 56 data bytes\n", name, tool_quad(addr));
	for (int i = 0; answers && i < count; i++)
		printf("64 bytes from %s: icmp_seq=%d ttl=64 time=0.5 ms\n", tool_quad(addr), i);
	printf("\n--- %s ping statistics ---\n%d packets transmitted, %d packets received, "
	       "%d%% packet loss\n", name, count, answers ? count : 0, answers ? 0 : 100);
	if (answers)
		puts("round-trip min/avg/max = 0.5/0.5/0.5 ms");
	return !answers;
}
