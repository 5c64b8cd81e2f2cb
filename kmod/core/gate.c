// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * gate.c - what passes the gate for IPv6 when it is closed.
 */
#include "kmod/core/gate.h"

const struct fw_gate_rule fw_gate_rules[] = {
	{ .about = "loopback", .is_loopback = true },
	{ .about = "answers", .is_known = true },
	{ .about = "errors", .icmp_first = 1, .icmp_last = 4 },
	/* solicitations and advertisements of routers and neighbours, not redirects */
	{ .about = "neighbours", .icmp_first = 133, .icmp_last = 136, .is_near = true },
	/* unanswered, switches soon stop to forward what neighbours ask for */
	{ .about = "listener queries", .icmp_first = 130, .icmp_last = 130,
	  .is_link_local = true },
	{ .about = "DHCPv6 answers", .sport = 547, .dport = 546, .is_link_local = true },
	{ .about = NULL },
};

static bool rule_matches(const struct fw_gate_rule *r, const struct fw_gate_packet *pkt)
{
	return (!r->is_loopback || pkt->is_loopback) && (!r->is_known || pkt->is_known) &&
	       (!r->is_link_local || pkt->is_link_local) && (!r->is_near || pkt->is_near) &&
	       (!r->icmp_first ||
		(pkt->icmp_type >= r->icmp_first && pkt->icmp_type <= r->icmp_last)) &&
	       (!r->dport || (pkt->sport == r->sport && pkt->dport == r->dport));
}

bool fw_gate_passes(const struct fw_gate_packet *pkt)
{
	const struct fw_gate_rule *r = fw_gate_rules;

	while (r->about && !rule_matches(r, pkt))
		r++;
	return r->about;
}
