// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * portfw.c - a line with --forward: its options, what goes together, the forward.
 */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "kmod/core/names.h"
#include "parser/nameservice.h"
#include "parser/number.h"
#include "parser/request.h"

static int number_take(struct request *q, const struct ast_item *item, long least, __u32 *n)
{
	long value = number_parse(item->args->text, INT_MAX);

	if (value < least)
		return REFUSE(q, item->args->loc, "", "invalid value \"%s\" for %s",
			      item->args->text, item->option->name);
	*n = (__u32)value;
	return 0;
}

/* a number, or a service of that protocol; -1: neither */
static long port_find(const char *text, unsigned int kind)
{
	long n = number_parse(text, 65535);

	return n < 0 ? name_service_port(text, kind) : n;
}

static int host_find(struct request *q, struct loc loc, const char *name, __u32 *addr)
{
	__u32 *addrs;
	int n;

	if (dotted_parse(name, addr))
		return 0;
	n = name_host_addresses(name, &addrs);
	if (n < 0)
		return REFUSE(q, loc, "", "host \"%s\" not found", name);
	if (n == 1)
		*addr = addrs[0];
	free(addrs);
	return n == 1 ? 0 : REFUSE(q, loc, "", "hostname \"%s\" does not specify a unique address",
				   name);
}

/* ADDRESS[:PORT] */
int value_to(struct request *q, const struct ast_item *item)
{
	struct fw_portfw *f = &q->portfw.forward;
	const struct ast_arg *arg = item->args;
	size_t n = strcspn(arg->text, ":");
	char host[256];
	long port;

	if (n >= sizeof(host))
		return REFUSE(q, arg->loc, "", "host name is too long");
	memcpy(host, arg->text, n);
	host[n] = '\0';
	if (arg->text[n]) {
		port = port_find(arg->text + n + 1, FW_KIND_TCP);
		if (port < 0)
			return REFUSE(q, ast_arg_part(arg, n + 1, strlen(arg->text)), "",
				      "invalid port/service \"%s\" specified",
				      arg->text + n + 1);
		f->to_port = (__u16)port;
		f->flags |= FW_PORTFW_HAS_PORT;
	}
	return host_find(q, ast_arg_part(arg, 0, n), host, &f->to);
}

int value_weight(struct request *q, const struct ast_item *item)
{
	return number_take(q, item, 0, &q->portfw.forward.weight);
}

int value_left(struct request *q, const struct ast_item *item)
{
	return number_take(q, item, 0, &q->portfw.forward.left);
}

/* Marks have 32 bits, and are written as hexadecimal numbers, too. */
int value_mark(struct request *q, const struct ast_item *item)
{
	const char *text = item->args->text;
	char *end;
	unsigned long mark = strtoul(text, &end, 0);

	if (*text < '0' || *text > '9' || *end || !mark || mark > 0xffffffff)
		return REFUSE(q, item->args->loc, "1 to 0xffffffff", "invalid mark \"%s\"", text);
	q->portfw.forward.mark = (__u32)mark;
	return 0;
}

int value_trigger(struct request *q, const struct ast_item *item)
{
	const struct ast_arg *proto = item->args, *port = proto->next;
	bool udp = strcmp(proto->text, "udp") == 0;
	long n;

	if (!udp && strcmp(proto->text, "tcp") != 0)
		return REFUSE(q, proto->loc, "tcp or udp", "invalid protocol \"%s\" specified",
			      proto->text);
	if (!port)
		return REFUSE(q, item->loc, "", "--trigger requires a protocol and a port");
	n = port_find(port->text, udp ? FW_KIND_UDP : FW_KIND_TCP);
	if (n < 1)
		return REFUSE(q, port->loc, "", "invalid port/service \"%s\" specified",
			      port->text);
	q->portfw.forward.trigger_proto = udp ? FW_PROTO_UDP : FW_PROTO_TCP;
	q->portfw.forward.trigger_port = (__u16)n;
	return 0;
}

int value_trigger_time(struct request *q, const struct ast_item *item)
{
	return number_take(q, item, 0, &q->portfw.forward.trigger_time);
}

int value_same_port(struct request *q, const struct ast_item *item)
{
	(void)item;
	q->portfw.forward.flags |= FW_PORTFW_SAME_PORT;
	return 0;
}

int value_cut(struct request *q, const struct ast_item *item)
{
	(void)item;
	q->portfw.cut = true;
	return 0;
}

static struct loc place(const struct request *q, int option)
{
	return q->given[option]->loc;
}

static int check_command(const struct request *q)
{
	if (q->stray)
		return REFUSE(q, q->stray->loc, "", "unknown arguments found on commandline");
	if (!q->command)
		return REFUSE(q, q->line->loc, "", "no command specified");
	if (request_category(q) != 'M')
		return REFUSE(q, place(q, OPT_FORWARD), "",
			      "--forward only allowed in combination with -M");
	if (!(q->command & DO_PORTFW) || q->command == (DO_LIST | DO_ZERO))
		return REFUSE(q, q->action->loc, "",
			      "--forward only allowed with -a, -i, -d, -f, -l, or -z command");
	if (!q->command_line && !q->every_command && q->command == DO_LIST)
		return REFUSE(q, q->action->loc, "", REFUSE_COMMAND);
	if (q->policy)
		return REFUSE(q, q->policy->loc, "", "no policy allowed with --forward");
	if (q->line->counters && !(q->command & (DO_APPEND | DO_INSERT)))
		return REFUSE(q, q->line->counters->loc, "",
			      "counters only allowed with insert/append");
	return 0;
}

/* Who may connect is the business of the input list. */
static int check_options(const struct request *q)
{
	for (const struct option_row *o = options; o->name; o++) {
		bool endpoint = o->id == 'P' || o->id == 'D';

		if (!q->given[o->id] || o->kind == OPTION_CATEGORY || o->kind == OPTION_COMMAND)
			continue;
		if (!o->portfw || (endpoint && !(q->command & DO_RULE)))
			return REFUSE(q, place(q, o->id), "", "%s not allowed with --forward%s",
				      o->name, o->portfw ? " and this command" : "");
		if (o->kind == OPTION_NEW && !(o->with & q->command))
			return REFUSE(q, place(q, o->id), "",
				      "%s not allowed with --forward and this command", o->name);
	}
	return 0;
}

static int check_protocol(const struct request *q)
{
	unsigned int kind = q->rule.flags & FW_KIND_MASK;

	if (kind != FW_KIND_TCP && kind != FW_KIND_UDP && !(q->given[OPT_MARK] && !q->given['P']))
		return REFUSE(q, q->given['P'] ? place(q, 'P') : q->action->loc, "",
			      "-P tcp or -P udp required with --forward");
	return 0;
}

static int check_side(const struct request *q)
{
	const char *wrong = NULL;

	if (!q->given[OPT_MARK] && !q->given['D'])
		return REFUSE(q, q->action->loc, "", "-D or --mark required with --forward");
	if (q->given[OPT_MARK])
		wrong = q->given['D'] ? "-D" : q->given[OPT_TRIGGER] ? "--trigger" :
			q->given[OPT_SAME_PORT] ? "--same-port" :
			q->given[OPT_HELPER] ? "--helper" : NULL;
	if (wrong)
		return REFUSE(q, place(q, OPT_MARK), "", "%s and --mark exclude each other", wrong);
	if (q->given['D'] && q->dst.nports != 1 && !(q->dst.range && q->dst.nports == 2))
		return REFUSE(q, place(q, 'D'), "LOW:HIGH",
			      "one port or one range required with --forward");
	return 0;
}

static int check_target(const struct request *q)
{
	static const __u8 targets[] = { OPT_TO, OPT_TRIGGER, OPT_SAME_PORT, OPT_HELPER };
	int found = 0;

	for (unsigned int i = 0; i < FW_COUNT(targets); i++) {
		if (!q->given[targets[i]])
			continue;
		if (found)
			return REFUSE(q, place(q, targets[i]), "", "%s and %s exclude each other",
				      q->given[found]->option->name,
				      q->given[targets[i]]->option->name);
		found = targets[i];
	}
	if (!found && q->command != DO_DELETE)
		return REFUSE(q, q->action->loc, "",
			      "--to, --trigger, --same-port, or --helper required with --forward");
	if (q->given[OPT_TRIGGER_TIME] && !q->given[OPT_TRIGGER])
		return REFUSE(q, place(q, OPT_TRIGGER_TIME), "",
			      "--trigger-time only allowed in combination with --trigger");
	if (!q->portfw.forward.weight && !q->given[OPT_MARK])
		return REFUSE(q, place(q, OPT_WEIGHT), "",
			      "--weight 0 only allowed in combination with --mark");
	if (q->portfw.forward.left > q->portfw.forward.weight)
		return REFUSE(q, place(q, OPT_LEFT), "", "more left than --weight has");
	return 0;
}

const struct fw_masq_helper *masq_helper_find(const char *name)
{
	const struct fw_masq_helper *h = fw_masq_helpers;

	for (; h < fw_masq_helpers + FW_MASQ_HELPERS; h++)
		if (!strcmp(fw_helper_names[h->id], name))
			return h;
	return NULL;
}

/* The helpers of 2.0 were each for one protocol. */
static int helper_resolve(struct request *q)
{
	const struct ast_arg *name = q->given[OPT_HELPER]->args;
	const struct fw_masq_helper *h = masq_helper_find(name->text);
	struct fw_portfw *f = &q->portfw.forward;

	if (!h)
		return REFUSE(q, name->loc, "cuseeme, ftp, irc, quake, raudio, vdolive",
			      "masquerading had no helper \"%s\"", name->text);
	if (f->proto != h->proto)
		return REFUSE(q, place(q, 'P'), "", "helper \"%s\" requires -P %s", name->text,
			      fw_protocol_name(h->proto));
	if (f->low != f->high)
		return REFUSE(q, q->given['D']->args->next->loc, "",
			      "one port required with --helper");
	f->helper = (__u8)h->id;
	return 0;
}

static int side_resolve(struct request *q)
{
	struct fw_portfw *f = &q->portfw.forward;
	const __u16 *port = q->rule.pts;
	int err = request_rules(q);

	if (err || !q->given['D'])
		return err;
	if (q->dst.naddrs != 1 || (q->dst.mask && q->dst.mask != 0xffffffff))
		return REFUSE(q, q->given['D']->args->loc, "0.0.0.0/0 for every own address",
			      "one address required with --forward");
	f->addr = q->dst.addrs[0];
	f->flags |= q->dst.mask ? 0 : FW_PORTFW_ANY_ADDR;
	f->low = port[0];
	f->high = port[q->dst.nports - 1];
	if (!f->low || (q->dst.mask && f->high > FW_PORTFW_PORT_MAX))
		return REFUSE(q, q->given['D']->args->next->loc, "",
			      "an address has forwarded ports from 1 to %d", FW_PORTFW_PORT_MAX);
	if (f->low != f->high && f->flags & FW_PORTFW_HAS_PORT)
		return REFUSE(q, q->given[OPT_TO]->args->loc, "ADDRESS",
			      "a range of ports keeps its ports");
	if (!q->given[OPT_TO] && q->command != DO_DELETE && q->dst.mask)
		return REFUSE(q, q->given['D']->args->loc, "0.0.0.0/0",
			      "every own address required with --trigger, --same-port, and "
			      "--helper");
	return q->given[OPT_HELPER] ? helper_resolve(q) : 0;
}

int request_portfw(struct request *q)
{
	struct fw_portfw *f = &q->portfw.forward;
	const bool has_target = q->given[OPT_TO] || q->given[OPT_TRIGGER] ||
				q->given[OPT_SAME_PORT] || q->given[OPT_HELPER];
	int err;

	q->portfw.op = q->command == DO_APPEND ? FW_PORTFW_APPEND
		     : q->command == DO_INSERT ? FW_PORTFW_INSERT
		     : q->command == DO_FLUSH  ? FW_PORTFW_FLUSH
		     : q->command == DO_ZERO   ? FW_PORTFW_ZERO
		     : has_target	       ? FW_PORTFW_DELETE
					       : FW_PORTFW_DELETE_SIDE;
	if (!q->given[OPT_WEIGHT])
		f->weight = FW_PORTFW_WEIGHT;
	if (!q->given[OPT_LEFT])
		f->left = f->weight;
	if (q->given[OPT_TRIGGER] && !q->given[OPT_TRIGGER_TIME])
		f->trigger_time = FW_PORTFW_TRIGGER_TIME;
	f->proto = (q->rule.flags & FW_KIND_MASK) == FW_KIND_TCP   ? FW_PROTO_TCP
		   : (q->rule.flags & FW_KIND_MASK) == FW_KIND_UDP ? FW_PROTO_UDP : 0;
	err = check_command(q);
	if (!err)
		err = check_options(q);
	if (err || !(q->command & DO_RULE))
		return err;
	err = check_protocol(q);
	if (!err)
		err = check_side(q);
	if (!err)
		err = check_target(q);
	return err ? err : side_resolve(q);
}
