// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * lower_match.c - a rule's conditions as a disjunction of conjunctions.
 */
#include <stdlib.h>
#include <string.h>

#include "backend/plan/lower.h"

#define ICMP_TYPE_MAX	255
#define PORT_MAX	65535

const struct plan_range lower_protocols[3] = {
	{ FW_PROTO_ICMP, FW_PROTO_ICMP },
	{ FW_PROTO_TCP, FW_PROTO_TCP },
	{ FW_PROTO_UDP, FW_PROTO_UDP },
};

const struct plan_range lower_icmp_requests[4] = {
	{ 8, 8 }, { 13, 13 }, { 15, 15 }, { 17, 17 },
};

const struct plan_range lower_icmp_errors[3] = {
	{ FW_ICMP_UNREACH, FW_ICMP_UNREACH },
	{ FW_ICMP_SOURCEQUENCH, FW_ICMP_SOURCEQUENCH },
	{ FW_ICMP_TIMXCEED, FW_ICMP_TIMXCEED },
};

const struct plan_range lower_port_0 = { 0, 0 };

struct plan_match match_bits(enum plan_match_type type, __u32 value, __u32 mask)
{
	return (struct plan_match){ .type = type, .bits = { value, mask } };
}

struct plan_match match_not(struct plan_match m)
{
	m.invert = !m.invert;
	return m;
}

struct plan_match match_ranges(enum plan_match_type type, const struct plan_range *item,
			       __u32 count)
{
	return (struct plan_match){ .type = type, .ranges = { item, count } };
}

struct plan_match match_proto(__u8 proto)
{
	const struct plan_range *r = lower_protocols;

	while (r->lo != proto)
		r++;
	return match_ranges(PLAN_M_PROTO, r, 1);
}

/* a set of ports or ICMP types; n 0: empty, unless any */
struct port_set {
	const struct plan_range *item;
	unsigned int n;
	bool any;
};

static int range_compare(const void *a, const void *b)
{
	return ((const struct plan_range *)a)->lo - ((const struct plan_range *)b)->lo;
}

/* Sorts the ranges and joins those that overlap. */
static unsigned int ranges_join(struct plan_range *r, unsigned int n)
{
	unsigned int i, kept = 0;

	if (n > 1)
		qsort(r, n, sizeof(*r), range_compare);
	for (i = 0; i < n; i++) {
		if (!kept || r[i].lo > r[kept - 1].hi)
			r[kept++] = r[i];
		else if (r[i].hi > r[kept - 1].hi)
			r[kept - 1].hi = r[i].hi;
	}
	return kept;
}

/* The ports or types of a rule as a set; values above max never occur. */
static struct port_set port_set_read(struct lower *l, const __u16 *port, unsigned int n,
			       bool range, __u16 max)
{
	struct plan_range r[FW_MAX_PORTS];
	unsigned int i = 0, count = 0;

	if (!n)
		return (struct port_set){ .any = true };
	if (range && port[0] <= port[1] && port[0] <= max) {
		r[count].lo = port[0];
		r[count++].hi = port[1] < max ? port[1] : max;
	}
	for (i = range ? 2 : 0; i < n; i++)
		if (port[i] <= max)
			r[count++] = (struct plan_range){ port[i], port[i] };
	count = ranges_join(r, count);
	if (count == 1 && r[0].lo == 0 && r[0].hi == max)
		return (struct port_set){ .any = true };
	return (struct port_set){ plan_copy(l->plan, r, count * sizeof(r[0])), count, false };
}

static bool port_set_contains(const struct port_set *s, __u16 n)
{
	unsigned int i;

	for (i = 0; i < s->n; i++)
		if (s->item[i].lo <= n && n <= s->item[i].hi)
			return true;
	return s->any;
}

static bool port_set_is_empty(const struct port_set *s)
{
	return !s->n && !s->any;
}

/* counted only when coming in, and only when going out: never */
#define ACCT_NEVER (FW_ACCTIN | FW_ACCTOUT)

#define DRAFT_MATCHES 32

/* one conjunction being put together */
struct draft {
	struct lower *l;
	const struct fw_rule *rule;
	const struct lower_view *view;
	const struct lower_device *device;
	bool account;		/* later fragments reach the rules */
	struct port_set sport, dport;	/* as in the rule; sport: ICMP types */
	struct plan_match m[DRAFT_MATCHES];
	unsigned int n;
};

static void draft_add(struct draft *d, struct plan_match m)
{
	d->m[d->n++] = m;
}

/* Adds a condition on an address to those on the same one; false: they exclude it. */
static bool draft_add_address(struct draft *d, enum plan_match_type type, __u32 value,
			      __u32 mask)
{
	unsigned int i;

	if (value & ~mask)
		return false;
	if (!mask)
		return true;
	for (i = 0; i < d->n; i++) {
		struct plan_match *m = &d->m[i];

		if (m->type != type)
			continue;
		if ((m->bits.value ^ value) & m->bits.mask & mask)
			return false;
		m->bits.value |= value;
		m->bits.mask |= mask;
		return true;
	}
	draft_add(d, match_bits(type, value, mask));
	return true;
}

/* The destination is none of the aliases' addresses; false: but it must be. */
static bool draft_exclude(struct draft *d)
{
	struct plan_match own = match_bits(PLAN_M_DADDR, 0, 0);
	unsigned int i;

	for (i = 0; i < d->n; i++)
		if (d->m[i].type == PLAN_M_DADDR)
			own = d->m[i];
	for (i = 0; i < d->device->nnot_daddr; i++) {
		__u32 addr = d->device->not_daddr[i];

		if ((addr & own.bits.mask) != own.bits.value)
			continue;
		if (own.bits.mask == ~0u)
			return false;
		draft_add(d, match_not(match_bits(PLAN_M_DADDR, addr, ~0u)));
	}
	return true;
}

/* The draft is a conjunct, apart from what every conjunct of the rule has. */
static void draft_finish(struct draft *d)
{
	struct lower *l = d->l;
	unsigned int n = d->n;
	struct conjunct *c;

	if (d->rule->state && d->rule->state != FW_STATES)
		d->m[n++] = match_bits(PLAN_M_CT_STATE, d->rule->state, FW_STATES);
	l->conjunct = lower_more(l, l->conjunct, l->nconjuncts, &l->conjuncts_cap,
				 sizeof(*c));
	c = &l->conjunct[l->nconjuncts++];
	c->n = n;
	c->match = plan_copy(l->plan, d->m, n * sizeof(d->m[0]));
}

/* later fragments of a protocol, which show neither ports nor flags */
static void draft_finish_fragment(struct draft *d, __u8 proto)
{
	unsigned int n = d->n;

	draft_add(d, match_proto(proto));
	draft_add(d, match_bits(PLAN_M_FRAGMENT, 0, 0));
	draft_finish(d);
	d->n = n;
}

/*
 * nft on some kernels reads ports, types and flags from any fragment.  Later ones reach only
 * accounting, which is before packets are reassembled; by state it is after.
 */
static void draft_add_unfragmented(struct draft *d)
{
	if (d->account && !d->rule->state && d->l->plan->target == PLAN_NFT)
		draft_add(d, match_not(match_bits(PLAN_M_FRAGMENT, 0, 0)));
}

static __u16 draft_flags(const struct draft *d)
{
	return d->rule->flags & (FW_TCPSYN | FW_TCPACK);
}

/* Adds -y or -k; false: both are asked, which no segment can satisfy. */
static bool draft_add_flags(struct draft *d)
{
	switch (draft_flags(d)) {
	case FW_TCPSYN:
		draft_add(d, match_bits(PLAN_M_TCP_FLAGS, FW_TCP_SYN,
					FW_TCP_SYN | FW_TCP_ACK | FW_TCP_RST));
		return true;
	case FW_TCPACK:
		draft_add(d, match_not(match_bits(PLAN_M_TCP_FLAGS, 0,
						  FW_TCP_ACK | FW_TCP_RST)));
		return true;
	default:
		return !draft_flags(d);
	}
}

/* -P all: ports do not matter, -y and -k ask TCP only */
static void draft_all(struct draft *d)
{
	unsigned int n = d->n;

	if (!draft_flags(d)) {
		draft_finish(d);
		return;
	}
	draft_add(d, match_not(match_proto(FW_PROTO_TCP)));
	draft_finish(d);
	d->n = n;
	draft_add(d, match_proto(FW_PROTO_TCP));
	draft_add_unfragmented(d);
	if (draft_add_flags(d))
		draft_finish(d);
	d->n = n;
	if (d->account)
		draft_finish_fragment(d, FW_PROTO_TCP);
}

static void draft_add_ports(struct draft *d, enum plan_match_type type,
			    const struct port_set *s)
{
	if (!s->any)
		draft_add(d, match_ranges(type, s->item, s->n));
}

/* The source port will be one of 61000-65095, which one is not known yet. */
static struct port_set port_set_masqueraded(struct draft *d, const struct port_set *s)
{
	bool touched = s->any;
	unsigned int i;

	for (i = 0; i < s->n; i++) {
		if (s->item[i].lo <= FW_MASQ_PORT_FIRST &&
		    s->item[i].hi >= FW_MASQ_PORT_END - 1)
			return (struct port_set){ .any = true };
		if (s->item[i].lo < FW_MASQ_PORT_END &&
		    s->item[i].hi >= FW_MASQ_PORT_FIRST)
			touched = true;
	}
	if (touched && !s->any) {
		lower_report(d->l, PLAN_APPROXIMATE,
			     "masqueraded packets do not match, because the rule names some "
			     "of the ports 61000-65095 and the one that masquerading will "
			     "choose is not known yet");
		lower_report_matches(d->l, false, true);
	}
	return (struct port_set){ .any = s->any };
}

/* where a condition can have just one range, a conjunct for each */
static void draft_finish_ranges(struct draft *d, enum plan_match_type type,
				const struct port_set *s)
{
	unsigned int i;

	for (i = 0; i < s->n; i++, d->n--) {
		draft_add(d, match_ranges(type, &s->item[i], 1));
		draft_finish(d);
	}
}

static void draft_tcp_udp(struct draft *d, __u8 proto, bool back)
{
	struct port_set s = back ? d->dport : d->sport, t = back ? d->sport : d->dport;
	bool flags = proto == FW_PROTO_TCP && draft_flags(d), whole;
	unsigned int n = d->n;

	if (d->account && (!s.any || !t.any || flags) &&
	    port_set_contains(&s, PORT_MAX) && port_set_contains(&t, PORT_MAX))
		draft_finish_fragment(d, proto);
	if (d->view->masqueraded)
		s = port_set_masqueraded(d, &s);
	if (port_set_is_empty(&s) || port_set_is_empty(&t))
		return;
	draft_add(d, match_proto(proto));
	if (!s.any || !t.any || flags)
		draft_add_unfragmented(d);
	if (!d->view->answers)
		draft_add_ports(d, PLAN_M_SPORT, &s);
	draft_add_ports(d, PLAN_M_DPORT, &t);
	whole = !flags || draft_add_flags(d);
	if (whole && d->view->answers && !s.any)
		draft_finish_ranges(d, PLAN_M_CT_ORIG_DPORT, &s);
	else if (whole)
		draft_finish(d);
	d->n = n;
}

/* where a condition can hold just one type, a conjunct for each */
static void draft_icmp_single(struct draft *d)
{
	struct plan_range *one;
	unsigned int i, type;

	for (i = 0; i < d->sport.n; i++) {
		for (type = d->sport.item[i].lo; type <= d->sport.item[i].hi; type++) {
			one = plan_alloc(d->l->plan, sizeof(*one));
			one->lo = one->hi = (__u16)type;
			draft_add(d, match_ranges(PLAN_M_ICMP_TYPE, one, 1));
			draft_finish(d);
			d->n--;
		}
	}
}

/* The types are in the place of source ports, in either direction. */
static void draft_icmp(struct draft *d)
{
	unsigned int n = d->n;

	if (d->account && !d->sport.any && port_set_contains(&d->sport, ICMP_TYPE_MAX))
		draft_finish_fragment(d, FW_PROTO_ICMP);
	if (port_set_is_empty(&d->sport))
		return;
	draft_add(d, match_proto(FW_PROTO_ICMP));
	if (!d->sport.any)
		draft_add_unfragmented(d);
	if (d->view->single && !d->sport.any) {
		draft_icmp_single(d);
	} else {
		draft_add_ports(d, PLAN_M_ICMP_TYPE, &d->sport);
		draft_finish(d);
	}
	d->n = n;
}

static void draft_protocol(struct draft *d, bool back)
{
	switch (d->rule->flags & FW_KIND_MASK) {
	case FW_KIND_ALL:
		draft_all(d);
		break;
	case FW_KIND_TCP:
		draft_tcp_udp(d, FW_PROTO_TCP, back);
		break;
	case FW_KIND_UDP:
		draft_tcp_udp(d, FW_PROTO_UDP, back);
		break;
	case FW_KIND_ICMP:
		draft_icmp(d);
		break;
	}
}

/*
 * The source as masquerading will make it: decided here, from the address that
 * the device lends.  The entry for any device serves rules that name neither a
 * device nor a source.
 */
static bool source_is_lent(struct draft *d, __u32 value, __u32 mask)
{
	const struct lower_device *dev = d->device;
	bool named = dev->name.names.count;

	if (value & ~mask)
		return false;
	if (!d->rule->vianame[0] && !d->rule->via && named != (mask != 0))
		return false;
	if (!mask)
		return true;
	if (!dev->dev) {
		lower_report(d->l, PLAN_APPROXIMATE,
			     "masqueraded packets do not match, because the interface that "
			     "the rule names is not there and its address is not known");
		lower_report_matches(d->l, false, true);
		return false;
	}
	lower_report_addresses(d->l);
	return (dev->dev->addr & mask) == value;
}

static bool draft_add_source(struct draft *d, __u32 value, __u32 mask)
{
	if (d->view->masqueraded)
		return source_is_lent(d, value, mask);
	return draft_add_address(d, d->view->answers ? PLAN_M_CT_ORIG_DADDR : PLAN_M_SADDR, value,
				 mask);
}

/* back: with source and destination of the rule swapped, as -b also means it */
static void draft_direction(struct draft *d, bool back)
{
	const struct fw_rule *r = d->rule;

	d->n = 0;
	if (d->device->name.names.count)
		draft_add(d, d->device->name);
	if (!draft_add_source(d, back ? r->dst : r->src, back ? r->dmsk : r->smsk) ||
	    !draft_add_address(d, PLAN_M_DADDR, back ? r->src : r->dst,
			       back ? r->smsk : r->dmsk) ||
	    !draft_add_address(d, PLAN_M_DADDR, d->device->daddr, d->device->dmask) ||
	    !draft_exclude(d))
		return;
	draft_protocol(d, back);
}

/* Does swapping source and destination make no difference? */
static bool rule_is_symmetric(const struct fw_rule *r)
{
	__u16 kind = r->flags & FW_KIND_MASK;

	if (r->src != r->dst || r->smsk != r->dmsk)
		return false;
	if (kind == FW_KIND_ALL || kind == FW_KIND_ICMP)
		return true;
	return r->nsp == r->ndp && !(r->flags & FW_SRNG) == !(r->flags & FW_DRNG) &&
	       !memcmp(r->pts, r->pts + r->nsp, r->nsp * sizeof(r->pts[0]));
}

static void draft_read_ports(struct draft *d)
{
	const struct fw_rule *r = d->rule;
	__u16 kind = r->flags & FW_KIND_MASK;
	__u16 max = kind == FW_KIND_ICMP ? ICMP_TYPE_MAX : PORT_MAX;

	if (kind == FW_KIND_ALL)
		return;
	d->sport = port_set_read(d->l, r->pts, r->nsp, r->flags & FW_SRNG, max);
	if (kind != FW_KIND_ICMP)
		d->dport = port_set_read(d->l, r->pts + r->nsp, r->ndp, r->flags & FW_DRNG,
				      max);
}

bool lower_is_never(const struct lower *l)
{
	return l->nconjuncts == 1 && l->conjunct->n == 1 &&
	       l->conjunct->match->type == PLAN_M_NEVER;
}

void lower_conditions(struct lower *l, const struct fw_rule *r,
		      const struct lower_view *v)
{
	static const struct plan_match never = { .type = PLAN_M_NEVER };
	struct draft d;
	unsigned int i;

	d.l = l;
	d.rule = r;
	d.view = v;
	d.account = v->list == FW_ACCT;
	draft_read_ports(&d);
	l->nconjuncts = 0;
	l->ndevices = 0;
	if (!d.account || (r->flags & ACCT_NEVER) != ACCT_NEVER)
		lower_devices(l, r, v);
	for (i = 0; i < l->ndevices; i++) {
		d.device = &l->device[i];
		draft_direction(&d, false);
		if (r->flags & FW_BIDIR && !rule_is_symmetric(r))
			draft_direction(&d, true);
	}
	if (l->nconjuncts)
		return;
	l->conjunct = lower_more(l, l->conjunct, 0, &l->conjuncts_cap,
				 sizeof(*l->conjunct));
	l->conjunct[0] = (struct conjunct){ &never, 1 };
	l->nconjuncts = 1;
}
