// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * conntrack_dump.c - dumps of the connections of the kernel.
 *
 * What the kernel can leave out by itself it does: those of other addresses,
 * protocols and ports from 5.8 on.  It is asked for no more than it can compare,
 * and all that comes is looked at again.
 */
#include "backend/conntrack/conntrack_entry.h"

#include <errno.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <string.h>
#include <sys/socket.h>

#include "backend/netlink/netlink_attr.h"

/* what of a tuple the kernel shall compare: bits of CTA_FILTER_ORIG_FLAGS */
enum {
	COMPARE_SRC = 1 << 0,
	COMPARE_DST = 1 << 1,
	COMPARE_PROTO = 1 << 3,
	COMPARE_SPORT = 1 << 4,
	COMPARE_DPORT = 1 << 5,
};

static const __u8 protocols[] = {
	[FW_KIND_TCP] = FW_PROTO_TCP,
	[FW_KIND_UDP] = FW_PROTO_UDP,
	[FW_KIND_ICMP] = FW_PROTO_ICMP,
};

static __u32 comparisons(const struct fw_rule *r)
{
	unsigned int kind = r->flags & FW_KIND_MASK;
	__u32 flags = 0;

	if (r->smsk == 0xffffffff)
		flags |= COMPARE_SRC;
	if (r->dmsk == 0xffffffff)
		flags |= COMPARE_DST;
	if (kind != FW_KIND_ALL)
		flags |= COMPARE_PROTO;
	if ((kind == FW_KIND_TCP || kind == FW_KIND_UDP) && r->nsp == 1)
		flags |= COMPARE_SPORT;
	if ((kind == FW_KIND_TCP || kind == FW_KIND_UDP) && r->ndp == 1)
		flags |= COMPARE_DPORT;
	return flags;
}

static void filter_put(struct nlmsghdr *h, const struct fw_rule *r)
{
	const __u32 none = 0, flags = comparisons(r);	/* as this machine has them */
	struct nlattr *outer, *inner;

	if (!flags)
		return;
	outer = netlink_nest_start(h, CTA_FILTER | NLA_F_NESTED);
	netlink_put(h, CTA_FILTER_ORIG_FLAGS, &flags, sizeof(flags));
	netlink_put(h, CTA_FILTER_REPLY_FLAGS, &none, sizeof(none));
	mnl_attr_nest_end(h, outer);

	outer = netlink_nest_start(h, CTA_TUPLE_ORIG | NLA_F_NESTED);
	inner = netlink_nest_start(h, CTA_TUPLE_IP | NLA_F_NESTED);
	netlink_put_be32(h, CTA_IP_V4_SRC, r->src);
	netlink_put_be32(h, CTA_IP_V4_DST, r->dst);
	mnl_attr_nest_end(h, inner);
	inner = netlink_nest_start(h, CTA_TUPLE_PROTO | NLA_F_NESTED);
	netlink_put_u8(h, CTA_PROTO_NUM, protocols[r->flags & FW_KIND_MASK]);
	if (flags & COMPARE_SPORT)
		netlink_put_be16(h, CTA_PROTO_SRC_PORT, r->pts[0]);
	if (flags & COMPARE_DPORT)
		netlink_put_be16(h, CTA_PROTO_DST_PORT, r->pts[r->nsp]);
	mnl_attr_nest_end(h, inner);
	mnl_attr_nest_end(h, outer);
}

static struct nlmsghdr *request(void *buf)
{
	return netlink_netfilter(buf, NFNL_SUBSYS_CTNETLINK, IPCTNL_MSG_CT_GET,
				 NLM_F_DUMP);
}

struct dump {
	const struct track_filter *filter;
	__u32 status;
	conntrack_entry_fn each;
	void *ctx;
};

static int entry_message(const struct nlmsghdr *h, void *ctx)
{
	const struct nfgenmsg *g = mnl_nlmsg_get_payload(h);
	const struct dump *d = ctx;
	struct conntrack_entry entry;
	struct track_conn c;

	if (g->nfgen_family != AF_INET)
		return 0;
	conntrack_entry_read(&entry, h);
	conntrack_entry_tell(&entry, &c);
	if ((entry.status & d->status) != d->status || !track_chosen(d->filter, &c))
		return 0;
	return d->each(&entry, &c, d->ctx);
}

/* The table changes during the dump; what is received is reported. */
static int query(struct netlink *l, struct nlmsghdr *h, struct dump *d)
{
	int err = netlink_query(l, h, entry_message, d, NULL);

	return err == -EAGAIN ? 0 : err;
}

int conntrack_dump(struct netlink *l, const struct track_filter *filter, __u32 status,
		   conntrack_entry_fn each, void *ctx)
{
	struct dump d = { filter, status, each, ctx };
	char buf[NETLINK_REQUEST];
	struct nlmsghdr *h = request(buf);
	__u32 plain = h->nlmsg_len;
	int err;

	if (status) {
		netlink_put_be32(h, CTA_STATUS, status);
		netlink_put_be32(h, CTA_STATUS_MASK, status);
	}
	if (filter->count == 1)
		filter_put(h, filter->rule);
	err = query(l, h, &d);
	/* a kernel that does not know how to choose */
	if ((err == -EINVAL || err == -EOPNOTSUPP) && h->nlmsg_len > plain)
		err = query(l, request(buf), &d);
	return err;
}

int conntrack_refused(int code, const char *what, struct fw_error *e)
{
	if (code == EPERM)
		return fw_error_rights(e, "the kernel's connections");
	if (code == EINVAL || code == EOPNOTSUPP)
		return fw_error_set(e, code, "cannot %s the connections: this kernel does not "
				    "tell of them (nf_conntrack_netlink)", what);
	return fw_error_set(e, code, "cannot %s the connections: %s", what, strerror(code));
}
