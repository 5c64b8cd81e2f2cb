// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * match.c - does a rule match a packet, and which rule of a list decides?
 *
 * What rules ask of a packet is computed once for the whole list.
 */
#include "kmod/core/match.h"

/* ports and ICMP type of a packet that does not contain them */
#define NO_PORT		65535
#define NO_TYPE		255

#define KIND_OTHER	0xffff	/* no rule's kind */

/* a packet as rules see it during one walk */
struct view {
	const struct fw_walk *walk;
	const struct fw_packet *pkt;
	__u16 kind;		/* FW_KIND_*, KIND_OTHER */
	__u16 sport, dport;	/* ICMP: sport is the type */
	__u16 refused;		/* rules with any of these flags do not match */
	__u8 state;
};

/* -y and -k apply to the first fragment of a TCP packet only; others pass them. */
static __u16 tcp_flags_refused(const struct fw_packet *pkt)
{
	bool ackish = pkt->tcpflags & (FW_TCP_ACK | FW_TCP_RST);
	bool initial = pkt->tcpflags & FW_TCP_SYN && !ackish;

	return (initial ? 0 : FW_TCPSYN) | (ackish ? 0 : FW_TCPACK);
}

static void view_protocol(struct view *v, const struct fw_packet *pkt)
{
	bool first = !(pkt->frag_off & FW_IP_OFFSET);

	v->sport = NO_PORT;
	v->dport = NO_PORT;
	switch (pkt->proto) {
	case FW_PROTO_TCP:
		v->kind = FW_KIND_TCP;
		if (first)
			v->refused |= tcp_flags_refused(pkt);
		break;
	case FW_PROTO_UDP:
		v->kind = FW_KIND_UDP;
		break;
	case FW_PROTO_ICMP:
		v->kind = FW_KIND_ICMP;
		v->sport = first ? pkt->icmp_type : NO_TYPE;
		return;
	default:
		v->kind = KIND_OTHER;
		return;
	}
	if (first) {
		v->sport = pkt->sport;
		v->dport = pkt->dport;
	}
}

static void view_init(struct view *v, const struct fw_walk *w, const struct fw_packet *pkt)
{
	v->walk = w;
	v->pkt = pkt;
	v->state = pkt->state ? pkt->state : FW_STATE_NEW;
	v->refused = 0;
	if (w->list == FW_ACCT)
		v->refused = w->direction == FW_DIR_IN ? FW_ACCTOUT : FW_ACCTIN;
	view_protocol(v, pkt);
}

static bool port_in(const __u16 *slot, unsigned int n, bool range, __u16 port)
{
	unsigned int i = 0;

	if (!n)
		return true;
	if (range) {
		if (slot[0] <= port && port <= slot[1])
			return true;
		i = 2;
	}
	for (; i < n; i++)
		if (slot[i] == port)
			return true;
	return false;
}

static bool ports_match(const struct fw_rule *r, __u16 sport, __u16 dport)
{
	return port_in(r->pts, r->nsp, r->flags & FW_SRNG, sport) &&
	       port_in(r->pts + r->nsp, r->ndp, r->flags & FW_DRNG, dport);
}

/* forth, back: the addresses match in this direction */
static bool protocol_matches(const struct fw_rule *r, const struct view *v,
			     bool forth, bool back)
{
	__u16 kind = r->flags & FW_KIND_MASK;

	if (kind == FW_KIND_ALL)
		return true;
	if (kind != v->kind)
		return false;
	if (kind == FW_KIND_ICMP)
		return port_in(r->pts, r->nsp, r->flags & FW_SRNG, v->sport);
	return (forth && ports_match(r, v->sport, v->dport)) ||
	       (back && ports_match(r, v->dport, v->sport));
}

/* Without a device -V always matches, and -W never. */
static bool device_matches(const struct fw_rule *r, const struct fw_dev *dev)
{
	if (r->via && dev && dev->addr != r->via)
		return false;
	if (!r->vianame[0])
		return true;
	return dev && fw_name_equal(dev->name, r->vianame) && (!r->bound || *r->bound);
}

/* The rule's address is not masked: bits outside the mask never match. */
static inline bool addresses_match(const struct fw_rule *r, __u32 saddr, __u32 daddr)
{
	return (saddr & r->smsk) == r->src && (daddr & r->dmsk) == r->dst;
}

/* The cheap tests and those that most rules fail come first. */
static inline bool rule_matches(const struct fw_rule *r, const struct view *v)
{
	const struct fw_packet *pkt = v->pkt;
	bool forth = addresses_match(r, pkt->saddr, pkt->daddr);
	bool back;

	if (!forth && !(r->flags & FW_BIDIR))
		return false;
	back = r->flags & FW_BIDIR && addresses_match(r, pkt->daddr, pkt->saddr);
	if (!forth && !back)
		return false;
	return !(r->flags & v->refused) && (!r->state || r->state & v->state) &&
	       protocol_matches(r, v, forth, back) && device_matches(r, v->walk->dev);
}

bool fw_rule_match(const struct fw_rule *r, const struct fw_walk *w,
		   const struct fw_packet *pkt)
{
	struct view v;

	view_init(&v, w, pkt);
	return rule_matches(r, &v);
}

/*
 * Fragments and packets too short for their protocol are decided before any rule.
 * In accounting a denial means that the packet is not counted.
 */
static bool decide_early(const struct fw_packet *pkt, bool accounting,
			 enum fw_verdict *verdict)
{
	unsigned int offset = pkt->frag_off & FW_IP_OFFSET;
	unsigned int hlen = fw_packet_hlen(pkt);
	bool tcp = pkt->proto == FW_PROTO_TCP, udp = pkt->proto == FW_PROTO_UDP;

	*verdict = FW_V_DENY;
	if (tcp && offset == 1)
		return true;
	if (offset && !accounting && (tcp || udp || pkt->proto == FW_PROTO_ICMP)) {
		*verdict = FW_V_ACCEPT;
		return true;
	}
	return (tcp && hlen + 16 > pkt->len) || (udp && hlen + 8 > pkt->len);
}

static enum fw_verdict verdict_of(__u32 flags)
{
	if (flags & FW_ACCEPT) {
		if (flags & FW_REDIR)
			return FW_V_REDIRECT;
		return flags & FW_MASQ ? FW_V_MASQUERADE : FW_V_ACCEPT;
	}
	return flags & FW_ICMPRPL ? FW_V_REJECT : FW_V_DENY;
}

static void decide_by_rule(struct fw_decision *d, const struct fw_rule *r, __u32 index,
			   const struct view *v)
{
	d->by = FW_BY_RULE;
	d->rule = (__s32)index;
	d->verdict = verdict_of(r->flags);
	if (r->flags & FW_ACCEPT)
		d->tos = fw_rule_tos(r, d->tos);
	if (d->verdict == FW_V_REDIRECT && v->walk->list == FW_INPUT) {
		__u16 port = fw_rule_redirect_port(r);

		d->redirport = port ? port : v->dport;
	}
}

/* A policy contains no port, so it cannot redirect. */
static void decide_by_policy(struct fw_decision *d, __u32 policy)
{
	d->by = FW_BY_POLICY;
	d->verdict = verdict_of(policy & FW_POLICY_MASK);
}

static void rule_visit(struct fw_rule *r, __u32 index, const struct view *v)
{
	const struct fw_walk *w = v->walk;

	if (w->on_match)
		w->on_match(w->ctx, r, index, v->pkt);
	if (w->count) {
		r->pcnt++;
		r->bcnt += v->pkt->len;
	}
}

/* A list without rules may have no array. */
static struct fw_rule *list_begin(const struct fw_list *l)
{
	return l->count ? fw_list_rule(l, 0) : NULL;
}

static void list_account(struct fw_list *l, const struct view *v, struct fw_decision *d)
{
	struct fw_rule *r = list_begin(l);
	__u32 i;

	d->verdict = FW_V_ACCEPT;
	for (i = 0; i < l->count; i++, r++) {
		if (!rule_matches(r, v))
			continue;
		rule_visit(r, i, v);
		if (d->by == FW_BY_NONE) {
			d->by = FW_BY_RULE;
			d->rule = (__s32)i;
		}
	}
}

static void list_decide(struct fw_list *l, const struct view *v, struct fw_decision *d)
{
	struct fw_rule *r = list_begin(l);
	__u32 i;

	for (i = 0; i < l->count; i++, r++) {
		if (!rule_matches(r, v))
			continue;
		rule_visit(r, i, v);
		decide_by_rule(d, r, i, v);
		return;
	}
	decide_by_policy(d, l->policy);
}

void fw_list_walk(struct fw_list *l, const struct fw_walk *w, const struct fw_packet *pkt,
		  struct fw_decision *d)
{
	bool accounting = w->list == FW_ACCT;
	struct view v;

	*d = (struct fw_decision){ .rule = -1, .tos = pkt->tos };
	if (decide_early(pkt, accounting, &d->verdict)) {
		d->by = FW_BY_EARLY;
		return;
	}
	view_init(&v, w, pkt);
	if (accounting) {
		list_account(l, &v, d);
	} else if (pkt->kept && v.state != FW_STATE_INVALID) {
		d->by = FW_BY_STATE;
		d->verdict = FW_V_ACCEPT;
	} else {
		list_decide(l, &v, d);
	}
}
