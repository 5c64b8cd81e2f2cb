// SPDX-License-Identifier: GPL-2.0-or-later
#include "backend/netlink/nflog.h"

#include <ctype.h>
#include <errno.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_log.h>
#include <string.h>

#define COPY 128	/* bytes of a packet: the longest IP header, and ports */
#define HOLD 10		/* 1/100 s that the kernel may wait for more packets */

int nflog_open(struct netlink *l, __u16 group, struct fw_error *e)
{
	const struct nfulnl_msg_config_mode mode = {
		.copy_range = htobe32(COPY), .copy_mode = NFULNL_COPY_PACKET,
	};
	char buf[NETLINK_REQUEST];
	struct nlmsghdr *h = netlink_netfilter(buf, NFNL_SUBSYS_ULOG, NFULNL_MSG_CONFIG,
					       NLM_F_ACK);
	struct nfgenmsg *g = mnl_nlmsg_get_payload(h);
	int err = netlink_open(l, NETLINK_NETFILTER, e);

	if (err)
		return err;
	g->res_id = htobe16(group);
	netlink_put_u8(h, NFULA_CFG_CMD, NFULNL_CFG_CMD_BIND);
	netlink_put(h, NFULA_CFG_MODE, &mode, sizeof(mode));
	netlink_put_be32(h, NFULA_CFG_TIMEOUT, HOLD);
	err = netlink_query(l, h, NULL, NULL, NULL);
	return err ? fw_error_set(e, -err, "cannot listen to log group %u: %s%s", group,
				  strerror(-err),
				  err == -EPERM ? ", or another process does so" :
				  err == -EINVAL ? " (module nfnetlink_log)" : "")
		   : 0;
}

static bool is_printable(const char *text)
{
	while (isprint((unsigned char)*text))
		text++;
	return !*text;
}

/* Returns false if it has no whole IPv4 header. */
static bool packet_read(struct nflog_packet *p, const struct nlmsghdr *h)
{
	struct netlink_attrs as = netlink_attrs_of(h, sizeof(struct nfgenmsg));
	const struct nlattr *a;

	*p = (struct nflog_packet){ .prefix = "" };
	while ((a = netlink_attrs_next(&as))) {
		switch (netlink_attr_type(a)) {
		case NFULA_PREFIX:
			p->prefix = netlink_attr_text(a);
			break;
		case NFULA_IFINDEX_INDEV:
			p->in = (__u32)netlink_attr_number(a);
			break;
		case NFULA_IFINDEX_OUTDEV:
			p->out = (__u32)netlink_attr_number(a);
			break;
		case NFULA_PAYLOAD:
			p->ip = netlink_attr_data(a);
			p->len = netlink_attr_len(a);
			break;
		}
	}
	return p->len >= 20 && p->ip[0] >= 0x45 && p->ip[0] <= 0x4f &&
	       4u * (p->ip[0] & 15) <= p->len && is_printable(p->prefix);
}

int nflog_receive(const struct netlink *l, nflog_packet_fn on_packet, void *ctx)
{
	struct netlink_messages messages;
	const struct nlmsghdr *h;
	struct nflog_packet p;
	int err = netlink_receive(l, true, &messages);

	while (!err && (h = netlink_messages_next(&messages)))
		if (h->nlmsg_type == (NFNL_SUBSYS_ULOG << 8 | NFULNL_MSG_PACKET) &&
		    packet_read(&p, h))
			on_packet(ctx, &p);
	return err;
}
