// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * prove_between.c - what a plan does between its lists, with every decision of them.
 *
 * Packets are walked with all combinations of the values of prove_values.c.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "backend/analysis/prove_state.h"
#include "kmod/core/conn.h"

#define ENTRIES_MAX 32
#define SEARCHES_MAX 64		/* for packets that show what a forced walk has shown */

struct entry {
	const struct plan_chain *chain;
	enum plan_hook hook;
	__u32 saddr;
};

struct between {
	struct prove *p;
	struct prove_values values;
	struct traversal core, plan;
	struct traversal_packet packet;
	struct traversal_force force;
	__u8 *counts;
	struct entry entry[ENTRIES_MAX];	/* lists that the plan has entered */
	unsigned int nentries;
	bool is_helped_early;		/* the walk has entered the rules that attach helpers */
	__u32 acct_chains[2];		/* where counts are of, by direction */
	/* of all walks, by direction and what is known of the source */
	__u32 acct_usual[2][SOURCE_VIEWS];
	bool acct_known[2][SOURCE_VIEWS];
	unsigned int searches;
	/* by rule, and then the policy: bits of paths in which packets have been searched for */
	__u16 *searched[FW_ACCT];
	__u32 counts_searched;		/* likewise, that are counted */
	bool *has_helper;		/* by rule of forward: it attaches one early */
	int err;
};

static void helpers_find(struct between *b)
{
	const struct plan_chain *c;
	const struct plan_rule *r;

	for (c = b->p->plan->chains; c; c = c->next)
		for (r = c->rules; r; r = r->next)
			if (rule_is_early(r) && r->origin >= 0 && r->list == FW_FORWARD)
				b->has_helper[r->origin] = true;
}

static void chain_entered(void *ctx, const struct traversal *tr, const struct plan_chain *c,
			  const struct plan_packet *pp)
{
	struct between *b = ctx;

	b->is_helped_early |= c->rules && rule_is_early(c->rules);
	if (b->p->is_list[c->id] && b->nentries < ENTRIES_MAX)
		b->entry[b->nentries++] = (struct entry){ c, tr->hook, pp->pkt.saddr };
}

static bool lives_in(const struct prove *p, enum fw_list_id list, __s32 rule,
		     const struct plan_chain *c)
{
	__u32 n;

	for (n = p->first[list][rule]; n < p->first[list][rule + 1]; n++)
		if (p->block[n].chain == c && p->block[n].lives)
			return true;
	return false;
}

/* Accounting rules count where the plan has them: whether it should is the lists' affair. */
static void counts_fill(struct between *b)
{
	const struct prove *p = b->p;
	__u32 i, n;

	memset(b->counts, 0, p->rs->list[FW_ACCT].count);
	for (i = 0; i < p->rs->list[FW_ACCT].count; i++)
		for (n = p->first[FW_ACCT][i]; n < p->first[FW_ACCT][i + 1]; n++)
			if (p->block[n].lives && prove_is_exact(p, FW_ACCT, (__s32)i))
				for (int d = FW_DIR_IN; d <= FW_DIR_OUT; d++)
					b->counts[i] |= (b->acct_chains[d] >>
							 p->block[n].chain->id & 1) << d;
}

static const struct plan_rule *first_listed(const struct plan_chain *c)
{
	const struct plan_rule *r = c->rules;

	while (r && r->origin < 0)
		r = r->next;
	return r;
}

/* Chains of accounting that the walk has entered, by direction; true: others than before */
static bool acct_changed(struct between *b)
{
	__u32 chains[2] = { 0, 0 };
	unsigned int i;
	bool changed;

	for (i = 0; i < b->nentries; i++) {
		const struct entry *e = &b->entry[i];
		const struct plan_rule *r = first_listed(e->chain);

		if (!r || r->list != FW_ACCT)
			continue;
		if (e->chain->id >= 32)
			prove_undecided(b->p, FW_ACCT, -1, "the plan has too many lists");
		else
			chains[e->hook == PLAN_PREROUTING ? FW_DIR_IN : FW_DIR_OUT] |=
				1u << e->chain->id;
	}
	changed = memcmp(chains, b->acct_chains, sizeof(chains)) != 0;
	memcpy(b->acct_chains, chains, sizeof(chains));
	return changed;
}

/* Is the same asked for accounting as in other walks? */
static bool acct_is_usual(struct between *b)
{
	bool usual = true;

	for (int d = FW_DIR_IN; d <= FW_DIR_OUT; d++) {
		bool translated = d == FW_DIR_OUT && b->packet.path != PATH_PROXY &&
				  b->core.end.saddr != b->packet.pkt.saddr;
		enum source_view source = !translated ? SOURCE_KNOWN :
					  b->packet.path == PATH_ANSWER ? SOURCE_ANSWERS :
									  SOURCE_MASQUERADED;
		__u32 *set = &b->acct_usual[d][source];

		if (!(b->core.asked & 1u << (FW_ACCT + d)))
			continue;
		if (!b->acct_known[d][source])
			*set = b->acct_chains[d];
		b->acct_known[d][source] = true;
		usual &= *set == b->acct_chains[d];
	}
	return usual;
}

/* Was the source translated by then, or is it yet to be? */
static enum source_view source_at(const struct between *b, enum traversal_step step, __u32 saddr)
{
	if (step < STEP_OUTPUT || b->packet.path == PATH_PROXY || !b->core.end.saddr ||
	    saddr == b->core.end.saddr)
		return SOURCE_KNOWN;
	return b->packet.path == PATH_ANSWER ? SOURCE_ANSWERS : SOURCE_MASQUERADED;
}

/*
 * Records where lists were asked.  true: of each that the core asked the rule that decides
 * can hold there; if not, whether it should is the lists' affair.
 */
static bool entries_record(struct between *b)
{
	static const enum traversal_step own[FW_ACCT] = {
		[FW_INPUT] = STEP_INPUT, [FW_FORWARD] = STEP_FORWARD, [FW_OUTPUT] = STEP_OUTPUT,
	};
	static const enum traversal_step account[] = { STEP_ACCT_IN, STEP_ACCT_OUT };
	/* 2.0 did not translate an answer, or did forward to a port; netfilter does otherwise */
	const bool leaves_otherwise = b->core.inexact &&
		(b->core.end.forward || (b->packet.path == PATH_ANSWER && !b->core.end.answered));
	__u32 unasked = b->core.asked, list;
	struct prove *p = b->p;
	bool alive = true;
	unsigned int i;

	if (leaves_otherwise)
		unasked &= ~(1u << FW_OUTPUT | 1u << (FW_ACCT + FW_DIR_OUT));
	for (i = 0; i < b->nentries; i++) {
		const struct entry *e = &b->entry[i];
		const struct plan_rule *r = first_listed(e->chain);
		enum traversal_step step;

		if (!r)
			continue;
		step = r->list != FW_ACCT ? own[r->list] :
		       e->hook == PLAN_PREROUTING ? STEP_ACCT_IN : STEP_ACCT_OUT;
		if (leaves_otherwise && step >= STEP_OUTPUT)
			continue;
		p->asked[e->chain->id] |= ask_bit(step, source_at(b, step, e->saddr));
		if (r->list == FW_ACCT) {
			unasked &= ~(1u << (FW_ACCT + (step == STEP_ACCT_OUT)));
			continue;
		}
		unasked &= ~(1u << r->list);
		alive &= b->force.rule[r->list] == FORCE_POLICY ||
			 lives_in(p, r->list, b->force.rule[r->list], e->chain);
	}
	for (list = 0; list < FW_ACCT; list++)
		if (unasked & 1u << list && p->rs->list[list].count) {
			p->unasked |= ask_bit(own[list],
					      source_at(b, own[list], b->packet.pkt.saddr));
			alive &= b->force.rule[list] == FORCE_POLICY;
		}
	for (i = 0; alive && i < FW_COUNT(account); i++)
		if (unasked & 1u << (FW_ACCT + i))
			p->unasked |= ask_bit(account[i],
					      source_at(b, account[i], b->packet.pkt.saddr));
	return alive;
}

/* the packets like the one that was walked with force: most addresses and ports are free */
static struct cube cube_of(const struct between *b)
{
	const struct fw_packet *k = &b->packet.pkt;
	struct cube x = list_space(FW_INPUT);

	if (k->daddr != b->values.daddr.value[0])
		x.bits[CUBE_DST] = (struct cube_bits){ k->daddr, ~0u };
	x.set[CUBE_STATE] = k->state;
	x.set[CUBE_CLASS] = k->proto == FW_PROTO_TCP ? CLASSES_TCP :
			    k->proto == FW_PROTO_UDP ? CLASSES_UDP :
			    k->proto == FW_PROTO_ICMP ? CLASSES_ICMP : CLASSES_OTHER;
	if (k->proto == FW_PROTO_ICMP)
		x.range[CUBE_SPORT] = (struct cube_range){ k->icmp_type, k->icmp_type };
	else if (k->dport != 80 || b->p->plan->needs & PLAN_PORTFW)
		x.range[CUBE_DPORT] = (struct cube_range){ k->dport, k->dport };
	return x;
}

/* A packet of any kind that one of the decisions is made about, once for each of them. */
static bool decision_search(struct between *b)
{
	static const enum fw_list_id order[FW_ACCT] = { FW_INPUT, FW_FORWARD, FW_OUTPUT };
	const struct cube x = list_space(FW_INPUT);
	int i, k;

	for (i = 0; i < FW_ACCT; i++) {
		__s32 want[FW_ACCT] = { ANY_PASS, ANY_PASS, ANY_PASS };
		__s32 rule = b->force.rule[order[i]];
		__u16 *searched = &b->searched[order[i]][rule + 1];

		if (*searched & 1u << b->packet.path)
			continue;
		*searched |= (__u16)(1u << b->packet.path);
		want[order[i]] = rule;
		if (prove_search(b->p, &b->packet, &x, want))
			return true;
		for (k = i + 1; k < FW_ACCT; k++)
			want[order[k]] = ANYTHING;
		if (prove_search(b->p, &b->packet, &x, want))
			return true;
	}
	return false;
}

/* A packet that an accounting rule matches; once for each path. */
static bool counted_search(struct between *b)
{
	static const __s32 pass[FW_ACCT] = { ANY_PASS, ANY_PASS, ANY_PASS };
	static const __s32 anything[FW_ACCT] = { ANYTHING, ANYTHING, ANYTHING };
	struct cube space = list_space(FW_INPUT), y;
	static const struct device_ids any;
	struct prove *p = b->p;
	struct piece_list acct = { 0 };
	__u32 i;

	if (b->counts_searched & 1u << b->packet.path)
		return false;
	b->counts_searched |= 1u << b->packet.path;
	space.set[CUBE_DIRECTION] |= 1u << FW_DIR_OUT;
	b->err = piece_list_add(&acct, FW_ACCT, &p->rs->list[FW_ACCT], &any);
	for (i = 0; i < acct.count && !b->err && p->answer != PROVE_DIFFERS; i++)
		if (cube_intersect(&space, &acct.piece[i].cube, &y) &&
		    !prove_search(p, &b->packet, &y, anything))
			prove_search(p, &b->packet, &y, pass);
	piece_list_free(&acct);
	return p->answer == PROVE_DIFFERS;
}

/* Looks for a packet that shows a difference without force. */
static void difference_search(struct between *b, const char *what)
{
	const struct cube x = cube_of(b);
	struct prove *p = b->p;

	if (prove_try(p, &b->packet) || decision_search(b) || counted_search(b))
		return;
	prove_undecided(p, FW_INPUT, -1, what);
	if (b->searches++ < SEARCHES_MAX)
		prove_search(p, &b->packet, &x, b->force.rule);
}

static bool is_over(const struct between *b)
{
	return b->err || b->p->answer == PROVE_DIFFERS;
}

/* One walk with the decisions of force.  Which lists were asked: bits. */
static __u32 walk(struct between *b)
{
	struct prove *p = b->p;
	__s32 forward = b->force.rule[FW_FORWARD];
	const char *what;
	unsigned int i;
	size_t cost = 64 + p->nblocks;

	if (cover_spend(&p->cover, cost)) {
		prove_undecided(p, FW_INPUT, -1, "the budget was not sufficient");
		b->err = -E2BIG;
		return 0;
	}
	p->proof->walks++;
	for (i = 0; i < 3; i++) {	/* once more with those counting that are asked */
		b->nentries = 0;
		b->is_helped_early = false;
		traversal_by_plan(&b->plan);
		if (!acct_changed(b))
			break;
		counts_fill(b);
	}
	traversal_by_core(&b->core);
	if (!entries_record(b) || b->core.inexact || b->plan.inexact)
		return b->core.asked | b->plan.asked;
	what = traversal_difference(&b->core, &b->plan);
	if (!what && !acct_is_usual(b))
		what = "counters";
	if (!what && b->core.end.helped && !b->is_helped_early && forward >= 0 &&
	    b->has_helper[forward])
		what = "helper";
	if (what)
		difference_search(b, what);
	return b->core.asked | b->plan.asked;
}

/* Walks the packet with every decision of the lists that it meets. */
static void decisions_walk(struct between *b)
{
	static const enum fw_list_id order[FW_ACCT] = { FW_INPUT, FW_FORWARD, FW_OUTPUT };
	const struct prove *p = b->p;
	__u32 at[FW_ACCT] = { 0 }, asked;
	int i;

	do {
		for (i = 0; i < FW_ACCT; i++)
			b->force.rule[i] = p->class[i][at[i]];
		asked = walk(b);
		for (i = FW_ACCT - 1; i >= 0; i--) {
			if (asked & 1u << order[i] && ++at[order[i]] < p->nclasses[order[i]])
				break;
			at[order[i]] = 0;
		}
	} while (i >= 0 && !is_over(b));
}

static void marks_walk(struct between *b)
{
	unsigned int i, k;

	for (i = 0; i < b->values.mark.n && !is_over(b); i++) {
		for (k = 0; k < TRAVERSAL_MARKS; k++)
			b->packet.mark[k] = b->values.mark.value[i];
		b->packet.ct_mark = i & 1 ? ~b->p->plan->mark_mask : 0;
		decisions_walk(b);
	}
}

/* the same with other types of service, as far as something changes them */
static void tos_walk(struct between *b)
{
	unsigned int tos;

	for (tos = 1; b->values.rewrites_tos && tos < 256 && !is_over(b); tos++) {
		b->packet.pkt.tos = (__u8)tos;
		memset(b->packet.mark, 0, sizeof(b->packet.mark));
		decisions_walk(b);
	}
	b->packet.pkt.tos = 0;
}

/* What belongs to a masqueraded connection is whole. */
static void lengths_walk(struct between *b)
{
	struct fw_packet *k = &b->packet.pkt;
	unsigned int i, offset, options;

	for (options = 0; options < 2 && !is_over(b); options++)
		for (offset = 0; offset < (b->packet.path < PATH_PROXY ? 3 : 1); offset++)
			for (i = 0; i < b->values.length.n && !is_over(b); i++) {
				if (b->packet.path >= PATH_PROXY && b->values.length.value[i] < 16)
					continue;
				k->noptions = (__u8)options;
				k->frag_off = (__u16)offset;
				k->len = (__u16)(fw_packet_hlen(k) + b->values.length.value[i]);
				marks_walk(b);
			}
	k->noptions = 0;
	k->frag_off = 0;
	k->len = 60;
}

static void states_walk(struct between *b, bool usual)
{
	struct traversal_packet *p = &b->packet;
	bool honours = b->p->plan->needs & PLAN_HONOURS;
	unsigned int state, kept;

	for (state = 1; state < FW_STATES && !is_over(b); state <<= 1)
		for (kept = p->path == PATH_KEPT; kept <= honours; kept++) {
			p->pkt.state = (__u8)state;
			if (!prove_packet_exists(p))
				continue;
			p->pkt.kept = kept;
			lengths_walk(b);
			if (usual)
				tos_walk(b);
		}
}

static void ports_walk(struct between *b)
{
	struct traversal_packet *p = &b->packet;
	bool inward = p->path >= PATH_PROXY && p->path <= PATH_ASKED;
	unsigned int i;

	for (i = 0; i < b->values.port.n && !is_over(b); i++) {
		p->pkt.dport = p->inner_port = (__u16)b->values.port.value[i];
		if (inward)
			p->pkt.dport = FW_MASQ_PORT_FIRST;
		states_walk(b, p->pkt.dport == 80);
	}
}

/* the same with the flags that forwards of marked packets ask for */
static void flags_walk(struct between *b)
{
	static const __u8 flags[] = {
		FW_TCP_SYN, FW_TCP_ACK, FW_TCP_SYN | FW_TCP_ACK, 0,
	};
	struct fw_packet *k = &b->packet.pkt;
	bool asked = b->values.asks_flags && k->proto == FW_PROTO_TCP;
	unsigned int i;

	ports_walk(b);
	for (i = 1; asked && i < FW_COUNT(flags) && !is_over(b); i++) {
		k->tcpflags = flags[i];
		ports_walk(b);
	}
}

static void protocols_walk(struct between *b)
{
	static const __u8 protocols[] = { FW_PROTO_TCP, FW_PROTO_UDP, FW_PROTO_ICMP, 47 };
	enum packet_path path = b->packet.path;
	struct fw_packet *k = &b->packet.pkt;
	unsigned int i, t;

	for (i = 0; i < FW_COUNT(protocols) && !is_over(b); i++) {
		bool ported = i < 2;

		if ((path == PATH_ERROR && protocols[i] != FW_PROTO_ICMP) ||
		    (path_is_forwarded(path) && protocols[i] == 47) ||
		    ((path == PATH_DATA || path == PATH_ASKED || path == PATH_KEPT) && !ported))
			continue;
		k->proto = protocols[i];
		k->tcpflags = i ? 0 : FW_TCP_SYN;
		if (ported) {
			flags_walk(b);
			continue;
		}
		k->dport = 0;
		for (t = 0; t < (k->proto == FW_PROTO_ICMP ? b->values.type.n : 1); t++) {
			k->icmp_type = (__u8)b->values.type.value[t];
			states_walk(b, k->icmp_type == FW_ICMP_ECHO);
		}
	}
}

static bool path_exists(const struct prove *p, enum packet_path path)
{
	__u32 needs = p->plan->needs;

	switch (path) {
	case PATH_PROXY:
		return needs & PLAN_REDIRECTS;
	case PATH_KEPT:
		return needs & PLAN_MASQUERADES && needs & PLAN_HONOURS;
	case PATH_REPLY:
	case PATH_DATA:
	case PATH_ASKED:
	case PATH_ERROR:
		return needs & PLAN_MASQUERADES;
	case PATH_CLIENT:
	case PATH_ANSWER:
		return needs & PLAN_PORTFW;
	default:
		return true;
	}
}

static void ways_walk(struct between *b)
{
	const struct prove *p = b->p;
	const struct fw_dev *dev = prove_usual_device(p);
	unsigned int path, i;

	for (path = 0; path < PATHS && !is_over(b); path++) {
		if (!path_exists(p, (enum packet_path)path))
			continue;
		b->packet.path = (enum packet_path)path;
		b->packet.in = b->packet.alias = path_is_local(b->packet.path) ? NULL : dev;
		b->packet.out = path == PATH_LOCAL_IN && !(p->plan->needs & PLAN_PORTFW) ? NULL :
											   dev;
		for (i = 0; i < b->values.daddr.n && !is_over(b); i++) {
			b->packet.pkt.daddr = b->values.daddr.value[i];
			protocols_walk(b);
		}
	}
}

static int between_make(struct between *b)
{
	const struct fw_list *l = b->p->rs->list;
	int list;

	b->counts = calloc((size_t)l[FW_ACCT].count + 1, sizeof(*b->counts));
	b->has_helper = calloc((size_t)l[FW_FORWARD].count + 1, sizeof(*b->has_helper));
	if (!b->counts || !b->has_helper)
		return -ENOMEM;
	for (list = 0; list < FW_ACCT; list++) {
		b->searched[list] = calloc((size_t)l[list].count + 1, sizeof(__u16));
		if (!b->searched[list])
			return -ENOMEM;
	}
	b->force = (struct traversal_force){ .counts = b->counts, .is_list = b->p->is_list };
	b->core = (struct traversal){ .rules = b->p->rs, .packet = &b->packet, .plan = b->p->plan,
				    .force = &b->force };
	b->plan = b->core;
	b->plan.entered = chain_entered;
	b->plan.ctx = b;
	return 0;
}

int prove_between(struct prove *p)
{
	struct between b = {
		.p = p,
		.packet = { .pkt = { .saddr = 0xc0000207, .ttl = 64,
				     .sport = 1024, .len = 60 },
			    .masq_port = FW_MASQ_PORT_FIRST, .inner_addr = 0xc0000208 },
	};
	int list;

	b.err = between_make(&b);
	if (!b.err) {
		helpers_find(&b);
		prove_values_collect(p, &b.values);
		ways_walk(&b);
	}
	free(b.counts);
	free(b.has_helper);
	for (list = 0; list < FW_ACCT; list++)
		free(b.searched[list]);
	return b.err == -E2BIG ? 0 : b.err;
}
