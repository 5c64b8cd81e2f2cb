// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * conntrack.c - connections listed and ended.
 */
#include "backend/conntrack/conntrack.h"

#include <errno.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>

#include "backend/conntrack/conntrack_entry.h"
#include "backend/netlink/netlink_attr.h"

struct listing {
	track_fn each;
	void *ctx;
};

static int listing_entry(const struct conntrack_entry *entry, const struct track_conn *c,
			 void *ctx)
{
	const struct listing *l = ctx;

	(void)entry;
	return l->each(c, l->ctx);
}

int conntrack_list(struct netlink *l, const struct track_filter *filter, track_fn each,
		   void *ctx, struct fw_error *e)
{
	struct listing listing = { each, ctx };
	int err = conntrack_dump(l, filter, 0, listing_entry, &listing);

	return err ? conntrack_refused(-err, "list", e) : 0;
}

#define ORDERS_SIZE 65536	/* bytes sent at once */
#define ORDER_MAX 512		/* bytes of one order */

/* orders to end connections, sent in bulk on a socket of their own */
struct ending {
	struct listing report;
	conntrack_chooser_fn is_chosen;	/* NULL: all are */
	struct netlink link;
	size_t len;
	char orders[ORDERS_SIZE];
};

/* A connection that has ended by itself is no error. */
static int answer_message(const struct nlmsghdr *h)
{
	struct netlink_refusal why;
	int err = h->nlmsg_type == NLMSG_ERROR ? netlink_error(h, &why) : 0;

	return err == -ENOENT ? 0 : err;
}

/* The kernel has answered, if only to refuse, before send() returned. */
static int answers_read(const struct netlink *l)
{
	const struct nlmsghdr *h;
	struct netlink_messages ms;
	int refused = 0, err;

	while (!(err = netlink_receive(l, false, &ms)))
		while ((h = netlink_messages_next(&ms)))
			if (!refused)
				refused = answer_message(h);
	return refused || err == -EAGAIN ? refused : err;
}

static int orders_send(struct ending *ending)
{
	size_t len = ending->len;
	int err;

	ending->len = 0;
	if (!len)
		return 0;
	err = netlink_send(&ending->link, ending->orders, len);
	return err ? err : answers_read(&ending->link);
}

static void attribute_copy(struct nlmsghdr *h, const struct nlattr *a)
{
	if (a)
		netlink_put(h, a->nla_type, netlink_attr_data(a), netlink_attr_len(a));
}

/* The id excludes a later connection with the same ports. */
static int ending_entry(const struct conntrack_entry *entry, const struct track_conn *c,
			void *ctx)
{
	struct ending *ending = ctx;
	struct nlmsghdr *h;
	int err = 0;

	if (ending->is_chosen && !ending->is_chosen(entry, c, ending->report.ctx))
		return 0;
	if (!entry->tuple || entry->tuple->nla_len > ORDER_MAX / 2)
		return -EPROTO;
	if (ending->report.each)
		err = ending->report.each(c, ending->report.ctx);
	if (!err && sizeof(ending->orders) - ending->len < ORDER_MAX)
		err = orders_send(ending);
	if (err)
		return err;
	h = netlink_netfilter(ending->orders + ending->len, NFNL_SUBSYS_CTNETLINK,
			      IPCTNL_MSG_CT_DELETE, 0);
	attribute_copy(h, entry->tuple);
	attribute_copy(h, entry->id);
	attribute_copy(h, entry->zone);
	ending->len += NLMSG_ALIGN(h->nlmsg_len);
	return 0;
}

static int connections_end(struct netlink *l, const struct track_filter *filter,
			   struct ending *ending, struct fw_error *e)
{
	int err = netlink_open(&ending->link, NETLINK_NETFILTER, e);

	if (err)
		return err;
	err = conntrack_dump(l, filter, 0, ending_entry, ending);
	if (!err)
		err = orders_send(ending);
	netlink_close(&ending->link);
	return err ? conntrack_refused(-err, "end", e) : 0;
}

int conntrack_end(struct netlink *l, const struct track_filter *filter, track_fn each,
		  void *ctx, struct fw_error *e)
{
	struct ending ending = { .report = { each, ctx } };

	return connections_end(l, filter, &ending, e);
}

int conntrack_end_chosen(struct netlink *l, conntrack_chooser_fn is_chosen, void *ctx,
			 struct fw_error *e)
{
	static const struct track_filter all = { NULL, 0 };
	struct ending ending = { .report = { NULL, ctx }, .is_chosen = is_chosen };

	return connections_end(l, &all, &ending, e);
}

/* Those of IPv6 are none of ours; a kernel before 5.3 ends them, too. */
int conntrack_flush(struct netlink *l, struct fw_error *e)
{
	char buf[NETLINK_REQUEST];
	struct nlmsghdr *h = netlink_netfilter(buf, NFNL_SUBSYS_CTNETLINK,
					       IPCTNL_MSG_CT_DELETE, NLM_F_ACK);
	struct nfgenmsg *g = (void *)(buf + NLMSG_HDRLEN);
	int err;

	g->version = 1;		/* heed the family */
	err = netlink_query(l, h, NULL, NULL, NULL);
	return err ? conntrack_refused(-err, "end", e) : 0;
}

/* a bit that is looked for in the marks of connections */
struct marked {
	__u32 bit;
	bool found;
};

/* A kernel without filters reports all of them. */
static int marked_message(const struct nlmsghdr *h, void *ctx)
{
	struct netlink_attrs row = netlink_attrs_of(h, sizeof(struct nfgenmsg));
	struct marked *m = ctx;
	const struct nlattr *a;

	while ((a = netlink_attrs_next(&row)))
		if (netlink_attr_type(a) == CTA_MARK && netlink_attr_number(a) & m->bit)
			m->found = true;
	return 0;
}

bool conntrack_marked(struct netlink *l, __u32 bit)
{
	struct marked m = { .bit = bit };
	char buf[NETLINK_REQUEST];
	struct nlmsghdr *h = netlink_netfilter(buf, NFNL_SUBSYS_CTNETLINK,
					       IPCTNL_MSG_CT_GET, NLM_F_DUMP);

	netlink_put_be32(h, CTA_MARK, bit);
	netlink_put_be32(h, CTA_MARK_MASK, bit);
	return netlink_query(l, h, marked_message, &m, NULL) || m.found;
}

__u32 conntrack_needs_marked(struct netlink *l, __u32 lasting, __u32 mark_mask)
{
	const struct plan_marks marks = plan_marks_of(mark_mask);
	const __u32 remembered = lasting & ~PLAN_PORTFW, forwarded = lasting & PLAN_PORTFW;

	return (remembered && conntrack_marked(l, marks.keep) ? remembered : 0) |
	       (forwarded && conntrack_marked(l, marks.forwarded) ? forwarded : 0);
}

/* While rules remember connections, there may be one more at any moment. */
__u32 conntrack_needs_lasting(struct netlink *l, __u32 needs, __u32 mark_mask)
{
	const __u32 lasting = plan_needs_lasting(needs);

	return (needs & PLAN_KEEPS ? lasting & ~PLAN_PORTFW : 0) |
	       conntrack_needs_marked(l, lasting, mark_mask);
}
