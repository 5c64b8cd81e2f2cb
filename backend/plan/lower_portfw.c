// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * lower_portfw.c - port forwards as rules that translate the destination.
 *
 * A forward is one rule, in the order of the table.  Targets of the same outer side take
 * turns: each is asked only about the connections that those before it have left over.  nft
 * counts these and takes a whole turn of them with one rule; iptables has a rule for each
 * connection of a round.  The connection is marked before the first of them, so that the
 * chains of other hooks know it as long as it lasts.  Ports of helpers are no rules here:
 * see lower_masquerade.c.
 */
#include "backend/plan/lower.h"

#define ROUND_MAX 256	/* connections until all targets had their turns; rules of iptables */

const char *plan_portfw_refusal(const struct fw_portfw *f)
{
	if (f->flags & FW_PORTFW_SAME_PORT)
		return "netfilter cannot keep the source port of some connections only";
	if (f->trigger_port)
		return "netfilter cannot learn a host from what it sends";
	if (f->helper)
		return plan_netfilter_helps(f->helper) ? NULL :
							      "netfilter has no such helper";
	if (!f->to)
		return "0.0.0.0 is no target";
	if (f->flags & FW_PORTFW_HAS_PORT && !f->to_port)
		return "port 0 is no target";
	return NULL;
}

/* Does a connection move it behind others? */
static bool forward_moves(const struct fw_portfw_table *t, const struct fw_portfw *f)
{
	bool alone = f->flags & FW_PORTFW_ANY_ADDR || f->mark;
	unsigned int n = 0;
	__u32 i;

	for (i = 0; i < t->count; i++) {
		const struct fw_portfw *e = &t->entry[i];

		n += alone ? fw_portfw_same_side(e, f) :
			     !(e->flags & FW_PORTFW_ANY_ADDR) && !e->mark;
	}
	return n > 1;
}

/* Do both take packets of which the first in order decides, without taking turns? */
static bool forwards_overlap(const struct fw_portfw *a, const struct fw_portfw *b)
{
	if (fw_portfw_same_side(a, b) || (a->proto && b->proto && a->proto != b->proto))
		return false;
	if (a->mark || b->mark)
		return a->mark != b->mark ? !a->mark || !b->mark : true;
	return a->low <= b->high && b->low <= a->high &&
	       (a->addr == b->addr || (a->flags | b->flags) & FW_PORTFW_ANY_ADDR);
}

bool plan_portfw_moves(const struct fw_portfw_table *t, __u32 i)
{
	const struct fw_portfw *f = &t->entry[i];
	__u32 k, last = i;

	if (fw_portfw_leaves(f) || !f->weight)
		return false;
	for (k = i; k < t->count && forward_moves(t, f); k++)
		if (t->entry[k].mark == f->mark && t->entry[k].proto == f->proto)
			last = k;	/* where it moves */
	for (k = i + 1; k <= last; k++)
		if (!fw_portfw_leaves(&t->entry[k]) && forwards_overlap(f, &t->entry[k]))
			return true;
	return false;
}

/* Forward i, if it has the outer side of f and can be expressed. */
static const struct fw_portfw *target_at(const struct lower *l, __u32 i,
					 const struct fw_portfw *f)
{
	const struct fw_portfw *e = &l->rules->portfw.entry[i];

	return l->plan->portfw_report[i].exactness != PLAN_IMPOSSIBLE &&
		fw_portfw_same_side(e, f) ? e : NULL;
}

/* the connections that a target takes in a row, and those until its turn ends */
static __u32 target_left(const struct fw_portfw *f)
{
	return f->left ? f->left : 1;
}

/* the targets of a forward's outer side */
struct side {
	__u32 first, last;	/* forwards */
	__u64 round;		/* connections until all had their turns; */
	__u64 later;		/* of this one and those after it */
	__u64 before;		/* that are left for those before it */
};

static struct side side_of(const struct lower *l, __u32 index)
{
	const struct fw_portfw *f = &l->rules->portfw.entry[index], *e;
	struct side s = { .first = index };
	__u32 i;

	for (i = 0; i < l->rules->portfw.count; i++) {
		e = target_at(l, i, f);
		if (!e)
			continue;
		s.first = i < s.first ? i : s.first;
		s.last = i;
		s.round += e->weight;
		s.later += i >= index ? e->weight : 0;
		s.before += i < index ? target_left(e) : 0;
	}
	return s;
}

/* The outer side as conditions, and how many; proto: one of those that it has. */
static unsigned int side_match(struct lower *l, const struct fw_portfw *f, __u8 proto,
			       struct plan_match *m)
{
	const struct plan_range ports = { f->low, f->high };
	unsigned int n = 0;

	if (!(f->flags & FW_PORTFW_ANY_ADDR) && !f->mark)
		m[n++] = match_bits(PLAN_M_DADDR, f->addr, ~0u);
	m[n++] = match_proto(proto);
	if (!f->mark) {
		m[n++] = match_ranges(PLAN_M_DPORT, plan_copy(l->plan, &ports, sizeof(ports)),
				      1);
		return n;
	}
	if (proto == FW_PROTO_TCP)	/* what does not begin a connection does not make one */
		m[n++] = match_not(match_bits(PLAN_M_TCP_FLAGS, FW_TCP_ACK,
					      FW_TCP_SYN | FW_TCP_ACK));
	m[n++] = match_bits(PLAN_M_MARK, f->mark, ~l->plan->mark_mask);
	return n;
}

/*
 * A rule of a forward for the connections whose number modulo `of' is not lo to hi; of 0:
 * for all.  conns: what it begins to count with.
 */
static void forward_add(struct lower *l, struct plan_chain *c, __u32 index, __u8 proto,
			const struct plan_match *turn, __u64 conns)
{
	const struct fw_portfw *f = &l->rules->portfw.entry[index];
	struct lower_actions as = { .n = 0 };
	struct plan_match m[6];
	unsigned int n = side_match(l, f, proto, m);
	struct plan_rule *r;

	if (turn->turn.of > 1)
		m[n++] = *turn;
	lower_act(&as, PLAN_A_COUNTER);
	lower_act(&as, PLAN_A_DNAT);
	as.a[1].to.addr = f->to;
	as.a[1].to.port = f->flags & FW_PORTFW_HAS_PORT ? f->to_port : 0;
	r = lower_add(l, c, plan_copy(l->plan, m, n * sizeof(*m)), n, &as);
	r->origin = PLAN_ORIGIN_PORTFW - (__s32)index;
	r->packets = conns;
}

/* iptables: n rules, the first of which takes the first of `of' connections, and so on. */
static void slots_add(struct lower *l, struct plan_chain *c, __u32 index, __u8 proto, __u64 of,
		      __u32 n, __u64 conns)
{
	for (; n > 0; n--, of--, conns = 0) {
		const struct plan_match turn = {
			.type = PLAN_M_TURN, .turn = { (__u32)of, 1, (__u32)of - 1 },
		};

		forward_add(l, c, index, proto, &turn, conns);
	}
}

/* After the last target those have the rest of their weight that had begun a turn. */
static void forward_slots(struct lower *l, struct plan_chain *c, __u32 index, __u8 proto,
			  const struct side *s, __u64 conns)
{
	const struct fw_portfw_table *t = &l->rules->portfw;
	const struct fw_portfw *f = &t->entry[index], *e;
	__u64 of = s->round - s->before;
	__u32 i, rest;

	slots_add(l, c, index, proto, of, target_left(f), conns);
	of -= target_left(f);
	for (i = s->first; index == s->last && i <= index; i++) {
		e = target_at(l, i, f);
		rest = e && e->weight ? e->weight - target_left(e) : 0;
		slots_add(l, c, i, proto, of, rest, 0);
		of -= rest;
	}
}

static void forward_lower(struct lower *l, struct plan_chain *c, __u32 index, __u8 proto)
{
	const struct fw_portfw *f = &l->rules->portfw.entry[index];
	const struct side s = side_of(l, index);
	const __u64 conns = f->proto || proto == FW_PROTO_TCP ? f->conns : 0;
	struct plan_match turn = { .type = PLAN_M_TURN }, m[6];
	struct lower_actions mark = { .n = 0 };
	unsigned int n;

	if (index == s.first) {
		n = side_match(l, f, proto, m);
		lower_act_bits(&mark, PLAN_A_CT_MARK, l->plan->marks.forwarded,
			       l->plan->marks.forwarded);
		lower_add(l, c, plan_copy(l->plan, m, n * sizeof(*m)), n, &mark)->comment =
			"a forwarded connection";
	}
	if (s.first == s.last) {
		forward_add(l, c, index, proto, &turn, conns);
	} else if (l->plan->target == PLAN_XTABLES) {
		forward_slots(l, c, index, proto, &s, conns);
	} else {
		if (index < s.last) {
			turn.turn.of = (__u32)s.later;
			turn.turn.lo = target_left(f);
			turn.turn.hi = turn.turn.lo + (__u32)(s.later - f->weight) - 1;
		}
		forward_add(l, c, index, proto, &turn, conns);
	}
}

/* Reports what cannot be expressed, before the turns of the others are counted. */
static void forward_report(struct lower *l, __u32 index)
{
	const struct fw_portfw *f = &l->rules->portfw.entry[index];
	const char *refusal = plan_portfw_refusal(f);

	l->report = &l->plan->portfw_report[index];
	if (f->mark & l->plan->mark_mask)
		refusal = "these bits of the mark are ours";
	if (f->helper && l->options->helpers_missing & 1u << f->helper)
		refusal = "the kernel has no module for the helper";
	if (refusal)
		lower_report(l, PLAN_IMPOSSIBLE, refusal);
}

/* Are there packets that the forward list lets pass without masquerading them? */
static bool forward_list_accepts(const struct lower *l)
{
	const struct fw_list *forward = &l->rules->list[FW_FORWARD];
	__u32 i;

	if (lower_policy_verdict(forward->policy, FW_FORWARD) == LOWER_ACCEPT)
		return true;
	for (i = 0; i < forward->count; i++)
		if (lower_rule_verdict(fw_list_rule(forward, i), FW_FORWARD) == LOWER_ACCEPT)
			return true;
	return false;
}

/* The same for what others have to do with it. */
static void round_report(struct lower *l, __u32 index, bool accepts)
{
	const struct fw_portfw *f = &l->rules->portfw.entry[index];
	const struct side s = side_of(l, index);

	l->report = &l->plan->portfw_report[index];
	if (s.first < s.last && !f->weight)
		lower_report(l, PLAN_IMPOSSIBLE,
			     "a weight of 0 is for a single target of a mark");
	if (s.first < s.last && s.round > (l->plan->target == PLAN_NFT ? ~0u : ROUND_MAX))
		lower_report(l, PLAN_IMPOSSIBLE,
			     "the weights of its targets have a sum that is too large");
	if (s.first < s.last && !f->proto)
		lower_report(l, PLAN_APPROXIMATE,
			     "connections of TCP and of UDP take turns of their own");
	if (plan_portfw_moves(&l->rules->portfw, index))
		lower_report(l, PLAN_APPROXIMATE,
			     "its connections move it behind a forward that takes some of the "
			     "same packets");
	if (accepts)
		lower_report(l, PLAN_APPROXIMATE,
			     "answers that the forward list accepts without masquerading are "
			     "translated, too");
}

void lower_portfw_report(struct lower *l)
{
	const struct fw_portfw_table *t = &l->rules->portfw;
	const bool accepts = forward_list_accepts(l);
	__u32 i;

	for (i = 0; i < t->count; i++)
		forward_report(l, i);
	for (i = 0; i < t->count; i++)
		if (!t->entry[i].helper)
			round_report(l, i, accepts);
}

void lower_portfw(struct lower *l, struct plan_chain *c)
{
	const struct fw_portfw_table *t = &l->rules->portfw;
	__u32 i;

	for (i = 0; i < t->count; i++) {
		if (t->entry[i].helper ||
		    l->plan->portfw_report[i].exactness == PLAN_IMPOSSIBLE)
			continue;
		if (t->entry[i].proto != FW_PROTO_UDP)
			forward_lower(l, c, i, FW_PROTO_TCP);
		if (t->entry[i].proto != FW_PROTO_TCP)
			forward_lower(l, c, i, FW_PROTO_UDP);
	}
}
