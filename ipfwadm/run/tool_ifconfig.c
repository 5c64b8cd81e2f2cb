// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * tool_ifconfig.c - ifconfig in the layout of net-tools 1.3x, which scripts cut addresses
 * out of.
 *
 * Three things are as in 1.60, because scripts of both ages run: the status of an
 * interface that is not there, -a, and where lo stands.
 */
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ipfwadm/run/tools.h"

/* what an interface is, by the beginning of its name */
static const struct kind {
	const char *prefix, *encapsulation;
	unsigned int flags;
	int mtu;
	bool is_ethernet;
} kinds[] = {
	{ "lo", "Local Loopback", IFF_BROADCAST | IFF_LOOPBACK, 3584, false },
	{ "ppp", "Point-to-Point Protocol", IFF_POINTOPOINT, 1500, false },
	{ "ippp", "Point-to-Point Protocol", IFF_POINTOPOINT, 1500, false },
	{ "sl", "Serial Line IP", IFF_POINTOPOINT, 296, false },
	{ "tunl", "IPIP Tunnel", IFF_POINTOPOINT, 1480, false },
	{ "", "Ethernet", IFF_BROADCAST | IFF_MULTICAST, 1500, true },
};

static const struct flag {
	unsigned int flag;
	const char *word;
} flags[] = {
	{ IFF_UP, "UP" },		{ IFF_BROADCAST, "BROADCAST" },
	{ IFF_LOOPBACK, "LOOPBACK" },	{ IFF_POINTOPOINT, "POINTOPOINT" },
	{ IFF_RUNNING, "RUNNING" },	{ IFF_NOARP, "NOARP" },
	{ IFF_PROMISC, "PROMISC" },	{ IFF_MULTICAST, "MULTICAST" },
};

static const struct kind *kind_of(const char *name)
{
	const struct kind *k = kinds;

	while (strncmp(name, k->prefix, strlen(k->prefix)) != 0)
		k++;
	return k;
}

/* Of a declared interface what its kind had. */
static struct machine_link link_of(const struct machine_interface *i)
{
	const struct kind *k = kind_of(i->name);
	__u8 number = (__u8)(atoi(i->name + strcspn(i->name, "0123456789")) + 1);
	struct machine_link l = { .mtu = k->mtu, .flags = k->flags, .has_address = k->is_ethernet,
				  .address = { 2, 0, 0x5e, 0, 0x53, number } };

	if (i->link.mtu)
		return i->link;
	if (i->is_up)
		l.flags |= IFF_UP | IFF_RUNNING;
	if (i->is_up && !strchr(i->name, ':')) {
		l.rx = *k->prefix == 'l' ? 2 : 1234;
		l.tx = *k->prefix == 'l' ? 2 : 987;
	}
	return l;
}

static void interface_print(const struct machine_interface *i)
{
	const struct kind *k = kind_of(i->name);
	struct machine_link l = link_of(i);

	printf("%-8s  Link encap:%s  ", i->name, k->is_ethernet && !l.has_address ?
	       "Point-to-Point Protocol" : k->encapsulation);
	if (l.has_address)
		printf("HWaddr %02X:%02X:%02X:%02X:%02X:%02X  ", l.address[0], l.address[1],
		       l.address[2], l.address[3], l.address[4], l.address[5]);
	printf("\n          inet addr:%s  ", tool_quad(i->addr));
	if (l.flags & IFF_POINTOPOINT || i->peer)
		printf("P-t-P:%s  ", tool_quad(i->peer));
	else
		printf("Bcast:%s  ", tool_quad(i->addr ? i->addr | ~i->mask : 0));
	printf("Mask:%s\n          ", tool_quad(i->mask));
	for (size_t n = 0; n < FW_COUNT(flags); n++)
		if (l.flags & flags[n].flag)
			printf("%s ", flags[n].word);
	printf(" MTU:%d  Metric:1\n", l.mtu);
	printf("          RX packets:%lu errors:0 dropped:0 overruns:0 frame:0\n"
	       "          TX packets:%lu errors:0 dropped:0 overruns:0 carrier:0 coll:0\n",
	       l.rx, l.tx);
	if (!i->link.mtu && k->is_ethernet && !strchr(i->name, ':'))
		printf("          Interrupt:10 Base address:0x300 \n");
	putchar('\n');
}

void tool_interfaces_print(const struct machine *m)
{
	puts("Kernel Interface table\nIface   MTU Met  RX-OK RX-ERR RX-DRP RX-OVR  TX-OK TX-ERR "
	     "TX-DRP TX-OVR Flags");
	for (size_t n = 0; n < m->ninterfaces; n++) {
		const struct machine_interface *i = &m->interface[n];
		struct machine_link l = link_of(i);

		if (i->is_up)
			printf("%-5s %5d   0 %6lu      0      0      0 %6lu      0      0      0 "
			       "%s\n", i->name, l.mtu, l.rx, l.tx, l.flags & IFF_LOOPBACK ? "BLRU" :
			       l.flags & IFF_POINTOPOINT ? "OPRU" : "BRU");
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
