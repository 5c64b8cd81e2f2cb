// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * nft_batch.c - messages that take effect together, and the generation of the rules.
 */
#include "backend/nft/nft_batch.h"

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

#define NFTABLES(type) ((__u16)(NFNL_SUBSYS_NFTABLES << 8 | (type)))

struct nlmsghdr *nft_request(void *buf, __u16 type, __u16 flags)
{
	return netlink_netfilter(buf, NFNL_SUBSYS_NFTABLES, type, flags);
}

static int generation_read(const struct nlmsghdr *h, void *ctx)
{
	struct netlink_attrs row = netlink_attrs_of(h, sizeof(struct nfgenmsg));
	const struct nlattr *a;

	while ((a = netlink_attrs_next(&row)))
		if (netlink_attr_type(a) == NFTA_GEN_ID)
			*(__u32 *)ctx = (__u32)netlink_attr_number(a);
	return 0;
}

int nft_generation_read(struct netlink *l, __u32 *generation, struct fw_error *e)
{
	char buf[NETLINK_REQUEST];
	int err;

	err = netlink_query(l, nft_request(buf, NFT_MSG_GETGEN, NLM_F_ACK),
			    generation_read, generation, NULL);
	if (err == -EPERM)
		return fw_error_rights(e, "the nftables rules");
	if (err == -EINVAL || err == -EOPNOTSUPP)
		return fw_error_set(e, ENODEV, "this kernel has no nf_tables");
	if (err)
		return fw_error_set(e, -err, "cannot ask nf_tables: %s", strerror(-err));
	return 0;
}

/* Makes room for one more message.  A batch that cannot grow is emptied and fails. */
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

static void batch_note(struct nft_batch *b, __u32 cookie)
{
	__u32 cap = b->cookie_cap ? 2 * b->cookie_cap : 256;
	__u32 *bigger;

	if (b->count == b->cookie_cap) {
		bigger = reallocarray(b->cookie, cap, sizeof(*b->cookie));
		if (!bigger) {
			b->failed = true;
			return;
		}
		b->cookie = bigger;
		b->cookie_cap = cap;
	}
	b->cookie[b->count++] = cookie;
}

static struct nlmsghdr *batch_header(struct nft_batch *b, __u8 subsystem, __u16 type,
				     __u16 flags, __u32 cookie)
{
	static __u64 scrap[NFT_MESSAGE / sizeof(__u64)];
	struct nlmsghdr *h;

	batch_grow(b);
	batch_note(b, cookie);
	h = netlink_netfilter(b->buf ? b->buf + b->len : (char *)scrap, subsystem, type,
			      flags);
	h->nlmsg_seq = b->count - 1;
	return h;
}

/* the messages around a batch, which name the subsystem */
static struct nlmsghdr *batch_bracket(struct nft_batch *b, __u16 type)
{
	struct nlmsghdr *h = batch_header(b, 0, type, 0, NFT_COOKIE_NONE);
	struct nfgenmsg *g = (void *)((char *)h + NLMSG_HDRLEN);

	g->nfgen_family = AF_UNSPEC;
	g->res_id = htons(NFNL_SUBSYS_NFTABLES);
	return h;
}

void nft_batch_begin(struct nft_batch *b, __u32 generation)
{
	struct nlmsghdr *h;

	*b = (struct nft_batch){0};
	h = batch_bracket(b, NFNL_MSG_BATCH_BEGIN);
	if (generation)
		netlink_put_be32(h, NFNL_BATCH_GENID, generation);
	nft_batch_end_message(b, h);
}

void nft_batch_free(struct nft_batch *b)
{
	free(b->buf);
	free(b->cookie);
	*b = (struct nft_batch){0};
}

struct nlmsghdr *nft_batch_message(struct nft_batch *b, __u16 type, __u16 flags,
				   __u32 cookie)
{
	return batch_header(b, NFNL_SUBSYS_NFTABLES, type, flags, cookie);
}

void nft_batch_end_message(struct nft_batch *b, const struct nlmsghdr *message)
{
	if (b->buf && !b->failed)
		b->len += message->nlmsg_len;
}

/* message number index of the batch, NULL if there is none */
static const struct nlmsghdr *batch_find(const struct nft_batch *b, __u32 index)
{
	struct netlink_messages messages = {(const void *)b->buf, (int)b->len};
	const struct nlmsghdr *h = netlink_messages_next(&messages);

	while (h && index--)
		h = netlink_messages_next(&messages);
	return h;
}

/* The name of the expression at this offset of a message, or NULL. */
static const char *expression_at(const struct nlmsghdr *h, __u32 offset)
{
	const struct nlattr *a, *name = NULL;

	if (offset < NLMSG_HDRLEN || offset % NLA_ALIGNTO ||
	    offset > h->nlmsg_len - sizeof(*a))
		return NULL;
	a = (const void *)((const char *)h + offset);
	if (a->nla_len >= sizeof(*a) && a->nla_len <= h->nlmsg_len - offset)
		name = netlink_attr_find(a, NFTA_EXPR_NAME);
	return name ? netlink_attr_text(name) : NULL;
}

/* The value of a message's attribute as text, "" if it has none. */
static const char *message_text(const struct nlmsghdr *h, unsigned int type)
{
	struct netlink_attrs attrs = netlink_attrs_of(h, sizeof(struct nfgenmsg));
	const struct nlattr *a;

	while ((a = netlink_attrs_next(&attrs)) && netlink_attr_type(a) != type)
		;
	return netlink_attr_text(a);
}

/* A refused object is named, and a refused chain's type. */
static void refusal_set_part(struct nft_refusal *why, const struct nlmsghdr *sent,
			     __u32 offset)
{
	const char *name = expression_at(sent, offset);

	if (name)
		snprintf(why->part, sizeof(why->part), "expression '%s'", name);
	else if (sent->nlmsg_type == NFTABLES(NFT_MSG_NEWOBJ))
		snprintf(why->part, sizeof(why->part), "object '%s'",
			 message_text(sent, NFTA_OBJ_NAME));
	else if (sent->nlmsg_type == NFTABLES(NFT_MSG_NEWCHAIN))
		snprintf(why->part, sizeof(why->part), "chain type '%s'",
			 message_text(sent, NFTA_CHAIN_TYPE));
}

/* The first error of an answer: 0 or -errno, and *why. */
static int answer_read(const struct nft_batch *b, struct netlink_messages messages,
		       struct nft_refusal *why)
{
	struct netlink_refusal refusal;
	const struct nlmsghdr *h, *sent;
	int err = 0;

	while (!err && (h = netlink_messages_next(&messages)))
		if (h->nlmsg_type == NLMSG_ERROR)
			err = netlink_error(h, &refusal);
	if (!err)
		return 0;
	why->cookie = refusal.sequence < b->count ? b->cookie[refusal.sequence]
						  : NFT_COOKIE_NONE;
	snprintf(why->text, sizeof(why->text), "%s", refusal.text);
	sent = batch_find(b, refusal.sequence);
	if (sent)
		refusal_set_part(why, sent, refusal.offset);
	return err;
}

int nft_batch_send(struct netlink *l, struct nft_batch *b, struct nft_refusal *why)
{
	struct netlink_messages messages;
	int err, refused = 0;

	*why = (struct nft_refusal){.cookie = NFT_COOKIE_NONE};
	nft_batch_end_message(b, batch_bracket(b, NFNL_MSG_BATCH_END));
	if (b->failed)
		return -ENOMEM;
	err = netlink_send(l, b->buf, b->len);
	if (err)
		return err;
	while ((err = netlink_receive(l, false, &messages)) == 0 || err == -ENOBUFS) {
		if (!refused)
			refused = err ? err : answer_read(b, messages, why);
	}
	return refused;
}

/*
 * The generation that GETGEN reports may be ahead of a change or behind it.  Batches
 * are serialised: an empty one is handled when no other is, and the kernel refuses it
 * if the generation is not the given one by then.
 */
int nft_generation_confirm(struct netlink *l, __u32 generation, struct fw_error *e)
{
	struct nft_refusal why;
	struct nft_batch b;
	int err;

	nft_batch_begin(&b, generation);
	err = nft_batch_send(l, &b, &why);
	nft_batch_free(&b);
	if (err && err != -ERESTART)
		return fw_error_set(e, -err, "cannot ask nf_tables: %s", strerror(-err));
	return err;
}
