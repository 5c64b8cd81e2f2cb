// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * tool_route.c - route, netstat and arp in their old layouts.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "ipfwadm/run/tools.h"

static const char *target_name(const struct machine *m, __u32 addr, bool numeric, const char *zero)
{
	const char *name = numeric ? NULL : addr ? machine_host_name(m, addr) : zero;

	return name ? name : tool_quad(addr);
}

static void table_print(const struct machine *m, bool numeric, bool is_netstat)
{
	printf("Kernel IP routing table\nDestination     Gateway         Genmask         %s\n",
	       is_netstat ? "Flags   MSS Window  irtt Iface" :
			    "Flags Metric Ref    Use Iface");
	for (size_t i = 0; i < m->nroutes; i++) {
		const struct machine_route *r = &m->route[i];
		const char *dest = target_name(m, r->dest, numeric, "default");
		const char *gateway = target_name(m, r->gateway, numeric, "*");
		char flags[4];

		snprintf(flags, sizeof(flags), "U%s%s", r->gateway ? "G" : "",
			 r->mask == ~0u ? "H" : "");
		if (is_netstat)
			printf("%-15s %-15s %-15s %-5s %5d %-5d %6d %s\n", dest, gateway,
			       tool_quad(r->mask), flags, 1500, 0, 0, r->interface);
		else
			printf("%-15s %-15s %-15s %-5s %-6d %-2d %7d %s\n", dest, gateway,
			       tool_quad(r->mask), flags, 0, 0, 0, r->interface);
	}
}

static int unknown_host(const char *name)
{
	fprintf(stderr, "%s: Host name lookup failure\n", name);
	return -EINVAL;
}

static int route_parse(const struct machine *m, struct machine_route *r, int argc, char **argv)
{
	bool is_host = false, has_mask = false;
	__u32 *to;

	*r = (struct machine_route){ 0 };
	for (int i = 0; i < argc; i++) {
		const char *word = argv[i], *next = i + 1 < argc ? argv[i + 1] : "";

		to = NULL;
		if (strcmp(word, "-host") == 0) {
			is_host = true;
		} else if (strcmp(word, "gw") == 0) {
			to = &r->gateway;
		} else if (strcmp(word, "netmask") == 0) {
			has_mask = true;
			to = &r->mask;
		} else if (strcmp(word, "metric") == 0 || strcmp(word, "mss") == 0 ||
			   strcmp(word, "window") == 0) {
			i++;
		} else if (strcmp(word, "dev") == 0 || machine_interface_find((struct machine *)m,
									      word)) {
			word = strcmp(word, "dev") == 0 ? argv[++i] : word;
			if (!word || strlen(word) >= sizeof(r->interface))
				return -ENODEV;
			memcpy(r->interface, word, strlen(word) + 1);
		} else if (strcmp(word, "default") == 0) {
			has_mask = true;
		} else if (strcmp(word, "-net") != 0 && strcmp(word, "reject") != 0 &&
			   machine_host_find(m, word, &r->dest) < 0) {
			return unknown_host(word);
		}
		if (to && machine_host_find(m, next, to) < 0)
			return unknown_host(next);
		i += to != NULL;
	}
	if (!has_mask && r->dest) {
		__u32 mask = machine_class_mask(r->dest);

		r->mask = is_host || r->dest & ~mask ? ~0u : mask;
	}
	if (!(r->dest & ~r->mask))
		return 0;
	fprintf(stderr, "route: netmask doesn't match route address\n");
	return -ERANGE;
}

static int route_delete(struct machine *m, const struct machine_route *r)
{
	for (size_t i = 0; i < m->nroutes; i++) {
		const struct machine_route *o = &m->route[i];

		if (o->dest != r->dest || o->mask != r->mask ||
		    (r->gateway && o->gateway != r->gateway) ||
		    (*r->interface && strcmp(o->interface, r->interface) != 0))
			continue;
		memmove(&m->route[i], &m->route[i + 1], (--m->nroutes - i) * sizeof(*o));
		return 0;
	}
	return -ESRCH;
}

int tool_route(struct tools *t, int argc, char **argv)
{
	struct machine_route r;
	bool is_add;
	int err;

	if (argc == 1 || argv[1][0] == '-') {
		table_print(t->machine, argc > 1 && strchr(argv[1], 'n'), false);
		return 0;
	}
	is_add = strcmp(argv[1], "add") == 0;
	if (!is_add && strcmp(argv[1], "del") != 0)
		return tool_usage("route");
	err = route_parse(t->machine, &r, argc - 2, argv + 2);
	if (err == -EINVAL)
		return 1;
	if (err == -ERANGE)
		return 4;
	if (!err)
		err = is_add ? machine_route_add(t->machine, &r) : route_delete(t->machine, &r);
	if (err) {
		fprintf(stderr, "SIOC%sRT: %s\n", is_add ? "ADD" : "DEL", strerror(-err));
		return 7;
	}
	t->effect = TOOL_LEFT_OUT;
	return 0;
}

int tool_netstat(struct tools *t, int argc, char **argv)
{
	char letters[16] = "";

	for (int i = 1; i < argc; i++)
		if (argv[i][0] == '-')
			strncat(letters, argv[i] + 1, sizeof(letters) - 1 - strlen(letters));
	if (strchr(letters, 'r'))
		table_print(t->machine, strchr(letters, 'n'), true);
	else if (strchr(letters, 'i'))
		tool_interfaces_print(t->machine);
	else if (!strchr(letters, 'M'))		/* no connection is masqueraded here */
		puts("Active Internet connections (including servers)\n"
		     "Proto Recv-Q Send-Q Local Address           Foreign Address         State");
	return 0;
}

int tool_arp(struct tools *t, int argc, char **argv)
{
	const struct machine_interface *i = machine_interface_near(t->machine,
								   t->machine->gateway);
	bool old = argc > 1 && strchr(argv[1], 'a');

	if (argc > 1 && (strchr(argv[1], 's') || strchr(argv[1], 'd'))) {
		t->effect = TOOL_LEFT_OUT;
		return 0;
	}
	if (!old)
		puts("Address                 HWtype  HWaddress           Flags Mask            "
		     "Iface");
	if (i && t->machine->gateway)
		printf(old ? "? (%s) at 02:00:5E:00:53:FE [ether] on %s\n" :
			     "%-23s ether   02:00:5E:00:53:FE   C                     %s\n",
		       tool_quad(t->machine->gateway), i->name);
	return 0;
}
