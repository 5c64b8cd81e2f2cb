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

enum fw_helper_id fw_portfw_helper(const struct fw_portfw_table *t, __u8 proto, __u16 dport)
{
	enum fw_helper_id own = fw_masq_helper_bind(proto, dport);
	__u32 i;

	for (i = 0; t && i < t->count; i++) {
		const struct fw_portfw *f = &t->entry[i];

		if (f->helper && f->proto == proto && f->low == dport)
			return f->helper;
		if (f->helper == own)
			own = FW_HELPER_NONE;
	}
	return own;
}

__u16 fw_portfw_helper_port(const struct fw_portfw_table *t, const struct fw_masq_helper *h,
			    __u32 n)
{
	__u32 i, found = 0;

	for (i = 0; i < t->count; i++)
		if (t->entry[i].helper == h->id && found++ == n)
			return t->entry[i].low;
	return !found && n < h->nports ? h->ports[n] : 0;
}
