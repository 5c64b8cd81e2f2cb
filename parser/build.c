// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * build.c - resolved requests become commands, edits and checks of a program.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "parser/number.h"
#include "parser/request.h"

/* Room for one more element; capacities are powers of two.  NULL: no memory. */
static void *array_grow(void *array, unsigned int count, size_t size)
{
	if (count & (count - 1))
		return array;
	return reallocarray(array, count ? 2 * (size_t)count : 1, size);
}

/* one more element of the program's array, zeroed; NULL without memory */
#define ADD(p, array, count)                                                             \
	({                                                                               \
		typeof((p)->array) grown_ =                                              \
			array_grow((p)->array, (p)->count, sizeof(*grown_));             \
		if (grown_) {                                                            \
			(p)->array = grown_;                                             \
			grown_ += (p)->count++;                                          \
			memset(grown_, 0, sizeof(*grown_));                              \
		}                                                                        \
		grown_;                                                                  \
	})

static enum command_kind request_kind(const struct request *q)
{
	if (q->help)
		return COMMAND_HELP;
	if (request_is_portfw(q))
		return q->command == DO_LIST ? COMMAND_PORTFW_LIST : COMMAND_EDIT;
	if (q->command == DO_TRACK_TIMEOUTS)
		return COMMAND_TRACK_TIMEOUTS;
	if (request_tracking(q) && q->command == DO_LIST)
		return COMMAND_TRACK_LIST;
	if (request_tracking(q))
		return q->command == DO_DELETE ? COMMAND_TRACK_END : COMMAND_TRACK_FLUSH;
	if (q->command & DO_LIST)
		return request_category(q) == 'M' ? COMMAND_MASQ_LIST : COMMAND_LIST;
	return q->command == DO_CHECK ? COMMAND_CHECK : COMMAND_EDIT;
}

static int edit_build(struct program *p, const struct request *q, __u32 src, __u32 dst)
{
	struct fw_edit *e = ADD(p, edit, nedits);

	if (!e)
		return -ENOMEM;
	e->op = (enum fw_op)q->action->option->op;
	e->list = request_list(q);
	e->origin = p->ncommands - 1;
	if (request_is_portfw(q)) {
		e->op = FW_OP_PORTFW;
		e->counters = q->line->counters || q->given[OPT_LEFT];
		e->portfw = q->portfw;
	} else if (q->command & DO_RULE) {
		e->counters = q->line->counters;
		e->rule = q->rule;
		e->rule.src = src;
		e->rule.dst = dst;
	} else if (e->op == FW_OP_POLICY) {
		e->policy = q->rule.flags & FW_POLICY_MASK;
	} else if (e->op == FW_OP_TIMEOUTS) {
		e->timeouts = q->timeouts;
	}
	return 0;
}

/* the packet that 2.3.0 made: no fragment, ICMP type 0 always, -k ignored */
static int check_build(struct program *p, const struct request *q, __u32 src, __u32 dst)
{
	static const __u8 protos[] = {
		[FW_KIND_TCP] = FW_PROTO_TCP,
		[FW_KIND_UDP] = FW_PROTO_UDP,
		[FW_KIND_ICMP] = FW_PROTO_ICMP,
	};
	const struct fw_rule *r = &q->rule;
	struct check *c = ADD(p, check, nchecks);
	struct fw_packet *pkt;

	if (!c)
		return -ENOMEM;
	pkt = &c->pkt;
	pkt->saddr = src;
	pkt->daddr = dst;
	c->smsk = r->smsk;
	c->dmsk = r->dmsk;
	pkt->proto = protos[r->flags & FW_KIND_MASK];
	pkt->ttl = 64;
	pkt->len = pkt->proto == FW_PROTO_TCP ? 40 : 28;
	pkt->state = r->state;
	if (pkt->proto != FW_PROTO_ICMP) {
		pkt->sport = r->pts[0];
		pkt->dport = r->pts[1];
	}
	if (pkt->proto == FW_PROTO_TCP && r->flags & FW_TCPSYN)
		pkt->tcpflags = FW_TCP_SYN;
	if (pkt->proto == FW_PROTO_ICMP)
		c->icmp_type = r->pts[0];
	memcpy(c->dev.name, r->vianame, FW_IFNAMSIZ);
	c->dev.addr = r->via;
	c->dev.mask = 0xffffffff;
	return 0;
}

/* the part of a rule that selects connections */
static int filter_build(struct program *p, const struct request *q, __u32 src, __u32 dst)
{
	struct fw_rule *r = ADD(p, filter, nfilters);

	if (!r)
		return -ENOMEM;
	*r = q->rule;
	r->src = src;
	r->dst = dst;
	r->flags &= FW_KIND_MASK | FW_SRNG | FW_DRNG;
	return 0;
}

static int timeouts_build(struct program *p, const struct request *q)
{
	for (const struct ast_arg *arg = q->action->args; arg; arg = arg->next->next) {
		struct named_timeout *t = ADD(p, timeout, ntimeouts);

		if (!t)
			return -ENOMEM;
		snprintf(t->name, sizeof(t->name), "%s", arg->text);
		t->seconds = (__u32)number_parse(arg->next->text, INT_MAX);
	}
	return 0;
}

/* one for each pair of addresses, all destinations of a source together */
static int pairs_build(struct program *p, const struct request *q,
		       int (*build)(struct program *, const struct request *, __u32, __u32))
{
	int err = 0;

	for (unsigned int s = 0; s < q->src.naddrs && !err; s++)
		for (unsigned int d = 0; d < q->dst.naddrs && !err; d++)
			err = build(p, q, q->src.addrs[s], q->dst.addrs[d]);
	return err;
}

int request_build(struct program *p, const struct request *q)
{
	struct command *c = ADD(p, command, ncommands);
	int err = 0;

	if (!c)
		return -ENOMEM;
	*c = (struct command){
		.kind = request_kind(q),
		.list = request_list(q),
		.extended = q->given['e'],
		.numeric = q->given['n'],
		.verbose = q->given['v'],
		.exact = q->given['x'],
		.zero = q->command == (DO_LIST | DO_ZERO),
		.follow = q->given[OPT_FOLLOW],
		.loc = q->line->loc,
		.first_edit = p->nedits,
		.first_check = p->nchecks,
	};
	if (c->kind == COMMAND_CHECK)
		err = pairs_build(p, q, check_build);
	else if (c->kind == COMMAND_EDIT && q->command & DO_RULE && !request_is_portfw(q))
		err = pairs_build(p, q, edit_build);
	else if (c->kind == COMMAND_EDIT)
		err = edit_build(p, q, 0, 0);
	else if (c->kind == COMMAND_TRACK_LIST || c->kind == COMMAND_TRACK_END)
		err = pairs_build(p, q, filter_build);
	else if (c->kind == COMMAND_TRACK_TIMEOUTS)
		err = timeouts_build(p, q);
	c->nedits = p->nedits - c->first_edit;
	c->nchecks = p->nchecks - c->first_check;
	return err;
}

int interface_build(struct program *p, struct loc loc, const struct fw_dev *dev)
{
	struct command *c = ADD(p, command, ncommands);

	if (!c)
		return -ENOMEM;
	c->kind = COMMAND_INTERFACE;
	c->loc = loc;
	c->dev = *dev;
	return 0;
}

int ipv6_build(struct program *p, struct loc loc, __u32 policy)
{
	struct command *c = ADD(p, command, ncommands);
	struct fw_edit *e = c ? ADD(p, edit, nedits) : NULL;

	if (!e)
		return -ENOMEM;
	c->kind = COMMAND_EDIT;
	c->loc = loc;
	c->first_edit = p->nedits - 1;
	c->nedits = 1;
	e->op = FW_OP_IPV6;
	e->origin = p->ncommands - 1;
	e->policy = policy;
	return 0;
}
