/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * netlink_attr.h - reading netlink messages and attributes, and writing big-endian ones.
 *
 * Inline for speed: 10,000 rules are about a million attributes, and libmnl takes
 * several calls into a shared library for each.  What writes goes through libmnl.
 */
#ifndef BACKEND_NETLINK_ATTR_H
#define BACKEND_NETLINK_ATTR_H

#include <endian.h>
#include <libmnl/libmnl.h>
#include <string.h>

#include "kmod/core/base.h"

/* messages of one datagram or batch, from the next one on */
struct netlink_messages {
	const struct nlmsghdr *at;
	int left;
};

/* Returns the next message, NULL at the end, and advances *ms. */
static inline const struct nlmsghdr *netlink_messages_next(struct netlink_messages *ms)
{
	const struct nlmsghdr *h = ms->at;

	if (!mnl_nlmsg_ok(h, ms->left))
		return NULL;
	ms->at = mnl_nlmsg_next(h, &ms->left);
	return h;
}

#define NETLINK_ATTR_HEADER ((unsigned int)NLA_ALIGN(sizeof(struct nlattr)))

static inline unsigned int netlink_attr_type(const struct nlattr *a)
{
	return a->nla_type & NLA_TYPE_MASK;
}

static inline const void *netlink_attr_data(const struct nlattr *a)
{
	return (const char *)a + NETLINK_ATTR_HEADER;
}

static inline unsigned int netlink_attr_len(const struct nlattr *a)
{
	return a->nla_len - NETLINK_ATTR_HEADER;
}

/* attributes of a message or nest, from the next one on */
struct netlink_attrs {
	const struct nlattr *at;
	unsigned int left;
};

/* nest: NULL for no attributes */
static inline struct netlink_attrs netlink_attrs_in(const struct nlattr *nest)
{
	struct netlink_attrs as = {NULL, 0};

	if (nest)
		as = (struct netlink_attrs){netlink_attr_data(nest),
					    netlink_attr_len(nest)};
	return as;
}

/* the attributes after the message's header and another of size bytes */
static inline struct netlink_attrs netlink_attrs_of(const struct nlmsghdr *h,
						    unsigned int size)
{
	unsigned int skip = NLMSG_HDRLEN + NLMSG_ALIGN(size);

	return (struct netlink_attrs){(const void *)((const char *)h + skip),
				      h->nlmsg_len > skip ? h->nlmsg_len - skip : 0};
}

/* Returns the next attribute, NULL at the end, and advances *as. */
static inline const struct nlattr *netlink_attrs_next(struct netlink_attrs *as)
{
	const struct nlattr *a = as->at;
	unsigned int size;

	if (as->left < NETLINK_ATTR_HEADER || a->nla_len < NETLINK_ATTR_HEADER ||
	    a->nla_len > as->left)
		return NULL;
	size = NLA_ALIGN(a->nla_len);
	as->left = size < as->left ? as->left - size : 0;
	as->at = (const void *)((const char *)a + size);
	return a;
}

/* NULL if there is none */
static inline const struct nlattr *netlink_attr_find(const struct nlattr *nest,
						     unsigned int type)
{
	struct netlink_attrs as = netlink_attrs_in(nest);
	const struct nlattr *a;

	while ((a = netlink_attrs_next(&as)))
		if (netlink_attr_type(a) == type)
			break;
	return a;
}

/* a big-endian number of any size; a may be NULL: 0 */
static inline __u64 netlink_attr_number(const struct nlattr *a)
{
	const __u8 *at = a ? netlink_attr_data(a) : NULL;
	unsigned int n = a ? netlink_attr_len(a) : 0;
	__u64 value = 0;

	while (n--)
		value = value << 8 | *at++;
	return value;
}

/* "" if a is NULL or no string */
static inline const char *netlink_attr_text(const struct nlattr *a)
{
	return a && memchr(netlink_attr_data(a), 0, netlink_attr_len(a))
		       ? netlink_attr_data(a)
		       : "";
}

/* Is it this text?  a may be NULL: no. */
static inline bool netlink_attr_is(const struct nlattr *a, const char *text)
{
	size_t size = strlen(text) + 1;

	return a && netlink_attr_len(a) == size &&
	       !memcmp(netlink_attr_data(a), text, size);
}

/* libmnl 1.0.4 does not write the padding; zeroes make equal messages equal bytes. */
static inline void netlink_put(struct nlmsghdr *h, __u16 type, const void *data,
			       size_t len)
{
	char *payload = (char *)mnl_nlmsg_get_payload_tail(h) + NETLINK_ATTR_HEADER;

	if (len % NLA_ALIGNTO)
		memset(payload + len, 0, NLA_ALIGN(len) - len);
	mnl_attr_put(h, type, len, data);
}

static inline void netlink_put_text(struct nlmsghdr *h, __u16 type, const char *text)
{
	netlink_put(h, type, text, strlen(text) + 1);
}

static inline void netlink_put_u8(struct nlmsghdr *h, __u16 type, __u8 value)
{
	netlink_put(h, type, &value, sizeof(value));
}

static inline void netlink_put_be16(struct nlmsghdr *h, __u16 type, __u16 value)
{
	__be16 wire = htobe16(value);

	netlink_put(h, type, &wire, sizeof(wire));
}

static inline void netlink_put_be32(struct nlmsghdr *h, __u16 type, __u32 value)
{
	mnl_attr_put_u32(h, type, htobe32(value));
}

static inline void netlink_put_be64(struct nlmsghdr *h, __u16 type, __u64 value)
{
	mnl_attr_put_u64(h, type, htobe64(value));
}

/*
 * Begins a nest without NLA_F_NESTED, which nf_tables neither needs nor dumps: a rule
 * as written and as dumped can be compared byte for byte.  Ends with
 * mnl_attr_nest_end().
 */
static inline struct nlattr *netlink_nest_start(struct nlmsghdr *h, __u16 type)
{
	struct nlattr *nest = mnl_nlmsg_get_payload_tail(h);

	mnl_attr_put(h, type, 0, NULL);
	return nest;
}

#endif
