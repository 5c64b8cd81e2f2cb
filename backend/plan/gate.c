// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * gate.c - what passes the gate for IPv6 when it is closed.
 */
#include "backend/plan/gate.h"

const struct gate_rule gate_rules[] = {
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
