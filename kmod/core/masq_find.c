// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * masq_find.c - the masqueraded entry that a packet from outside belongs to.
 */
#include "kmod/core/masq_find.h"

#include "kmod/core/masq.h"

void fw_masq_init(struct fw_masq *m)
{
	*m = (struct fw_masq){
		.timeouts = {
			.tcp = FW_TIMEOUT_TCP,
			.tcpfin = FW_TIMEOUT_TCPFIN,
			.udp = FW_TIMEOUT_UDP,
		},
		.port_first = FW_MASQ_PORT_FIRST,
		.port_end = FW_MASQ_PORT_END,
		.next_port = FW_MASQ_PORT_FIRST,
	};
}

struct fw_entry *fw_masq_find_in(struct fw_track *t, const struct fw_key *k, __u32 now)
{
	unsigned int dir;
	struct fw_entry *c = t->masq.sharing ? fw_track_find(t, k, &dir, now) : NULL;

	/* The peer has this pair of ports once, so what is answered is not an open entry. */
	if (c && c->shares_port && dir == FW_REPLY)
		return c;
	c = fw_masq_find_port(t, k->proto, k->daddr, k->dport, now);
	return c && fw_masq_has_peer(c, k->saddr, k->sport) ? c : NULL;
}
