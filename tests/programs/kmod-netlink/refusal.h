/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * refusal.h - messages that the module refuses, and how they are put together.
 */
#ifndef TESTS_REFUSAL_H
#define TESTS_REFUSAL_H

#include "tests/lib/family.h"

#define GET	IPFWADM_CMD_RULES_GET
#define EDIT	IPFWADM_CMD_EDIT
#define CHECK	IPFWADM_CMD_CHECK

/*
 * A message that is refused is made by a function, which returns the attribute at
 * fault, the nest from which one is missing, or NULL for the message itself.
 */
typedef const struct nlattr *(*make_fn)(struct nlmsghdr *nlh);

struct refusal {
	const char *name;
	make_fn make;
	__u8 command;
	__u16 flags;
	int error;
	int missing;	/* type, 0 if something is at fault */
};

/* those of port forwards; the last one has no name */
extern const struct refusal refusals_forwards[];

/* where the next attribute will stand */
static inline struct nlattr *tail(const struct nlmsghdr *nlh)
{
	return mnl_nlmsg_get_payload_tail(nlh);
}

/* attributes with any payload, each told by its place */

static inline struct nlattr *bytes_put(struct nlmsghdr *nlh, int type, const void *data, size_t len)
{
	struct nlattr *at = tail(nlh);

	mnl_attr_put(nlh, type, len, data);
	return at;
}

static inline struct nlattr *u32_put(struct nlmsghdr *nlh, int type, __u32 value)
{
	return bytes_put(nlh, type, &value, sizeof(value));
}

static inline struct nlattr *u16_put(struct nlmsghdr *nlh, int type, __u16 value)
{
	return bytes_put(nlh, type, &value, sizeof(value));
}

static inline struct nlattr *u8_put(struct nlmsghdr *nlh, int type, __u8 value)
{
	return bytes_put(nlh, type, &value, sizeof(value));
}

static inline struct nlattr *flag_put(struct nlmsghdr *nlh, int type)
{
	return bytes_put(nlh, type, NULL, 0);
}

static inline struct nlattr *begin(struct nlmsghdr *nlh, int type)
{
	return mnl_attr_nest_start(nlh, type);
}

static inline void end(struct nlmsghdr *nlh, struct nlattr *nest)
{
	mnl_attr_nest_end(nlh, nest);
}

/* an edit of the operation with list, if it is one; left open */
static inline struct nlattr *edit_begin(struct nlmsghdr *nlh, __u32 op, int list)
{
	struct nlattr *nest = begin(nlh, IPFWADM_A_EDIT);

	u32_put(nlh, IPFWADM_EDIT_OP, op);
	if (list >= 0)
		u32_put(nlh, IPFWADM_EDIT_LIST, list);
	return nest;
}

#endif
