// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * nft_link.c - a netlink socket to netfilter.
 *
 * The kernel works on what is sent before send() returns, so all it has to say
 * about a batch can be read without waiting.
 */
#include "backend/nft/nft_link.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "backend/nft/nft_attr.h"
#include "backend/nft/nft_put.h"

#define RECEIVE_BUFFER (4 * 1024 * 1024)
#define NETFILTER(subsystem, type) ((__u16)((subsystem) << 8 | (type)))

static int open_failed(struct nft_link *l, struct fw_error *e)
{
	int err = errno;

	nft_link_close(l);
	if (err == EPROTONOSUPPORT || err == EAFNOSUPPORT)
		return fw_error_set(e, err,
				    "this kernel has no netfilter netlink (nfnetlink)");
	return fw_error_set(e, err, "cannot open a netlink socket: %s", strerror(err));
}

int nft_link_open(struct nft_link *l, struct fw_error *e)
{
	/* port 0 is the kernel: nobody else is heard on this socket */
	const struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	int on = 1, size = RECEIVE_BUFFER;

	*l = (struct nft_link){ .sequence = 1 };
	l->fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_NETFILTER);
	if (l->fd < 0 || connect(l->fd, (const void *)&kernel, sizeof(kernel)) < 0)
		return open_failed(l, e);
	l->answer = malloc(NFT_ANSWER_SIZE);
	if (!l->answer) {
		errno = ENOMEM;
		return open_failed(l, e);
	}
	/* what these would give is missed, but nothing goes wrong without */
	setsockopt(l->fd, SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof(on));
	setsockopt(l->fd, SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof(on));
	setsockopt(l->fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size));
	return 0;
}

void nft_link_close(struct nft_link *l)
{
	if (l->fd >= 0)
		close(l->fd);
	free(l->answer);
	*l = (struct nft_link){ .fd = -1 };
}

int nft_link_write(const struct nft_link *l, const void *messages, size_t len)
{
	return send(l->fd, messages, len, 0) < 0 ? -errno : 0;
}

int nft_link_read(const struct nft_link *l, bool wait, struct nft_messages *answer)
{
	ssize_t n;

	*answer = (struct nft_messages){ 0 };
	do {
		n = recv(l->fd, l->answer, NFT_ANSWER_SIZE,
			 MSG_TRUNC | (wait ? 0 : MSG_DONTWAIT));
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	if (n > NFT_ANSWER_SIZE)
		return -EMSGSIZE;
	*answer = (struct nft_messages){ (const void *)l->answer, (size_t)n };
	return 0;
}

/* The header of a message to netfilter; attributes are to be put behind. */
static struct nlmsghdr *message_begin(void *buf, __u16 type, __u16 flags)
{
	struct nlmsghdr *h = buf;
	struct nfgenmsg *g = (void *)((char *)buf + NLMSG_HDRLEN);

	*h = (struct nlmsghdr){
		.nlmsg_len = NLMSG_HDRLEN + NLMSG_ALIGN(sizeof(*g)),
		.nlmsg_type = type,
		.nlmsg_flags = NLM_F_REQUEST | flags,
	};
	*g = (struct nfgenmsg){ .nfgen_family = NFPROTO_IPV4, .version = NFNETLINK_V0 };
	return h;
}

struct nlmsghdr *nft_link_request(void *buf, __u8 subsystem, __u16 type, __u16 flags)
{
	return message_begin(buf, NETFILTER(subsystem, type), flags);
}

struct nlmsghdr *nft_request(void *buf, __u16 type, __u16 flags)
{
	return nft_link_request(buf, NFNL_SUBSYS_NFTABLES, type, flags);
}

/* an answer being read */
struct answer {
	__u32 sequence;
	nft_answer_fn each;
	void *ctx;
	bool mixed;		/* a dump that things changed during */
	bool done;
	int error;
};

static void answer_message(struct answer *a, const struct nlmsghdr *h)
{
	const struct nlmsgerr *e = nft_message_data(h);

	if (h->nlmsg_seq != a->sequence)
		return;
	if (h->nlmsg_flags & NLM_F_DUMP_INTR)
		a->mixed = true;
	if (h->nlmsg_type == NLMSG_DONE) {
		a->done = true;
	} else if (h->nlmsg_type == NLMSG_ERROR) {
		a->done = true;
		if (nft_message_size(h) >= sizeof(e->error))
			a->error = e->error;
	} else if (h->nlmsg_type >= NLMSG_MIN_TYPE && !a->error &&
		   nft_message_size(h) >= sizeof(struct nfgenmsg)) {
		a->error = a->each(h, a->ctx);
	}
}

int nft_link_query(struct nft_link *l, struct nlmsghdr *request, nft_answer_fn each,
		   void *ctx)
{
	struct answer a = { .sequence = ++l->sequence, .each = each, .ctx = ctx };
	const struct nlmsghdr *h;
	struct nft_messages ms;
	int err;

	request->nlmsg_seq = a.sequence;
	err = nft_link_write(l, request, request->nlmsg_len);
	while (!err && !a.done) {
		err = nft_link_read(l, true, &ms);
		while (!err && (h = nft_messages_take(&ms)))
			answer_message(&a, h);
	}
	if (err)
		return err;
	if (a.error)
		return a.error;
	return a.mixed ? -EAGAIN : 0;
}

static int generation_read(const struct nlmsghdr *h, void *ctx)
{
	struct nft_attrs row = nft_attrs_of(h, sizeof(struct nfgenmsg));
	const struct nlattr *a;

	while ((a = nft_attrs_take(&row)))
		if (nft_attr_type(a) == NFTA_GEN_ID)
			*(__u32 *)ctx = (__u32)nft_attr_number(a);
	return 0;
}

int nft_link_generation(struct nft_link *l, __u32 *generation, struct fw_error *e)
{
	char buf[NFT_REQUEST];
	int err;

	err = nft_link_query(l, nft_request(buf, NFT_MSG_GETGEN, NLM_F_ACK),
			     generation_read, generation);
	if (err == -EPERM)
		return fw_error_set(e, EPERM, "the nftables rules need CAP_NET_ADMIN, "
				    "which this process does not have");
	if (err == -EINVAL || err == -EOPNOTSUPP)
		return fw_error_set(e, ENODEV, "this kernel has no nf_tables");
	if (err)
		return fw_error_set(e, -err, "cannot ask nf_tables: %s", strerror(-err));
	return 0;
}

/* Makes room for one more message; a batch that cannot grow starts over as scrap. */
static void batch_grow(struct nft_batch *b)
{
	size_t cap = b->cap ? 2 * b->cap : 2 * NFT_MESSAGE;
	char *buf;

	if (b->cap - b->len >= NFT_MESSAGE)
		return;
	buf = realloc(b->buf, cap);
	if (buf) {
		b->buf = buf;
		b->cap = cap;
	} else {
		b->failed = true;
		b->len = 0;
	}
}

static void batch_note(struct nft_batch *b, __u32 about)
{
	__u32 cap = b->about_cap ? 2 * b->about_cap : 256;
	__u32 *bigger;

	if (b->count == b->about_cap) {
		bigger = reallocarray(b->about, cap, sizeof(*b->about));
		if (!bigger) {
			b->failed = true;
			return;
		}
		b->about = bigger;
		b->about_cap = cap;
	}
	b->about[b->count++] = about;
}

static struct nlmsghdr *batch_header(struct nft_batch *b, __u16 type, __u16 flags,
				     __u32 about)
{
	static __u64 scrap[NFT_MESSAGE / sizeof(__u64)];
	struct nlmsghdr *h;

	batch_grow(b);
	batch_note(b, about);
	h = message_begin(b->buf ? b->buf + b->len : (char *)scrap, type, flags);
	h->nlmsg_seq = b->count - 1;
	return h;
}

/* the messages around a batch, which name the subsystem */
static struct nlmsghdr *batch_bracket(struct nft_batch *b, __u16 type)
{
	struct nlmsghdr *h = batch_header(b, type, 0, NFT_ABOUT_NONE);
	struct nfgenmsg *g = (void *)((char *)h + NLMSG_HDRLEN);

	g->nfgen_family = AF_UNSPEC;
	g->res_id = htons(NFNL_SUBSYS_NFTABLES);
	return h;
}

void nft_batch_begin(struct nft_batch *b, __u32 generation)
{
	struct nlmsghdr *h;

	*b = (struct nft_batch){ 0 };
	h = batch_bracket(b, NFNL_MSG_BATCH_BEGIN);
	if (generation)
		nft_put_be32(h, NFNL_BATCH_GENID, generation);
	nft_batch_end_message(b, h);
}

void nft_batch_free(struct nft_batch *b)
{
	free(b->buf);
	free(b->about);
	*b = (struct nft_batch){ 0 };
}

struct nlmsghdr *nft_batch_message(struct nft_batch *b, __u16 type, __u16 flags,
				   __u32 about)
{
	return batch_header(b, NETFILTER(NFNL_SUBSYS_NFTABLES, type), flags, about);
}

void nft_batch_end_message(struct nft_batch *b, const struct nlmsghdr *message)
{
	if (b->buf && !b->failed)
		b->len += message->nlmsg_len;
}

/* The first thing that the kernel refused. */
struct verdict {
	const struct nft_batch *batch;
	struct nft_refusal *why;
	int error;
};

/* message number index of the batch, NULL if there is none */
static const struct nlmsghdr *batch_find(const struct nft_batch *b, __u32 index)
{
	struct nft_messages ms = { (const void *)b->buf, b->len };
	const struct nlmsghdr *h = nft_messages_take(&ms);

	while (h && index--)
		h = nft_messages_take(&ms);
	return h;
}

/* The kernel told where in the message: perhaps it is an expression. */
static void refusal_locate(struct nft_refusal *why, const struct nlmsghdr *h,
			   __u32 offset)
{
	const struct nlattr *a, *name = NULL;

	if (!h || offset < NLMSG_HDRLEN || offset % NLA_ALIGNTO ||
	    offset > h->nlmsg_len - sizeof(*a))
		return;
	a = (const void *)((const char *)h + offset);
	if (a->nla_len >= sizeof(*a) && a->nla_len <= h->nlmsg_len - offset)
		name = nft_attr_find(a, NFTA_EXPR_NAME);
	if (name)
		snprintf(why->part, sizeof(why->part), "expression '%s'",
			 nft_attr_text(name));
}

/* A message about an object, such as a helper, names it, and one about a chain its type. */
static void refusal_name(struct nft_refusal *why, const struct nlmsghdr *h)
{
	bool object = h && h->nlmsg_type == NETFILTER(NFNL_SUBSYS_NFTABLES, NFT_MSG_NEWOBJ);
	bool chain = h && h->nlmsg_type == NETFILTER(NFNL_SUBSYS_NFTABLES, NFT_MSG_NEWCHAIN);
	struct nft_attrs row;
	const struct nlattr *a;

	if (!object && !chain)
		return;
	row = nft_attrs_of(h, sizeof(struct nfgenmsg));
	while ((a = nft_attrs_take(&row)))
		if (nft_attr_type(a) == (object ? NFTA_OBJ_NAME : NFTA_CHAIN_TYPE))
			snprintf(why->part, sizeof(why->part), "%s '%s'",
				 object ? "object" : "chain type", nft_attr_text(a));
}

static void refusal_note(struct verdict *v, const struct nlmsghdr *h)
{
	const struct nlmsgerr *e = nft_message_data(h);
	struct nft_attrs row = nft_attrs_of(h, sizeof(*e));
	__u32 index = e->msg.nlmsg_seq;
	const struct nlmsghdr *sent = batch_find(v->batch, index);
	const struct nlattr *a;

	if (v->error)
		return;
	v->error = e->error;
	refusal_name(v->why, sent);
	v->why->about = index < v->batch->count ? v->batch->about[index] : NFT_ABOUT_NONE;
	if (!(h->nlmsg_flags & NLM_F_ACK_TLVS) || !(h->nlmsg_flags & NLM_F_CAPPED))
		return;
	while ((a = nft_attrs_take(&row))) {
		if (nft_attr_type(a) == NLMSGERR_ATTR_MSG)
			snprintf(v->why->text, sizeof(v->why->text), "%s",
				 nft_attr_text(a));
		else if (nft_attr_type(a) == NLMSGERR_ATTR_OFFS && nft_attr_len(a) == 4)
			refusal_locate(v->why, sent,
				       *(const __u32 *)nft_attr_data(a));
	}
}

static void answers_read(struct verdict *v, struct nft_messages ms)
{
	const struct nlmsghdr *h;

	while ((h = nft_messages_take(&ms)))
		if (h->nlmsg_type == NLMSG_ERROR &&
		    nft_message_size(h) >= sizeof(struct nlmsgerr) &&
		    ((const struct nlmsgerr *)nft_message_data(h))->error)
			refusal_note(v, h);
}

/* The kernel copies a batch into one buffer, which the socket must allow. */
static int batch_send(const struct nft_link *l, const struct nft_batch *b)
{
	int size = (int)b->len + NFT_MESSAGE;

	if (b->len > 0x7fffffffu - NFT_MESSAGE)
		return -EMSGSIZE;
	if (setsockopt(l->fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size)) < 0)
		return -errno;
	return nft_link_write(l, b->buf, b->len);
}

int nft_link_send(struct nft_link *l, struct nft_batch *b, struct nft_refusal *why)
{
	struct verdict v = { .batch = b, .why = why };
	struct nft_messages ms;
	int err;

	*why = (struct nft_refusal){ .about = NFT_ABOUT_NONE };
	nft_batch_end_message(b, batch_bracket(b, NFNL_MSG_BATCH_END));
	if (b->failed)
		return -ENOMEM;
	err = batch_send(l, b);
	if (err)
		return err;
	for (;;) {
		err = nft_link_read(l, false, &ms);
		if (!err)
			answers_read(&v, ms);
		else if (err != -ENOBUFS)
			return v.error;
		else if (!v.error)
			v.error = err;	/* refusals were lost: there were some */
	}
}

/*
 * The kernel's counter may run ahead of a change or behind it.  But batches take
 * turns: one without content comes to its turn when nothing is under way, and is
 * refused if the generation is another by then.
 */
int nft_link_confirm(struct nft_link *l, __u32 generation, struct fw_error *e)
{
	struct nft_refusal why;
	struct nft_batch b;
	int err;

	nft_batch_begin(&b, generation);
	err = nft_link_send(l, &b, &why);
	nft_batch_free(&b);
	if (err && err != -ERESTART)
		return fw_error_set(e, -err, "cannot ask nf_tables: %s", strerror(-err));
	return err;
}
