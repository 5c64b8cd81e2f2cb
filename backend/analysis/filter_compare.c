// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * filter_compare.c - do two rule sets treat every packet of a path alike?
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "backend/analysis/compare.h"
#include "backend/analysis/filter_compare.h"
#include "kmod/core/view.h"

struct comparison {
	struct filter *const *f;
	enum filter_path path;
	enum effect_level level;
	__u64 *budget;
	struct filter_difference *d;
};

/* One number of a set: the usual one if it is there. */
static __u32 set_one(__u32 set, unsigned int usual)
{
	return set >> usual & 1 ? 1u << usual : set & -set;
}

/* The cube of one packet of x, which is within one root; its unknown facts are open. */
static struct cube packet_of(struct filter_difference *d, const struct cube *x)
{
	static const struct device_ids none;
	struct cube point = *x;
	struct fw_packet *pkt = &d->witness.pkt;
	__u32 facts = x->bits[CUBE_FACTS].value & FACTS_KNOWN;
	__u16 sport, dport;

	point.set[CUBE_CLASS] = set_one(x->set[CUBE_CLASS], x->set[CUBE_CLASS] >> CLASS_SYN & 1 ?
					CLASS_SYN : CLASS_ACK);
	point.set[CUBE_STATE] = set_one(x->set[CUBE_STATE], 0);
	point.set[CUBE_ARRIVES] = set_one(x->set[CUBE_ARRIVES], 0);
	point.set[CUBE_LEAVES] = set_one(x->set[CUBE_LEAVES], 0);
	d->arrives = __builtin_ctz(point.set[CUBE_ARRIVES]);
	d->leaves = __builtin_ctz(point.set[CUBE_LEAVES]);
	witness_make(&d->witness, &point, &none);
	sport = pkt->sport;
	dport = pkt->dport;
	if (pkt->proto == FW_PROTO_TCP) {
		pkt->tcpflags |= (facts >> FACT_PSH & 1 ? FW_TCP_PSH : 0) |
				 (facts >> FACT_URG & 1 ? FW_TCP_URG : 0);
	} else if (pkt->proto == FW_PROTO_ICMP) {
		dport = x->range[CUBE_CODE].lo;
		sport = pkt->icmp_type;
		pkt->icmp_code = (__u8)dport;
	} else if (pkt->proto != FW_PROTO_UDP) {
		if (pkt->proto < x->range[CUBE_PROTOCOL].lo ||
		    pkt->proto > x->range[CUBE_PROTOCOL].hi)
			pkt->proto = (__u8)x->range[CUBE_PROTOCOL].lo;
		sport = pkt->proto;
		dport = FW_NO_PORT;
	}
	point.bits[CUBE_SRC] = (struct cube_bits){ pkt->saddr, ~0u };
	point.bits[CUBE_DST] = (struct cube_bits){ pkt->daddr, ~0u };
	point.bits[CUBE_FACTS] = (struct cube_bits){ facts, FACTS_KNOWN };
	point.range[CUBE_SPORT] = (struct cube_range){ sport, sport };
	point.range[CUBE_DPORT] = (struct cube_range){ dport, dport };
	return point;
}

/* How many rules of a list may decide about a packet; the last of them does if none else. */
static __u32 possible_count(const struct filter_flat *flat)
{
	__u32 n = 0;

	while (n < flat->pieces.count &&
	       flat->pieces.piece[n].cube.bits[CUBE_FACTS].mask & ~FACTS_KNOWN)
		n++;
	return n < flat->pieces.count ? n + 1 : n;
}

/* Names one of the conditions that a packet's fate depends on: one of a rule, if there is. */
static void reason_note(struct comparison *c, const struct filter_flat flat[2])
{
	const struct filter_space *space = c->f[0]->space;

	for (int s = 0; s < 2; s++) {
		__u32 facts = flat[s].pieces.count ?
			flat[s].pieces.piece[0].cube.bits[CUBE_FACTS].mask & ~FACTS_KNOWN : 0;

		if (facts)
			memcpy(c->d->reason, space->fact[31 - __builtin_clz(facts)],
			       sizeof(c->d->reason));
	}
}

static int flats_confirm(struct comparison *c, const struct filter_flat flat[2])
{
	__u16 dport = c->d->witness.pkt.dport;
	__u32 n[2], i, k;
	struct effect *e = c->d->effect;

	for (int s = 0; s < 2; s++) {
		n[s] = possible_count(&flat[s]);
		if (!n[s])
			return -EBADE;
	}
	for (i = 0; i < n[0]; i++)
		for (k = 0; k < n[1]; k++) {
			e[0] = effect_for_port(flat[0].effect[i], dport);
			e[1] = effect_for_port(flat[1].effect[k], dport);
			if (!effect_equal(&e[0], &e[1]))
				continue;
			reason_note(c, flat);
			return n[0] == 1 && n[1] == 1 ? -EBADE : -E2BIG;
		}
	for (int s = 0; s < 2; s++)
		c->d->by[s] = flat[s].by[n[s] - 1];
	if (e[0].tosxor == e[1].tosxor)
		c->d->witness.pkt.tos = e[0].tosand ^ e[1].tosand;
	return COMPARE_DIFFERS;
}

/* Follows the packet alone, by both. */
static int packet_confirm(void *ctx, const struct cube *x)
{
	struct comparison *c = ctx;
	const struct cube point = packet_of(c->d, x);
	struct filter_flat flat[2] = { 0 };
	int answer = 0;

	for (int s = 0; s < 2 && !answer; s++)
		answer = filter_flatten(c->f[s], c->path, &point, c->level, c->budget, &flat[s]);
	if (!answer)
		answer = flats_confirm(c, flat);
	filter_flat_free(&flat[0]);
	filter_flat_free(&flat[1]);
	return answer;
}

/* The packets of a path with these facts. */
static int facts_compare(struct comparison *c, const struct cube_bits *facts)
{
	struct filter_flat flat[2] = { 0 };
	const struct piece_list *pieces[2];
	const struct effect *effect[2];
	struct cube root[FILTER_ROOTS];
	unsigned int n = filter_roots(c->f[0]->space, c->path, root);
	int answer = 0;

	for (int s = 0; s < 2; s++) {
		for (unsigned int i = 0; i < n && !answer; i++) {
			root[i].bits[CUBE_FACTS] = *facts;
			answer = filter_flatten(c->f[s], c->path, &root[i], c->level, c->budget,
						&flat[s]);
		}
		pieces[s] = &flat[s].pieces;
		effect[s] = flat[s].effect;
	}
	if (!answer)
		answer = compare_flat(pieces, effect, c->budget, packet_confirm, c);
	filter_flat_free(&flat[0]);
	filter_flat_free(&flat[1]);
	return answer;
}

int filter_compare(struct filter *const f[2], enum filter_path path, enum effect_level level,
		   __u64 *budget, struct filter_difference *d)
{
	/* all packets; then those that are a sure difference more often than others */
	static const struct cube_bits facts[] = {
		{ 0, 0 }, { 0, ~FACTS_KNOWN }, { ~FACTS_KNOWN, ~FACTS_KNOWN },
	};
	struct comparison c = { .f = f, .path = path, .level = level, .budget = budget, .d = d };
	int answer = -E2BIG;

	memset(d, 0, sizeof(*d));
	for (unsigned int i = 0; i < FW_COUNT(facts) && answer == -E2BIG; i++) {
		answer = facts_compare(&c, &facts[i]);
		if (i && answer == COMPARE_ALIKE)
			answer = -E2BIG;
	}
	return answer;
}
