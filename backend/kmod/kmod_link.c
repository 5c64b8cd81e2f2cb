// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * kmod_link.c - a generic netlink socket to the module.
 */
#include "backend/kmod/kmod_link.h"

#include <errno.h>
#include <linux/genetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/* bytes; a datagram of the kernel has at most 32 KiB */
#define BUFFER_SIZE (64 * 1024)

/* bytes that a socket sends with its default buffer size */
#define SEND_DEFAULT (64 * 1024)

static int request_begin(struct kmod_request *r, __u16 family, __u8 command, __u8 version)
{
	struct genlmsghdr *g;

	r->cap = 2 * KMOD_ROOM;
	r->message = malloc(r->cap);
	if (!r->message)
		return -ENOMEM;
	mnl_nlmsg_put_header(r->message);
	r->message->nlmsg_type = family;
	g = mnl_nlmsg_put_extra_header(r->message, sizeof(*g));
	g->cmd = command;
	g->version = version;
	return 0;
}

int kmod_request_begin(struct kmod_request *r, const struct kmod_link *l, __u8 command)
{
	return request_begin(r, l->family, command, IPFWADM_FAMILY_VERSION);
}

void kmod_request_free(struct kmod_request *r)
{
	free(r->message);
	*r = (struct kmod_request){ 0 };
}

int kmod_request_grow(struct kmod_request *r)
{
	struct nlmsghdr *bigger;

	if (r->cap - r->message->nlmsg_len >= KMOD_ROOM)
		return 0;
	bigger = realloc(r->message, 2 * r->cap);
	if (!bigger)
		return -ENOMEM;
	r->message = bigger;
	r->cap *= 2;
	return 0;
}

/* a reply being received */
struct reply {
	__u32 sequence;
	kmod_message_fn on_message;
	void *ctx;
	struct kmod_refusal *why;
	bool done;
	int error;
};

static int refusal_attr(const struct nlattr *a, void *ctx)
{
	struct kmod_refusal *why = ctx;

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

/* The message that ends a reply: an error or 0, and after size bytes its extended ack. */
static void reply_end(struct reply *r, const struct nlmsghdr *h, size_t size)
{
	const int *error = mnl_nlmsg_get_payload(h);

	r->done = true;
	if (mnl_nlmsg_get_payload_len(h) < size || r->error)
		return;
	r->error = *error;
	if (h->nlmsg_flags & NLM_F_ACK_TLVS)
		mnl_attr_parse(h, size, refusal_attr, r->why);
}

static void reply_message(struct reply *r, const struct nlmsghdr *h)
{
	if (h->nlmsg_seq != r->sequence)
		return;
	if (h->nlmsg_type == NLMSG_DONE)
		reply_end(r, h, sizeof(int));
	else if (h->nlmsg_type == NLMSG_ERROR)
		reply_end(r, h, sizeof(struct nlmsgerr));
	else if (h->nlmsg_type >= NLMSG_MIN_TYPE && r->on_message && !r->error &&
		 mnl_nlmsg_get_payload_len(h) >= sizeof(struct genlmsghdr))
		r->error = r->on_message(h, r->ctx);
}

static int reply_receive(struct kmod_link *l, struct reply *r)
{
	const struct nlmsghdr *h;
	ssize_t n;
	int left;

	while (!r->done) {
		n = mnl_socket_recvfrom(l->socket, l->buffer, BUFFER_SIZE);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		left = (int)n;
		for (h = (const void *)l->buffer; mnl_nlmsg_ok(h, left);
		     h = mnl_nlmsg_next(h, &left))
			reply_message(r, h);
	}
	return r->error;
}

/* A transaction is one datagram, so the send buffer must be large enough. */
static int request_send(const struct kmod_link *l, const struct nlmsghdr *h)
{
	int size = (int)h->nlmsg_len, fd = mnl_socket_get_fd(l->socket);

	if (h->nlmsg_len > 0x3fffffff)
		return -EMSGSIZE;
	if (size > SEND_DEFAULT &&
	    setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size)) < 0)
		return -errno;
	return mnl_socket_sendto(l->socket, h, h->nlmsg_len) < 0 ? -errno : 0;
}

int kmod_link_request(struct kmod_link *l, struct kmod_request *r, bool dump,
		      kmod_message_fn on_message, void *ctx, struct kmod_refusal *why)
{
	struct reply reply = {
		.sequence = ++l->sequence,
		.on_message = on_message,
		.ctx = ctx,
		.why = why,
	};
	int err;

	*why = (struct kmod_refusal){ 0 };
	r->message->nlmsg_flags = NLM_F_REQUEST | (dump ? NLM_F_DUMP : NLM_F_ACK);
	r->message->nlmsg_seq = reply.sequence;
	err = request_send(l, r->message);
	return err ? err : reply_receive(l, &reply);
}

static int family_read(const struct nlmsghdr *h, void *ctx)
{
	__u16 *family = ctx;
	const struct nlattr *a;

	mnl_attr_for_each (a, h, sizeof(struct genlmsghdr))
		if (mnl_attr_get_type(a) == CTRL_ATTR_FAMILY_ID &&
		    !mnl_attr_validate(a, MNL_TYPE_U16))
			*family = mnl_attr_get_u16(a);
	return 0;
}

static int family_find(struct kmod_link *l, struct fw_error *e)
{
	struct kmod_refusal why;
	struct kmod_request r;
	int err = request_begin(&r, GENL_ID_CTRL, CTRL_CMD_GETFAMILY, 1);

	if (err)
		return fw_error_set(e, ENOMEM, "out of memory");
	mnl_attr_put_strz(r.message, CTRL_ATTR_FAMILY_NAME, IPFWADM_FAMILY);
	err = kmod_link_request(l, &r, false, family_read, &l->family, &why);
	kmod_request_free(&r);
	if (err == -ENOENT || (!err && !l->family))
		return fw_error_set(e, ENOENT, "module ipfwadm is not loaded");
	if (err)
		return fw_error_set(e, -err, "cannot look for module ipfwadm: %s",
				    strerror(-err));
	return 0;
}

static int socket_open(struct kmod_link *l, struct fw_error *e)
{
	int on = 1, fd;

	l->buffer = malloc(BUFFER_SIZE);
	if (!l->buffer)
		return fw_error_set(e, ENOMEM, "out of memory");
	l->socket = mnl_socket_open2(NETLINK_GENERIC, SOCK_CLOEXEC);
	if (!l->socket || mnl_socket_bind(l->socket, 0, MNL_SOCKET_AUTOPID) < 0)
		return fw_error_set(e, errno, "cannot open a netlink socket: %s",
				    strerror(errno));
	fd = mnl_socket_get_fd(l->socket);
	/* optional: older kernels report errors without a text */
	setsockopt(fd, SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof(on));
	setsockopt(fd, SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof(on));
	return 0;
}

int kmod_link_open(struct kmod_link *l, struct fw_error *e)
{
	int err;

	*l = (struct kmod_link){ 0 };
	err = socket_open(l, e);
	if (!err)
		err = family_find(l, e);
	if (err)
		kmod_link_close(l);
	return err;
}

void kmod_link_close(struct kmod_link *l)
{
	if (l->socket)
		mnl_socket_close(l->socket);
	free(l->buffer);
	*l = (struct kmod_link){ 0 };
}
