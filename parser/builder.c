// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * builder.c - requests become commands, edits and checks.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "parser/builder.h"
#include "parser/number.h"

/* makes room for one more element and returns it, zeroed; NULL: no memory */
static void *array_add(void **array, unsigned int *count, unsigned int *room, size_t size)
{
	char *item;

	if (*count == *room) {
		unsigned int n = *room ? 2 * *room : 1;
		void *p = reallocarray(*array, n, size);

		if (!p)
			return NULL;
		*array = p;
		*room = n;
	}
	item = (char *)*array + size * (*count)++;
	return memset(item, 0, size);
}

static struct command *command_add(struct builder *b)
{
	struct program *p = b->program;
	void *array = p->command;
	struct command *c =
		array_add(&array, &p->ncommands, &b->room_commands, sizeof(*c));

	p->command = array;
	return c;
}

static struct fw_edit *edit_add(struct builder *b)
{
	struct program *p = b->program;
	void *array = p->edit;
	struct fw_edit *e = array_add(&array, &p->nedits, &b->room_edits, sizeof(*e));

	p->edit = array;
	return e;
}

static struct check *check_add(struct builder *b)
{
	struct program *p = b->program;
	void *array = p->check;
	struct check *c = array_add(&array, &p->nchecks, &b->room_checks, sizeof(*c));

	p->check = array;
	return c;
}

static struct fw_rule *filter_add(struct builder *b)
{
	struct program *p = b->program;
	void *array = p->filter;
	struct fw_rule *r = array_add(&array, &p->nfilters, &b->room_filters, sizeof(*r));

	p->filter = array;
	return r;
}

static struct named_timeout *timeout_add(struct builder *b)
{
	struct program *p = b->program;
	void *array = p->timeout;
	struct named_timeout *t = array_add(&array, &p->ntimeouts, &b->room_timeouts,
					    sizeof(*t));

	p->timeout = array;
	return t;
}

enum fw_list_id request_list(const struct request *q)
{
	switch (q->category ? q->category->option : 0) {
	case 'A':
		return FW_ACCT;
	case 'I':
		return FW_INPUT;
	case 'O':
		return FW_OUTPUT;
	default:
		return FW_FORWARD;
	}
}

static enum fw_op request_op(const struct request *q)
{
	switch (q->command) {
	case DO_APPEND:
		return FW_OP_APPEND;
	case DO_INSERT:
		return FW_OP_INSERT;
	case DO_DELETE:
		return FW_OP_DELETE;
	case DO_ZERO:
		return FW_OP_ZERO;
	case DO_FLUSH:
		return FW_OP_FLUSH;
	case DO_POLICY:
		return FW_OP_POLICY;
	default:
		return FW_OP_TIMEOUTS;
	}
}

static enum command_kind request_kind(const struct request *q)
{
	if (q->help)
		return COMMAND_HELP;
	if (q->command == DO_TRACK_TIMEOUTS)
		return COMMAND_TRACK_TIMEOUTS;
	if (request_tracking(q) && q->command == DO_LIST)
		return COMMAND_TRACK_LIST;
	if (request_tracking(q))
		return q->command == DO_DELETE ? COMMAND_TRACK_END : COMMAND_TRACK_FLUSH;
	if (q->command & DO_LIST)
		return q->category->option == 'M' ? COMMAND_MASQ_LIST : COMMAND_LIST;
	return q->command == DO_CHECK ? COMMAND_CHECK : COMMAND_EDIT;
}

/* an edit that is no rule */
static int plain_add(struct builder *b, const struct request *q)
{
	struct fw_edit *e = edit_add(b);

	if (!e)
		return -ENOMEM;
	e->op = request_op(q);
	e->list = request_list(q);
	e->origin = b->program->ncommands - 1;
	if (e->op == FW_OP_POLICY)
		e->policy = q->rule.flags & FW_POLICY_MASK;
	if (e->op == FW_OP_TIMEOUTS)
		e->timeouts = q->timeouts;
	return 0;
}

static int rule_add(struct builder *b, const struct request *q, __u32 src, __u32 dst)
{
	struct fw_edit *e = edit_add(b);

	if (!e)
		return -ENOMEM;
	e->op = request_op(q);
	e->list = request_list(q);
	e->origin = b->program->ncommands - 1;
	e->counters = q->line->counters;
	e->rule = q->rule;
	e->rule.src = src;
	e->rule.dst = dst;
	return 0;
}

/* as 2.3.0 made it: whole, the type 0 if it is ICMP, -k looked over */
static int packet_add(struct builder *b, const struct request *q, __u32 src, __u32 dst)
{
	static const __u8 protos[] = {
		[FW_KIND_TCP] = FW_PROTO_TCP,
		[FW_KIND_UDP] = FW_PROTO_UDP,
		[FW_KIND_ICMP] = FW_PROTO_ICMP,
	};
	const struct fw_rule *r = &q->rule;
	struct check *c = check_add(b);
	struct fw_packet *pkt;

	if (!c)
		return -ENOMEM;
	pkt = &c->pkt;
	pkt->saddr = src;
	pkt->daddr = dst;
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

/* what of a rule chooses connections */
static int filter_build(struct builder *b, const struct request *q, __u32 src, __u32 dst)
{
	struct fw_rule *r = filter_add(b);

	if (!r)
		return -ENOMEM;
	*r = q->rule;
	r->src = src;
	r->dst = dst;
	r->flags &= FW_KIND_MASK | FW_SRNG | FW_DRNG;
	return 0;
}

static int timeouts_build(struct builder *b, const struct request *q)
{
	for (const struct ast_word *w = q->track_timeouts->words; w; w = w->next->next) {
		struct named_timeout *t = timeout_add(b);

		if (!t)
			return -ENOMEM;
		snprintf(t->name, sizeof(t->name), "%s", w->text);
		t->seconds = (__u32)number_parse(w->next->text, INT_MAX);
	}
	return 0;
}

/* one for each pair of addresses, all destinations of a source together */
static int pairs_add(struct builder *b, const struct request *q,
		     int (*add)(struct builder *, const struct request *, __u32, __u32))
{
	for (unsigned int s = 0; s < q->src.naddrs; s++) {
		for (unsigned int d = 0; d < q->dst.naddrs; d++) {
			int err = add(b, q, q->src.addrs[s], q->dst.addrs[d]);

			if (err)
				return err;
		}
	}
	return 0;
}

int builder_add(struct builder *b, const struct request *q)
{
	struct program *p = b->program;
	struct command *c = command_add(b);
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
		.loc = q->line->loc,
		.first_edit = p->nedits,
		.first_check = p->nchecks,
	};
	if (c->kind == COMMAND_CHECK)
		err = pairs_add(b, q, packet_add);
	else if (c->kind == COMMAND_EDIT && q->command & DO_RULE)
		err = pairs_add(b, q, rule_add);
	else if (c->kind == COMMAND_EDIT)
		err = plain_add(b, q);
	else if (c->kind == COMMAND_TRACK_LIST || c->kind == COMMAND_TRACK_END)
		err = pairs_add(b, q, filter_build);
	else if (c->kind == COMMAND_TRACK_TIMEOUTS)
		err = timeouts_build(b, q);
	c->nedits = p->nedits - c->first_edit;
	c->nchecks = p->nchecks - c->first_check;
	return err;
}

int builder_add_interface(struct builder *b, struct loc loc, const struct fw_dev *dev)
{
	struct command *c = command_add(b);

	if (!c)
		return -ENOMEM;
	c->kind = COMMAND_INTERFACE;
	c->loc = loc;
	c->dev = *dev;
	return 0;
}
