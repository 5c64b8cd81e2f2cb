// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * conntrack_events.c - what happens to the connections of the kernel.
 *
 * The kernel reports changes of an entry without what has changed.
 */
#include "backend/conntrack/conntrack.h"

#include <errno.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <stdio.h>
#include <sys/socket.h>

#include "backend/conntrack/conntrack_entry.h"

static enum track_event event_of(const struct nlmsghdr *h)
{
	if (NFNL_MSG_TYPE(h->nlmsg_type) == IPCTNL_MSG_CT_DELETE)
		return TRACK_ENDED;
	return h->nlmsg_flags & NLM_F_CREATE ? TRACK_NEW : TRACK_CHANGED;
}

static void on_event(const struct nlmsghdr *h, const struct track_listener *to)
{
	const struct nfgenmsg *g = mnl_nlmsg_get_payload(h);
	struct conntrack_entry entry;
	struct track_conn c;

	if (NFNL_SUBSYS_ID(h->nlmsg_type) != NFNL_SUBSYS_CTNETLINK ||
	    g->nfgen_family != AF_INET)
		return;
	conntrack_entry_read(&entry, h);
	conntrack_entry_tell(&entry, &c);
	if (track_chosen(to->filter, &c))
		to->on_event(event_of(h), &c, to->ctx);
}

/* To join a group succeeds without the module, which a request loads. */
static int module_find(struct netlink *l)
{
	char buf[NETLINK_REQUEST];
	struct nlmsghdr *h = netlink_netfilter(buf, NFNL_SUBSYS_CTNETLINK,
					       IPCTNL_MSG_CT_GET_STATS, NLM_F_ACK);

	return netlink_query(l, h, NULL, NULL, NULL);
}

/* Events may be switched off. */
static bool is_silent(void)
{
	FILE *f = fopen("/proc/sys/net/netfilter/nf_conntrack_events", "re");
	bool silent = f && getc(f) == '0';

	if (f)
		fclose(f);
	return silent;
}

int conntrack_follow(struct netlink *l, const struct track_listener *to, struct fw_error *e)
{
	static const __u32 groups[] = {
		NFNLGRP_CONNTRACK_NEW, NFNLGRP_CONNTRACK_UPDATE, NFNLGRP_CONNTRACK_DESTROY,
	};
	int err = module_find(l);

	if (!err && is_silent())
		return fw_error_set(e, EOPNOTSUPP, "cannot follow the connections: sysctl "
				    "net.netfilter.nf_conntrack_events is 0");
	for (size_t i = 0; i < FW_COUNT(groups) && !err; i++)
		err = netlink_join(l, groups[i]);
	if (!err)
		err = netlink_follow(l, to, on_event);
	return err ? conntrack_refused(-err, "follow", e) : 0;
}
