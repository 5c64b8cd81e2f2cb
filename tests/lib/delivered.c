// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * delivered.c - what a namespace delivers to itself, recorded and swallowed.
 */
#include "tests/lib/delivered.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_log.h>
#include <linux/netlink.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/lib/namespace.h"

#define LOG_GROUP 5

static const char delivered_table[] =
	"table ip delivered {\n"
	"	chain input {\n"
	"		type filter hook input priority 2147483646;\n"
	"		log group 5\n"
	"		drop\n"
	"	}\n"
	"}\n";

/* behind connection tracking, before anything else */
static const char invalid_table[] =
	"table ip invalid {\n"
	"	chain prerouting {\n"
	"		type filter hook prerouting priority -199;\n"
	"		ct state invalid log group 5\n"
	"	}\n"
	"}\n";

/* a message to the kernel's packet log, put together from its end */
struct request {
	struct nlmsghdr head;
	struct nfgenmsg group;
	__u8 attributes[64];
};

static void attribute_put(struct request *q, __u16 type, const void *value, __u16 len)
{
	struct nlattr a = { .nla_len = NLA_HDRLEN + len, .nla_type = type };
	__u8 *to = (__u8 *)q + NLMSG_ALIGN(q->head.nlmsg_len);

	memcpy(to, &a, sizeof(a));
	memcpy(to + NLA_HDRLEN, value, len);
	q->head.nlmsg_len = NLMSG_ALIGN(q->head.nlmsg_len) + NLA_ALIGN(a.nla_len);
}

static int request_send(int fd, const struct request *q)
{
	struct {
		struct nlmsghdr head;
		struct nlmsgerr error;
		__u8 more[256];
	} answer;

	if (send(fd, q, q->head.nlmsg_len, 0) < 0)
		return -errno;
	if (recv(fd, &answer, sizeof(answer), 0) < 0)
		return -errno;
	return answer.head.nlmsg_type == NLMSG_ERROR ? answer.error.error : -EPROTO;
}

/* whole packets, each at once */
static int group_bind(int fd)
{
	static const struct nfulnl_msg_config_cmd bind_command = { NFULNL_CFG_CMD_BIND };
	const struct nfulnl_msg_config_mode mode = { htonl(0xffff), NFULNL_COPY_PACKET, 0 };
	const __u32 threshold = htonl(1);
	struct request q = {
		.head = {
			.nlmsg_len = NLMSG_LENGTH(sizeof(struct nfgenmsg)),
			.nlmsg_type = NFNL_SUBSYS_ULOG << 8 | NFULNL_MSG_CONFIG,
			.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK,
		},
		.group = { AF_UNSPEC, NFNETLINK_V0, htons(LOG_GROUP) },
	};

	attribute_put(&q, NFULA_CFG_CMD, &bind_command, sizeof(bind_command));
	attribute_put(&q, NFULA_CFG_MODE, &mode, sizeof(mode));
	attribute_put(&q, NFULA_CFG_QTHRESH, &threshold, sizeof(threshold));
	return request_send(fd, &q);
}

int delivered_open(struct delivered *d)
{
	int err;

	d->fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_NETFILTER);
	if (d->fd < 0)
		return -errno;
	err = group_bind(d->fd);
	if (!err)
		err = namespace_run("nft -f -", delivered_table);
	if (err < 0)
		close(d->fd);
	return err;
}

int delivered_watch_invalid(void)
{
	return namespace_run("nft -f -", invalid_table);
}

void delivered_close(struct delivered *d)
{
	close(d->fd);
}

static void message_take(const struct nlmsghdr *h, delivered_fn take, void *ctx)
{
	struct nfulnl_msg_packet_hdr where = { .hook = NF_INET_LOCAL_IN };
	const __u8 *at = (const __u8 *)h + NLMSG_LENGTH(sizeof(struct nfgenmsg));
	const __u8 *end = (const __u8 *)h + h->nlmsg_len;
	struct nlattr a;

	while (at + sizeof(a) <= end) {
		memcpy(&a, at, sizeof(a));
		if (a.nla_len < NLA_HDRLEN || at + a.nla_len > end)
			return;
		if (a.nla_type == NFULA_PACKET_HDR && a.nla_len >= NLA_HDRLEN + sizeof(where))
			memcpy(&where, at + NLA_HDRLEN, sizeof(where));
		if (a.nla_type == NFULA_PAYLOAD)
			take(ctx, at + NLA_HDRLEN, a.nla_len - NLA_HDRLEN,
			     where.hook != NF_INET_LOCAL_IN);
		at += NLA_ALIGN(a.nla_len);
	}
}

void delivered_take(const struct delivered *d, delivered_fn take, void *ctx)
{
	union {
		struct nlmsghdr head;
		__u8 bytes[16384];
	} buf;
	const struct nlmsghdr *h;
	ssize_t n;
	__u32 left;

	while ((n = recv(d->fd, &buf, sizeof(buf), MSG_DONTWAIT)) > 0) {
		left = (__u32)n;
		for (h = &buf.head; NLMSG_OK(h, left); h = NLMSG_NEXT(h, left))
			if (h->nlmsg_type == (NFNL_SUBSYS_ULOG << 8 | NFULNL_MSG_PACKET))
				message_take(h, take, ctx);
	}
}
