// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * endpoint.c - the arguments of -S and -D: addresses, masks, ports; the port of -r.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "kmod/core/names.h"
#include "parser/nameservice.h"
#include "parser/number.h"
#include "parser/request.h"

/* a copy; 2.3.0 cut longer names */
static void name_cut(char name[NAME_MAX_LEN], const char *text)
{
	size_t n = strnlen(text, NAME_MAX_LEN - 1);

	memcpy(name, text, n);
	name[n] = '\0';
}

/*
 * 2.3.0 removed duplicate addresses without moving up the following ones: all from
 * the first duplicate on are lost.
 */
static void endpoint_mask(struct endpoint *e)
{
	for (unsigned int i = 0; i < e->naddrs; i++) {
		e->addrs[i] &= e->mask;
		for (unsigned int k = 0; k < i; k++) {
			if (e->addrs[k] == e->addrs[i]) {
				e->naddrs = i;
				return;
			}
		}
	}
}

/* what other programs call every address */
static const char *host_hint(const char *name)
{
	static const char *const every[] = { "any", "all", "anywhere", "everywhere", "*" };

	for (unsigned int i = 0; i < FW_COUNT(every); i++)
		if (strcmp(name, every[i]) == 0)
			return "every address is 0.0.0.0/0";
	return "";
}

static int endpoint_host(struct request *q, struct endpoint *e, const char *name,
			 size_t length)
{
	const struct ast_arg *arg = e->item->args;
	int n;

	e->addrs = &e->one;
	e->naddrs = 1;
	if (!e->mask) {
		e->one = 0;	/* 2.3.0 did not look up the name */
		return 0;
	}
	if (dotted_parse(name, &e->one))
		return 0;
	n = name_addresses(name, &e->addrs);
	if (n < 0) {
		e->addrs = &e->one;
		return REFUSE(q, ast_arg_part(arg, 0, length), host_hint(name),
			      "host/network \"%s\" not found", name);
	}
	e->naddrs = (unsigned int)n;
	return 0;
}

/* ADDRESS[/MASK] */
static int endpoint_address(struct request *q, struct endpoint *e)
{
	const struct ast_arg *arg = e->item->args;
	char name[NAME_MAX_LEN];
	char *slash;
	int err;

	name_cut(name, arg->text);
	slash = strrchr(name, '/');
	e->mask = 0xffffffff;
	if (slash) {
		*slash = '\0';
		if (!mask_parse(slash + 1, &e->mask))
			return REFUSE(q,
				      ast_arg_part(arg, (size_t)(slash - name) + 1,
						    strlen(arg->text)),
				      "0 to 32 bits, or four numbers from 0 to 255",
				      "invalid mask \"%s\" specified", slash + 1);
	}
	err = endpoint_host(q, e, name, strlen(name));
	if (!err)
		endpoint_mask(e);
	return err;
}

static const char *port_hint(const struct request *q, char buf[HINT_SIZE],
			     const char *text)
{
	unsigned int kind = q->rule.flags & FW_KIND_MASK;
	unsigned int other = kind == FW_KIND_TCP ? FW_KIND_UDP : FW_KIND_TCP;
	const char *near;

	if (kind == FW_KIND_ICMP)
		return "ICMP types are numbers";
	if (kind == FW_KIND_ALL)
		return "service names need -P tcp or -P udp";
	if (!*text || !diag_wanted(q->diags))
		return "";
	if (strchr(text, ','))
		return "ports are separated by blanks: 80 443";
	if (name_service_port(text, other) >= 0) {
		snprintf(buf, HINT_SIZE, "only %s has it",
			 fw_kind_names[other]);
		return buf;
	}
	near = name_service_suggest(text, kind);
	if (!near)
		return "";
	snprintf(buf, HINT_SIZE, "did you mean '%s'?", near);
	return buf;
}

/* a number, or a service of the rule's protocol; text is at byte from of arg */
static int port_parse(struct request *q, const struct ast_arg *arg, size_t from,
		      const char *text, __u16 *port)
{
	struct loc loc = ast_arg_part(arg, from, from + strlen(text));
	unsigned int kind = q->rule.flags & FW_KIND_MASK;
	long n = number_parse(text, 65535);
	char hint[HINT_SIZE];

	if (n < 0 && kind == FW_KIND_ICMP)
		return REFUSE(q, loc, port_hint(q, hint, text),
			      "invalid ICMP type \"%s\" specified", text);
	if (n < 0)
		n = name_service_port(text, kind);
	if (n < 0)
		return REFUSE(q, loc, port_hint(q, hint, text),
			      "invalid port/service \"%s\" specified", text);
	*port = (__u16)n;
	return 0;
}

static int range_parse(struct request *q, const struct ast_arg *arg, char *text,
		       char *colon, __u16 pts[2])
{
	int err;

	*colon = '\0';
	err = port_parse(q, arg, 0, text, &pts[0]);
	if (!err)
		err = port_parse(q, arg, (size_t)(colon - text) + 1, colon + 1, &pts[1]);
	if (!err && pts[0] > pts[1])
		err = REFUSE(q, arg->loc, "", "invalid range of ports (%u > %u)", pts[0],
			     pts[1]);
	return err;
}

/* A range is stored before the single ports, wherever it was written. */
static int endpoint_ports(struct request *q, const struct endpoint *e, __u16 *pts)
{
	__u16 *single = e->range ? pts + 2 : pts;
	int err = 0;

	for (const struct ast_arg *arg = e->item->args->next; arg && !err; arg = arg->next) {
		char text[NAME_MAX_LEN];
		char *colon;

		name_cut(text, arg->text);
		colon = strchr(text, ':');
		if (colon)
			err = range_parse(q, arg, text, colon, pts);
		else
			err = port_parse(q, arg, 0, text, single++);
	}
	return err;
}

static int endpoint_resolve(struct request *q, struct endpoint *e, int option, __u16 *pts)
{
	int err = request_check_parameter(q, option_by_id((unsigned int)option));

	if (!err && !e->item) {
		e->addrs = &e->one;
		e->naddrs = 1;
		return 0;
	}
	if (!err)
		err = endpoint_address(q, e);
	if (!err)
		err = endpoint_ports(q, e, pts);
	return err;
}

static int redirect_resolve(struct request *q)
{
	const struct ast_item *item = q->given['r'];
	unsigned int slot = q->src.nports + q->dst.nports;
	__u16 *port;

	if (!item)
		return 0;
	if (slot >= FW_MAX_PORTS)
		return REFUSE(
			q, item->loc, "",
			"too many ports specified (maximum %d when using -r option)",
			FW_MAX_PORTS - 1);
	port = &q->rule.pts[slot];
	*port = 0;
	return item->args ? port_parse(q, item->args, 0, item->args->text, port) : 0;
}

int request_rules(struct request *q)
{
	int err = endpoint_resolve(q, &q->src, 'S', q->rule.pts);

	if (!err)
		err = endpoint_resolve(q, &q->dst, 'D', q->rule.pts + q->src.nports);
	if (!err)
		err = redirect_resolve(q);
	q->rule.smsk = q->src.mask;
	q->rule.dmsk = q->dst.mask;
	q->rule.nsp = (__u8)q->src.nports;
	q->rule.ndp = (__u8)q->dst.nports;
	return err;
}

void request_free(struct request *q)
{
	if (q->src.addrs != &q->src.one)
		free(q->src.addrs);
	if (q->dst.addrs != &q->dst.one)
		free(q->dst.addrs);
}
