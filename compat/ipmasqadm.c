// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ipmasqadm.c - ipmasqadm 0.4 for Linux 2.2: its modules, and its module portfw.
 *
 * Deleting what is not there was silent success, because the kernel took a positive
 * result for a length.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compat/ipmasqadm.h"
#include "compat/portfw_front.h"
#include "parser/nameservice.h"

#define MODULES "/usr/lib/ipmasqadm"

static const char help[] =
	"Usage: portfw -a -P PROTO -L LADDR LPORT -R RADDR RPORT [-p PREF] add entry\n"
	"       portfw -d -P PROTO -L LADDR LPORT [-R RADDR RPORT]         delete entry\n"
	"       portfw -f                                                  clear table\n"
	"       portfw -l                                                  list table\n"
	"       portfw <args> -n                                           no names\n\n"
	"PROTO is the protocol, can be \"tcp\" or \"udp\"\n"
	"LADDR is the local interface receiving packets to be forwarded.\n"
	"LPORT is the port being redirected.\n"
	"RADDR is the remote address.\n"
	"RPORT is the port being redirected to.\n"
	"PREF  is the preference level (load balancing, default=10)\n";

bool ipmasqadm_address_read(const char *word, bool numeric, __u32 *addr)
{
	struct in_addr in;
	__u32 *addrs;
	int n;

	if (inet_aton(word, &in)) {
		*addr = ntohl(in.s_addr);
		return true;
	}
	if (numeric)
		return false;
	n = name_host_addresses(word, &addrs);
	if (n > 0)
		*addr = addrs[0];
	else
		fprintf(stderr, "%s: %s\n", word, hstrerror(h_errno));
	if (n >= 0)
		free(addrs);
	return n > 0;
}

bool ipmasqadm_port_read(const char *word, bool numeric, __u16 *port)
{
	char *end;
	int service;

	*port = (__u16)strtoul(word, &end, 10);
	if (end != word)
		return true;
	service = numeric ? -1 : name_service_port(word, FW_KIND_TCP);
	if (service < 0 && !numeric)
		service = name_service_port(word, FW_KIND_UDP);
	*port = (__u16)service;
	return service >= 0;
}

void ipmasqadm_name_address(char *buf, size_t size, __u32 addr, bool numeric)
{
	struct in_addr in = { htonl(addr) };

	if (numeric || !name_of_address(addr, buf, size))
		snprintf(buf, size, "%s", inet_ntoa(in));
}

void ipmasqadm_name_port(char *buf, size_t size, __u16 port, bool numeric)
{
	if (numeric || !name_of_port(port, FW_KIND_TCP, buf, size))
		snprintf(buf, size, "%u", port);
}

int ipmasqadm_words_left(const char *name, int argc, char **argv)
{
	printf("optind=%d (%s) argc=%d\n", optind, argv[optind - 1], argc);
	return portfw_usage_error(name, "unknown arguments found on commandline");
}

/* ADDRESS PORT; the second word is the one after */
static bool side_read(const struct portfw_command *c, int argc, char **argv, __u32 *addr,
		      __u16 *port)
{
	return optind < argc && ipmasqadm_address_read(optarg, c->numeric, addr) &&
	       ipmasqadm_port_read(argv[optind++], c->numeric, port);
}

static const char *option_read(struct portfw_command *c, int letter, int argc, char **argv)
{
	struct fw_portfw *f = &c->forward;
	int weight;

	switch (letter) {
	case 'n':
		c->numeric = true;
		return NULL;
	case 'P':
		if (f->proto)
			return "multiple protocols specified";
		f->proto = optarg[0] == 't' ? FW_PROTO_TCP : optarg[0] == 'u' ? FW_PROTO_UDP : 0;
		return f->proto ? NULL : "invalid protocol specified";
	case 'L':
		if (f->addr || f->low)
			return "multiple local address/port specified";
		return side_read(c, argc, argv, &f->addr, &f->low) ?
			       NULL : "illegal local address/port specified";
	case 'R':
		if (f->to || f->to_port)
			return "multiple destinations specified";
		return side_read(c, argc, argv, &f->to, &f->to_port) ?
			       NULL : "illegal destination specified";
	case 'p':
		weight = atoi(optarg);
		f->weight = weight > 0 ? (__u32)weight : 0;
		return f->weight ? NULL : "illegal preference value specified";
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

	if (strchr("ad", c->letter) && (!f->proto || !f->low))
		return "insufficient options specified";
	if (strchr("fl", c->letter) && (f->proto || f->addr || f->low || f->to || f->to_port))
		return "incompatible options specified";
	return NULL;
}

/* 0 is any address or port, but of the outer port */
static bool is_meant(const struct fw_portfw *f, const struct fw_portfw *by)
{
	return portfw_kind_of(f) == PORTFW_ONE_PORT && f->proto == by->proto &&
	       f->low == by->low && (!by->addr || f->addr == by->addr) &&
	       (!by->to || f->to == by->to) && (!by->to_port || f->to_port == by->to_port);
}

/* All that are meant are deleted or get the weight; none: it is added. */
static int edits_make(struct portfw_change *change, const struct portfw_command *c)
{
	const struct fw_portfw_table *t = portfw_change_table(change);
	struct fw_portfw_edit edit = {
		.op = c->letter == 'd' ? FW_PORTFW_DELETE : FW_PORTFW_INSERT,
	};
	bool found = false;

	if (c->letter == 'f')
		portfw_change_clear(change, PORTFW_ONE_PORT, false);
	for (__u32 i = 0; i < t->count && c->letter != 'f'; i++) {
		if (!is_meant(&t->entry[i], &c->forward))
			continue;
		found = true;
		edit.forward = t->entry[i];
		edit.forward.weight = c->forward.weight;
		portfw_change_add(change, &edit);
	}
	edit.forward = c->forward;
	if (c->letter == 'a' && !found)
		portfw_change_add(change, &edit);
	return 0;
}

static void row_print(const struct fw_portfw *f, const char *proto, bool numeric)
{
	char addr[NAME_MAX_LEN], to[NAME_MAX_LEN], port[NAME_MAX_LEN], to_port[NAME_MAX_LEN];

	ipmasqadm_name_address(addr, sizeof(addr), f->addr, numeric);
	ipmasqadm_name_address(to, sizeof(to), f->to, numeric);
	ipmasqadm_name_port(port, sizeof(port), f->low, numeric);
	ipmasqadm_name_port(to_port, sizeof(to_port), f->to_port, numeric);
	printf("%-4s %-20s %-20s %8s %8s %5u %5u\n", proto, addr, to, port, to_port, f->left,
	       f->weight);
}

static void list_print(const struct fw_portfw_table *t, const struct portfw_command *c)
{
	printf("%-4s %-20s %-20s %8s %8s %5s %5s\n", "prot", "localaddr", "rediraddr", "lport",
	       "rport", "pcnt", "pref");
	for (int udp = 1; udp >= 0; udp--)
		for (__u32 i = 0; i < t->count; i++)
			if (portfw_kind_of(&t->entry[i]) == PORTFW_ONE_PORT &&
			    (t->entry[i].proto == FW_PROTO_UDP) == udp)
				row_print(&t->entry[i], udp ? "UDP" : "TCP", c->numeric);
}

static int list_refusal(const char *name, const struct fw_error *e)
{
	portfw_refusal(name, e);
	fputs("Could not open \"/proc/net/ip_masq/portfw\"\n"
	      "Could not open \"/proc/net/ip_portfw\"\n"
	      "Check if you have enabled portforwarding\n", stderr);
	return FRONT_FAILED;
}

const struct portfw_program portfw_program = {
	.kind = PORTFW_ONE_PORT, .print = list_print, .edit = edits_make,
	.list_refusal = list_refusal,
};

int portfw_module_run(const struct portfw_host *h, int argc, char **argv)
{
	struct portfw_command c = { .forward = { .weight = FW_PORTFW_WEIGHT,
					  .flags = FW_PORTFW_HAS_PORT } };
	const char *wrong;
	int letter;

	while ((letter = getopt(argc, argv, "adflnP:R:L:p:h")) != -1) {
		if (letter == 'h' || letter == '?') {
			fputs(help, stdout);
			return 0;
		}
		wrong = option_read(&c, letter, argc, argv);
		if (wrong)
			return portfw_usage_error(argv[0], wrong);
	}
	c.forward.high = c.forward.low;
	if (optind < argc)
		return ipmasqadm_words_left(argv[0], argc, argv);
	if (!c.letter) {
		fputs(help, stdout);
		return 0;
	}
	wrong = command_check(&c);
	return wrong ? portfw_usage_error(argv[0], wrong) :
		       portfw_command_run(&portfw_program, h, &c, c.letter == 'l', argv[0],
					  argv[0]);
}

int ipmasqadm_run(const struct portfw_host *h, int argc, char **argv)
{
	static const struct {
		const char *name;
		int (*run)(const struct portfw_host *h, int argc, char **argv);
	} modules[] = {
		{ "autofw", ipautofw_run },
		{ "mfw", mfw_module_run },
		{ "portfw", portfw_module_run },
	};

	if (argc < 2) {
		fputs("usage: ipmasqadm MODULE [opts] \n", stderr);
		return FRONT_FAILED;
	}
	for (unsigned int i = 0; i < FW_COUNT(modules); i++)
		if (strcmp(modules[i].name, argv[1]) == 0)
			return modules[i].run(h, argc - 1, argv + 1);
	fprintf(stderr, "dlopen(): " MODULES "/%s.so: cannot open shared object file: "
		"No such file or directory\n", argv[1]);
	return FRONT_FAILED;
}
