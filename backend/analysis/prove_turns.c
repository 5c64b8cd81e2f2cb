// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * prove_turns.c - targets of one outer side take turns: the plan's must be the core's.
 *
 * Connections are made one after the other, until each target has had its turn twice; what
 * 2.2 and the rules of the plan remember of them is kept in a copy of the table, and in the
 * number of packets that each rule was asked about.  The rest of the proof is about the
 * first of these connections.
 */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "backend/analysis/prove_state.h"

#define ROUND_MAX 4096		/* connections until all targets had their turns */
#define RULES_MAX 1024		/* of turns */

struct prove_turns {
	struct {
		const struct plan_rule *rule;
		__u32 asked;	/* about connections before this one */
		bool is_asked;
	} of[RULES_MAX];
	unsigned int n;
	bool overflow;
};

__u32 prove_turn_number(const struct prove *p, const struct plan_rule *r)
{
	struct prove_turns *t = p->turns;
	unsigned int i = 0;

	if (!t)
		return 0;
	while (i < t->n && t->of[i].rule != r)
		i++;
	if (i == RULES_MAX) {
		t->overflow = true;
		return 0;
	}
	if (i == t->n)
		t->of[t->n++].rule = r;
	t->of[i].is_asked = true;
	return t->of[i].asked;
}

static void turns_advance(struct prove_turns *t)
{
	for (unsigned int i = 0; i < t->n; i++) {
		t->of[i].asked += t->of[i].is_asked;
		t->of[i].is_asked = false;
	}
}

static __u32 number_of(void *ctx, const struct plan_rule *r)
{
	return prove_turn_number(ctx, r);
}

/* Does the plan send the packet to where f does? */
static bool target_is_same(struct prove *p, const struct traversal_packet *packet,
			   const struct fw_portfw *f)
{
	const struct plan_watch watch = { .turn = number_of, .ctx = p };
	struct plan_packet pp = {
		.pkt = packet->pkt, .in = packet->in, .mark = packet->mark[0], .to_local = true,
	};
	const __u16 port = packet->pkt.dport;

	plan_eval_hook(p->plan, PLAN_PREROUTING, TRAVERSAL_DNAT, INT_MAX, &pp, &watch);
	if (!f)
		return !pp.forwarded;
	return pp.forwarded && pp.forward_addr == f->to &&
	       (pp.forward_port ? pp.forward_port : port) ==
	       (f->flags & FW_PORTFW_HAS_PORT ? f->to_port : port);
}

/* The next connection; from each interface, because lists may keep it from some. */
static void difference_try(struct prove *p, struct traversal_packet *packet)
{
	static const __s32 pass[FW_ACCT] = { ANY_PASS, ANY_PASS, ANY_PASS };
	const struct fw_packet *k = &packet->pkt;
	struct cube x = list_space(FW_INPUT);
	__u32 i;

	x.bits[CUBE_DST] = (struct cube_bits){ k->daddr, ~0u };
	x.range[CUBE_DPORT] = (struct cube_range){ k->dport, k->dport };
	x.set[CUBE_CLASS] = k->proto == FW_PROTO_TCP ? 1u << (CLASS_TCP + CLASS_SYN) : CLASSES_UDP;
	for (i = 0; i <= p->ndevs; i++) {
		packet->in = packet->alias = i < p->ndevs ? &p->devs[i] : &p->any;
		if (!dev_is_alias(packet->in) && !dev_is_loopback(packet->in) &&
		    (prove_try(p, packet) || prove_search(p, packet, &x, pass)))
			return;
	}
	prove_undecided(p, FW_INPUT, -1,
			"targets of a port forward take other turns, and no packet was found that "
			"shows it");
}

static int side_prove(struct prove *p, const struct fw_portfw *side, __u32 round)
{
	const struct fw_portfw_table *t = &p->rs->portfw;
	struct fw_portfw_table copy = { .count = t->count, .cap = t->count };
	struct traversal_packet packet = {
		.path = PATH_LOCAL_IN, .out = prove_usual_device(p),
		.pkt = { .saddr = 0xc0000207, .daddr = side->addr, .sport = 1024,
			 .dport = side->low, .proto = side->proto, .tcpflags = FW_TCP_SYN,
			 .len = 60, .ttl = 64, .state = FW_STATE_NEW, .mark = side->mark },
		.mark = { side->mark },
	};
	struct prove_turns *turns = calloc(1, sizeof(*turns));
	struct fw_portfw *f;
	__u32 n;

	copy.entry = reallocarray(NULL, t->count, sizeof(*copy.entry));
	if (!turns || !copy.entry) {
		free(turns);
		free(copy.entry);
		return -ENOMEM;
	}
	memcpy(copy.entry, t->entry, t->count * sizeof(*copy.entry));
	packet.in = packet.alias = prove_usual_device(p);
	if (!packet.pkt.daddr)
		packet.pkt.daddr = packet.in->addr;
	p->turns = turns;
	p->forwards = &copy;
	for (n = 0; n < 2 * round && p->answer != PROVE_DIFFERS; n++) {
		f = fw_portfw_find(&copy, &packet.pkt, 0);
		if (!target_is_same(p, &packet, f)) {
			difference_try(p, &packet);
			break;
		}
		if (f)
			fw_portfw_use(&copy, f);
		turns_advance(turns);
	}
	if (turns->overflow)
		prove_undecided(p, FW_INPUT, -1, "the plan has too many rules of turns");
	p->turns = NULL;
	p->forwards = NULL;
	free(turns);
	free(copy.entry);
	return 0;
}

/*
 * The connections of a round, if it begins with forward i; 0: nothing takes turns there, or
 * what does is named as approximate.
 */
static __u64 round_of(const struct prove *p, __u32 i)
{
	const struct fw_portfw_table *t = &p->rs->portfw;
	unsigned int targets = 0;
	__u64 sum = 0;
	__u32 k;

	for (k = 0; k < t->count; k++) {
		if (!fw_portfw_same_side(&t->entry[k], &t->entry[i]))
			continue;
		if (k < i || p->plan->portfw_report[k].exactness == PLAN_IMPOSSIBLE ||
		    plan_portfw_moves(t, k))
			return 0;
		targets++;
		sum += t->entry[k].weight;
	}
	return targets < 2 || !t->entry[i].proto ? 0 : sum;
}

int prove_turns(struct prove *p)
{
	const struct fw_portfw_table *t = &p->rs->portfw;
	int err = 0;
	__u32 i;

	for (i = 0; i < t->count && !err && p->answer != PROVE_DIFFERS; i++) {
		__u64 round = fw_portfw_leaves(&t->entry[i]) ? 0 : round_of(p, i);

		if (round > ROUND_MAX)
			prove_undecided(p, FW_INPUT, -1, "targets of a port forward take too many "
							 "connections in a turn");
		else if (round)
			err = side_prove(p, &t->entry[i], (__u32)round);
	}
	return err;
}
