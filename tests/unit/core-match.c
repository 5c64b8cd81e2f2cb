// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * core-match.c - the walk of a packet through a list, against a second writing of
 * the rules for it, and the state of its connection.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "kmod/core/hook.h"
#include "kmod/core/view.h"

#define RULES_MAX 6
#define ROUNDS 300000
#define SEED 20

/* xorshift: the same walk on every machine */
static __u32 random_next(void)
{
	static __u32 x = SEED;

	x ^= x << 13;
	x ^= x >> 17;
	x ^= x << 5;
	return x;
}

#define PICK(array) ((array)[random_next() % FW_COUNT(array)])
#define CHANCE(n) (random_next() % (n) == 0)

static const struct fw_dev devs[] = {
	{ "eth0", 0x0a000001, 0xffffff00 },
	{ "eth0:1", 0x0a000002, 0xffffff00 },
	{ "sixteen-letters!", 0x0a000001, 0xffffff00 },
};

static __u32 random_addr(void)
{
	static const __u32 addrs[] = { 0, 0x0a000001, 0x0a0000ff, 0x0a010001, 0xc0a80101,
				       0xffffffff };

	return PICK(addrs);
}

static __u16 random_port(void)
{
	static const __u16 ports[] = { 0, 3, 8, 21, 22, 80, 255, 1024, 65534, 65535 };

	return PICK(ports);
}

static void random_rule(struct fw_rule *r)
{
	static const __u32 masks[] = { 0, 0, 0, 0xff000000, 0xffffffff, 0x000000ff, 0xff0000ff };
	unsigned int i, redirects;

	*r = (struct fw_rule){ .smsk = PICK(masks), .dmsk = PICK(masks) };
	r->src = random_addr() & (CHANCE(8) ? 0xffffffff : r->smsk);
	r->dst = random_addr() & (CHANCE(8) ? 0xffffffff : r->dmsk);
	r->flags = random_next() & FW_FLAGS;
	if (CHANCE(2))
		r->flags &= ~(FW_TCPSYN | FW_TCPACK);
	if (CHANCE(2))
		r->flags &= ~(FW_ACCTIN | FW_ACCTOUT);
	redirects = !!(r->flags & FW_REDIR);
	r->nsp = (__u8)(random_next() % 5);
	r->ndp = (__u8)(random_next() % (FW_MAX_PORTS - redirects - r->nsp + 1));
	if (r->nsp < 2)
		r->flags &= ~FW_SRNG;
	if (r->ndp < 2)
		r->flags &= ~FW_DRNG;
	for (i = 0; i < FW_MAX_PORTS; i++)
		r->pts[i] = random_port();
	r->via = CHANCE(4) ? PICK(devs).addr : 0;
	if (CHANCE(4))
		memcpy(r->vianame, PICK(devs).name, FW_IFNAMSIZ);
	r->tosand = (__u8)random_next();
	r->tosxor = (__u8)random_next();
	r->state = CHANCE(4) ? (__u8)(random_next() & FW_STATES) : 0;
}

static void random_packet(struct fw_packet *p)
{
	static const __u8 protos[] = { 1, 6, 6, 17, 17, 47 };
	static const __u16 lens[] = { 0, 20, 27, 28, 35, 36, 40, 1500 };
	static const __u8 states[] = { 0, 0, FW_STATE_NEW, FW_STATE_ESTABLISHED,
				       FW_STATE_RELATED, FW_STATE_INVALID };

	*p = (struct fw_packet){
		.saddr = random_addr(),
		.daddr = random_addr(),
		.proto = PICK(protos),
		.tos = (__u8)random_next(),
		.tcpflags = (__u8)(random_next() & 0x3f),
		.len = CHANCE(3) ? PICK(lens) : 1500,
		.frag_off = CHANCE(4) ? (__u16)(random_next() % 4) : 0,
		.sport = random_port(),
		.dport = random_port(),
		.icmp_type = (__u8)random_port(),
		.noptions = CHANCE(4) ? 2 : 0,
		.state = PICK(states),
		.kept = CHANCE(5),
	};
}

/* --- the second writing, one sentence of the specification at a time --- */

static bool ref_port(const __u16 *slot, unsigned int n, bool range, __u16 port)
{
	unsigned int i;

	if (n == 0)
		return true;
	if (range && port >= slot[0] && port <= slot[1])
		return true;
	for (i = range ? 2 : 0; i < n; i++)
		if (port == slot[i])
			return true;
	return false;
}

/* the packet this way round */
static bool ref_ends(const struct fw_rule *r, const struct fw_packet *p, bool swap,
		     bool ports)
{
	bool later = p->frag_off & FW_IP_OFFSET;
	__u32 from = swap ? p->daddr : p->saddr, to = swap ? p->saddr : p->daddr;
	__u16 sp = later ? 65535 : swap ? p->dport : p->sport;
	__u16 dp = later ? 65535 : swap ? p->sport : p->dport;

	if ((from & r->smsk) != r->src || (to & r->dmsk) != r->dst)
		return false;
	return !ports || (ref_port(r->pts, r->nsp, r->flags & FW_SRNG, sp) &&
			  ref_port(&r->pts[r->nsp], r->ndp, r->flags & FW_DRNG, dp));
}

static bool ref_protocol(const struct fw_rule *r, const struct fw_packet *p)
{
	bool later = p->frag_off & FW_IP_OFFSET;
	bool ports = false;

	switch (r->flags & FW_KIND_MASK) {
	case FW_KIND_ICMP:
		if (p->proto != 1 || !ref_port(r->pts, r->nsp, r->flags & FW_SRNG,
					       later ? 255 : p->icmp_type))
			return false;
		break;
	case FW_KIND_TCP:
		if (p->proto != 6)
			return false;
		ports = true;
		break;
	case FW_KIND_UDP:
		if (p->proto != 17)
			return false;
		ports = true;
		break;
	}
	return ref_ends(r, p, false, ports) ||
	       (r->flags & FW_BIDIR && ref_ends(r, p, true, ports));
}

static bool ref_match(const struct fw_rule *r, const struct fw_packet *p,
		      const struct fw_walk *w)
{
	const struct fw_dev *dev = w->dev;
	bool ackish = p->tcpflags & (FW_TCP_ACK | FW_TCP_RST);
	bool asked = p->proto == 6 && !(p->frag_off & FW_IP_OFFSET);

	if (!ref_protocol(r, p))
		return false;
	if (r->via && dev && r->via != dev->addr)
		return false;
	if (r->vianame[0] && (!dev || strncmp(r->vianame, dev->name, FW_IFNAMSIZ) != 0))
		return false;
	if (w->list == FW_ACCT && w->direction == FW_DIR_IN && r->flags & FW_ACCTOUT)
		return false;
	if (w->list == FW_ACCT && w->direction == FW_DIR_OUT && r->flags & FW_ACCTIN)
		return false;
	if (asked && r->flags & FW_TCPSYN && (!(p->tcpflags & FW_TCP_SYN) || ackish))
		return false;
	if (asked && r->flags & FW_TCPACK && !ackish)
		return false;
	return !r->state || r->state & (p->state ? p->state : FW_STATE_NEW);
}

static bool ref_early(const struct fw_packet *p, bool acct, enum fw_verdict *v)
{
	unsigned int off = p->frag_off & FW_IP_OFFSET, head = 20 + 4u * p->noptions;

	*v = FW_V_DENY;
	if (p->proto == 6 && off == 1)
		return true;
	if (off && !acct && (p->proto == 6 || p->proto == 17 || p->proto == 1)) {
		*v = FW_V_ACCEPT;
		return true;
	}
	if (p->proto == 6 && head + 16 > p->len)
		return true;
	return (p->proto == 6 || p->proto == 17) && head + 8 > p->len;
}

static void ref_verdict(struct fw_decision *d, __u32 flags)
{
	d->verdict = !(flags & FW_ACCEPT)    ? flags & FW_ICMPRPL ? FW_V_REJECT : FW_V_DENY :
		     flags & FW_REDIR ? FW_V_REDIRECT :
		     flags & FW_MASQ  ? FW_V_MASQUERADE :
					FW_V_ACCEPT;
}

/* matched: which rules must have counted */
static struct fw_decision ref_walk(const struct fw_list *l, const struct fw_walk *w,
				   const struct fw_packet *p, unsigned int *matched)
{
	bool acct = w->list == FW_ACCT;
	struct fw_decision d = { .verdict = FW_V_ACCEPT, .rule = -1, .tos = p->tos };
	__u32 i;

	*matched = 0;
	if (ref_early(p, acct, &d.verdict)) {
		d.by = FW_BY_EARLY;
		return d;
	}
	d.verdict = FW_V_ACCEPT;
	if (!acct && p->kept && p->state != FW_STATE_INVALID) {
		d.by = FW_BY_STATE;
		return d;
	}
	for (i = 0; i < l->count; i++) {
		const struct fw_rule *r = fw_list_rule(l, i);

		if (!ref_match(r, p, w))
			continue;
		*matched |= 1u << i;
		d.by = FW_BY_RULE;
		if (d.rule < 0)
			d.rule = (__s32)i;
		if (acct)
			continue;
		ref_verdict(&d, r->flags);
		if (r->flags & FW_ACCEPT)
			d.tos = (__u8)((p->tos & (r->tosand | 1)) ^ (r->tosxor & 0xfe));
		if (d.verdict == FW_V_REDIRECT && w->list == FW_INPUT) {
			d.redirport = r->pts[r->nsp + r->ndp];
			if (!d.redirport)
				d.redirport = (p->proto == 6 || p->proto == 17) ? p->dport :
										  65535;
		}
		return d;
	}
	if (!acct) {
		d.by = FW_BY_POLICY;
		ref_verdict(&d, l->policy);
	}
	return d;
}

/* --- the comparison --- */

struct meter {
	const struct fw_rule *rules;
	unsigned int matched;
	unsigned int calls;
};

/* Called before the rule counts. */
static void rule_met(void *ctx, const struct fw_match *m, __u32 index,
		     const struct fw_packet *pkt)
{
	struct meter *meter = ctx;

	assert_memory_equal(m, &meter->rules[index].match, sizeof(*m));
	assert_int_equal(meter->rules[index].pcnt, 0);
	assert_non_null(pkt);
	meter->matched |= 1u << index;
	meter->calls++;
}

static void counters_compare(const struct fw_list *l, unsigned int matched, __u16 len)
{
	__u32 i;

	for (i = 0; i < l->count; i++) {
		const struct fw_rule *r = fw_list_rule(l, i);

		assert_int_equal(r->pcnt, matched >> i & 1);
		assert_int_equal(r->bcnt, matched >> i & 1 ? len : 0);
	}
}

static void decision_compare(const struct fw_decision *got, const struct fw_decision *want)
{
	assert_int_equal(got->verdict, want->verdict);
	assert_int_equal(got->by, want->by);
	assert_int_equal(got->rule, want->rule);
	assert_int_equal(got->tos, want->tos);
	assert_int_equal(got->redirport, want->redirport);
}

/* the same list as a host stores it that keeps the matched parts alone */
static void dense_compare(const struct fw_list *l, const struct fw_walk *w,
			  const struct fw_packet *pkt, const struct fw_decision *want)
{
	struct fw_match matches[RULES_MAX];
	const volatile int *bound[RULES_MAX] = { NULL };
	struct fw_list dense = { .match = matches, .bound = bound, .cap = RULES_MAX,
				 .count = l->count, .policy = l->policy };
	struct fw_decision got;
	__u32 i;

	for (i = 0; i < l->count; i++)
		matches[i] = fw_list_rule(l, i)->match;
	fw_list_walk(&dense, w, pkt, &got);
	decision_compare(&got, want);
}

static void walk_compare(struct fw_list *l, struct fw_walk *w)
{
	struct fw_decision want, got;
	struct meter looked = { .rules = l->slots }, walked = looked, dense = looked;
	struct fw_packet pkt;
	unsigned int matched;

	w->dev = CHANCE(5) ? NULL : &PICK(devs);
	w->on_match = rule_met;
	random_packet(&pkt);
	want = ref_walk(l, w, &pkt, &matched);
	w->ctx = &dense;
	dense_compare(l, w, &pkt, &want);
	w->ctx = &looked;
	fw_list_walk(l, w, &pkt, &got);
	decision_compare(&got, &want);
	counters_compare(l, 0, pkt.len);
	w->ctx = &walked;
	w->count = true;
	fw_list_walk(l, w, &pkt, &got);
	decision_compare(&got, &want);
	counters_compare(l, matched, pkt.len);
	assert_int_equal(looked.matched, matched);
	assert_int_equal(walked.matched, matched);
	assert_int_equal(dense.matched, matched);
	assert_int_equal(walked.calls, looked.calls);
	assert_int_equal(dense.calls, looked.calls);
}

static void random_walks_agree(void **state)
{
	static const __u32 policies[] = { FW_POLICY_DENY, FW_POLICY_ACCEPT, FW_POLICY_REJECT,
					  FW_POLICY_MASQ };
	unsigned int round;
	__u32 i;

	(void)state;
	for (round = 0; round < ROUNDS; round++) {
		struct fw_rule slots[RULES_MAX];
		struct fw_list l = { .slots = slots, .cap = RULES_MAX,
				     .policy = PICK(policies) };
		struct fw_walk w = {
			.list = (enum fw_list_id)(random_next() % FW_LISTS),
			.direction = CHANCE(2) ? FW_DIR_IN : FW_DIR_OUT,
		};

		l.count = random_next() % (RULES_MAX + 1);
		for (i = 0; i < l.count; i++)
			random_rule(&slots[i]);
		walk_compare(&l, &w);
	}
}

static const struct fw_walk input = { .list = FW_INPUT }, accounting = { .list = FW_ACCT };

static void states_are_asked_and_kept(void **state)
{
	struct fw_rule slots[] = {
		{ .flags = FW_POLICY_REJECT, .state = FW_STATE_INVALID },
		{ .flags = FW_POLICY_ACCEPT, .state = FW_STATE_ESTABLISHED | FW_STATE_RELATED },
	};
	struct fw_list l = { .slots = slots, .cap = 2, .count = 2 };
	struct fw_packet pkt = { .proto = FW_PROTO_UDP, .len = 28 };
	struct fw_decision d;

	(void)state;
	fw_list_walk(&l, &input, &pkt, &d);
	assert_int_equal(d.by, FW_BY_POLICY);
	pkt.state = FW_STATE_RELATED;
	fw_list_walk(&l, &input, &pkt, &d);
	assert_int_equal(d.rule, 1);
	pkt.kept = true;
	fw_list_walk(&l, &input, &pkt, &d);
	assert_int_equal(d.by, FW_BY_STATE);
	assert_int_equal(d.verdict, FW_V_ACCEPT);
	fw_list_walk(&l, &accounting, &pkt, &d);
	assert_int_equal(d.rule, 1);
	pkt.state = FW_STATE_INVALID;
	fw_list_walk(&l, &input, &pkt, &d);
	assert_int_equal(d.rule, 0);
	assert_int_equal(d.verdict, FW_V_REJECT);
}

/* 2.0 stored a policy unchecked; no word of it may lead astray */
static void any_policy_decides(void **state)
{
	struct fw_list l = { 0 };
	struct fw_packet pkt = { .proto = FW_PROTO_UDP, .len = 28 };
	struct fw_decision d;

	(void)state;
	for (l.policy = 0; l.policy < 0x10000; l.policy++) {
		enum fw_verdict want = FW_V_DENY;

		if (l.policy & FW_ACCEPT)
			want = l.policy & FW_MASQ ? FW_V_MASQUERADE : FW_V_ACCEPT;
		else if (l.policy & FW_ICMPRPL)
			want = FW_V_REJECT;
		fw_list_walk(&l, &input, &pkt, &d);
		assert_int_equal(d.verdict, want);
		assert_int_equal(d.redirport, 0);
	}
}

static void one_rule_can_be_asked(void **state)
{
	unsigned int round, matches = 0;

	(void)state;
	for (round = 0; round < ROUNDS; round++) {
		const struct fw_walk w = { .list = FW_ACCT, .dev = &PICK(devs) };
		struct fw_packet pkt;
		struct fw_rule r;
		struct fw_view v;

		random_rule(&r);
		random_packet(&pkt);
		fw_view_init(&v, &w, &pkt);
		matches += fw_rule_match(&r.match, &v);
		assert_int_equal(fw_rule_match(&r.match, &v), ref_match(&r, &pkt, &w));
	}
	/* the random rules and packets do meet */
	assert_true(matches > ROUNDS / 50);
	assert_true(matches < ROUNDS / 2);
}

static bool list_matches(struct fw_list *l, const struct fw_walk *w)
{
	static const struct fw_packet pkt = { .proto = FW_PROTO_UDP, .len = 100 };
	struct fw_decision d;

	fw_list_walk(l, w, &pkt, &d);
	return d.by == FW_BY_RULE;
}

static void bound_rules_match(void **state)
{
	static const struct fw_dev dev = { .name = "eth0" }, other = { .name = "eth1" };
	const struct fw_walk on = { .dev = &dev }, off = { .dev = &other };
	int ifindex = 7;
	const volatile int *bound[] = { NULL, &ifindex };
	struct fw_rule slots[2] = { { .nsp = 0 }, { .vianame = "eth0" } };
	struct fw_list l = { .slots = slots, .bound = bound, .cap = 2, .first = 1,
			     .count = 1 };

	(void)state;
	assert_true(list_matches(&l, &on));
	assert_false(list_matches(&l, &off));
	ifindex = 0;
	assert_false(list_matches(&l, &on));
	bound[1] = NULL;
	assert_true(list_matches(&l, &on));
	l.bound = NULL;
	assert_true(list_matches(&l, &on));
}

/* every verdict of every list */
static void verdicts_have_outcomes(void **state)
{
	static const struct {
		enum fw_list_id list;
		enum fw_action action[5];	/* deny, accept, reject, redirect, masquerade */
		__u8 icmp_code;
	} want[] = {
		{ FW_INPUT, { FW_DROP, FW_PASS, FW_ANSWER, FW_REDIRECT, FW_PASS }, 3 },
		{ FW_FORWARD, { FW_DROP, FW_PASS, FW_ANSWER, FW_DROP, FW_MASQUERADE }, 1 },
		{ FW_OUTPUT, { FW_DROP, FW_PASS, FW_ANSWER, FW_PASS, FW_PASS }, 1 },
		{ FW_ACCT, { FW_PASS, FW_PASS, FW_PASS, FW_PASS, FW_PASS }, 0 },
	};
	unsigned int i, v;

	(void)state;
	for (i = 0; i < FW_COUNT(want); i++)
		for (v = FW_V_DENY; v <= FW_V_MASQUERADE; v++) {
			struct fw_outcome out = fw_list_outcome(want[i].list,
								(enum fw_verdict)v);

			assert_int_equal(out.action, want[i].action[v]);
			if (out.action == FW_ANSWER)
				assert_int_equal(out.icmp_code, want[i].icmp_code);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(verdicts_have_outcomes),
		cmocka_unit_test(random_walks_agree),
		cmocka_unit_test(states_are_asked_and_kept),
		cmocka_unit_test(any_policy_decides),
		cmocka_unit_test(one_rule_can_be_asked),
		cmocka_unit_test(bound_rules_match),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
