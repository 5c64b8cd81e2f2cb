/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * gate.h - the gate for IPv6, which the lists do not see: what passes when it is closed.
 *
 * All that comes in or is forwarded and that no rule here lets pass is dropped.  The gate
 * is a table, chain or hook of its own: table ip6 ipfwadm of nftables, chain ipfw-ipv6 of
 * ip6tables, the hooks of the module.  What this host sends it does not see.
 */
#ifndef FW_GATE_H
#define FW_GATE_H

#include "kmod/core/base.h"

#define FW_GATE_LINK_LOCAL "fe80::/10"
#define FW_GATE_NEAR 255	/* hop limit of what no router has forwarded */

/* A packet passes that all given members match. */
struct fw_gate_rule {
	const char *about;
	bool is_loopback;	/* it arrives there */
	bool is_known;		/* of a connection, or related to one */
	bool is_link_local;	/* its source is */
	bool is_near;		/* its hop limit is FW_GATE_NEAR */
	__u8 icmp_first, icmp_last;	/* types of ICMPv6; 0: not asked */
	__u16 sport, dport;	/* of UDP; 0: not asked */
};

/* ends with a rule whose about is NULL */
extern const struct fw_gate_rule fw_gate_rules[];

struct fw_gate_packet {
	bool is_loopback, is_known, is_link_local, is_near;
	__u8 icmp_type;		/* 0: not ICMPv6 */
	__u16 sport, dport;	/* 0: not UDP */
};

bool fw_gate_passes(const struct fw_gate_packet *pkt);

#endif
