// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * filter_packet.c - packets near the rules of a rule set, and what its reader says of them.
 */
#include "tests/programs/filter/filter_packet.h"

#include <stdlib.h>
#include <string.h>

#include "kmod/core/view.h"

/* as tests/lib/filter_sets.py has them; each net has hosts 2 to 9 */
const struct fw_dev filter_devs[FILTER_DEVS] = {
	{ "eth0", 0xc0000201, 0xffffff00 }, { "eth1", 0xc0a80101, 0xffffff00 },
	{ "docker0", 0xac110001, 0xffff0000 }, { "br-1", 0xac120001, 0xffff0000 },
	{ "tun0", 0x0a080001, 0xffffff00 }, { "eth9", 0xc6336401, 0xffffff00 },
};
const __u32 filter_gateway = 0xc00002fe;

static bool is_own(__u32 addr)
{
	for (unsigned int i = 0; i < FILTER_DEVS; i++)
		if (filter_devs[i].addr == addr)
			return true;
	return false;
}

/* The interface behind which an address is; others are behind the gateway. */
static const struct fw_dev *dev_to(__u32 addr)
{
	for (unsigned int i = 0; i < FILTER_DEVS; i++)
		if (!((filter_devs[i].addr ^ addr) & filter_devs[i].mask))
			return &filter_devs[i];
	return &filter_devs[0];
}

/* Can a packet be from or to there, as another host? */
static bool is_unicast(__u32 addr)
{
	const struct fw_dev *d = dev_to(addr);
	__u32 host = addr & ~d->mask;

	return addr >> 24 && addr >> 24 != 127 && addr >> 24 < 224 && !is_own(addr) &&
	       ((d->addr ^ addr) & d->mask || (host && host != ~d->mask));
}

static bool is_near(__u32 addr)
{
	const struct fw_dev *d = dev_to(addr);

	return !((d->addr ^ addr) & d->mask);
}

static bool is_among(const __u32 *addr, __u32 n, __u32 a)
{
	while (n && addr[n - 1] != a)
		n--;
	return n;
}

static void host_add(__u32 *addr, __u32 *n, __u32 a)
{
	if (is_unicast(a) && is_near(a) && *n < FILTER_HOSTS_MAX && !is_among(addr, *n, a))
		addr[(*n)++] = a;
}

__u32 filter_hosts(const struct filter_host *h, __u32 addr[FILTER_HOSTS_MAX])
{
	__u32 n = 0;

	for (unsigned int i = 0; i < FILTER_DEVS; i++)
		for (__u32 k = 2; k < 10; k++)
			host_add(addr, &n, (filter_devs[i].addr & filter_devs[i].mask) | k);
	for (const struct filter_chain *c = h->filter.chains; c; c = c->next)
		for (const struct filter_rule *r = c->rules; r; r = r->next) {
			host_add(addr, &n, r->addr);
			for (__u32 i = 0; i < r->ncubes; i++) {
				host_add(addr, &n, r->cube[i].bits[CUBE_SRC].value);
				host_add(addr, &n, r->cube[i].bits[CUBE_DST].value);
			}
		}
	return n;
}

/* The number that an interface has in the space: its own, or that of its kind. */
static __u32 dev_number(const struct filter_space *s, const struct fw_dev *d)
{
	__u32 best = 0, length = 0;

	for (__u32 i = 1; i < s->nnames; i++) {
		__u32 n = (__u32)strnlen(s->name[i], FW_IFNAMSIZ);

		if (!strncmp(s->name[i], d->name, FW_IFNAMSIZ))
			return i;
		if (s->name[i][n - 1] == '*' && n > length &&
		    !strncmp(s->name[i], d->name, n - 1)) {
			best = i;
			length = n;
		}
	}
	return best;
}

static const struct cube *cube_draw(const struct filter *f, struct random *r)
{
	static const struct cube any = {
		.range = { { 0, 0xffff }, { 0, 0xffff } }, .set = { ~0u, ~0u, ~0u, ~0u },
	};
	const struct cube *chosen = &any;
	__u32 n = 0;

	for (const struct filter_chain *c = f->chains; c; c = c->next)
		for (const struct filter_rule *rule = c->rules; rule; rule = rule->next)
			if (rule->ncubes && random_one_in(r, ++n))
				chosen = &rule->cube[random_below(r, rule->ncubes)];
	return chosen;
}

static __u32 addr_draw(const struct cube_bits *b, struct random *r)
{
	__u32 addr = b->value | (random_word(r) & ~b->mask);

	if (!b->mask)	/* a host of a net */
		addr = (filter_devs[random_below(r, FILTER_DEVS)].addr & ~0xffu) |
		       (2 + random_below(r, 8));
	return random_one_in(r, 4) ? addr ^ 1u << random_below(r, 32) : addr;
}

static __u16 port_draw(const struct cube_range *range, struct random *r)
{
	switch (random_below(r, 4)) {
	case 0:
		return range->lo;
	case 1:
		return range->hi;
	case 2:
		return random_one_in(r, 2) ? range->lo - 1 : range->hi + 1;
	default:
		return (__u16)(range->lo + random_below(r, range->hi - range->lo + 1u));
	}
}

static const struct fw_dev *dev_draw(const struct filter_space *s, __u32 set, struct random *r)
{
	const struct fw_dev *chosen = &filter_devs[random_below(r, FILTER_DEVS)];
	__u32 n = 0;

	if (random_one_in(r, 4))
		return chosen;
	for (unsigned int i = 0; i < FILTER_DEVS; i++)
		if (set >> dev_number(s, &filter_devs[i]) & 1 && random_one_in(r, ++n))
			chosen = &filter_devs[i];
	return chosen;
}

static void content_draw(struct fw_packet *pkt, const struct cube *c, struct random *r)
{
	static const __u8 protos[] = {
		FW_PROTO_TCP, FW_PROTO_TCP, FW_PROTO_UDP, FW_PROTO_ICMP, 50,
	};
	static const __u8 flags[] = {
		FW_TCP_SYN, FW_TCP_SYN, FW_TCP_SYN, FW_TCP_SYN | FW_TCP_ACK, FW_TCP_ACK,
		FW_TCP_RST, FW_TCP_FIN | FW_TCP_ACK, 0, FW_TCP_FIN | FW_TCP_PSH | FW_TCP_URG,
		FW_TCP_PSH | FW_TCP_ACK, FW_TCP_SYN | FW_TCP_PSH,
	};
	__u32 classes = c->set[CUBE_CLASS];
	__u8 proto = protos[random_below(r, FW_COUNT(protos))];

	if (classes != ~0u && !random_one_in(r, 5))
		proto = classes & CLASSES_TCP ? FW_PROTO_TCP :
			classes & CLASSES_UDP ? FW_PROTO_UDP :
			classes & CLASSES_ICMP ? FW_PROTO_ICMP : 47;
	pkt->proto = proto;
	pkt->sport = port_draw(&c->range[CUBE_SPORT], r);
	pkt->dport = port_draw(&c->range[CUBE_DPORT], r);
	if (proto == FW_PROTO_TCP) {
		pkt->tcpflags = flags[random_below(r, FW_COUNT(flags))];
	} else if (proto == FW_PROTO_ICMP) {
		pkt->icmp_type = (__u8)(random_one_in(r, 3) ? 8 : c->range[CUBE_SPORT].lo);
		pkt->icmp_code = 0;
		pkt->icmp_id = (__u16)random_word(r);
	}
}

/* Of a first packet: whole connections begin with few. */
static __u8 state_of(const struct fw_packet *pkt)
{
	__u8 flags = pkt->tcpflags & ~(FW_TCP_PSH | FW_TCP_URG);
	bool is_first = true;

	if (pkt->proto == FW_PROTO_TCP)
		is_first = flags == FW_TCP_SYN;
	else if (pkt->proto == FW_PROTO_ICMP)
		is_first = pkt->icmp_type == 8 || pkt->icmp_type == 13 || pkt->icmp_type == 15 ||
			   pkt->icmp_type == 17;
	return is_first ? FW_STATE_NEW : FW_STATE_INVALID;
}

/* Where the packet goes after it was translated; false: the host talks to itself. */
static bool path_set(struct filter_packet *p, __u32 daddr)
{
	bool is_local = is_own(daddr);

	p->out = is_local ? NULL : dev_to(daddr);
	if (p->path != FILTER_OUT)
		p->path = is_local ? FILTER_IN : FILTER_FORWARD;
	return p->path != FILTER_OUT || !is_local;
}

void filter_packet_draw(const struct filter_host *h, struct random *r, struct filter_packet *p)
{
	static const __u8 tos[] = { 0, 0, 0x10, 0x20, 0xb8, 0x23 };
	const struct cube *c = cube_draw(&h->filter, r);
	__u32 host[FILTER_HOSTS_MAX], n = filter_hosts(h, host);
	bool wants_local = random_one_in(r, 3);

	*p = (struct filter_packet){ .path = random_one_in(r, 5) ? FILTER_OUT : FILTER_FORWARD };
	p->in = p->path == FILTER_OUT ? NULL : dev_draw(&h->space, c->set[CUBE_ARRIVES], r);
	content_draw(&p->pkt, c, r);
	p->pkt.ttl = 64;
	p->pkt.id = (__u16)(1 + random_below(r, 0xffff));
	p->pkt.tos = tos[random_below(r, FW_COUNT(tos))];
	p->pkt.state = state_of(&p->pkt);
	p->pkt.saddr = addr_draw(&c->bits[CUBE_SRC], r);
	if (!is_unicast(p->pkt.saddr) ||
	    (is_near(p->pkt.saddr) && !is_among(host, n, p->pkt.saddr)))
		p->pkt.saddr = host[random_below(r, n)];
	if (p->path == FILTER_OUT)
		p->pkt.saddr = filter_devs[random_below(r, FILTER_DEVS)].addr;
	p->pkt.daddr = addr_draw(&c->bits[CUBE_DST], r);
	if (p->path != FILTER_OUT && (wants_local || is_own(p->pkt.daddr)))
		p->pkt.daddr = is_own(p->pkt.daddr) ? p->pkt.daddr :
			       filter_devs[random_below(r, FILTER_DEVS)].addr;
	else if (!is_unicast(p->pkt.daddr) ||
		 (is_near(p->pkt.daddr) && !is_among(host, n, p->pkt.daddr)))
		p->pkt.daddr = host[random_below(r, n)];
	path_set(p, p->pkt.daddr);
}

bool filter_packet_answer(struct random *r, const struct filter_packet *p,
			  struct filter_packet *answer)
{
	const struct fw_packet *q = &p->pkt;
	struct fw_packet *pkt = &answer->pkt;

	if (q->state != FW_STATE_NEW)
		return false;
	*answer = (struct filter_packet){ .path = FILTER_FORWARD, .in = p->out };
	*pkt = *q;
	pkt->id++;
	pkt->saddr = q->daddr;
	pkt->daddr = q->saddr;
	pkt->sport = q->dport;
	pkt->dport = q->sport;
	pkt->tcpflags = q->tcpflags ? FW_TCP_SYN | FW_TCP_ACK : 0;
	pkt->icmp_type = q->icmp_type == 8 ? 0 : q->icmp_type + 1;
	pkt->state = FW_STATE_ESTABLISHED;
	if (random_one_in(r, 2)) {
		pkt->proto = FW_PROTO_ICMP;
		pkt->icmp_type = FW_ICMP_UNREACH;
		pkt->icmp_code = 1;
		pkt->state = FW_STATE_RELATED;
		pkt->quote = (struct fw_quote){
			.proto = q->proto, .saddr = q->saddr, .daddr = q->daddr,
			.sport = q->proto == FW_PROTO_ICMP ? q->icmp_id : q->sport,
			.dport = q->dport, .icmp_type = q->icmp_type,
		};
	}
	return path_set(answer, pkt->daddr);
}

/* Facts about addresses that the host knows: is this one true? */
static bool fact_find(const char *fact, const struct fw_packet *pkt, bool *is_true)
{
	static const char begin[] = "destination address is ";

	if (strncmp(fact, begin, sizeof(begin) - 1) != 0)
		return false;
	fact += sizeof(begin) - 1;
	*is_true = !strcmp(fact, is_own(pkt->daddr) ? "local" : "unicast");
	return true;
}

static struct cube point_of(const struct filter_host *h, const struct filter_packet *p)
{
	const struct fw_packet *pkt = &p->pkt;
	struct cube c = { .set = {
		[CUBE_STATE] = pkt->state,
		[CUBE_ARRIVES] = 1u << (p->in ? dev_number(&h->space, p->in) : 0),
		[CUBE_LEAVES] = 1u << (p->out ? dev_number(&h->space, p->out) : 0),
	} };
	struct cube_bits *facts = &c.bits[CUBE_FACTS];
	__u16 sport = pkt->sport, dport = pkt->dport;
	bool is_true;

	facts->mask = FACTS_KNOWN;
	c.bits[CUBE_SRC] = (struct cube_bits){ pkt->saddr, ~0u };
	c.bits[CUBE_DST] = (struct cube_bits){ pkt->daddr, ~0u };
	if (pkt->proto == FW_PROTO_TCP) {
		c.set[CUBE_CLASS] = 1u << ((pkt->tcpflags & FW_TCP_SYN ? CLASS_SYN : 0) |
					   (pkt->tcpflags & FW_TCP_RST ? CLASS_RST : 0) |
					   (pkt->tcpflags & FW_TCP_ACK ? CLASS_ACK : 0) |
					   (pkt->tcpflags & FW_TCP_FIN ? CLASS_FIN : 0));
		facts->value |= pkt->tcpflags & FW_TCP_PSH ? 1u << FACT_PSH : 0;
		facts->value |= pkt->tcpflags & FW_TCP_URG ? 1u << FACT_URG : 0;
	} else if (pkt->proto == FW_PROTO_UDP) {
		c.set[CUBE_CLASS] = CLASSES_UDP;
	} else if (pkt->proto == FW_PROTO_ICMP) {
		c.set[CUBE_CLASS] = CLASSES_ICMP;
		sport = pkt->icmp_type;
		dport = pkt->icmp_code;
	} else {
		c.set[CUBE_CLASS] = 1u << CLASS_OTHER;
		sport = pkt->proto;
		dport = FW_NO_PORT;
	}
	c.range[CUBE_SPORT] = (struct cube_range){ sport, sport };
	c.range[CUBE_DPORT] = (struct cube_range){ dport, dport };
	for (__u32 i = FACT_UNKNOWN; i < h->space.nfacts; i++)
		if (fact_find(h->space.fact[i], pkt, &is_true)) {
			facts->mask |= 1u << i;
			facts->value |= is_true ? 1u << i : 0;
		}
	return c;
}

/* The rule that translates in one way, by outcome i; NULL: none does. */
static const struct filter_rule *translation_of(const struct filter_outcomes *o, __u32 i,
						enum filter_do what)
{
	const struct filter_by *by = &o->flat.by[i];

	for (__u32 k = 0; k < by->n; k++)
		if (by->rule[k] && by->rule[k]->what == what)
			return by->rule[k];
	return NULL;
}

static bool outcomes_find(struct filter_host *h, const struct filter_packet *p,
			  struct filter_outcomes *o)
{
	const struct cube point = point_of(h, p);
	__u32 known = point.bits[CUBE_FACTS].mask;
	__u64 budget = FILTER_BUDGET;

	filter_flat_free(&o->flat);
	if (filter_flatten(&h->filter, p->path, &point, EFFECT_PACKET, &budget, &o->flat))
		abort();
	o->n = 0;
	while (o->n < o->flat.pieces.nrules &&
	       o->flat.pieces.piece[o->n].cube.bits[CUBE_FACTS].mask & ~known)
		o->n++;
	o->n += o->n < o->flat.pieces.nrules;
	return o->n;
}

bool filter_outcomes_make(struct filter_host *h, struct filter_packet *p,
			  struct filter_outcomes *o)
{
	const struct filter_rule *dnat;

	if (!outcomes_find(h, p, o))
		return false;
	dnat = translation_of(o, 0, FILTER_DNAT);
	for (__u32 i = 0; i < o->n; i++) {
		if (translation_of(o, i, FILTER_DNAT) != dnat)
			return false;
		/* what the first packet of this connection did not meet */
		if (p->pkt.state & (FW_STATE_ESTABLISHED | FW_STATE_RELATED) &&
		    (dnat || translation_of(o, i, FILTER_SNAT)))
			return false;
	}
	if (!dnat || !dnat->addr)
		return !dnat || p->path != FILTER_OUT;
	return path_set(p, dnat->addr) && outcomes_find(h, p, o);
}
