// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * tool_ifconfig.c - ifconfig in the layout of net-tools 1.3x, which scripts cut addresses
 * out of.
 *
 * Three things are as in 1.60, because scripts of both ages run: the status of an
 * interface that is not there, -a, and where lo stands.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ipfwadm/run/tools.h"

/* what an interface is, by the beginning of its name */
static const struct kind {
	const char *prefix, *encapsulation, *flags;
	int mtu;
	bool is_ethernet, is_link;	/* link: point to point */
} kinds[] = {
	{ "lo", "Local Loopback", "BROADCAST LOOPBACK ", 3584, false, false },
	{ "ppp", "Point-to-Point Protocol", "POINTOPOINT ", 1500, false, true },
	{ "ippp", "Point-to-Point Protocol", "POINTOPOINT ", 1500, false, true },
	{ "sl", "Serial Line IP", "POINTOPOINT ", 296, false, true },
	{ "tunl", "IPIP Tunnel", "POINTOPOINT ", 1480, false, true },
	{ "", "Ethernet", "BROADCAST ", 1500, true, false },
};

static const struct kind *kind_of(const char *name)
{
	const struct kind *k = kinds;

	while (strncmp(name, k->prefix, strlen(k->prefix)) != 0)
		k++;
	return k;
}

unsigned int tool_hardware_address(const char *name)
{
	return (unsigned int)atoi(name + strcspn(name, "0123456789")) + 1;
}

static void interface_print(const struct machine_interface *i)
{
	const struct kind *k = kind_of(i->name);
	bool is_alias = strchr(i->name, ':'), is_counted = !is_alias && i->is_up;
	int rx = !is_counted ? 0 : *k->prefix == 'l' ? 2 : 1234;
	int tx = !is_counted ? 0 : *k->prefix == 'l' ? 2 : 987;

	printf("%-8.8s  Link encap:%s  ", i->name, k->encapsulation);
	if (k->is_ethernet)
		printf("HWaddr 02:00:5E:00:53:%02X  ", tool_hardware_address(i->name) & 255);
	printf("\n          inet addr:%s  ", tool_quad(i->addr));
	if (k->is_link || i->peer)
		printf("P-t-P:%s  ", tool_quad(i->peer));
	else
		printf("Bcast:%s  ", tool_quad(i->addr ? i->addr | ~i->mask : 0));
	printf("Mask:%s\n          ", tool_quad(i->mask));
	printf("%s%s%s%s MTU:%d  Metric:1\n", i->is_up ? "UP " : "", k->flags,
	       i->is_up ? "RUNNING " : "", k->is_ethernet ? "MULTICAST " : "", k->mtu);
	printf("          RX packets:%d errors:0 dropped:0 overruns:0 frame:0\n"
	       "          TX packets:%d errors:0 dropped:0 overruns:0 carrier:0 coll:0\n", rx, tx);
	if (k->is_ethernet && !is_alias)
		printf("          Interrupt:10 Base address:0x300 \n");
	putchar('\n');
}

void tool_interfaces_print(const struct machine *m)
{
	puts("Kernel Interface table\nIface   MTU Met  RX-OK RX-ERR RX-DRP RX-OVR  TX-OK TX-ERR "
	     "TX-DRP TX-OVR Flags");
	for (size_t n = 0; n < m->ninterfaces; n++) {
		const struct machine_interface *i = &m->interface[n];
		const struct kind *k = kind_of(i->name);
		bool is_lo = *k->prefix == 'l';

		if (i->is_up)
			printf("%-5s %5d   0 %6d      0      0      0 %6d      0      0      0 "
			       "%s\n", i->name, k->mtu, is_lo ? 2 : 1234, is_lo ? 2 : 987,
			       is_lo ? "BLRU" : k->is_link ? "OPRU" : "BRU");
	}
}

static int host_parse(const struct machine *m, const char *word, __u32 *addr)
{
	if (machine_host_find(m, word, addr) == 0)
		return 0;
	fprintf(stderr, "%s: Unknown host\n", word);
	return 1;
}

/* Words behind the name that take an argument, and which. */
static int word_set(const struct machine *m, struct machine_interface *i, char **argv)
{
	__u32 ignored, *to = strcmp(argv[0], "netmask") == 0 ? &i->mask :
			     strcmp(argv[0], "broadcast") == 0 ? &ignored :
			     strcmp(argv[0], "pointopoint") == 0 ||
			     strcmp(argv[0], "dstaddr") == 0 ? &i->peer : NULL;

	if (to)
		return argv[1] ? host_parse(m, argv[1], to) : 1;
	return strcmp(argv[0], "mtu") == 0 || strcmp(argv[0], "metric") == 0 ? !argv[1] : -1;
}

static int interface_set(struct tools *t, struct machine_interface *i, int argc, char **argv)
{
	i->is_up = true;
	for (int n = 0; n < argc; n++) {
		int status = word_set(t->machine, i, argv + n);

		if (status > 0)
			return status;
		if (status == 0)
			n++;
		else if (strcmp(argv[n], "up") == 0 || strcmp(argv[n], "down") == 0)
			i->is_up = *argv[n] == 'u';
		else if (strcmp(argv[n], "hw") == 0)
			n += 2;
		else if (strspn(argv[n], "0123456789.") || !strchr("-abcdefghijklmnopqrstuvwxyz",
								   argv[n][0]) ||
			 strchr(argv[n], '.')) {
			if (host_parse(t->machine, argv[n], &i->addr))
				return 1;
			i->mask = i->peer ? ~0u : machine_class_mask(i->addr);
		}
	}
	t->effect = TOOL_LEFT_OUT;
	return 0;
}

/* An alias appears when its address is set. */
static struct machine_interface *alias_add(struct machine *m, const char *name)
{
	char base[IFNAMSIZ] = "";

	if (!strchr(name, ':') || strlen(name) >= IFNAMSIZ)
		return NULL;
	memcpy(base, name, strcspn(name, ":"));
	if (!machine_interface_find(m, base) || machine_interface_add(m, name) < 0)
		return NULL;
	return &m->interface[m->ninterfaces - 1];
}

int tool_ifconfig(struct tools *t, int argc, char **argv)
{
	bool all = argc > 1 && strcmp(argv[1], "-a") == 0;
	struct machine *m = t->machine;
	struct machine_interface *i;

	if (argc == 1 || all) {
		for (size_t n = 0; n < m->ninterfaces; n++)
			if (all || m->interface[n].is_up)
				interface_print(&m->interface[n]);
		return 0;
	}
	i = machine_interface_find(m, argv[1]);
	if (argc == 2) {
		if (i)
			interface_print(i);
		else
			fprintf(stderr, "%s: error fetching interface information: Device not "
				"found\n", argv[1]);
		return !i;
	}
	if (!i)
		i = alias_add(m, argv[1]);
	if (!i) {
		fprintf(stderr, "SIOCSIFADDR: No such device\n");
		return 255;
	}
	return interface_set(t, i, argc - 2, argv + 2);
}
