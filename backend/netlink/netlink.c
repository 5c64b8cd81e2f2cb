// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * netlink.c - a netlink socket to the kernel.
 */
#include "backend/netlink/netlink.h"

#include <errno.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nfnetlink.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define ANSWER_SIZE (64 * 1024) /* no datagram of a dump is larger */
#define RECEIVE_BUFFER (4 * 1024 * 1024)
#define SEND_DEFAULT (64 * 1024) /* bytes that a socket sends by default */
#define SEND_MAX 0x3fffffff

static int open_failed(struct netlink *l, int code, struct fw_error *e)
{
	netlink_close(l);
	if (code == EPROTONOSUPPORT || code == EAFNOSUPPORT)
		return fw_error_set(e, code,
				    "this kernel has no netfilter netlink (nfnetlink)");
	return code == ENOMEM ? fw_error_set(e, code, "out of memory")
			      : fw_error_set(e, code, "cannot open a netlink socket: %s",
					     strerror(code));
}

int netlink_open(struct netlink *l, int protocol, struct fw_error *e)
{
	/* port 0 is the kernel: a connected socket receives from nobody else */
	const struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
	int on = 1, size = RECEIVE_BUFFER, fd;

	*l = (struct netlink){ .answer = malloc(ANSWER_SIZE) };
	if (!l->answer)
		return open_failed(l, ENOMEM, e);
	l->socket = mnl_socket_open2(protocol, SOCK_CLOEXEC);
	fd = l->socket ? mnl_socket_get_fd(l->socket) : -1;
	if (fd < 0 || connect(fd, (const void *)&kernel, sizeof(kernel)) < 0)
		return open_failed(l, errno, e);
	/* Old kernels lack these options; refusals then come without a reason. */
	setsockopt(fd, SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof(on));
	setsockopt(fd, SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof(on));
	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size));
	return 0;
}

void netlink_close(struct netlink *l)
{
	if (l->socket)
		mnl_socket_close(l->socket);
	free(l->answer);
	*l = (struct netlink){ 0 };
}

int netlink_send(const struct netlink *l, const void *messages, size_t len)
{
	int fd = mnl_socket_get_fd(l->socket), size = (int)len;

	if (len > SEND_MAX)
		return -EMSGSIZE;
	/*
	 * The kernel copies a datagram into one buffer, which the socket must allow.
	 * Root of a user namespace has what net.core.wmem_max leaves it.
	 */
	if (len > SEND_DEFAULT &&
	    setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size)) < 0)
		setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	return send(fd, messages, len, 0) < 0 ? -errno : 0;
}

static int receive(const struct netlink *l, size_t size, int flags,
		   struct netlink_messages *answer)
{
	int fd = mnl_socket_get_fd(l->socket);
	ssize_t n;

	*answer = (struct netlink_messages){ 0 };
	do {
		n = recv(fd, l->answer, size, MSG_TRUNC | flags);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	if ((size_t)n > size)
		return -EMSGSIZE;
	*answer = (struct netlink_messages){(const void *)l->answer, (int)n};
	return 0;
}

int netlink_receive(const struct netlink *l, bool wait, struct netlink_messages *answer)
{
	return receive(l, ANSWER_SIZE, wait ? 0 : MSG_DONTWAIT, answer);
}

/*
 * The kernel begins a dump with a datagram of at most a page, and fills the next one while
 * this is received: as large as the largest receive so far.
 */
int netlink_receive_head(const struct netlink *l, struct netlink_messages *answer)
{
	return receive(l, MNL_SOCKET_BUFFER_SIZE, 0, answer);
}

static int refusal_attribute(const struct nlattr *a, void *ctx)
{
	struct netlink_refusal *why = ctx;

	switch (mnl_attr_get_type(a)) {
	case NLMSGERR_ATTR_MSG:
		if (!mnl_attr_validate(a, MNL_TYPE_NUL_STRING))
			snprintf(why->text, sizeof(why->text), "%s", mnl_attr_get_str(a));
		break;
	case NLMSGERR_ATTR_OFFS:
		if (!mnl_attr_validate(a, MNL_TYPE_U32))
			why->offset = mnl_attr_get_u32(a);
		break;
	}
	return MNL_CB_OK;
}

/* The error at the beginning of the payload; attributes follow size bytes of it. */
static int error_read(const struct nlmsghdr *h, size_t size, struct netlink_refusal *why)
{
	const int *error = mnl_nlmsg_get_payload(h);

	if (mnl_nlmsg_get_payload_len(h) < size)
		return 0;
	/* An error that is not capped is followed by the whole refused message. */
	if (h->nlmsg_flags & NLM_F_ACK_TLVS &&
	    (h->nlmsg_type == NLMSG_DONE || h->nlmsg_flags & NLM_F_CAPPED))
		mnl_attr_parse(h, (unsigned int)size, refusal_attribute, why);
	return *error;
}

int netlink_error(const struct nlmsghdr *h, struct netlink_refusal *why)
{
	*why = (struct netlink_refusal){ .sequence = h->nlmsg_seq };
	return error_read(h, sizeof(struct nlmsgerr), why);
}

/* an answer being read */
struct answer {
	__u32 sequence;
	netlink_message_fn on_message;
	void *ctx;
	struct netlink_refusal *why;
	bool inconsistent; /* NLM_F_DUMP_INTR was set */
	bool done;
	int error; /* the first one, or 0 */
};

static void answer_message(struct answer *a, const struct nlmsghdr *h)
{
	bool ends = h->nlmsg_type == NLMSG_DONE || h->nlmsg_type == NLMSG_ERROR;
	int err;

	if (h->nlmsg_seq != a->sequence)
		return;
	a->inconsistent |= (h->nlmsg_flags & NLM_F_DUMP_INTR) != 0;
	a->done |= ends;
	if (a->error)
		return;
	if (ends) {
		err = error_read(h,
				 h->nlmsg_type == NLMSG_DONE ? sizeof(int)
							     : sizeof(struct nlmsgerr),
				 a->why);
		a->error = err < 0 ? err : 0;
	} else if (h->nlmsg_type >= NLMSG_MIN_TYPE && a->on_message &&
		   mnl_nlmsg_get_payload_len(h) >= sizeof(struct nfgenmsg)) {
		a->error = a->on_message(h, a->ctx);
	}
}

int netlink_query(struct netlink *l, struct nlmsghdr *request,
		  netlink_message_fn on_message, void *ctx, struct netlink_refusal *why)
{
	struct netlink_refusal unused;
	struct answer a = {
		.sequence = ++l->sequence,
		.on_message = on_message,
		.ctx = ctx,
		.why = why ? why : &unused,
	};
	struct netlink_messages messages;
	const struct nlmsghdr *h;
	int err;

	*a.why = (struct netlink_refusal){ .sequence = a.sequence };
	request->nlmsg_seq = a.sequence;
	err = netlink_send(l, request, request->nlmsg_len);
	while (!err && !a.done) {
		err = netlink_receive(l, true, &messages);
		while (!err && (h = netlink_messages_next(&messages)))
			answer_message(&a, h);
	}
	if (!err)
		err = a.error;
	return err ? err : a.inconsistent ? -EAGAIN : 0;
}

int netlink_join(const struct netlink *l, __u32 group)
{
	int err = mnl_socket_setsockopt(l->socket, NETLINK_ADD_MEMBERSHIP, &group, sizeof(group));

	return err < 0 ? -errno : 0;
}

/* Waits for a datagram: false when the listener wants no more. */
static bool events_wait(const struct netlink *l, const struct track_listener *to)
{
	struct pollfd fds[] = {
		{ .fd = to->stop, .events = POLLIN },
		{ .fd = mnl_socket_get_fd(l->socket), .events = POLLIN },
	};

	if (!to->on_pause(to->ctx))
		return false;
	while (poll(fds, 2, -1) < 0 && errno == EINTR)
		;
	return !fds[0].revents;
}

int netlink_follow(const struct netlink *l, const struct track_listener *to,
		   netlink_event_fn on_message)
{
	struct netlink_messages messages;
	const struct nlmsghdr *h;
	int err = 0;

	while (!err && events_wait(l, to)) {
		err = netlink_receive(l, false, &messages);
		if (err == -ENOBUFS)
			to->on_lost(0, to->ctx);
		if (err == -ENOBUFS || err == -EAGAIN)
			err = 0;
		while ((h = netlink_messages_next(&messages)))
			if (h->nlmsg_type >= NLMSG_MIN_TYPE &&
			    mnl_nlmsg_get_payload_len(h) >= sizeof(struct nfgenmsg))
				on_message(h, to);
	}
	return err;
}

struct nlmsghdr *netlink_netfilter(void *buf, __u8 subsystem, __u16 type, __u16 flags)
{
	struct nlmsghdr *h = mnl_nlmsg_put_header(buf);
	struct nfgenmsg *g = mnl_nlmsg_put_extra_header(h, sizeof(*g));

	h->nlmsg_type = (__u16)(subsystem << 8 | type);
	h->nlmsg_flags = NLM_F_REQUEST | flags;
	*g = (struct nfgenmsg){ .nfgen_family = NFPROTO_IPV4, .version = NFNETLINK_V0 };
	return h;
}
