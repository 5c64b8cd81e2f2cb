// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * portfw_masq.c - what the table of forwards makes of masqueraded packets that leave.
 */
#include "kmod/core/portfw.h"

#include "kmod/core/tick.h"

void fw_portfw_trigger(struct fw_portfw_table *t, const struct fw_packet *pkt, __u32 now)
{
	__u32 i;

	for (i = 0; i < t->count; i++) {
		struct fw_portfw *f = &t->entry[i];

		if (!f->trigger_port || f->trigger_proto != pkt->proto ||
		    f->trigger_port != pkt->dport)
			continue;
		t->changes++;
		f->to = pkt->saddr;
		f->until = now + f->trigger_time * FW_TRACK_HZ;
	}
}

bool fw_portfw_keeps_port(const struct fw_portfw_table *t, __u16 dport)
{
	__u32 i;

	for (i = 0; i < t->count; i++)
		if (t->entry[i].flags & FW_PORTFW_SAME_PORT && dport >= t->entry[i].low &&
		    dport <= t->entry[i].high)
			return true;
	return false;
}
