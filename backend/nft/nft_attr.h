/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * nft_attr.h - netlink messages and their attributes being read.
 *
 * To be compiled in place: a list of 10,000 rules is a million attributes.
 */
#ifndef BACKEND_NFT_ATTR_H
#define BACKEND_NFT_ATTR_H

#include <linux/netlink.h>
#include <stddef.h>
#include <string.h>

#include "kmod/core/base.h"

/* a row of messages, and where one is in it */
struct nft_messages {
	const struct nlmsghdr *at;
	size_t left;
};

/* The message at hand, NULL behind the last; *ms moves on to the next. */
static inline const struct nlmsghdr *nft_messages_take(struct nft_messages *ms)
{
	const struct nlmsghdr *h = ms->at;
	size_t size;

	if (ms->left < sizeof(*h) || h->nlmsg_len < sizeof(*h) || h->nlmsg_len > ms->left)
		return NULL;
	size = NLMSG_ALIGN((size_t)h->nlmsg_len);
	ms->left = size < ms->left ? ms->left - size : 0;
	ms->at = (const void *)((const char *)h + size);
	return h;
}

static inline const void *nft_message_data(const struct nlmsghdr *h)
{
	return (const char *)h + NLMSG_HDRLEN;
}

static inline unsigned int nft_message_size(const struct nlmsghdr *h)
{
	return h->nlmsg_len - NLMSG_HDRLEN;
}

#define NFT_ATTR_HEADER ((unsigned int)NLA_ALIGN(sizeof(struct nlattr)))

static inline unsigned int nft_attr_type(const struct nlattr *a)
{
	return a->nla_type & NLA_TYPE_MASK;
}

static inline const void *nft_attr_data(const struct nlattr *a)
{
	return (const char *)a + NFT_ATTR_HEADER;
}

static inline unsigned int nft_attr_len(const struct nlattr *a)
{
	return a->nla_len - NFT_ATTR_HEADER;
}

/* a row of attributes, and where one is in it */
struct nft_attrs {
	const struct nlattr *at;
	unsigned int left;
};

/* nest: NULL for an empty row */
static inline struct nft_attrs nft_attrs_in(const struct nlattr *nest)
{
	struct nft_attrs as = { NULL, 0 };

	if (nest)
		as = (struct nft_attrs){ nft_attr_data(nest), nft_attr_len(nest) };
	return as;
}

/* the attributes behind the message's header and another of size bytes */
static inline struct nft_attrs nft_attrs_of(const struct nlmsghdr *h, unsigned int size)
{
	unsigned int skip = NLMSG_HDRLEN + NLMSG_ALIGN(size);

	return (struct nft_attrs){ (const void *)((const char *)h + skip),
				   h->nlmsg_len > skip ? h->nlmsg_len - skip : 0 };
}

/* The attribute at hand, NULL behind the last; *as moves on to the next. */
static inline const struct nlattr *nft_attrs_take(struct nft_attrs *as)
{
	const struct nlattr *a = as->at;
	unsigned int size;

	if (as->left < NFT_ATTR_HEADER || a->nla_len < NFT_ATTR_HEADER ||
	    a->nla_len > as->left)
		return NULL;
	size = NLA_ALIGN(a->nla_len);
	as->left = size < as->left ? as->left - size : 0;
	as->at = (const void *)((const char *)a + size);
	return a;
}

/* NULL if there is none */
static inline const struct nlattr *nft_attr_find(const struct nlattr *nest,
						 unsigned int type)
{
	struct nft_attrs as = nft_attrs_in(nest);
	const struct nlattr *a;

	while ((a = nft_attrs_take(&as)))
		if (nft_attr_type(a) == type)
			break;
	return a;
}

/* a big-endian number of whatever size; a may be NULL: 0 */
static inline __u64 nft_attr_number(const struct nlattr *a)
{
	const __u8 *at = a ? nft_attr_data(a) : NULL;
	unsigned int n = a ? nft_attr_len(a) : 0;
	__u64 value = 0;

	while (n--)
		value = value << 8 | *at++;
	return value;
}

/* "" if a is NULL or no string */
static inline const char *nft_attr_text(const struct nlattr *a)
{
	return a && memchr(nft_attr_data(a), 0, nft_attr_len(a)) ? nft_attr_data(a) : "";
}

/* Is it this text?  a may be NULL: no. */
static inline bool nft_attr_is(const struct nlattr *a, const char *text)
{
	size_t size = strlen(text) + 1;

	return a && nft_attr_len(a) == size && !memcmp(nft_attr_data(a), text, size);
}

#endif
