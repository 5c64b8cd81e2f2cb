// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * lower_masquerade.c - helpers (by port) and timeouts of masqueraded connections,
 * as 2.0 had them.
 */
#include <string.h>

#include "backend/plan/lower.h"
#include "kmod/core/names.h"

/* the helpers of 2.0 that netfilter has too */
static const struct {
	enum fw_helper_id id;
	bool lasts;
	__u32 lacks;
} modern[] = {
	{ FW_HELPER_FTP, true, PLAN_LACKS_FTP },
	{ FW_HELPER_IRC, false, PLAN_LACKS_IRC },
};

__u32 plan_helpers_missing(__u32 needs)
{
	__u32 missing = 0;
	unsigned int i;

	for (i = 0; i < FW_COUNT(modern); i++)
		if (needs & modern[i].lacks)
			missing |= 1u << modern[i].id;
	return missing;
}

__u32 lower_masq_lacks(const struct lower *l)
{
	__u32 lacks = 0;
	unsigned int i;

	for (i = 0; i < FW_COUNT(modern); i++)
		if (l->options->helpers_missing & 1u << modern[i].id)
			lacks |= modern[i].lacks;
	return lacks;
}

static const struct fw_masq_helper *masq_helper_find(enum fw_helper_id id)
{
	const struct fw_masq_helper *h = fw_masq_helpers;

	while (h->id != id)
		h++;
	return h;
}

bool plan_netfilter_helps(unsigned int helper)
{
	unsigned int i = 0;

	while (i < FW_COUNT(modern) && modern[i].id != helper)
		i++;
	return i < FW_COUNT(modern);
}

bool lower_masq_helper_next(struct lower *l, struct lower_masq_helper *h)
{
	const struct fw_portfw_table *t = &l->rules->portfw;
	const struct fw_masq_helper *was;
	struct plan_range range;

	for (; h->kind < FW_COUNT(modern); h->kind++, h->nth = 0) {
		was = masq_helper_find(modern[h->kind].id);
		while ((h->port = fw_portfw_helper_port(t, was, h->nth++))) {
			if (l->options->helpers_missing & 1u << was->id ||
			    fw_portfw_helper(t, was->proto, h->port) != was->id)
				continue;
			range = (struct plan_range){ h->port, h->port };
			h->is = lower_helper_declare(l, (__u8)was->id, was->proto);
			h->lasts = modern[h->kind].lasts;
			h->range = plan_copy(l->plan, &range, sizeof(range));
			return true;
		}
	}
	return false;
}

void lower_masq_report(struct lower *l)
{
	const char *names = NULL;
	unsigned int i;

	for (i = 0; i < FW_COUNT(modern); i++)
		if (l->options->helpers_missing & 1u << modern[i].id)
			names = plan_text(l->plan, "%s%sthe helper %s", names ? names : "",
					  names ? " and " : "", fw_helper_name(modern[i].id));
	if (names)
		lower_report(l, PLAN_APPROXIMATE,
			     plan_text(l->plan, "masqueraded connections go without %s, "
				       "because the kernel has no module for it", names));
}

/* source or destination of a TCP rule; count 0: any port */
struct end {
	__u32 addr, mask;
	const __u16 *port;
	__u8 count;
	bool range;		/* the first two are one */
};

static bool end_has_port(const struct end *e, __u16 port)
{
	unsigned int i = e->range ? 2 : 0;

	if (e->range && e->port[0] <= port && port <= e->port[1])
		return true;
	while (i < e->count && e->port[i] != port)
		i++;
	return i < e->count || !e->count;
}

/* If there is no room for the port of the destination, the source may have any. */
static struct fw_rule control_make(const struct end *from, const struct end *to, __u16 port)
{
	struct fw_rule control = {
		.flags = FW_KIND_TCP, .tosand = 0xff, .ndp = 1,
		.src = from->addr, .smsk = from->mask, .dst = to->addr, .dmsk = to->mask,
	};

	if (from->count < FW_MAX_PORTS) {
		control.nsp = from->count;
		control.flags |= from->range ? FW_SRNG : 0;
		memcpy(control.pts, from->port, from->count * sizeof(control.pts[0]));
	}
	control.pts[control.nsp] = port;
	return control;
}

/*
 * TCP connections to port that r may match, as rules without interface and state;
 * their number.
 */
static unsigned int controls_find(const struct fw_rule *r, __u16 port, struct fw_rule control[2])
{
	__u16 kind = r->flags & FW_KIND_MASK;
	struct end src = { .addr = r->src, .mask = r->smsk, .port = r->pts };
	struct end dst = { .addr = r->dst, .mask = r->dmsk, .port = r->pts };
	unsigned int n = 0;

	if (kind != FW_KIND_ALL && kind != FW_KIND_TCP)
		return 0;
	if (kind == FW_KIND_TCP) {
		src.count = r->nsp;
		src.range = r->flags & FW_SRNG;
		dst.port = r->pts + r->nsp;
		dst.count = r->ndp;
		dst.range = r->flags & FW_DRNG;
	}
	if (end_has_port(&dst, port))
		control[n++] = control_make(&src, &dst, port);
	if (r->flags & FW_BIDIR && end_has_port(&src, port))
		control[n++] = control_make(&dst, &src, port);
	return n;
}

/*
 * Helpers for what the rule masquerades.  By which interface that leaves is not
 * known yet, nor is whether an earlier rule decides.
 */
static void rule_helpers_lower(struct lower *l, struct plan_chain *c, __u32 index)
{
	const struct fw_rule *rule = fw_list_rule(&l->rules->list[FW_FORWARD], index);
	const struct lower_view view = { .list = FW_FORWARD, .single = true };
	struct lower_masq_helper helper = { .is = NULL };
	struct fw_rule control[2];
	unsigned int k, n;

	if (lower_rule_verdict(rule, FW_FORWARD) != LOWER_MASQUERADE)
		return;
	lower_rule_begin(l, FW_FORWARD, index);
	while (lower_masq_helper_next(l, &helper)) {
		struct lower_actions as = { .n = 0 };

		lower_act_text(&as, PLAN_A_HELPER, helper.is->type);
		n = controls_find(rule, helper.port, control);
		for (k = 0; k < n; k++) {
			lower_conditions(l, &control[k], &view);
			if (!lower_is_never(l))
				lower_add_conjuncts(l, c, FW_FORWARD, index, &as);
		}
	}
}

/* a default policy that masquerades: all that no rule decides */
static void policy_helpers_lower(struct lower *l, struct plan_chain *c)
{
	struct lower_masq_helper helper = { .is = NULL };

	while (lower_masq_helper_next(l, &helper)) {
		const struct plan_match control[] = {
			match_proto(FW_PROTO_TCP),
			match_ranges(PLAN_M_DPORT, helper.range, 1),
		};

		struct lower_actions as = { .n = 0 };

		lower_act_text(&as, PLAN_A_HELPER, helper.is->type);
		lower_add(l, c, plan_copy(l->plan, control, sizeof(control)), 2, &as);
	}
}

void lower_masq_helpers_early(struct lower *l, struct plan_chain *c)
{
	const struct fw_list *forward = &l->rules->list[FW_FORWARD];
	__u32 index;

	for (index = 0; index < forward->count; index++)
		rule_helpers_lower(l, c, index);
	if (lower_policy_verdict(forward->policy, FW_FORWARD) == LOWER_MASQUERADE)
		policy_helpers_lower(l, c);
}

/* Longer ones do not fit into the kernel's clock. */
static __u32 seconds_fit(__u32 seconds)
{
	const __u32 most = 2000000;

	return seconds < most ? seconds : most;
}

/*
 * 2.0 knew three states: not both sides have closed, both have, and reset, when
 * the entry was gone with the next tick.
 */
static void tcp_fill(struct plan_timeout *t, const struct fw_timeouts *set)
{
	__u32 open = seconds_fit(set->tcp), closed = seconds_fit(set->tcpfin);
	unsigned int i;

	for (i = 0; i < PLAN_TCP_STATES; i++)
		t->seconds[i] = open;
	t->seconds[PLAN_TCP_LAST_ACK] = closed;
	t->seconds[PLAN_TCP_TIME_WAIT] = closed;
	t->seconds[PLAN_TCP_CLOSE] = 1;
}

const struct plan_timeout *lower_masq_timeout(struct lower *l, __u8 proto)
{
	const struct fw_timeouts *set = &l->rules->timeouts;
	struct plan *p = l->plan;
	struct plan_timeout *t = p->timeouts;

	while (t < p->timeouts + p->ntimeouts && t->proto != proto)
		t++;
	if (t < p->timeouts + p->ntimeouts)
		return t;
	p->ntimeouts++;
	t->proto = proto;
	if (proto == FW_PROTO_TCP) {
		tcp_fill(t, set);
		t->name = plan_text(p, "tcp-%u-%u", seconds_fit(set->tcp),
				    seconds_fit(set->tcpfin));
	} else {
		t->seconds[PLAN_UDP_UNREPLIED] = seconds_fit(set->udp);
		t->seconds[PLAN_UDP_REPLIED] = seconds_fit(set->udp);
		t->name = plan_text(p, "udp-%u", seconds_fit(set->udp));
	}
	return t;
}
