// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * xt_match.c - the matches of a rule, in the forms that iptables gives them.
 */
#include "backend/xtables/xt_entry.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/xt_connmark.h>
#include <linux/netfilter/xt_conntrack.h>
#include <linux/netfilter/xt_dscp.h>
#include <linux/netfilter/xt_mark.h>
#include <linux/netfilter/xt_multiport.h>
#include <linux/netfilter/xt_tcpudp.h>
#include <string.h>

#include "backend/text/emit_iptables.h"
#include "backend/xtables/xt_u32.h"

static void fail(struct xt_builder *b)
{
	b->error = -EINVAL;
}

static void option_address(struct in_addr *address, struct in_addr *mask,
			   const struct plan_match *m)
{
	address->s_addr = htonl(m->bits.value & m->bits.mask);
	mask->s_addr = htonl(m->bits.mask);
}

/* The NUL belongs to what is compared: no longer name is meant. */
static void option_interface(struct xt_builder *b, char *name, unsigned char *mask,
			     const struct plan_match *m)
{
	size_t n;

	if (m->names.count != 1 || !plan_name_ok(PLAN_XTABLES, m->names.item[0])) {
		fail(b);
		return;
	}
	n = strnlen(m->names.item[0], IFNAMSIZ - 1);
	memcpy(name, m->names.item[0], n);
	memset(mask, 0xff, n + 1);
}

static void option_add(struct xt_builder *b, const struct plan_match *m)
{
	struct ipt_ip *ip = &xt_builder_entry(b)->ip;
	__u8 invert = 0;

	switch (m->type) {
	case PLAN_M_SADDR:
		option_address(&ip->src, &ip->smsk, m);
		invert = IPT_INV_SRCIP;
		break;
	case PLAN_M_DADDR:
		option_address(&ip->dst, &ip->dmsk, m);
		invert = IPT_INV_DSTIP;
		break;
	case PLAN_M_IIFNAME:
		option_interface(b, ip->iniface, ip->iniface_mask, m);
		invert = IPT_INV_VIA_IN;
		break;
	case PLAN_M_OIFNAME:
		option_interface(b, ip->outiface, ip->outiface_mask, m);
		invert = IPT_INV_VIA_OUT;
		break;
	case PLAN_M_PROTO:
		ip->proto = m->ranges.item->lo;
		invert = IPT_INV_PROTO;
		break;
	default:
		ip->flags |= IPT_F_FRAG;
		invert = IPT_INV_FRAG;
		break;
	}
	if (m->invert)
		ip->invflags |= invert;
}

/* the match that is called like the protocol, and what the options set in it */
static void tcp_option(struct xt_tcp *tcp, const struct plan_match *m)
{
	__u8 invert;

	switch (m->type) {
	case PLAN_M_SPORT:
		tcp->spts[0] = m->ranges.item->lo;
		tcp->spts[1] = m->ranges.item->hi;
		invert = XT_TCP_INV_SRCPT;
		break;
	case PLAN_M_DPORT:
		tcp->dpts[0] = m->ranges.item->lo;
		tcp->dpts[1] = m->ranges.item->hi;
		invert = XT_TCP_INV_DSTPT;
		break;
	default:
		tcp->flg_mask = (__u8)m->bits.mask;
		tcp->flg_cmp = (__u8)m->bits.value;
		invert = XT_TCP_INV_FLAGS;
		break;
	}
	if (m->invert)
		tcp->invflags |= invert;
}

static void udp_option(struct xt_udp *udp, const struct plan_match *m)
{
	bool source = m->type == PLAN_M_SPORT;
	__u16 *ports = source ? udp->spts : udp->dpts;

	ports[0] = m->ranges.item->lo;
	ports[1] = m->ranges.item->hi;
	if (m->invert)
		udp->invflags |= source ? XT_UDP_INV_SRCPT : XT_UDP_INV_DSTPT;
}

/* Every code belongs to the type. */
static void icmp_option(struct ipt_icmp *icmp, const struct plan_match *m)
{
	icmp->type = (__u8)m->ranges.item->lo;
	if (m->invert)
		icmp->invflags |= IPT_ICMP_INV;
}

static void *protocol_add(struct xt_builder *b, int protocol)
{
	struct xt_tcp *tcp;
	struct xt_udp *udp;
	struct ipt_icmp *icmp;

	switch (protocol) {
	case FW_PROTO_TCP:
		tcp = xt_entry_add(b, "tcp", 0, sizeof(*tcp));
		if (tcp)
			tcp->spts[1] = tcp->dpts[1] = 0xffff;
		return tcp;
	case FW_PROTO_UDP:
		udp = xt_entry_add(b, "udp", 0, sizeof(*udp));
		if (udp)
			udp->spts[1] = udp->dpts[1] = 0xffff;
		return udp;
	case FW_PROTO_ICMP:
		icmp = xt_entry_add(b, "icmp", 0, sizeof(*icmp));
		if (icmp)
			icmp->code[1] = 0xff;
		return icmp;
	default:
		fail(b);
		return NULL;
	}
}

static bool protocol_has(int protocol, enum plan_match_type type)
{
	switch (type) {
	case PLAN_M_ICMP_TYPE:
		return protocol == FW_PROTO_ICMP;
	case PLAN_M_TCP_FLAGS:
		return protocol == FW_PROTO_TCP;
	default:
		return protocol == FW_PROTO_TCP || protocol == FW_PROTO_UDP;
	}
}

static void protocol_option(struct xt_builder *b, void *data, int protocol,
			    const struct plan_match *m)
{
	if (!data || !protocol_has(protocol, m->type))
		fail(b);
	else if (protocol == FW_PROTO_TCP)
		tcp_option(data, m);
	else if (protocol == FW_PROTO_UDP)
		udp_option(data, m);
	else
		icmp_option(data, m);
}

static void add_multiport(struct xt_builder *b, const struct plan_match *m, __u8 which)
{
	struct xt_multiport_v1 *ports = xt_entry_add(b, "multiport", 1, sizeof(*ports));
	__u32 i;

	if (!ports)
		return;
	ports->flags = which;
	ports->invert = m->invert;
	for (i = 0; i < m->ranges.count; i++) {
		struct plan_range r = m->ranges.item[i];

		if (ports->count + (r.lo != r.hi) >= XT_MULTI_PORTS) {
			fail(b);
			return;
		}
		ports->pflags[ports->count] = r.lo != r.hi;
		ports->ports[ports->count++] = r.lo;
		if (r.lo != r.hi)
			ports->ports[ports->count++] = r.hi;
	}
}

static struct xt_conntrack_mtinfo3 *add_conntrack(struct xt_builder *b, __u16 what,
						  bool invert)
{
	struct xt_conntrack_mtinfo3 *ct = xt_entry_add(b, "conntrack", 3, sizeof(*ct));

	if (!ct)
		return NULL;
	ct->match_flags = what;
	ct->invert_flags = invert ? what : 0;
	return ct;
}

static void add_state(struct xt_builder *b, __u16 states, bool invert)
{
	struct xt_conntrack_mtinfo3 *ct = add_conntrack(b, XT_CONNTRACK_STATE, invert);

	if (ct)
		ct->state_mask = states;
}

static void add_status(struct xt_builder *b, __u16 status, bool invert)
{
	struct xt_conntrack_mtinfo3 *ct = add_conntrack(b, XT_CONNTRACK_STATUS, invert);

	if (ct)
		ct->status_mask = status;
}

static __u16 states_of(__u32 states)
{
	return (states & FW_STATE_INVALID ? XT_CONNTRACK_STATE_INVALID : 0) |
	       (states & FW_STATE_NEW ? XT_CONNTRACK_STATE_BIT(IP_CT_NEW) : 0) |
	       (states & FW_STATE_RELATED ? XT_CONNTRACK_STATE_BIT(IP_CT_RELATED) : 0) |
	       (states & FW_STATE_ESTABLISHED ?
			XT_CONNTRACK_STATE_BIT(IP_CT_ESTABLISHED) : 0);
}

static void add_connmark(struct xt_builder *b, const struct plan_match *m)
{
	struct xt_connmark_mtinfo1 *mark = xt_entry_add(b, "connmark", 1, sizeof(*mark));

	if (mark)
		*mark = (struct xt_connmark_mtinfo1){
			.mark = m->bits.value, .mask = m->bits.mask, .invert = m->invert,
		};
}

static void add_mark(struct xt_builder *b, const struct plan_match *m)
{
	struct xt_mark_mtinfo1 *mark = xt_entry_add(b, "mark", 1, sizeof(*mark));

	if (mark)
		*mark = (struct xt_mark_mtinfo1){
			.mark = m->bits.value, .mask = m->bits.mask, .invert = m->invert,
		};
}

static void add_tos(struct xt_builder *b, const struct plan_match *m, unsigned int shift)
{
	struct xt_tos_match_info *tos = xt_entry_add(b, "tos", 1, sizeof(*tos));

	if (tos)
		*tos = (struct xt_tos_match_info){
			.tos_value = (__u8)(m->bits.value << shift),
			.tos_mask = (__u8)(m->bits.mask << shift), .invert = m->invert,
		};
}

static void module_add(struct xt_builder *b, const struct plan_match *m)
{
	switch (m->type) {
	case PLAN_M_SPORT:
		add_multiport(b, m, XT_MULTIPORT_SOURCE);
		break;
	case PLAN_M_DPORT:
		add_multiport(b, m, XT_MULTIPORT_DESTINATION);
		break;
	case PLAN_M_CT_STATE:
		add_state(b, states_of(m->bits.value), m->invert);
		break;
	case PLAN_M_CT_STATUS_SNAT:
		add_state(b, XT_CONNTRACK_STATE_SNAT, m->invert);
		break;
	case PLAN_M_CT_STATUS_DNAT:
		add_state(b, XT_CONNTRACK_STATE_DNAT, m->invert);
		break;
	case PLAN_M_CT_STATUS_EXPECTED:
		add_status(b, IPS_EXPECTED, m->invert);
		break;
	case PLAN_M_CT_STATUS_CONFIRMED:
		add_status(b, IPS_CONFIRMED, m->invert);
		break;
	case PLAN_M_CT_REPLY:	/* the original direction is what inverts to it */
		add_conntrack(b, XT_CONNTRACK_DIRECTION, !m->invert);
		break;
	case PLAN_M_CT_MARK:
		add_connmark(b, m);
		break;
	case PLAN_M_MARK:
		add_mark(b, m);
		break;
	case PLAN_M_DSCP:
		add_tos(b, m, 2);
		break;
	case PLAN_M_ECN:
		add_tos(b, m, 0);
		break;
	default:
		xt_u32_add(b, m);
		break;
	}
}

void xt_entry_matches(struct xt_builder *b, const struct emit_rule *s)
{
	int protocol = emit_rule_protocol(s);
	void *data = NULL;
	unsigned int i;

	for (i = 0; i < s->nmatches; i++)
		if (emit_iptables_form(s, &s->match[i]) == EMIT_OPTION)
			option_add(b, &s->match[i]);
	for (i = 0; i < s->nmatches; i++) {
		if (emit_iptables_form(s, &s->match[i]) != EMIT_PROTOCOL)
			continue;
		if (!data)
			data = protocol_add(b, protocol);
		protocol_option(b, data, protocol, &s->match[i]);
	}
	for (i = 0; i < s->nmatches; i++)
		if (emit_iptables_form(s, &s->match[i]) == EMIT_MODULE)
			module_add(b, &s->match[i]);
}
