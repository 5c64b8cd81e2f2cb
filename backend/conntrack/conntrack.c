// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * conntrack.c - connections listed and ended.
 */
#include "backend/conntrack/conntrack.h"

#include <errno.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>

#include "backend/conntrack/conntrack_dump.h"
#include "backend/nft/nft_put.h"

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

int conntrack_list(struct nft_link *l, const struct track_filter *filter, track_fn each,
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
	struct listing told;
	struct nft_link link;
	size_t len;
	char orders[ORDERS_SIZE];
};

/* One that has ended by itself is no trouble. */
static int answer_message(const struct nlmsghdr *h)
{
	const struct nlmsgerr *answer = nft_message_data(h);

	if (h->nlmsg_type != NLMSG_ERROR ||
	    nft_message_size(h) < sizeof(answer->error) || answer->error == -ENOENT)
		return 0;
	return answer->error;
}

/* The kernel has answered, if only to refuse, before send() returned. */
static int answers_read(const struct nft_link *l)
{
	const struct nlmsghdr *h;
	struct nft_messages ms;
	int refused = 0, err;

	while (!(err = nft_link_read(l, false, &ms)))
		while ((h = nft_messages_take(&ms)))
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
	err = nft_link_write(&ending->link, ending->orders, len);
	return err ? err : answers_read(&ending->link);
}

static void attribute_copy(struct nlmsghdr *h, const struct nlattr *a)
{
	if (a)
		nft_put(h, a->nla_type, nft_attr_data(a), nft_attr_len(a));
}

/* Its number makes sure that no successor with the same ports is meant. */
static int ending_entry(const struct conntrack_entry *entry, const struct track_conn *c,
			void *ctx)
{
	struct ending *ending = ctx;
	struct nlmsghdr *h;
	int err = 0;

	if (!entry->tuple || entry->tuple->nla_len > ORDER_MAX / 2)
		return -EPROTO;
	if (ending->told.each)
		err = ending->told.each(c, ending->told.ctx);
	if (!err && sizeof(ending->orders) - ending->len < ORDER_MAX)
		err = orders_send(ending);
	if (err)
		return err;
	h = nft_link_request(ending->orders + ending->len, NFNL_SUBSYS_CTNETLINK,
			     IPCTNL_MSG_CT_DELETE, 0);
	attribute_copy(h, entry->tuple);
	attribute_copy(h, entry->id);
	attribute_copy(h, entry->zone);
	ending->len += NLMSG_ALIGN(h->nlmsg_len);
	return 0;
}

int conntrack_end(struct nft_link *l, const struct track_filter *filter, track_fn each,
		  void *ctx, struct fw_error *e)
{
	struct ending ending = { .told = { each, ctx } };
	int err = nft_link_open(&ending.link, e);

	if (err)
		return err;
	err = conntrack_dump(l, filter, 0, ending_entry, &ending);
	if (!err)
		err = orders_send(&ending);
	nft_link_close(&ending.link);
	return err ? conntrack_refused(-err, "end", e) : 0;
}

static int nothing(const struct nlmsghdr *h, void *ctx)
{
	(void)h;
	(void)ctx;
	return 0;
}

/* Those of IPv6 are none of ours; a kernel before 5.3 ends them, too. */
int conntrack_flush(struct nft_link *l, struct fw_error *e)
{
	char buf[NFT_REQUEST];
	struct nlmsghdr *h = nft_link_request(buf, NFNL_SUBSYS_CTNETLINK, IPCTNL_MSG_CT_DELETE,
					      NLM_F_ACK);
	struct nfgenmsg *g = (void *)(buf + NLMSG_HDRLEN);
	int err;

	g->version = 1;		/* heed the family */
	err = nft_link_query(l, h, nothing, NULL);
	return err ? conntrack_refused(-err, "end", e) : 0;
}

/* a bit that is looked for in the marks of connections */
struct marked {
	__u32 bit;
	bool found;
};

/* A kernel that does not know how to choose tells all of them. */
static int marked_message(const struct nlmsghdr *h, void *ctx)
{
	struct nft_attrs row = nft_attrs_of(h, sizeof(struct nfgenmsg));
	struct marked *m = ctx;
	const struct nlattr *a;

	while ((a = nft_attrs_take(&row)))
		if (nft_attr_type(a) == CTA_MARK && nft_attr_number(a) & m->bit)
			m->found = true;
	return 0;
}

bool conntrack_marked(struct nft_link *l, __u32 bit)
{
	struct marked m = { .bit = bit };
	char buf[NFT_REQUEST];
	struct nlmsghdr *h = nft_link_request(buf, NFNL_SUBSYS_CTNETLINK, IPCTNL_MSG_CT_GET,
					      NLM_F_DUMP);

	nft_put_be32(h, CTA_MARK, bit);
	nft_put_be32(h, CTA_MARK_MASK, bit);
	return nft_link_query(l, h, marked_message, &m) || m.found;
}

/* While rules remember connections, there may be one more at any moment. */
__u32 conntrack_needs_lasting(struct nft_link *l, __u32 needs, __u32 mark_mask)
{
	__u32 lasting = plan_needs_lasting(needs);

	if (!lasting || needs & PLAN_KEEPS)
		return lasting;
	return conntrack_marked(l, plan_marks_of(mark_mask).keep) ? lasting : 0;
}
