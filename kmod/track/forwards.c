// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * forwards.c - the table of port forwards in force, and connections that are cut.
 */
#include "kmod/core/masq.h"
#include "kmod/track/track_host.h"

void fwk_forwards_read(struct net *net, struct fw_portfw_table *to)
{
	struct fwk_track *t = fwk_track(net);

	spin_lock_bh(&t->masq_lock);
	to->count = t->forwards.count;
	to->changes = t->forwards.changes;
	to->keeps_ports = t->forwards.keeps_ports;
	memcpy(to->entry, t->forwards.entry, to->count * sizeof(*to->entry));
	spin_unlock_bh(&t->masq_lock);
}

bool fwk_forwards_exchange(struct net *net, struct fw_portfw_table *edited)
{
	struct fwk_track *t = fwk_track(net);
	bool same;

	spin_lock_bh(&t->masq_lock);
	same = t->forwards.changes == edited->changes;
	if (same)
		swap(t->forwards, *edited);
	spin_unlock_bh(&t->masq_lock);
	return same;
}

struct cut {
	const struct fw_portfw *forwards;
	u32 n;
};

/* It lives again with the next packet that another forward covers. */
static void entry_cut(struct fwk_track *t, struct fw_entry *c, void *ctx)
{
	const struct cut *cut = ctx;
	u32 i = 0;

	if (!READ_ONCE(c->forwarded))
		return;
	while (i < cut->n && !fw_masq_forward_made(&cut->forwards[i], c))
		i++;
	if (i == cut->n)
		return;
	spin_lock_bh(&t->masq_lock);
	c->forwarded = FW_FORWARDED_CUT;
	spin_unlock_bh(&t->masq_lock);
}

void fwk_forwards_cut(struct net *net, const struct fw_portfw *forwards, u32 n)
{
	struct fwk_track *t = fwk_track(net);
	struct cut cut = {forwards, n};

	if (!READ_ONCE(t->core.masq.forwarded))
		return;
	while (!fwk_track_visit_all(t, entry_cut, &cut))
		;
}
