// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * prove_values.c - what packets are walked with between the lists of a plan.
 *
 * Of each property of packets that the plan asks for between the lists, one value of
 * every kind that it can distinguish is taken: its values change sides at the bounds of
 * ranges, so these are collected.
 */
#include <stdlib.h>

#include "backend/analysis/prove_state.h"
#include "kmod/core/conn.h"

static void value_add(struct prove *p, struct values *v, __u32 value)
{
	unsigned int i = 0;

	while (i < v->n && v->value[i] != value)
		i++;
	if (i < v->n)
		return;
	if (v->n == VALUES_MAX)
		prove_undecided(p, FW_INPUT, -1, "the plan asks for too many values");
	else
		v->value[v->n++] = value;
}

/* value, and the one that follows: all below up to the next bound are alike */
static void bounds_add(struct prove *p, struct values *v, __u32 lo, __u32 hi, __u32 max)
{
	value_add(p, v, lo);
	if (hi < max)
		value_add(p, v, hi + 1);
}

static void ranges_add(struct prove *p, struct values *v, const struct plan_match *m, __u32 max)
{
	__u32 i;

	for (i = 0; i < m->ranges.count; i++)
		bounds_add(p, v, m->ranges.item[i].lo, m->ranges.item[i].hi, max);
}

/* What has the bits, and the same with one more that is not asked. */
static void bits_add(struct prove *p, struct values *v, const struct plan_match *m, __u32 all)
{
	__u32 free = all & ~m->bits.mask;

	value_add(p, v, m->bits.value);
	if (free)
		value_add(p, v, m->bits.value ^ (free & -free));
}

static bool protocols_known(const struct plan_match *m)
{
	__u32 i;

	for (i = 0; i < m->ranges.count; i++) {
		__u16 lo = m->ranges.item[i].lo;

		if (lo != m->ranges.item[i].hi ||
		    (lo != FW_PROTO_ICMP && lo != FW_PROTO_TCP && lo != FW_PROTO_UDP))
			return false;
	}
	return true;
}

/* What a condition between the lists asks for; false: nothing that is walked here. */
static bool match_collect(struct prove *p, struct prove_values *v,
			  const struct plan_rule *r, const struct plan_match *m)
{
	switch (m->type) {
	case PLAN_M_SADDR:
		return !m->bits.mask;
	case PLAN_M_DADDR:
		if (m->bits.mask)
			bits_add(p, &v->daddr, m, ~0u);
		return !m->bits.mask || m->bits.mask == ~0u;
	case PLAN_M_PROTO:
		return protocols_known(m);
	case PLAN_M_DPORT:
		ranges_add(p, &v->port, m, 65535);
		return true;
	case PLAN_M_ICMP_TYPE:
		ranges_add(p, &v->type, m, 255);
		return true;
	case PLAN_M_SHORT:
	case PLAN_M_PLAIN:
		value_add(p, &v->length, m->bits.value);
		return m->bits.value <= 40;
	case PLAN_M_MARK:
		value_add(p, &v->mark, m->bits.value ^ (m->bits.mask & -m->bits.mask));
		if (m->bits.mask & ~p->plan->mark_mask)
			bits_add(p, &v->mark, m, ~p->plan->mark_mask);
		return true;
	case PLAN_M_DSCP:
	case PLAN_M_ECN:
		return r->nmatches == 1;
	case PLAN_M_TCP_FLAGS:
		v->asks_flags = true;
		return !(m->bits.mask & ~(__u32)(FW_TCP_SYN | FW_TCP_ACK));
	case PLAN_M_SPORT:
	case PLAN_M_IIFNAME:
	case PLAN_M_OIFNAME:
		return false;
	default:
		return true;
	}
}

static bool rule_rewrites_tos(const struct plan_rule *r)
{
	unsigned int i;

	for (i = 0; i < r->nactions; i++)
		if (r->action[i].type == PLAN_A_TOS || r->action[i].type == PLAN_A_DSCP ||
		    r->action[i].type == PLAN_A_ECN)
			return true;
	return false;
}

/* what the outer sides of port forwards distinguish */
static void forwards_collect(struct prove *p, struct prove_values *v)
{
	const struct fw_portfw_table *t = &p->rs->portfw;
	__u32 i;

	for (i = 0; i < t->count; i++) {
		const struct fw_portfw *f = &t->entry[i];

		if (fw_portfw_leaves(f))
			continue;
		if (f->mark) {
			v->asks_flags = true;
			value_add(p, &v->mark, f->mark);
			continue;
		}
		bounds_add(p, &v->port, f->low, f->high, 65535);
		if (!(f->flags & FW_PORTFW_ANY_ADDR))
			value_add(p, &v->daddr, f->addr);
	}
}

/* One that is not among them. */
static __u32 usual_address(const struct values *v)
{
	__u32 addr = 0xc6336411;	/* 198.51.100.17 */
	unsigned int i = 1;

	while (i < v->n)
		i = v->value[i] == addr ? addr++, 1 : i + 1;
	return addr;
}

void prove_values_collect(struct prove *p, struct prove_values *v)
{
	static const __u32 types[] = { 0, 3, 4, 5, 8, 9, 11, 12, 13, 14, 15, 16, 17, 18 };
	const struct fw_portfw_table *forwards = &p->rs->portfw;
	const struct plan_chain *c;
	const struct plan_rule *r;
	unsigned int i, k;
	__u16 port;

	for (i = 0; i < FW_COUNT(types); i++)
		value_add(p, &v->type, types[i]);
	bounds_add(p, &v->port, 0, 0, 65535);
	value_add(p, &v->port, 80);
	for (i = 0; i < FW_COUNT(fw_masq_helpers); i++)
		for (k = 0; (port = fw_portfw_helper_port(forwards, &fw_masq_helpers[i], k)); k++)
			bounds_add(p, &v->port, port, port, 65535);
	value_add(p, &v->daddr, 0);	/* see below */
	value_add(p, &v->length, 0);
	value_add(p, &v->length, 8);
	value_add(p, &v->length, 16);
	value_add(p, &v->mark, 0);
	value_add(p, &v->mark, ~p->plan->mark_mask);
	forwards_collect(p, v);
	for (c = p->plan->chains; c; c = c->next)
		for (r = c->rules; r; r = r->next) {
			v->rewrites_tos |= rule_rewrites_tos(r);
			for (i = 0; r->origin < 0 && i < r->nmatches; i++)
				if (!match_collect(p, v, r, &r->match[i]))
					prove_undecided(p, FW_INPUT, -1,
							"the plan asks for something between its "
							"lists that is not walked");
		}
	v->daddr.value[0] = usual_address(&v->daddr);
}
