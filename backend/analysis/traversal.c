// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * traversal.c - the path of a packet, list by list and hook by hook.
 */
#include <limits.h>
#include <string.h>

#include "backend/analysis/traversal.h"
#include "kmod/core/conn.h"
#include "kmod/core/show.h"

#define PRIORITY_SNAT 100	/* behind it, addresses are translated */

static const enum fw_list_id step_list[STEPS] = {
	FW_ACCT, FW_INPUT, FW_FORWARD, FW_OUTPUT, FW_ACCT,
};

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
static void source_translate(const struct traversal_packet *p, struct fw_packet *k)
{
	k->saddr = p->out->addr;
	if (has_ports(k))
		k->sport = p->masq_port;
}

/* the address that the client asked for, in place of the proxy's */
static void answer_translate(const struct traversal_packet *p, struct fw_packet *k)
{
	k->saddr = p->inner_addr;
	if (has_ports(k))
		k->sport = p->inner_port;
}

static void destination_translate(const struct traversal_packet *p, struct fw_packet *k)
{
	k->daddr = p->inner_addr;
	if (has_ports(k))
		k->dport = p->inner_port;
}

static bool is_exact(const struct traversal *tr, enum fw_list_id list, __s32 rule)
{
	const struct plan_report *r = rule < 0 ? &tr->plan->policy_report[list]
					       : &tr->plan->report[list][rule];

	return r->exactness == PLAN_EXACT;
}

/* An accounting rule that is not exact counts differently, and does nothing else. */
static bool is_counted(struct traversal *tr, enum fw_list_id list, __s32 rule)
{
	bool exact = is_exact(tr, list, rule);

	tr->inexact |= list != FW_ACCT && !exact;
	return list != FW_ACCT || exact;
}

struct step_context {
	struct traversal *tr;
	enum traversal_step step;
	__s32 base;		/* index of the first rule that is walked */
};

static void count(struct traversal_count *c, __s32 rule)
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
	if (!is_counted(c->tr, step_list[c->step], rule))
		return;
	count(&c->tr->end.counted[c->step], rule);
	if (m->flags & FW_PRN)
		count(&c->tr->end.logged[c->step], rule);
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
static void forced_walk(struct traversal *tr, const struct fw_walk *w, __s32 rule,
			const struct fw_packet *k, struct fw_decision *d)
{
	const struct fw_list *l = &tr->rules->list[w->list];
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

static void forced_account(struct traversal *tr, const struct fw_walk *w, const struct fw_packet *k,
			   struct fw_decision *d)
{
	__u32 i;

	forced_walk(tr, w, FORCE_POLICY, k, d);
	for (i = 0; i < tr->rules->list[FW_ACCT].count; i++)
		if (tr->force->counts[i] & 1u << w->direction)
			forced_walk(tr, w, (__s32)i, k, d);
}

static enum fw_verdict core_step(struct traversal *tr, enum traversal_step step,
				 struct fw_packet *k, const struct fw_dev *dev,
				 struct fw_decision *d)
{
	enum fw_list_id list = step_list[step];
	struct fw_list l = tr->rules->list[list];
	struct step_context c = { .tr = tr, .step = step };
	const struct fw_walk w = {
		.list = list, .direction = step == STEP_ACCT_OUT ? FW_DIR_OUT : FW_DIR_IN,
		.dev = dev, .on_match = core_matched, .ctx = &c,
	};

	l.bound = NULL;
	if (tr->force && list == FW_ACCT)
		forced_account(tr, &w, k, d);
	else if (tr->force)
		forced_walk(tr, &w, tr->force->rule[list], k, d);
	else
		fw_list_walk(&l, &w, k, d);
	if (list != FW_ACCT && (d->by == FW_BY_RULE || d->by == FW_BY_POLICY))
		tr->asked |= 1u << list;
	if (list == FW_ACCT && d->by != FW_BY_EARLY)
		tr->asked |= 1u << (FW_ACCT + w.direction);
	if (d->by == FW_BY_POLICY)
		tr->inexact |= !is_exact(tr, list, -1);
	if (d->by == FW_BY_RULE && list != FW_ACCT && d->keep_state &&
	    k->state != FW_STATE_INVALID)	/* there is a connection */
		tr->end.kept = true;
	k->tos = d->tos;
	return d->verdict;
}

static bool core_stop(struct traversal *tr, enum fw_verdict v, __u8 code)
{
	if (v == FW_V_REJECT && code) {
		tr->end.verdict = PLAN_V_REJECT;
		tr->end.reject_code = code;
	} else {
		tr->end.verdict = PLAN_V_DROP;
	}
	return false;
}

/* Does netfilter ask table nat about it?  Of errors it looks at what they are about. */
static bool nat_decides(const struct traversal_packet *p)
{
	return p->path < PATH_REPLY && p->pkt.state != FW_STATE_INVALID;
}

/* Can the plan be compared in what becomes of connections by this forward? */
static bool forward_is_exact(const struct traversal *tr, const struct fw_portfw *f)
{
	const struct fw_portfw_table *t = &tr->rules->portfw;
	unsigned int targets = 0;
	__u32 i;

	for (i = 0; i < t->count; i++) {
		if (!fw_portfw_same_side(&t->entry[i], f))
			continue;
		if (tr->plan->portfw_report[i].exactness == PLAN_IMPOSSIBLE)
			return false;
		targets++;
	}
	return targets < 2 || f->proto;	/* else TCP and UDP take turns of their own */
}

/* Are the answers that the forward list accepts known to be treated differently? */
static bool answers_are_inexact(const struct plan *p)
{
	__u32 i = 0;

	while (i < p->nportfw && p->portfw_report[i].exactness == PLAN_EXACT)
		i++;
	return i < p->nportfw;
}

/*
 * A packet for the host that a forward takes begins a connection to its target.  What the
 * host sends to itself neither 2.0 nor netfilter forwards; it is not compared.
 */
static bool core_port_forward(struct traversal *tr, struct fw_packet *k)
{
	const struct fw_portfw_table *t = tr->forwards ? tr->forwards : &tr->rules->portfw;
	const struct fw_portfw *f;
	__u32 i = 0;

	if (!nat_decides(tr->packet))
		return false;
	k->mark = tr->packet->mark[0] & ~tr->plan->mark_mask;
	f = fw_portfw_find(t, k, 0);
	if (!f)
		return false;
	tr->inexact |= dev_is_loopback(tr->packet->in) || !forward_is_exact(tr, f);
	t = &tr->rules->portfw;
	while (i < t->count && !fw_portfw_equal(&t->entry[i], f))
		i++;
	tr->end.forward = i + 1;
	k->daddr = tr->end.forward_addr = f->to;
	k->dport = tr->end.forward_port = f->flags & FW_PORTFW_HAS_PORT ? f->to_port : k->dport;
	return true;
}

/* What netfilter does not translate it drops, for it is not to be forwarded. */
static bool core_redirect(struct traversal *tr, const struct fw_packet *k, __u16 port)
{
	if (!nat_decides(tr->packet))
		return core_stop(tr, FW_V_DENY, 0);
	tr->end.redirected = true;
	if (has_ports(k))
		tr->end.redirport = port;
	return false;
}

static bool core_input(struct traversal *tr, struct fw_packet *k)
{
	const struct traversal_packet *p = tr->packet;
	struct fw_decision d;
	enum fw_verdict v;
	bool redirects;

	core_step(tr, STEP_ACCT_IN, k, p->in, &d);
	v = core_step(tr, STEP_INPUT, k, p->alias, &d);
	if (v == FW_V_DENY || v == FW_V_REJECT)
		return core_stop(tr, v, 3);
	redirects = v == FW_V_REDIRECT && !path_is_inward(p->path) &&
		    (d.redirport || !has_ports(k));
	if ((redirects || p->path == PATH_LOCAL_IN) && core_port_forward(tr, k))
		return true;
	if (redirects && p->path == PATH_ANSWER)
		tr->inexact = true;	/* 2.0 gave it to the proxy, netfilter does not */
	else if (redirects)
		return core_redirect(tr, k, d.redirport);
	return p->path != PATH_LOCAL_IN;
}

static bool is_new(const struct fw_packet *k)
{
	return k->state != FW_STATE_ESTABLISHED;
}

static enum fw_helper_id helper_of(const struct traversal *tr, const struct fw_packet *k)
{
	return fw_portfw_helper(&tr->rules->portfw, k->proto, k->dport);
}

static bool netfilter_helps(const struct traversal *tr, const struct fw_packet *k)
{
	return plan_netfilter_helps(helper_of(tr, k));
}

/* control connections of FTP last as long as their data */
static bool is_timed(const struct traversal *tr, const struct fw_packet *k)
{
	return has_ports(k) && is_new(k) && helper_of(tr, k) != FW_HELPER_FTP;
}

/* Where netfilter knows no connection it has nothing to translate: see the manual. */
static bool core_masquerade(struct traversal *tr, struct fw_packet *k)
{
	bool translated = has_ports(k) || (k->proto == FW_PROTO_ICMP && is_request(k));

	if (translated ? k->state == FW_STATE_INVALID : k->proto != FW_PROTO_ICMP)
		return core_stop(tr, FW_V_DENY, 0);
	if (translated) {
		source_translate(tr->packet, k);
		tr->end.masqueraded = true;
		tr->end.timed = is_timed(tr, k);
		tr->end.helped = is_new(k) && netfilter_helps(tr, k);
	}
	return true;
}

/* Errors skip the forward list, which decides whether the others are translated. */
static bool core_answer(struct traversal *tr, struct fw_packet *k)
{
	const struct traversal_packet *p = tr->packet;
	enum fw_verdict v = FW_V_MASQUERADE;
	struct fw_decision d = { .by = FW_BY_EARLY };

	if (k->proto != FW_PROTO_ICMP)
		v = core_step(tr, STEP_FORWARD, k, p->out, &d);
	if (v != FW_V_ACCEPT && v != FW_V_MASQUERADE)
		return core_stop(tr, v, 1);
	tr->end.answered = v == FW_V_MASQUERADE || d.by == FW_BY_STATE;
	if (tr->end.answered)
		answer_translate(p, k);
	else
		tr->inexact |= answers_are_inexact(tr->plan);
	return true;
}

static bool core_forward(struct traversal *tr, struct fw_packet *k)
{
	const struct traversal_packet *p = tr->packet;
	struct fw_decision d;

	if (tr->end.forward) {
		tr->end.timed = has_ports(k) && is_new(k);
		return true;
	}
	if (p->path == PATH_ANSWER)
		return core_answer(tr, k);
	if (path_is_inward(p->path)) {
		destination_translate(p, k);
		tr->end.timed = p->path == PATH_DATA && is_timed(tr, k);
		return true;
	}
	if (p->path == PATH_ERROR) {
		source_translate(p, k);
		return true;
	}
	switch (core_step(tr, STEP_FORWARD, k, p->out, &d)) {
	case FW_V_ACCEPT:
		if (p->path == PATH_KEPT)
			source_translate(p, k);
		return true;
	case FW_V_MASQUERADE:
		return core_masquerade(tr, k);
	default:
		return core_stop(tr, d.verdict, 1);
	}
}

static void core_output(struct traversal *tr, struct fw_packet *k)
{
	const struct traversal_packet *p = tr->packet;
	struct fw_decision d;
	enum fw_verdict v;

	if (p->path == PATH_PROXY)
		answer_translate(p, k);
	tr->end.saddr = k->saddr;
	v = core_step(tr, STEP_OUTPUT, k, p->out, &d);
	if (v == FW_V_DENY || v == FW_V_REJECT)
		core_stop(tr, v, path_is_local(p->path) ? 0 : 1);
	else
		core_step(tr, STEP_ACCT_OUT, k, p->out, &d);
}

void traversal_by_core(struct traversal *tr)
{
	struct fw_packet k = tr->packet->pkt;

	memset(&tr->end, 0, sizeof(tr->end));
	tr->inexact = tr->leaked = false;
	tr->asked = 0;
	tr->end.kept = k.kept;
	if (path_is_local(tr->packet->path) ||
	    (core_input(tr, &k) && core_forward(tr, &k)))
		core_output(tr, &k);
	tr->end.tos = k.tos;
}

/* Where does the rule count?  step: where accounting does at this hook. */
static enum traversal_step plan_step(const struct plan_rule *r, enum traversal_step step)
{
	static const enum traversal_step own[FW_LISTS] = {
		[FW_FORWARD] = STEP_FORWARD,
		[FW_INPUT] = STEP_INPUT,
		[FW_OUTPUT] = STEP_OUTPUT,
	};

	return r->list == FW_ACCT ? step : own[r->list];
}

static void plan_counted(void *ctx, const struct plan_rule *r)
{
	struct step_context *c = ctx;

	if (plan_rule_forward(r) >= 0)
		c->tr->end.forward = (__u32)plan_rule_forward(r) + 1;
	else if (is_counted(c->tr, r->list, r->origin))
		count(&c->tr->end.counted[plan_step(r, c->step)], r->origin);
}

/* The prefix must be what the line of 2.0 had before the interface. */
static void plan_logged(void *ctx, const struct plan_rule *r, const char *prefix)
{
	struct step_context *c = ctx;
	enum traversal_step step = plan_step(r, c->step);
	char wanted[64];
	struct fw_text t;

	if (r->origin < 0 || !is_counted(c->tr, r->list, r->origin))
		return;
	count(&c->tr->end.logged[step], r->origin);
	fw_text_init(&t, wanted, sizeof(wanted));
	fw_show_log_prefix(&t, &fw_list_rule(&c->tr->rules->list[r->list], (__u32)r->origin)->match,
			   r->list, step == STEP_ACCT_OUT ? FW_DIR_OUT : FW_DIR_IN);
	c->tr->mislogged |= strcmp(wanted, prefix) != 0;
}

static bool rule_holds(const struct traversal *tr, const struct plan_rule *r)
{
	enum fw_direction d = tr->hook == PLAN_PREROUTING ? FW_DIR_IN : FW_DIR_OUT;
	unsigned int i;

	for (i = 0; i < r->nmatches; i++)
		if (r->match[i].type == PLAN_M_NEVER)
			return false;
	if (r->list == FW_ACCT)
		return tr->force->counts[r->origin] & 1u << d;
	return tr->force->rule[r->list] == r->origin;
}

/* In place of comparing the packet with the rule of a list. */
static enum plan_forced plan_forced(void *ctx, const struct plan_chain *c,
				    const struct plan_rule *r)
{
	struct step_context *s = ctx;
	struct traversal *tr = s->tr;

	if (r->origin < 0 || !(r->nmatches || tr->force->is_list[c->id]))
		return PLAN_NOT_FORCED;
	tr->asked |= 1u << r->list;
	return rule_holds(tr, r) ? PLAN_HOLDS : PLAN_HOLDS_NOT;
}

static __u32 plan_turn(void *ctx, const struct plan_rule *r)
{
	struct step_context *s = ctx;

	return s->tr->turn(s->tr->ctx, r);
}

static void plan_entered(void *ctx, const struct plan_chain *c, const struct plan_packet *pp)
{
	struct step_context *s = ctx;

	s->tr->entered(s->tr->ctx, s->tr, c, pp);
}

/* What is to be rejected is dropped whatever others set; they leave that alone here. */
static bool plan_rejects(const struct traversal *tr, const struct plan_packet *pp)
{
	__u32 ours = pp->mark & tr->plan->mark_mask;

	return ours == tr->plan->marks.reject || ours == tr->plan->marks.reject_port;
}

/* false: the packet's path ends here */
static bool plan_hook(struct traversal *tr, struct plan_packet *pp, enum plan_hook hook,
		      int from, int to)
{
	struct step_context c = {
		.tr = tr, .step = hook == PLAN_PREROUTING ? STEP_ACCT_IN : STEP_ACCT_OUT,
	};
	const struct plan_watch watch = {
		.counted = plan_counted, .logged = plan_logged,
		.forced = tr->force ? plan_forced : NULL,
		.entered = tr->entered ? plan_entered : NULL,
		.turn = tr->turn ? plan_turn : NULL, .ctx = &c,
	};

	tr->hook = hook;

	if (!plan_rejects(tr, pp))
		pp->mark = tr->mark = tr->packet->mark[tr->marks++ % TRAVERSAL_MARKS];
	plan_eval_hook(tr->plan, hook, from, to, pp, &watch);
	return pp->verdict == PLAN_V_ACCEPT;
}

static void plan_redirected(struct traversal *tr, const struct plan_packet *pp)
{
	tr->end.redirected = true;
	if (has_ports(&pp->pkt))
		tr->end.redirport = pp->redirport ? pp->redirport : pp->pkt.dport;
}

/*
 * The packet begins a connection to the target of a port forward.  Not compared: port 0,
 * to which 2.0 redirected nothing, is forwarded by its mark.
 */
static void plan_port_forwarded(struct traversal *tr, struct plan_packet *pp)
{
	tr->inexact |= !pp->pkt.dport;
	pp->pkt.daddr = tr->end.forward_addr = pp->forward_addr;
	if (pp->forward_port)
		pp->pkt.dport = pp->forward_port;
	tr->end.forward_port = pp->pkt.dport;
}

/* false: dropped, or delivered here */
static bool plan_input(struct traversal *tr, struct plan_packet *pp)
{
	const struct traversal_packet *p = tr->packet;
	/* which the kernel has put together by then */
	const bool is_later = has_ports(&p->pkt) && p->pkt.frag_off & FW_IP_OFFSET;

	if (!plan_hook(tr, pp, PLAN_PREROUTING, INT_MIN,
		       nat_decides(p) && !is_later ? INT_MAX : TRAVERSAL_DNAT))
		return false;
	if (pp->forwarded) {
		plan_port_forwarded(tr, pp);
		return true;
	}
	if (pp->redirected)
		plan_redirected(tr, pp);
	else if (p->path != PATH_LOCAL_IN)
		return true;
	plan_hook(tr, pp, PLAN_INPUT, INT_MIN, INT_MAX);
	return false;
}

static bool plan_forward(struct traversal *tr, struct plan_packet *pp)
{
	if (path_is_inward(tr->packet->path))
		destination_translate(tr->packet, &pp->pkt);
	pp->out = tr->packet->out;
	return plan_hook(tr, pp, PLAN_FORWARD, INT_MIN, INT_MAX);
}

static void plan_output(struct traversal *tr, struct plan_packet *pp)
{
	const struct traversal_packet *p = tr->packet;

	if (!plan_hook(tr, pp, PLAN_POSTROUTING, INT_MIN, PRIORITY_SNAT + 1))
		return;
	if ((pp->masqueraded && p->path < PATH_PROXY) || p->path == PATH_ERROR ||
	    p->path == PATH_KEPT)
		source_translate(p, &pp->pkt);
	if (p->path == PATH_PROXY || p->path == PATH_ANSWER)
		answer_translate(p, &pp->pkt);
	tr->end.answered = p->path == PATH_ANSWER;
	plan_hook(tr, pp, PLAN_POSTROUTING, PRIORITY_SNAT + 1, INT_MAX);
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

/* Later packets know a forwarded connection by its mark, and no redirection of it. */
static bool plan_forward_marked(const struct traversal *tr, const struct plan_packet *pp)
{
	const struct plan_marks *m = &tr->plan->marks;

	return !pp->forwarded || pp->verdict != PLAN_V_ACCEPT ||
	       (pp->ct_mark & m->forwarded &&
		(tr->plan->target != PLAN_NFT || !(pp->ct_mark & m->redirect)));
}

static void plan_conclude(struct traversal *tr, const struct plan_packet *pp)
{
	__u32 keep = tr->plan->marks.keep;

	tr->end.verdict = pp->verdict;
	tr->end.reject_code = pp->verdict == PLAN_V_REJECT ? pp->reject_code : 0;
	tr->end.tos = pp->pkt.tos;
	/* of later packets the kernel does not ask table nat */
	tr->end.masqueraded = pp->masqueraded && tr->packet->path < PATH_PROXY;
	tr->end.kept = pp->ct_mark & keep;
	tr->end.helped = pp->helper;
	tr->end.timed = pp->timeout;
	tr->leaked = (pp->verdict == PLAN_V_ACCEPT && pp->mark != tr->mark) ||
		    (pp->ct_mark ^ tr->packet->ct_mark) & ~tr->plan->mark_mask ||
		    !plan_ports_right(pp) || !plan_forward_marked(tr, pp);
}

void traversal_by_plan(struct traversal *tr)
{
	const struct plan_marks *marks = &tr->plan->marks;
	const struct traversal_packet *p = tr->packet;
	struct plan_packet pp = {
		.pkt = p->pkt,
		.in = p->in,
		.ct_mark = p->ct_mark | (p->pkt.kept ? marks->keep : 0) |
			   (path_is_masqueraded(p->path) ? marks->masquerade : 0) |
			   (path_is_forwarded(p->path) ? marks->forwarded : 0) |
			   (p->path == PATH_PROXY ? marks->redirect : 0),
		.ct_snat = path_is_masqueraded(p->path) && p->path != PATH_DATA,
		.ct_dnat = p->path == PATH_PROXY || p->path == PATH_DATA ||
			   path_is_forwarded(p->path),
		.ct_expected = p->path == PATH_DATA || p->path == PATH_ASKED,
		.ct_reply = p->path == PATH_REPLY || p->path == PATH_PROXY ||
			    p->path == PATH_ASKED || p->path == PATH_ANSWER,
		/* before the target of a forward answers */
		.ct_daddr = p->path == PATH_ANSWER ? p->inner_addr : p->pkt.daddr,
		.ct_dport = p->path == PATH_ANSWER ? p->inner_port : p->pkt.dport,
		.to_local = p->path == PATH_LOCAL_IN,
	};

	memset(&tr->end, 0, sizeof(tr->end));
	tr->inexact = tr->mislogged = false;
	tr->asked = 0;
	tr->marks = 0;
	if (path_is_local(p->path)) {
		pp.out = p->out;
		if (plan_hook(tr, &pp, PLAN_OUTPUT, INT_MIN, INT_MAX))
			plan_output(tr, &pp);
	} else if (plan_input(tr, &pp) && plan_forward(tr, &pp)) {
		plan_output(tr, &pp);
	}
	plan_conclude(tr, &pp);
}
