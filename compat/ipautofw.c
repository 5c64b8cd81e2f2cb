// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ipautofw.c - the command line of ipautofw 0.20, also ipmasqadm's module autofw.
 *
 * Every message is on stdout, as it was.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compat/abi_portfw.h"
#include "compat/portfw_front.h"
#include "kmod/core/names.h"

static const char usage[] =
	"Usage:\n"
	"    ipautofw <command> <options>\n\n"
	"Valid commands:\n"
	"    -A                           add new autoforward entry\n"
	"    -D                           delete an autoforward entry\n"
	"    -F                           flush the autoforward table\n\n"
	"Valid options:\n"
	"    -r <type> <low> <high>       forwarding on ports <low> to <high> using\n"
	"                                 protocol <type> (tcp or udp)\n\n"
	"    -h <host>                    IP address of host to receive forwarded\n"
	"                                 packets\n\n"
	"    -d <type> <low> <high>       specifies a set of ports which will not use\n"
	"                                 the default high range (60000+) masquerade\n"
	"                                 port area\n\n"
	"    -p <type> <visible> <host>:<hidden>\n"
	"                                 set up port bouncing from visible host port\n"
	"                                 to masqueraded host <host> on port <hidden>,\n"
	"                                 protocol <type> (currently not supported)\n\n"
	"    -c <type> <port>             specifies a control port and protocol\n\n"
	"    -u                           Do _not_ require that a host connect within\n"
	"                                 15 seconds of triggering the control port\n\n"
	"    -i                           Insecure mode; any host many connect after\n"
	"                                 implied by not using the -c option or implied\n"
	"                                 by using the -h option\n"
	"                                 once the control port has been triggered\n"
	"    -v                           Verbose mode\n\n";

struct command {
	char letter;		/* A, D, F */
	bool verbose;
	struct abi_autofw a;	/* type 0: none yet */
};

/* the words that are left */
struct words {
	int argc, at;
	char **argv;
};

static int refuse(const char *text)
{
	puts(text);
	return FRONT_FAILED;
}

static const char *word_next(struct words *w)
{
	return w->at < w->argc ? w->argv[w->at++] : NULL;
}

/* %hu of scanf(): modulo 65536, and whatever follows the digits is left alone */
static __u16 port_read(const char *word)
{
	return (__u16)strtoul(word, NULL, 10);
}

static __be32 host_read(const char *word, size_t len)
{
	struct in_addr addr = { 0 };
	char text[64];

	snprintf(text, sizeof(text), "%.*s", (int)len, word);
	return inet_aton(text, &addr) ? addr.s_addr : 0;
}

static __u8 proto_read(const char *word)
{
	return word[0] == 't' ? FW_PROTO_TCP : word[0] == 'u' ? FW_PROTO_UDP : 0;
}

/* -r TYPE LOW HIGH, -d TYPE LOW HIGH, -p TYPE VISIBLE HOST:HIDDEN */
static int type_read(struct abi_autofw *a, enum abi_autofw_type type, struct words *w)
{
	static const char *const others[] = {
		[ABI_AUTOFW_RANGE] = "-r cannot be used in conjunction with -p or -d",
		[ABI_AUTOFW_PORT] = "-p cannot be used in conjunction with -d or -r",
		[ABI_AUTOFW_DIRECT] = "-d cannot be used in conjunction with -p or -r",
	};
	const char *proto = word_next(w), *low = word_next(w), *high = word_next(w), *colon;

	if (a->type)
		return refuse(others[type]);
	if (!high) {
		fputs(usage, stdout);
		return FRONT_FAILED;
	}
	a->type = type;
	a->protocol = proto_read(proto);
	if (!a->protocol)
		return refuse("protocol must be either tcp or udp");
	if (type == ABI_AUTOFW_PORT) {
		colon = high + strcspn(high, ":");
		a->where = host_read(high, (size_t)(colon - high));
		a->visible = port_read(low);
		a->hidden = *colon ? port_read(colon + 1) : 0;
		return a->visible && a->hidden ? 0 : refuse("Illegal port numbers");
	}
	a->low = port_read(low);
	a->high = port_read(high);
	return a->low && a->high >= a->low ? 0 : refuse("Illegal port numbers");
}

static int control_read(struct abi_autofw *a, struct words *w)
{
	const char *proto = word_next(w), *port = word_next(w);

	if (!port) {
		fputs(usage, stdout);
		return FRONT_FAILED;
	}
	a->ctlproto = proto_read(proto);
	if (!a->ctlproto)
		return refuse("Control protocol must be either tcp or udp");
	a->ctlport = port_read(port);
	return a->ctlport ? 0 : refuse("Illegal port numbers");
}

static int host_option_read(struct abi_autofw *a, struct words *w)
{
	const char *host = word_next(w);

	if (!host) {
		fputs(usage, stdout);
		return FRONT_FAILED;
	}
	a->where = host_read(host, strlen(host));
	a->flags &= (__u16)~ABI_AUTOFW_SECURE;
	return 0;
}

static int option_read(struct command *c, const char *word, struct words *w)
{
	struct abi_autofw *a = &c->a;

	if (word[0] != '-') {
		printf("Invalid option: %s\n", word);
		return 0;
	}
	switch (word[1]) {
	case 'r':
		return type_read(a, ABI_AUTOFW_RANGE, w);
	case 'p':
		return type_read(a, ABI_AUTOFW_PORT, w);
	case 'd':
		return type_read(a, ABI_AUTOFW_DIRECT, w);
	case 'c':
		return control_read(a, w);
	case 'h':
		return host_option_read(a, w);
	case 'u':
		a->flags &= (__u16)~ABI_AUTOFW_USETIME;
		return 0;
	case 'i':
		a->flags &= (__u16)~ABI_AUTOFW_SECURE;
		return 0;
	case 'v':
		c->verbose = true;
		return 0;
	default:
		printf("Invalid option: %s\n", word);
		return FRONT_FAILED;
	}
}

static void verbose_print(const struct command *c)
{
	const struct abi_autofw *a = &c->a;
	const char *proto = fw_protocol_name((__u8)a->protocol);
	struct in_addr host = { a->where };
	bool range = a->type == ABI_AUTOFW_RANGE;

	printf("%s autofwd ", c->letter == 'A' ? "Adding" : "Deleteing");
	if (a->type == ABI_AUTOFW_DIRECT)
		printf("(direct) ports %u - %u\n", a->low, a->high);
	if (a->type == ABI_AUTOFW_PORT)
		printf("%s port %u -> %s:%u ", proto, a->visible, inet_ntoa(host), a->hidden);
	if (range)
		printf("%s ports %u - %u ", proto, a->low, a->high);
	if (range && a->where)
		printf("to fixed host %s ", inet_ntoa(host));
	if (range && a->ctlport)
		printf("via %s ctl port %u ", fw_protocol_name((__u8)a->ctlproto), a->ctlport);
	printf("%s%s\n", a->flags & ABI_AUTOFW_USETIME ? "U" : "",
	       a->flags & ABI_AUTOFW_SECURE ? "S" : "");
}

static bool is_known(const struct fw_portfw_table *t, const struct fw_portfw *f)
{
	__u32 i = 0;

	while (i < t->count && !fw_portfw_equal(&t->entry[i], f))
		i++;
	return i < t->count;
}

/* To delete what is not there was silent success on 2.2. */
static int edits_make(struct portfw_change *change, const struct portfw_command *c)
{
	struct fw_portfw_edit edit = {
		.op = c->letter == 'A' ? FW_PORTFW_INSERT : FW_PORTFW_DELETE,
		.forward = c->forward,
	};

	if (c->letter == 'F')
		portfw_change_clear(change, PORTFW_ANY_ADDR, false);
	else if (c->letter != 'D' || is_known(portfw_change_table(change), &edit.forward))
		portfw_change_add(change, &edit);
	return 0;
}

/* It lists nothing. */
const struct portfw_program ipautofw_program = {
	.kind = PORTFW_ANY_ADDR, .edit = edits_make,
};

int ipautofw_run(const struct portfw_host *h, int argc, char **argv)
{
	struct words w = { argc, 2, argv };
	struct command c = { .a.flags = ABI_AUTOFW_USETIME | ABI_AUTOFW_SECURE };
	struct portfw_command edit = { 0 };
	int status;

	if (argc < 2) {
		fputs(usage, stdout);
		return FRONT_FAILED;
	}
	c.letter = argv[1][0] ? argv[1][1] : '\0';
	if (!c.letter || !strchr("ADF", c.letter))
		return refuse("Command must be either -A, -D, or -F");
	if (c.letter == 'F' && argc > 2)
		return refuse("The flush command does not take options");
	while (w.at < argc) {
		const char *word = argv[w.at++];

		status = option_read(&c, word, &w);
		if (status)
			return status;
	}
	if (c.letter != 'F' && !c.a.type)
		return refuse("You must select a type of forwarding (direct, port, or range)");
	if (!c.a.ctlport)
		c.a.flags &= (__u16)~ABI_AUTOFW_SECURE;
	else if (!(c.a.flags & ABI_AUTOFW_SECURE))
		puts("-i cannot be specified with a control port");
	if (c.verbose && c.letter != 'F')
		verbose_print(&c);
	edit.letter = c.letter;
	abi_autofw_read(&edit.forward, &c.a);
	return portfw_command_run(&ipautofw_program, h, &edit, false, argv[0], argv[0]);
}
