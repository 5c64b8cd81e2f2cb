// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/lib/packet_log.h"

#include <errno.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_log.h>
#include <sys/socket.h>

#include "kmod/core/track.h"

/* Whole packets, each sent at once. */
static int group_bind(struct netlink *l, __u16 group)
{
	static const struct nfulnl_msg_config_cmd bind_command = {NFULNL_CFG_CMD_BIND};
	const struct nfulnl_msg_config_mode mode = {htobe32(0xffff), NFULNL_COPY_PACKET,
						    0};
	char buf[NETLINK_REQUEST];
	struct nlmsghdr *h =
		netlink_netfilter(buf, NFNL_SUBSYS_ULOG, NFULNL_MSG_CONFIG, NLM_F_ACK);
	struct nfgenmsg *g = mnl_nlmsg_get_payload(h);

	g->nfgen_family = AF_UNSPEC;
	g->res_id = htobe16(group);
	netlink_put(h, NFULA_CFG_CMD, &bind_command, sizeof(bind_command));
	netlink_put(h, NFULA_CFG_MODE, &mode, sizeof(mode));
	netlink_put_be32(h, NFULA_CFG_QTHRESH, 1);
	return netlink_query(l, h, NULL, NULL, NULL);
}

int packet_log_open(struct packet_log *log, __u16 group, int buffer)
{
	int err;

	*log = (struct packet_log){.lost = 0};
	err = netlink_open(&log->netlink, NETLINK_NETFILTER, NULL);
	if (!err)
		err = group_bind(&log->netlink, group);
	if (!err && buffer &&
	    setsockopt(mnl_socket_get_fd(log->netlink.socket), SOL_SOCKET, SO_RCVBUFFORCE,
		       &buffer, sizeof(buffer)))
		err = -errno;
	if (err)
		packet_log_close(log);
	return err;
}

void packet_log_close(struct packet_log *log)
{
	netlink_close(&log->netlink);
}

/* the letters of PACKET_LOG_BY_STATE */
static void prefix_read(struct logged_packet *p, const char *prefix)
{
	static const struct {
		char letter;
		__u8 state;
	} states[] = {
		{'n', FW_STATE_NEW},
		{'e', FW_STATE_ESTABLISHED},
		{'r', FW_STATE_RELATED},
		{'i', FW_STATE_INVALID},
	};
	size_t i;

	if (strlen(prefix) != 2)
		return;
	for (i = 0; i < FW_COUNT(states); i++)
		if (states[i].letter == prefix[0])
			p->state = states[i].state;
	p->dir = prefix[1] == 'o' ? FW_ORIGINAL : prefix[1] == 'r' ? FW_REPLY : FW_NO_DIR;
}

static void time_read(struct logged_packet *p, const void *data)
{
	struct nfulnl_msg_packet_timestamp t;

	memcpy(&t, data, sizeof(t));
	p->usec = be64toh(t.sec) * 1000000 + be64toh(t.usec);
}

static void message_read(struct logged_packet *p, const struct nlmsghdr *h)
{
	struct netlink_attrs as = netlink_attrs_of(h, sizeof(struct nfgenmsg));
	const struct nlattr *a;

	*p = (struct logged_packet){.dir = FW_NO_DIR};
	while ((a = netlink_attrs_next(&as))) {
		switch (netlink_attr_type(a)) {
		case NFULA_PACKET_HDR:
			p->hook =
				((const struct nfulnl_msg_packet_hdr *)netlink_attr_data(
					 a))
					->hook;
			break;
		case NFULA_PAYLOAD:
			p->bytes = netlink_attr_data(a);
			p->len = netlink_attr_len(a);
			break;
		case NFULA_IFINDEX_INDEV:
			p->iface = (__u32)netlink_attr_number(a);
			break;
		case NFULA_TIMESTAMP:
			time_read(p, netlink_attr_data(a));
			break;
		case NFULA_PREFIX:
			prefix_read(p, netlink_attr_text(a));
			break;
		}
	}
}

int packet_log_take(struct packet_log *log, bool wait, packet_log_fn on_packet, void *ctx)
{
	struct netlink_messages messages;
	const struct nlmsghdr *h;
	struct logged_packet p;
	int err;

	while (!(err = netlink_receive(&log->netlink, wait, &messages))) {
		wait = false;
		while ((h = netlink_messages_next(&messages))) {
			if (h->nlmsg_type != (NFNL_SUBSYS_ULOG << 8 | NFULNL_MSG_PACKET))
				continue;
			message_read(&p, h);
			if (p.bytes)
				on_packet(&p, ctx);
		}
	}
	if (err == -ENOBUFS)
		log->lost++;
	return err == -EAGAIN || err == -ENOBUFS ? 0 : err;
}
