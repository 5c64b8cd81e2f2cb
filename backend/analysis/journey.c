// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * journey.c - the way of a packet, list by list and hook by hook.
 */
#include <limits.h>
#include <string.h>

#include "backend/analysis/journey.h"
#include "kmod/core/conn.h"
#include "kmod/core/show.h"

#define PRIORITY_DNAT (-100)
#define PRIORITY_SNAT 100	/* behind it, addresses are translated */

static const enum fw_list_id step_list[STEPS] = {
	FW_ACCT, FW_INPUT, FW_FORWARD, FW_OUTPUT, FW_ACCT,
};

const char *journey_step_name(enum journey_step step)
{
	static const char *const name[STEPS] = {
		"acct in", "input", "forward", "output", "acct out",
	};

	return name[step];
}

static bool is_request(const struct fw_packet *k)
{
	return k->icmp_type == 8 || k->icmp_type == 13 || k->icmp_type == 15 ||
	       k->icmp_type == 17;
}

static bool has_ports(const struct fw_packet *k)
{
	return k->proto == FW_PROTO_TCP || k->proto == FW_PROTO_UDP;
}

/* the new source of what is masqueraded */
static void source_translate(const struct journey_packet *p, struct fw_packet *k)
{
	k->saddr = p->out->addr;
	if (has_ports(k))
		k->sport = p->masq_port;
}

/* the address that the client asked for, in place of the proxy's */
static void answer_translate(const struct journey_packet *p, struct fw_packet *k)
{
	k->saddr = p->inner_addr;
	if (has_ports(k))
		k->sport = p->inner_port;
}

static void destination_translate(const struct journey_packet *p, struct fw_packet *k)
{
	k->daddr = p->inner_addr;
	if (has_ports(k))
		k->dport = p->inner_port;
}

static bool is_exact(const struct journey *j, enum fw_list_id list, __s32 rule)
{
	const struct plan_report *r = rule < 0 ? &j->plan->policy_report[list]
					       : &j->plan->report[list][rule];

	return r->exactness == PLAN_EXACT;
}

/* An accounting rule that is not exact counts differently, and does nothing else. */
static bool is_counted(struct journey *j, enum fw_list_id list, __s32 rule)
{
	bool exact = is_exact(j, list, rule);

	j->inexact |= list != FW_ACCT && !exact;
	return list != FW_ACCT || exact;
}

struct step_context {
	struct journey *j;
	enum journey_step step;
	__s32 base;		/* index of the first rule that is walked */
};

static void count(struct journey_count *c, __s32 rule)
{
	__u64 x = ((__u64)(__u32)rule + 1) * 0x9e3779b97f4a7c15u;

	x ^= x >> 29;
	c->times++;
	c->rule = rule;
	c->sum += x * 0xbf58476d1ce4e5b9u;
}

static void core_matched(void *ctx, const struct fw_match *m, __u32 index,
			 const struct fw_packet *pkt)
{
	struct step_context *c = ctx;
	__s32 rule = c->base + (__s32)index;

	(void)pkt;
	if (!is_counted(c->j, step_list[c->step], rule))
		return;
	count(&c->j->end.counted[c->step], rule);
	if (m->flags & FW_PRN)
		count(&c->j->end.logged[c->step], rule);
}

/* The rule without what it asks of packets, but for the direction. */
static struct fw_rule rule_strip(const struct fw_rule *r)
{
	struct fw_rule all = *r;

	all.flags &= ~(FW_KIND_MASK | FW_SRNG | FW_DRNG | FW_BIDIR | FW_TCPSYN | FW_TCPACK);
	all.src = all.smsk = all.dst = all.dmsk = all.via = 0;
	all.nsp = all.ndp = all.state = 0;
	all.pts[0] = fw_rule_redirect_port(r);
	memset(all.vianame, 0, sizeof(all.vianame));
	return all;
}

/* Walks the packet through one rule that matches, or none, and the policy. */
static void forced_walk(struct journey *j, const struct fw_walk *w, __s32 rule,
			const struct fw_packet *k, struct fw_decision *d)
{
	const struct fw_list *l = &j->rules->list[w->list];
	struct fw_list one = { .policy = l->policy };
	struct step_context *c = w->ctx;
	struct fw_rule stripped;

	if (rule != FORCE_POLICY) {
		stripped = rule_strip(fw_list_rule(l, (__u32)rule));
		one.slots = &stripped;
		one.cap = one.count = 1;
		c->base = rule;
	}
	fw_list_walk(&one, w, k, d);
}

static void forced_account(struct journey *j, const struct fw_walk *w, const struct fw_packet *k,
			   struct fw_decision *d)
{
	__u32 i;

	forced_walk(j, w, FORCE_POLICY, k, d);
	for (i = 0; i < j->rules->list[FW_ACCT].count; i++)
		if (j->force->counts[i] & 1u << w->direction)
			forced_walk(j, w, (__s32)i, k, d);
}

static enum fw_verdict core_step(struct journey *j, enum journey_step step,
				 struct fw_packet *k, const struct fw_dev *dev,
				 struct fw_decision *d)
{
	enum fw_list_id list = step_list[step];
	struct fw_list l = j->rules->list[list];
	struct step_context c = { .j = j, .step = step };
	const struct fw_walk w = {
		.list = list, .direction = step == STEP_ACCT_OUT ? FW_DIR_OUT : FW_DIR_IN,
		.dev = dev, .on_match = core_matched, .ctx = &c,
	};

	l.bound = NULL;
	if (j->force && list == FW_ACCT)
		forced_account(j, &w, k, d);
	else if (j->force)
		forced_walk(j, &w, j->force->rule[list], k, d);
	else
		fw_list_walk(&l, &w, k, d);
	if (list != FW_ACCT && (d->by == FW_BY_RULE || d->by == FW_BY_POLICY))
		j->asked |= 1u << list;
	if (list == FW_ACCT && d->by != FW_BY_EARLY)
		j->asked |= 1u << (FW_ACCT + w.direction);
	if (d->by == FW_BY_POLICY)
		j->inexact |= !is_exact(j, list, -1);
	if (d->by == FW_BY_RULE && list != FW_ACCT && d->keep_state &&
	    k->state != FW_STATE_INVALID)	/* there is a connection */
		j->end.kept = true;
	k->tos = d->tos;
	return d->verdict;
}

static bool core_stop(struct journey *j, enum fw_verdict v, __u8 code)
{
	if (v == FW_V_REJECT && code) {
		j->end.verdict = PLAN_V_REJECT;
		j->end.reject_code = code;
	} else {
		j->end.verdict = PLAN_V_DROP;
	}
	return false;
}

/* Does netfilter ask table nat about it?  Of errors it looks at what they are about. */
static bool nat_decides(const struct journey_packet *p)
{
	return p->way < WAY_REPLY && p->pkt.state != FW_STATE_INVALID;
}

/* What netfilter does not translate it drops, for it is not to be forwarded. */
static bool core_redirect(struct journey *j, const struct fw_packet *k, __u16 port)
{
	if (!nat_decides(j->packet))
		return core_stop(j, FW_V_DENY, 0);
	j->end.redirected = true;
	if (has_ports(k))
		j->end.redirport = port;
	return false;
}

static bool core_input(struct journey *j, struct fw_packet *k)
{
	const struct journey_packet *p = j->packet;
	struct fw_decision d;
	enum fw_verdict v;

	core_step(j, STEP_ACCT_IN, k, p->in, &d);
	v = core_step(j, STEP_INPUT, k, p->alias, &d);
	if (v == FW_V_DENY || v == FW_V_REJECT)
		return core_stop(j, v, 3);
	if (v == FW_V_REDIRECT && !way_is_inward(p->way) &&
	    (d.redirport || !has_ports(k)))
		return core_redirect(j, k, d.redirport);
	return p->way != WAY_LOCAL_IN;
}

static bool is_new(const struct fw_packet *k)
{
	return k->state != FW_STATE_ESTABLISHED;
}

static bool netfilter_helps(const struct fw_packet *k)
{
	enum fw_helper_id id = fw_masq_helper_bind(k->proto, k->dport);

	return id == FW_HELPER_FTP || id == FW_HELPER_IRC;
}

/* control connections of FTP last as long as their data */
static bool is_timed(const struct fw_packet *k)
{
	return has_ports(k) && is_new(k) &&
	       fw_masq_helper_bind(k->proto, k->dport) != FW_HELPER_FTP;
}

/* Where netfilter knows no connection it has nothing to translate: see the manual. */
static bool core_masquerade(struct journey *j, struct fw_packet *k)
{
	bool translated = has_ports(k) || (k->proto == FW_PROTO_ICMP && is_request(k));

	if (translated ? k->state == FW_STATE_INVALID : k->proto != FW_PROTO_ICMP)
		return core_stop(j, FW_V_DENY, 0);
	if (translated) {
		source_translate(j->packet, k);
		j->end.masqueraded = true;
		j->end.timed = is_timed(k);
		j->end.helped = is_new(k) && netfilter_helps(k);
	}
	return true;
}

static bool core_forward(struct journey *j, struct fw_packet *k)
{
	const struct journey_packet *p = j->packet;
	struct fw_decision d;

	if (way_is_inward(p->way)) {
		destination_translate(p, k);
		j->end.timed = p->way == WAY_DATA && is_timed(k);
		return true;
	}
	if (p->way == WAY_ERROR) {
		source_translate(p, k);
		return true;
	}
	switch (core_step(j, STEP_FORWARD, k, p->out, &d)) {
	case FW_V_ACCEPT:
		if (p->way == WAY_KEPT)
			source_translate(p, k);
		return true;
	case FW_V_MASQUERADE:
		return core_masquerade(j, k);
	default:
		return core_stop(j, d.verdict, 1);
	}
}

static void core_output(struct journey *j, struct fw_packet *k)
{
	const struct journey_packet *p = j->packet;
	struct fw_decision d;
	enum fw_verdict v;

	if (p->way == WAY_PROXY)
		answer_translate(p, k);
	j->end.saddr = k->saddr;
	v = core_step(j, STEP_OUTPUT, k, p->out, &d);
	if (v == FW_V_DENY || v == FW_V_REJECT)
		core_stop(j, v, way_is_local(p->way) ? 0 : 1);
	else
		core_step(j, STEP_ACCT_OUT, k, p->out, &d);
}

void journey_by_core(struct journey *j)
{
	struct fw_packet k = j->packet->pkt;

	memset(&j->end, 0, sizeof(j->end));
	j->inexact = j->leaked = false;
	j->asked = 0;
	j->end.kept = k.kept;
	if (way_is_local(j->packet->way) ||
	    (core_input(j, &k) && core_forward(j, &k)))
		core_output(j, &k);
	j->end.tos = k.tos;
}

/* Where does the rule count?  step: where accounting does at this hook. */
static enum journey_step plan_step(const struct plan_rule *r, enum journey_step step)
{
	static const enum journey_step own[FW_LISTS] = {
		[FW_FORWARD] = STEP_FORWARD,
		[FW_INPUT] = STEP_INPUT,
		[FW_OUTPUT] = STEP_OUTPUT,
	};

	return r->list == FW_ACCT ? step : own[r->list];
}

static void plan_counted(void *ctx, const struct plan_rule *r)
{
	struct step_context *c = ctx;

	if (is_counted(c->j, r->list, r->origin))
		count(&c->j->end.counted[plan_step(r, c->step)], r->origin);
}

/* The prefix must be what the line of 2.0 began with. */
static void plan_logged(void *ctx, const struct plan_rule *r, const char *prefix,
			const struct plan_packet *pp)
{
	struct step_context *c = ctx;
	enum journey_step step = plan_step(r, c->step);
	const struct fw_walk w = {
		.list = r->list,
		.direction = step == STEP_ACCT_OUT ? FW_DIR_OUT : FW_DIR_IN,
		.dev = pp->in ? pp->in : pp->out,
	};
	char line[256];
	struct fw_text t;

	if (r->origin < 0 || !is_counted(c->j, r->list, r->origin))
		return;
	count(&c->j->end.logged[step], r->origin);
	fw_text_init(&t, line, sizeof(line));
	fw_show_log(&t, &fw_list_rule(&c->j->rules->list[r->list], (__u32)r->origin)->match,
		    &w, &pp->pkt);
	c->j->mislogged |= strncmp(line, prefix, strlen(prefix)) != 0;
}

static bool rule_holds(const struct journey *j, const struct plan_rule *r)
{
	enum fw_direction d = j->hook == PLAN_PREROUTING ? FW_DIR_IN : FW_DIR_OUT;
	unsigned int i;

	for (i = 0; i < r->nmatches; i++)
		if (r->match[i].type == PLAN_M_NEVER)
			return false;
	if (r->list == FW_ACCT)
		return j->force->counts[r->origin] & 1u << d;
	return j->force->rule[r->list] == r->origin;
}

/* In place of comparing the packet with the rule of a list. */
static enum plan_forced plan_forced(void *ctx, const struct plan_chain *c,
				    const struct plan_rule *r)
{
	struct step_context *s = ctx;
	struct journey *j = s->j;

	if (r->origin < 0 || !(r->nmatches || j->force->is_list[c->id]))
		return PLAN_NOT_FORCED;
	j->asked |= 1u << r->list;
	return rule_holds(j, r) ? PLAN_HOLDS : PLAN_HOLDS_NOT;
}

static void plan_entered(void *ctx, const struct plan_chain *c, const struct plan_packet *pp)
{
	struct step_context *s = ctx;

	s->j->entered(s->j->ctx, s->j, c, pp);
}

/* What is to be rejected is dropped whatever others set; they leave that alone here. */
static bool plan_rejects(const struct journey *j, const struct plan_packet *pp)
{
	__u32 ours = pp->mark & j->plan->mark_mask;

	return ours == j->plan->marks.reject || ours == j->plan->marks.reject_port;
}

/* false: the packet's way ends here */
static bool plan_hook(struct journey *j, struct plan_packet *pp, enum plan_hook hook,
		      int from, int to)
{
	struct step_context c = {
		.j = j, .step = hook == PLAN_PREROUTING ? STEP_ACCT_IN : STEP_ACCT_OUT,
	};
	const struct plan_watch watch = {
		.counted = plan_counted, .logged = plan_logged,
		.forced = j->force ? plan_forced : NULL,
		.entered = j->entered ? plan_entered : NULL, .ctx = &c,
	};

	j->hook = hook;

	if (!plan_rejects(j, pp))
		pp->mark = j->mark = j->packet->mark[j->marks++ % JOURNEY_MARKS];
	plan_eval_hook(j->plan, hook, from, to, pp, &watch);
	return pp->verdict == PLAN_V_ACCEPT;
}

static void plan_redirected(struct journey *j, const struct plan_packet *pp)
{
	j->end.redirected = true;
	if (has_ports(&pp->pkt))
		j->end.redirport = pp->redirport ? pp->redirport : pp->pkt.dport;
}

/* false: dropped, or delivered here */
static bool plan_input(struct journey *j, struct plan_packet *pp)
{
	const struct journey_packet *p = j->packet;

	if (!plan_hook(j, pp, PLAN_PREROUTING, INT_MIN,
		       nat_decides(p) ? INT_MAX : PRIORITY_DNAT))
		return false;
	if (pp->redirected)
		plan_redirected(j, pp);
	else if (p->way != WAY_LOCAL_IN)
		return true;
	plan_hook(j, pp, PLAN_INPUT, INT_MIN, INT_MAX);
	return false;
}

static bool plan_forward(struct journey *j, struct plan_packet *pp)
{
	if (way_is_inward(j->packet->way))
		destination_translate(j->packet, &pp->pkt);
	pp->out = j->packet->out;
	return plan_hook(j, pp, PLAN_FORWARD, INT_MIN, INT_MAX);
}

static void plan_output(struct journey *j, struct plan_packet *pp)
{
	const struct journey_packet *p = j->packet;

	if (!plan_hook(j, pp, PLAN_POSTROUTING, INT_MIN, PRIORITY_SNAT + 1))
		return;
	if ((pp->masqueraded && p->way < WAY_PROXY) || p->way == WAY_ERROR ||
	    p->way == WAY_KEPT)
		source_translate(p, &pp->pkt);
	if (p->way == WAY_PROXY)
		answer_translate(p, &pp->pkt);
	plan_hook(j, pp, PLAN_POSTROUTING, PRIORITY_SNAT + 1, INT_MAX);
}

static bool plan_ports_right(const struct plan_packet *pp)
{
	if (!pp->masqueraded)
		return true;
	if (!has_ports(&pp->pkt))
		return !pp->masq_ports.lo && !pp->masq_ports.hi;
	return pp->masq_ports.lo == FW_MASQ_PORT_FIRST &&
	       pp->masq_ports.hi == FW_MASQ_PORT_END - 1;
}

static void plan_conclude(struct journey *j, const struct plan_packet *pp)
{
	__u32 keep = j->plan->marks.keep;

	j->end.verdict = pp->verdict;
	j->end.reject_code = pp->verdict == PLAN_V_REJECT ? pp->reject_code : 0;
	j->end.tos = pp->pkt.tos;
	/* of later packets the kernel does not ask table nat */
	j->end.masqueraded = pp->masqueraded && j->packet->way < WAY_PROXY;
	j->end.kept = pp->ct_mark & keep;
	j->end.helped = pp->helper;
	j->end.timed = pp->timeout;
	j->leaked = (pp->verdict == PLAN_V_ACCEPT && pp->mark != j->mark) ||
		    (pp->ct_mark ^ j->packet->ct_mark) & ~j->plan->mark_mask ||
		    !plan_ports_right(pp);
}

void journey_by_plan(struct journey *j)
{
	const struct plan_marks *marks = &j->plan->marks;
	const struct journey_packet *p = j->packet;
	struct plan_packet pp = {
		.pkt = p->pkt,
		.in = p->in,
		.ct_mark = p->ct_mark | (p->pkt.kept ? marks->keep : 0) |
			   (p->way >= WAY_REPLY ? marks->masquerade : 0) |
			   (p->way == WAY_PROXY ? marks->redirect : 0),
		.ct_snat = p->way >= WAY_REPLY && p->way != WAY_DATA,
		.ct_dnat = p->way == WAY_PROXY || p->way == WAY_DATA,
		.ct_expected = p->way == WAY_DATA || p->way == WAY_ASKED,
		.ct_reply = p->way == WAY_REPLY || p->way == WAY_PROXY ||
			    p->way == WAY_ASKED,
	};

	memset(&j->end, 0, sizeof(j->end));
	j->inexact = j->mislogged = false;
	j->asked = 0;
	j->marks = 0;
	if (way_is_local(p->way)) {
		pp.out = p->out;
		if (plan_hook(j, &pp, PLAN_OUTPUT, INT_MIN, INT_MAX))
			plan_output(j, &pp);
	} else if (plan_input(j, &pp) && plan_forward(j, &pp)) {
		plan_output(j, &pp);
	}
	plan_conclude(j, &pp);
}

static bool counts_equal(const struct journey_count *a, const struct journey_count *b)
{
	unsigned int step;

	for (step = 0; step < STEPS; step++)
		if (a[step].times != b[step].times || a[step].sum != b[step].sum)
			return false;
	return true;
}

/* xtables: attached by what a rule asks of packets, which force does not compare */
static bool helper_is_early(const struct journey *j)
{
	return j->force && j->plan->target == PLAN_XTABLES &&
	       j->force->rule[FW_FORWARD] != FORCE_POLICY;
}

const char *journey_difference(const struct journey *core, const struct journey *plan)
{
	const struct journey_end *c = &core->end, *p = &plan->end;

	if (!counts_equal(c->counted, p->counted))
		return "counters";
	if (plan->mislogged || !counts_equal(c->logged, p->logged))
		return "log";
	if (c->verdict != p->verdict)
		return "verdict";
	if (c->reject_code != p->reject_code)
		return "code of the answer";
	if (c->redirected != p->redirected || c->redirport != p->redirport)
		return "redirection";
	if (c->verdict == PLAN_V_ACCEPT && c->masqueraded != p->masqueraded)
		return "masquerading";
	if (c->verdict == PLAN_V_ACCEPT && c->tos != p->tos)
		return "TOS";
	if (c->verdict == PLAN_V_ACCEPT && c->kept != p->kept)
		return "remembered connection";
	if (c->verdict == PLAN_V_ACCEPT && c->helped && !p->helped && !helper_is_early(plan))
		return "helper";
	if (c->verdict == PLAN_V_ACCEPT && plan->plan->target == PLAN_NFT &&
	    c->timed != p->timed)
		return "timeouts";
	if (plan->leaked)
		return "marks";
	return NULL;
}
