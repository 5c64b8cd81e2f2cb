// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * conntrack_portfw.c - what an edit of port forwards does to connections that live.
 *
 * NAT looks at the first packet of a connection only.  So a flow that the host has answered
 * itself, or an earlier forward has taken, goes on until its connection is ended.
 */
#include <linux/netfilter/nf_conntrack_common.h>
#include <stdio.h>

#include "backend/conntrack/conntrack.h"
#include "backend/conntrack/conntrack_entry.h"
#include "backend/ruleset.h"

struct change {
	const struct fw_edit *edit;
	size_t count;
	struct fw_ruleset before;
};

static bool edit_adds(const struct fw_edit *e)
{
	return e->op == FW_OP_PORTFW && e->portfw.op <= FW_PORTFW_INSERT;
}

static bool edit_cuts(const struct fw_edit *e)
{
	return e->op == FW_OP_PORTFW && e->portfw.cut;
}

/* A packet's mark is not that of its connection: forwards by mark have any outer side. */
static bool forward_has_made(const struct fw_portfw *f, const struct conntrack_entry *entry)
{
	const struct conntrack_tuple *out = &entry->out, *back = &entry->back;
	__u16 port = f->flags & FW_PORTFW_HAS_PORT ? f->to_port : out->dport;

	return entry->status & IPS_DST_NAT && back->saddr == f->to && back->sport == port &&
	       (f->mark || fw_portfw_covers(f, out->proto, out->daddr, out->dport, 0));
}

static bool edit_ends(const struct change *c, const struct fw_edit *e,
		      const struct conntrack_entry *entry)
{
	const struct fw_portfw *f = &e->portfw.forward;
	__u32 i;

	if (edit_adds(e))
		return !(entry->status & IPS_DST_NAT) && !f->mark &&
		       !(f->flags & FW_PORTFW_ANY_ADDR) &&
		       fw_portfw_covers(f, entry->out.proto, entry->out.daddr,
					entry->out.dport, 0);
	for (i = 0; edit_cuts(e) && i < c->before.portfw.count; i++)
		if (fw_portfw_is_deleted(&c->before.portfw.entry[i], &e->portfw) &&
		    forward_has_made(&c->before.portfw.entry[i], entry))
			return true;
	return false;
}

static bool change_ends(const struct conntrack_entry *entry, const struct track_conn *c,
			void *ctx)
{
	const struct change *change = ctx;
	size_t i = 0;

	(void)c;
	while (i < change->count && !edit_ends(change, &change->edit[i], entry))
		i++;
	return i < change->count;
}

static void forwarding_check(const struct backend *b)
{
	FILE *in = fopen("/proc/sys/net/ipv4/ip_forward", "re");

	if (in && getc(in) == '0' && b->format->warn)
		b->format->warn("no port is forwarded as long as net.ipv4.ip_forward is 0");
	if (in)
		fclose(in);
}

/* The edit has been made: a connection that cannot be ended is no error of it. */
static void connections_end(const struct backend *b, struct change *c)
{
	struct fw_error e;
	struct netlink link;
	int err = netlink_open(&link, NETLINK_NETFILTER, &e);

	if (!err)
		err = conntrack_end_chosen(&link, change_ends, c, &e);
	netlink_close(&link);
	if (err && b->format->warn)
		b->format->warn(e.text);
}

int conntrack_portfw_edit(struct backend *b, const struct fw_edit *edit, size_t n,
			  conntrack_edit_fn apply, struct fw_error *e)
{
	struct change c = { .edit = edit, .count = n };
	bool adds = false, cuts = false;
	size_t i;
	int err = 0;

	for (i = 0; i < n; i++) {
		adds |= edit_adds(&edit[i]);
		cuts |= edit_cuts(&edit[i]);
	}
	fw_ruleset_init(&c.before);
	if (cuts)
		err = b->ops->load(b, &c.before, e);
	if (!err)
		err = apply(b, edit, n, e);
	if (!err && adds)
		forwarding_check(b);
	if (!err && (adds || cuts))
		connections_end(b, &c);
	fw_ruleset_free(&c.before);
	return err;
}
