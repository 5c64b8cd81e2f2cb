// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * analysis-oracle.c - the analysis of lists against every packet, one by one.
 *
 *	analysis-oracle LISTS [SEED]
 *
 * Rules are made of few values, so that a few thousand packets are all that such rules
 * can tell apart: each is matched by the core.  Ends with "N packets" and "N passed,
 * N failed", or at the first contradiction.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/analysis/compare.h"
#include "backend/analysis/lint.h"
#include "backend/analysis/optimise.h"
#include "kmod/core/view.h"
#include "tests/lib/random.h"

#define RULES_MAX 60
#define PACKETS_MAX 20000

static const __u16 port_values[] = { 0, 1, 2, 3, 80, 65535 };
/* and one between them where there is room */
static const __u16 packet_ports[] = { 0, 1, 2, 3, 4, 80, 81, 65535 };
static const __u8 packet_types[] = { 0, 1, 2, 3, 4, 80, 81, 255 };
static const __u8 packet_flags[] = {
	0, FW_TCP_SYN, FW_TCP_ACK, FW_TCP_RST, FW_TCP_SYN | FW_TCP_ACK,
};
static const char names[3][FW_IFNAMSIZ] = { "eth0", "eth1", "lo" };
static const __u32 addrs[3] = { 0x0a000001, 0x0a000002, 0x0a000003 };

/* what the rules of one list may use */
struct world {
	enum fw_list_id id;
	bool src, dst, sport, dport, flags, state, device, action;
	struct witness packet[PACKETS_MAX];
	unsigned int npackets;
	bool is_full;
};

struct rules {
	struct fw_rule slot[2 * RULES_MAX];
	struct fw_list list;
};

static unsigned long nlists, npackets, nfindings, ndiffer, ngone;

static void contradiction(const char *what, __u32 rule)
{
	printf("list %lu, rule %u: %s\n", nlists, rule + 1, what);
	exit(1);
}

static void packet_add(struct world *w, const struct witness *p)
{
	for (unsigned int s = 0; s < (w->state ? 4 : 1); s++)
		for (unsigned int d = 0; d < (w->device ? 9 : 1); d++)
			for (unsigned int out = 0; out <= (w->id == FW_ACCT); out++) {
				struct witness *copy = &w->packet[w->npackets];

				if (w->npackets == PACKETS_MAX) {
					w->is_full = true;
					return;
				}
				w->npackets++;
				*copy = *p;
				copy->pkt.state = (__u8)(1 << s);
				memcpy(copy->dev.name, names[d % 3], FW_IFNAMSIZ);
				copy->dev.addr = addrs[d / 3];
				copy->direction = (enum fw_direction)out;
			}
}

static void ports_add(struct world *w, struct witness *p)
{
	for (unsigned int s = 0; s < (w->sport ? FW_COUNT(packet_ports) : 1); s++)
		for (unsigned int d = 0; d < (w->dport ? FW_COUNT(packet_ports) : 1); d++) {
			p->pkt.sport = packet_ports[s];
			p->pkt.dport = packet_ports[d];
			packet_add(w, p);
		}
}

static void protocols_add(struct world *w, struct witness *p)
{
	p->pkt.proto = FW_PROTO_TCP;
	for (unsigned int i = 0; i < (w->flags ? FW_COUNT(packet_flags) : 1); i++) {
		p->pkt.tcpflags = packet_flags[i];
		ports_add(w, p);
	}
	p->pkt.tcpflags = 0;
	if (w->id == FW_ACCT) {
		p->pkt.frag_off = 7;
		packet_add(w, p);
		p->pkt.frag_off = 0;
	}
	p->pkt.proto = FW_PROTO_UDP;
	ports_add(w, p);
	p->pkt.proto = FW_PROTO_ICMP;
	for (unsigned int i = 0; i < (w->sport ? FW_COUNT(packet_types) : 1); i++) {
		p->pkt.icmp_type = packet_types[i];
		packet_add(w, p);
	}
	p->pkt.proto = 47;
	packet_add(w, p);
}

static __u32 address(unsigned int i)
{
	return (i & 4 ? 0x0b000000 : 0x0a000000) | (i & 3);
}

/* all packets that rules of this world can tell apart */
static void world_make(struct world *w, struct random *r)
{
	struct witness p = { .pkt = { .len = 60, .ttl = 64 } };

	do {
		w->id = (enum fw_list_id)random_below(r, FW_LISTS);
		w->src = random_chance(r, 60);
		w->dst = random_chance(r, 60);
		w->sport = random_chance(r, 50);
		w->dport = random_chance(r, 60);
		w->flags = random_chance(r, 50);
		w->state = random_chance(r, 30);
		w->device = random_chance(r, 30);
		w->action = random_chance(r, 50);
		w->npackets = 0;
		w->is_full = false;
		for (unsigned int s = 0; s < (w->src ? 8 : 1); s++)
			for (unsigned int d = 0; d < (w->dst ? 8 : 1); d++) {
				p.pkt.saddr = address(s);
				p.pkt.daddr = address(d);
				protocols_add(w, &p);
			}
	} while (w->is_full);
}

static void address_make(__u32 *value, __u32 *mask, struct random *r)
{
	*mask = (random_chance(r, 50) ? 0xfffffffc : 0) | random_below(r, 4);
	*value = address(random_below(r, 4)) & *mask;
	if (random_one_in(r, 60))
		*value |= ~*mask & 1u << 10;
}

/* one port slot or more; a range takes two */
static __u8 ports_make(struct fw_rule *rule, __u16 range, unsigned int room, struct random *r)
{
	unsigned int n = random_below(r, 4), i;

	if (n > room)
		n = room;
	for (i = 0; i < n; i++)
		rule->pts[rule->nsp + i] = port_values[random_below(r, 6)];
	if (n >= 2 && random_chance(r, 60)) {
		__u16 *p = rule->pts + rule->nsp;

		rule->flags |= range;
		if (p[0] > p[1] && !random_one_in(r, 20)) {
			__u16 lo = p[1];

			p[1] = p[0];
			p[0] = lo;
		}
	}
	return (__u8)n;
}

static void action_make(struct fw_rule *rule, const struct world *w, struct random *r)
{
	static const __u16 flags[] = {
		0, FW_ACCEPT, FW_ACCEPT, FW_ICMPRPL, FW_ACCEPT | FW_MASQ, FW_ACCEPT | FW_REDIR,
		FW_ACCEPT | FW_PRN, FW_PRN,
	};

	rule->tosand = 0xff;
	if (!w->action) {
		rule->flags |= random_chance(r, 50) ? FW_ACCEPT : 0;
		return;
	}
	rule->flags |= w->id == FW_INPUT && random_one_in(r, 3) ? FW_ACCEPT | FW_REDIR :
		       flags[random_below(r, FW_COUNT(flags))];
	if (random_one_in(r, 4)) {
		rule->tosand = 1;
		rule->tosxor = (__u8)(random_below(r, 3) * 8);
	}
	rule->keep_state = rule->flags & FW_ACCEPT && w->id != FW_ACCT && random_one_in(r, 8);
	if (rule->flags & FW_REDIR)
		rule->pts[rule->nsp + rule->ndp] = random_one_in(r, 2) ? 0 : 80;
}

static void rule_make(struct fw_rule *rule, const struct world *w, struct random *r)
{
	static const __u16 kinds[] = {
		FW_KIND_ALL, FW_KIND_TCP, FW_KIND_TCP, FW_KIND_UDP, FW_KIND_ICMP,
	};

	memset(rule, 0, sizeof(*rule));
	rule->flags = kinds[random_below(r, FW_COUNT(kinds))];
	if (w->src)
		address_make(&rule->src, &rule->smsk, r);
	if (w->dst)
		address_make(&rule->dst, &rule->dmsk, r);
	if (w->sport)
		rule->nsp = ports_make(rule, FW_SRNG, 5, r);
	if (w->dport)
		rule->ndp = ports_make(rule, FW_DRNG, 4, r);
	if (w->flags && random_one_in(r, 3))
		rule->flags |= random_one_in(r, 8) ? FW_TCPSYN | FW_TCPACK :
			       random_one_in(r, 2) ? FW_TCPSYN : FW_TCPACK;
	if (w->src == w->dst && w->sport == w->dport && random_one_in(r, 5))
		rule->flags |= FW_BIDIR;
	if (w->state && random_one_in(r, 3))
		rule->state = (__u8)random_below(r, 16);
	if (w->device && random_one_in(r, 3))
		memcpy(rule->vianame, names[random_below(r, 2)], FW_IFNAMSIZ);
	if (w->device && random_one_in(r, 4))
		rule->via = addrs[random_below(r, 2)];
	if (w->id == FW_ACCT && random_one_in(r, 4))
		rule->flags |= 1u << (12 + random_below(r, 2));
	action_make(rule, w, r);
}

static void list_make(struct rules *l, const struct world *w, struct random *r)
{
	static const __u32 policies[] = {
		FW_POLICY_DENY, FW_POLICY_ACCEPT, FW_POLICY_REJECT, FW_POLICY_MASQ,
	};

	l->list = (struct fw_list){
		.slots = l->slot, .cap = 2 * RULES_MAX,
		.count = 1 + random_below(r, random_one_in(r, 2) ? 12 : RULES_MAX),
		.policy = policies[random_below(r, 4)],
	};
	for (__u32 i = 0; i < l->list.count; i++) {
		rule_make(&l->slot[i], w, r);
		if (i && random_one_in(r, 25))
			l->slot[i] = l->slot[random_below(r, i)];
	}
}

/* what one packet after the other says of a rule */
struct fact {
	bool matches, is_first, is_needed;
	__u64 set;	/* a sum of random numbers of its packets, which tells sets apart */
	bool outside[RULES_MAX];	/* some packet of it does not match that rule */
};

/* what lint says */
struct said {
	bool kind[FINDING_UNDECIDED + 1];
	__u32 others[RULES_MAX], nothers;
};

struct findings {
	const struct world *w;
	struct said rule[RULES_MAX];
	bool policy;
};

static void finding_record(void *ctx, const struct finding *f)
{
	struct findings *all = ctx;

	if (f->list != all->w->id || f->kind == FINDING_ANSWERS)
		return;
	if (f->kind == FINDING_UNDECIDED)
		contradiction("undecided", (__u32)f->rule);
	nfindings++;
	if (f->rule < 0) {
		all->policy = true;
		return;
	}
	all->rule[f->rule].kind[f->kind] = true;
	all->rule[f->rule].nothers = f->nothers;
	memcpy(all->rule[f->rule].others, f->others, f->nothers * sizeof(*f->others));
}

/*
 * What the core does to a packet that rule i decides, or the policy; the masks of the TOS
 * are what becomes of 0xff and of 0.
 */
static struct effect effect_at(const struct world *w, const struct rules *l, __u32 i,
			       enum effect_level level, __u32 number, const struct witness *p)
{
	struct fw_walk walk = { .list = w->id, .direction = p->direction, .dev = &p->dev };
	bool is_rule = i < l->list.count;
	struct fw_rule rule = is_rule ? l->slot[i] : (struct fw_rule){ .flags = 0 };
	struct fw_list one = {
		.slots = &rule, .cap = 1, .count = is_rule, .policy = l->list.policy,
	};
	struct fw_packet pkt = p->pkt;
	struct fw_decision d;
	struct effect e;

	pkt.tos = 0xff;
	fw_list_walk(&one, &walk, &pkt, &d);
	e = (struct effect){ .action = fw_list_outcome(w->id, d.verdict).action };
	if (level >= EFFECT_PACKET && e.action != FW_DROP && e.action != FW_ANSWER) {
		e.tosand = d.tos;
		e.keep_state = d.keep_state;
		e.helper = d.helper;
		e.redirport = d.redirport;
		pkt.tos = 0;
		fw_list_walk(&one, &walk, &pkt, &d);
		e.tosxor = d.tos;
	}
	e.log = level >= EFFECT_LOG && rule.flags & FW_PRN;
	e.counter = level >= EFFECT_COUNTERS ? number : 0;
	return e;
}

/* the rules that match, in order; the list's count at the end */
static unsigned int packet_match(const struct world *w, const struct rules *l,
				 const struct witness *p, __u32 *match)
{
	struct fw_walk walk = { .list = w->id, .direction = p->direction, .dev = &p->dev };
	unsigned int n = 0;
	struct fw_view v;

	fw_view_init(&v, &walk, &p->pkt);
	for (__u32 i = 0; i < l->list.count; i++)
		if (fw_rule_match(&l->slot[i].match, &v))
			match[n++] = i;
	match[n] = l->list.count;
	return n;
}

static void facts_find(const struct world *w, const struct rules *l, struct fact *fact,
		       bool *policy_is_used)
{
	__u32 match[RULES_MAX + 1];
	unsigned int n, i, at;
	struct random r;

	random_seed(&r, 1);
	for (unsigned int k = 0; k < w->npackets; k++) {
		const struct witness *p = &w->packet[k];
		bool matches[RULES_MAX] = { false };
		struct effect with, without;
		__u64 number = (__u64)random_word(&r) << 32 | random_word(&r);

		n = packet_match(w, l, p, match);
		for (i = 0; i < n; i++)
			matches[match[i]] = true;
		for (i = 0; i < n; i++) {
			fact[match[i]].matches = true;
			fact[match[i]].set += number;
			for (at = 0; at < l->list.count; at++)
				fact[match[i]].outside[at] |= !matches[at];
		}
		*policy_is_used |= !n;
		if (!n)
			continue;
		with = effect_at(w, l, match[0], EFFECT_LOG, 0, p);
		without = effect_at(w, l, match[1], EFFECT_LOG, 0, p);
		fact[match[0]].is_first = true;
		fact[match[0]].is_needed |= !effect_equal(&with, &without);
	}
}

/* Is each packet of a rule matched by n others, leaving out that at skip? */
static bool is_covered(const struct world *w, const struct rules *l, __u32 rule,
		       const __u32 *others, __u32 n, __u32 skip)
{
	__u32 match[RULES_MAX + 1];

	for (unsigned int k = 0; k < w->npackets; k++) {
		bool mine = false, other = false;
		unsigned int m = packet_match(w, l, &w->packet[k], match);

		for (unsigned int i = 0; i < m; i++) {
			mine |= match[i] == rule;
			for (__u32 o = 0; o < n; o++)
				other |= o != skip && others[o] == match[i];
		}
		if (mine && !other)
			return false;
	}
	return true;
}

static void dead_check(const struct world *w, const struct rules *l, const struct fact *fact,
		       const struct said *s, __u32 rule)
{
	bool single = false;

	for (__u32 i = 0; i < rule; i++)
		single |= !fact[rule].outside[i];
	if (single != (s->nothers == 1))
		contradiction("one rule covers it", rule);
	for (__u32 i = 0; i < s->nothers; i++)
		if (s->others[i] >= rule)
			contradiction("covered by a rule behind it", rule);
	if (!is_covered(w, l, rule, s->others, s->nothers, ~0u))
		contradiction("not covered by these rules", rule);
	for (__u32 i = 0; s->nothers > 1 && i < s->nothers; i++)
		if (is_covered(w, l, rule, s->others, s->nothers, i))
			contradiction("covered by fewer", rule);
}

static __u32 first_of_set(const struct fact *fact, __u32 rule)
{
	__u32 i = 0;

	while (fact[i].set != fact[rule].set)
		i++;
	return i;
}

static void findings_check(const struct world *w, const struct rules *l,
			   const struct findings *f)
{
	struct fact *fact = calloc(RULES_MAX, sizeof(*fact));
	bool policy = false;

	facts_find(w, l, fact, &policy);
	for (__u32 i = 0; i < l->list.count; i++) {
		const struct said *s = &f->rule[i];
		bool dead = s->kind[FINDING_DEAD] || s->kind[FINDING_REPEATS];

		if (s->kind[FINDING_NEVER] == fact[i].matches)
			contradiction("never", i);
		if (!fact[i].matches)
			continue;
		if (w->id == FW_ACCT) {
			if (s->kind[FINDING_COUNTS] != (first_of_set(fact, i) < i) ||
			    (s->kind[FINDING_COUNTS] && s->others[0] != first_of_set(fact, i)))
				contradiction("counts the same", i);
			continue;
		}
		if (dead == fact[i].is_first)
			contradiction("dead", i);
		if (dead)
			dead_check(w, l, fact, s, i);
		else if (s->kind[FINDING_REDUNDANT] == fact[i].is_needed)
			contradiction("redundant", i);
	}
	if (w->id != FW_ACCT && f->policy == policy)
		contradiction("policy", 0);
	free(fact);
}

static void ruleset_with(struct fw_ruleset *rs, const struct world *w, const struct rules *l)
{
	memset(rs, 0, sizeof(*rs));
	rs->list[w->id] = l->list;
}

static void lint_try(const struct world *w, const struct rules *l)
{
	const struct lint_options o = { .budget = ANALYSIS_BUDGET };
	struct findings *f = calloc(1, sizeof(*f));
	struct fw_ruleset rs;

	ruleset_with(&rs, w, l);
	f->w = w;
	if (lint_rules(&rs, &o, finding_record, f))
		contradiction("lint failed", 0);
	findings_check(w, l, f);
	free(f);
}

/* b becomes a with some changes, or a list of its own */
static void list_change(struct rules *b, const struct rules *a, const struct world *w,
			struct random *r)
{
	unsigned int changes = random_below(r, 4);

	*b = *a;
	b->list.slots = b->slot;
	if (random_one_in(r, 8)) {
		list_make(b, w, r);
		return;
	}
	if (random_one_in(r, 20))
		b->list.policy = random_one_in(r, 2) ? FW_POLICY_ACCEPT : FW_POLICY_DENY;
	while (changes--) {
		__u32 n = b->list.count, i = random_below(r, n + 1), k = random_below(r, n + 1);
		struct fw_rule *slot = b->slot, saved;

		switch (random_below(r, 4)) {
		case 0:	/* one more */
			if (n == RULES_MAX)
				break;
			memmove(slot + i + 1, slot + i, (n - i) * sizeof(*slot));
			rule_make(slot + i, w, r);
			b->list.count++;
			break;
		case 1:	/* one less */
			if (i == n)
				break;
			memmove(slot + i, slot + i + 1, (n - 1 - i) * sizeof(*slot));
			b->list.count--;
			break;
		case 2:	/* two change places */
			if (i == n || k == n)
				break;
			saved = slot[i];
			slot[i] = slot[k];
			slot[k] = saved;
			break;
		default:	/* one is decided otherwise */
			if (i < n)
				slot[i].flags ^= FW_ACCEPT;
		}
	}
}

static bool is_same(const struct fw_match *a, const struct fw_match *b)
{
	return fw_match_equal(a, b) && a->nsp == b->nsp && a->tosand == b->tosand &&
	       a->tosxor == b->tosxor &&
	       fw_match_redirect_port(a) == fw_match_redirect_port(b);
}

/* Rules that are the same get one number. */
static __u32 number_of(const struct rules *a, const struct rules *b, bool second, __u32 rule)
{
	const struct fw_match *m = second ? &b->slot[rule].match : &a->slot[rule].match;
	__u32 i;

	for (i = 0; i < a->list.count; i++)
		if (is_same(&a->slot[i].match, m))
			return i + 1;
	for (i = 0; i < b->list.count; i++)
		if (is_same(&b->slot[i].match, m))
			break;
	return a->list.count + i + 1;
}

/* Does a packet show a difference? */
static bool differs(const struct world *w, const struct rules *a, const struct rules *b,
		    enum effect_level level)
{
	__u32 match[2][RULES_MAX + 1];

	for (unsigned int k = 0; k < w->npackets; k++) {
		const struct witness *p = &w->packet[k];
		unsigned int n[2] = {
			packet_match(w, a, p, match[0]), packet_match(w, b, p, match[1]),
		};
		struct effect x, y;

		if (w->id == FW_ACCT) {
			unsigned int count[4 * RULES_MAX] = { 0 }, i;

			for (i = 0; i < n[0]; i++)
				count[number_of(a, b, false, match[0][i])]++;
			for (i = 0; i < n[1]; i++)
				count[number_of(a, b, true, match[1][i])]--;
			for (i = 0; i < FW_COUNT(count); i++)
				if (count[i] && level == EFFECT_COUNTERS)
					return true;
			continue;
		}
		x = effect_at(w, a, match[0][0], level,
			      n[0] ? number_of(a, b, false, match[0][0]) : 0, p);
		y = effect_at(w, b, match[1][0], level,
			      n[1] ? number_of(a, b, true, match[1][0]) : 0, p);
		if (!effect_equal(&x, &y))
			return true;
	}
	return false;
}

static void compare_try(const struct world *w, const struct rules *a, struct random *r)
{
	enum effect_level level = (enum effect_level)random_below(r, EFFECT_LEVELS);
	static struct rules b;
	__u64 budget = ANALYSIS_BUDGET;
	struct difference d;
	int answer;

	list_change(&b, a, w, r);
	answer = compare_lists(w->id, &a->list, &b.list, level, &budget, &d);
	if (answer < 0)
		contradiction("compare failed", 0);
	if ((answer == COMPARE_DIFFERS) != differs(w, a, &b, level))
		contradiction(answer ? "compare: differs" : "compare: alike", 0);
	ndiffer += answer == COMPARE_DIFFERS;
}

/* No rule may be left that never matches. */
static void never_check(void *ctx, const struct finding *f)
{
	(void)ctx;
	if (f->kind == FINDING_NEVER || f->kind == FINDING_DEAD || f->kind == FINDING_REPEATS)
		contradiction("optimised: not needed", (__u32)f->rule);
}

/* Some rules become as the one before, but for ports, a bit of an address, or -o. */
static void neighbours_make(struct rules *l, struct random *r)
{
	for (__u32 i = 1; i < l->list.count; i++) {
		struct fw_rule twin = l->slot[i - 1], *other = &l->slot[i];

		switch (random_below(r, 6)) {
		case 0:
			twin.flags ^= FW_PRN;
			break;
		case 1:
			twin.dst ^= twin.dmsk & 1u << random_below(r, 3);
			break;
		case 2:
			twin.src ^= twin.smsk & 1u << random_below(r, 3);
			break;
		case 3:
		case 4:
			if (twin.nsp + other->ndp >= FW_MAX_PORTS)
				continue;
			twin.pts[twin.nsp + other->ndp] = fw_rule_redirect_port(&twin);
			twin.ndp = other->ndp;
			twin.flags = (__u16)((twin.flags & ~FW_DRNG) | (other->flags & FW_DRNG));
			memcpy(twin.pts + twin.nsp, other->pts + other->nsp,
			       other->ndp * sizeof(*twin.pts));
			break;
		default:
			continue;
		}
		*other = twin;
	}
}

static void optimise_try(const struct world *w, const struct rules *original, struct random *r)
{
	const struct lint_options o = { .budget = ANALYSIS_BUDGET };
	struct optimised done[FW_LISTS], *d = &done[w->id];
	static struct rules with_neighbours, b;
	const struct rules *a = &with_neighbours;
	struct fw_ruleset rs;

	with_neighbours = *original;
	with_neighbours.list.slots = with_neighbours.slot;
	neighbours_make(&with_neighbours, r);
	b = *a;
	b.list.slots = b.slot;
	ruleset_with(&rs, w, &b);
	if (optimise_rules(&rs, ANALYSIS_BUDGET, done) || d->error)
		contradiction("not optimised", 0);
	b.list = rs.list[w->id];
	if (b.list.count + d->removed + d->merged != a->list.count)
		contradiction("optimised: another number of rules", 0);
	if (differs(w, a, &b, w->id == FW_ACCT ? EFFECT_COUNTERS : EFFECT_LOG))
		contradiction("optimised: differs", 0);
	if (w->id != FW_ACCT && lint_rules(&rs, &o, never_check, NULL))
		contradiction("optimised: lint failed", 0);
	ngone += d->removed + d->merged;
}

int main(int argc, char **argv)
{
	unsigned long lists = argc > 1 ? strtoul(argv[1], NULL, 10) : 100;
	unsigned long seed = argc > 2 ? strtoul(argv[2], NULL, 10) : 1;
	static struct world w;
	static struct rules a;
	struct random r;

	random_seed(&r, seed);
	for (nlists = 1; nlists <= lists; nlists++) {
		world_make(&w, &r);
		list_make(&a, &w, &r);
		lint_try(&w, &a);
		for (int i = 0; i < 3; i++)
			compare_try(&w, &a, &r);
		optimise_try(&w, &a, &r);
		npackets += w.npackets;
	}
	printf("%lu findings, %lu of %lu pairs of lists differ, %lu rules not needed\n"
	       "%lu packets\n%lu passed, 0 failed\n",
	       nfindings, ndiffer, 3 * lists, ngone, npackets, 5 * lists);
	return 0;
}
