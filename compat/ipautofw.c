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
	char type;		/* r, p, d; 0: none yet */
	__u8 proto, control_proto;
	__u16 low, high, hidden, control_port;
	__u32 host;
	bool no_limit, insecure, fixed, verbose;
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

static __u32 host_read(const char *word, size_t len)
{
	struct in_addr addr = { 0 };
	char text[64];

	snprintf(text, sizeof(text), "%.*s", (int)len, word);
	return inet_aton(text, &addr) ? ntohl(addr.s_addr) : 0;
}

static __u8 proto_read(const char *word)
{
	return word[0] == 't' ? FW_PROTO_TCP : word[0] == 'u' ? FW_PROTO_UDP : 0;
}

/* -r TYPE LOW HIGH, -d TYPE LOW HIGH, -p TYPE VISIBLE HOST:HIDDEN */
static int type_read(struct command *c, char type, struct words *w)
{
	static const char *const others[] = {
		['r'] = "-r cannot be used in conjunction with -p or -d",
		['p'] = "-p cannot be used in conjunction with -d or -r",
		['d'] = "-d cannot be used in conjunction with -p or -r",
	};
	const char *proto = word_next(w), *low = word_next(w), *high = word_next(w), *colon;

	if (c->type)
		return refuse(others[(unsigned char)type]);
	if (!high) {
		fputs(usage, stdout);
		return FRONT_FAILED;
	}
	c->type = type;
	c->proto = proto_read(proto);
	if (!c->proto)
		return refuse("protocol must be either tcp or udp");
	c->low = c->high = port_read(low);
	if (type == 'p') {
		colon = high + strcspn(high, ":");
		c->host = host_read(high, (size_t)(colon - high));
		c->hidden = *colon ? port_read(colon + 1) : 0;
	} else {
		c->high = port_read(high);
	}
	if (!c->low || c->high < c->low || (type == 'p' && !c->hidden))
		return refuse("Illegal port numbers");
	return 0;
}

static int control_read(struct command *c, struct words *w)
{
	const char *proto = word_next(w), *port = word_next(w);

	if (!port) {
		fputs(usage, stdout);
		return FRONT_FAILED;
	}
	c->control_proto = proto_read(proto);
	if (!c->control_proto)
		return refuse("Control protocol must be either tcp or udp");
	c->control_port = port_read(port);
	return c->control_port ? 0 : refuse("Illegal port numbers");
}

static int host_option_read(struct command *c, struct words *w)
{
	const char *host = word_next(w);

	if (!host) {
		fputs(usage, stdout);
		return FRONT_FAILED;
	}
	c->host = host_read(host, strlen(host));
	c->fixed = true;
	return 0;
}

static int option_read(struct command *c, const char *word, struct words *w)
{
	if (word[0] != '-') {
		printf("Invalid option: %s\n", word);
		return 0;
	}
	switch (word[1]) {
	case 'r':
	case 'p':
	case 'd':
		return type_read(c, word[1], w);
	case 'c':
		return control_read(c, w);
	case 'h':
		return host_option_read(c, w);
	case 'u':
		c->no_limit = true;
		return 0;
	case 'i':
		c->insecure = true;
		return 0;
	case 'v':
		c->verbose = true;
		return 0;
	default:
		printf("Invalid option: %s\n", word);
		return FRONT_FAILED;
	}
}

static bool is_secure(const struct command *c)
{
	return c->control_port && !c->insecure && !c->fixed;
}

static void verbose_print(const struct command *c)
{
	const char *proto = fw_protocol_name(c->proto);
	struct in_addr host = { htonl(c->host) };

	printf("%s autofwd ", c->letter == 'A' ? "Adding" : "Deleteing");
	if (c->type == 'd')
		printf("(direct) ports %u - %u\n", c->low, c->high);
	if (c->type == 'p')
		printf("%s port %u -> %s:%u ", proto, c->low, inet_ntoa(host), c->hidden);
	if (c->type == 'r')
		printf("%s ports %u - %u ", proto, c->low, c->high);
	if (c->type == 'r' && c->host)
		printf("to fixed host %s ", inet_ntoa(host));
	if (c->type == 'r' && c->control_port)
		printf("via %s ctl port %u ", fw_protocol_name(c->control_proto),
		       c->control_port);
	printf("%s%s\n", c->no_limit ? "" : "U", is_secure(c) ? "S" : "");
}

/* A host that is not secured is not forgotten, nor is one without the limit of time. */
static void forward_make(struct fw_portfw *f, const struct command *c)
{
	*f = (struct fw_portfw){
		.proto = c->proto, .low = c->low, .high = c->high,
		.weight = FW_PORTFW_WEIGHT, .flags = FW_PORTFW_ANY_ADDR, .to = c->host,
		.to_port = c->hidden,
	};
	if (c->type == 'd') {
		f->flags |= FW_PORTFW_SAME_PORT;
		f->to = 0;
	} else if (c->type == 'p') {
		f->flags |= FW_PORTFW_HAS_PORT;
	} else if (c->control_port) {
		f->trigger_proto = c->control_proto;
		f->trigger_port = c->control_port;
		f->trigger_time = is_secure(c) && !c->no_limit ? FW_PORTFW_TRIGGER_TIME : 0;
	}
}

static bool is_known(const struct fw_portfw_table *t, const struct fw_portfw *f)
{
	__u32 i = 0;

	while (i < t->count && !fw_portfw_equal(&t->entry[i], f))
		i++;
	return i < t->count;
}

/* To delete what is not there was silent success on 2.2. */
static int edits_make(struct portfw_change *change, const void *command)
{
	const struct command *c = command;
	struct fw_portfw_edit edit = {
		.op = c->letter == 'A' ? FW_PORTFW_INSERT : FW_PORTFW_DELETE,
	};

	forward_make(&edit.forward, c);
	if (c->letter == 'F')
		portfw_change_clear(change, PORTFW_ANY_ADDR, false);
	else if (c->letter == 'A' || is_known(portfw_change_table(change), &edit.forward))
		portfw_change_add(change, &edit);
	return 0;
}

/* It lists nothing. */
static const struct portfw_program program = {
	.kind = PORTFW_ANY_ADDR, .edit = edits_make,
};

int ipautofw_run(const struct portfw_host *h, int argc, char **argv)
{
	struct words w = { argc, 2, argv };
	struct command c = { 0 };
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
	if (c.letter != 'F' && !c.type)
		return refuse("You must select a type of forwarding (direct, port, or range)");
	if (c.control_port && (c.insecure || c.fixed))
		puts("-i cannot be specified with a control port");
	if (c.verbose && c.letter != 'F')
		verbose_print(&c);
	return portfw_command_run(&program, h, &c, false, argv[0], argv[0]);
}
