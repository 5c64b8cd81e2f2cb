// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>

#include "tests/programs/kmod-netlink/refusal.h"

/* an edit with a forward, whose protocol and one other member are given */
static struct nlattr *forward_make(struct nlmsghdr *nlh, __u32 op, __u8 proto, int type,
				   const void *data, size_t len)
{
	struct nlattr *nest = edit_begin(nlh, op, -1), *forward, *at;

	forward = begin(nlh, IPFWADM_EDIT_FORWARD);
	u8_put(nlh, IPFWADM_FORWARD_PROTO, proto);
	u16_put(nlh, IPFWADM_FORWARD_LOW, 80);
	u16_put(nlh, IPFWADM_FORWARD_HIGH, 80);
	u32_put(nlh, IPFWADM_FORWARD_WEIGHT, 1);
	at = bytes_put(nlh, type, data, len);
	end(nlh, forward);
	end(nlh, nest);
	return at;
}

/* the same, where the edit as a whole is at fault */
static struct nlattr *forward_edit_make(struct nlmsghdr *nlh, __u32 op, __u8 proto)
{
	struct nlattr *nest = tail(nlh);

	forward_make(nlh, op, proto, IPFWADM_FORWARD_TO, &(__u32){ 1 }, 4);
	return nest;
}

static const struct nlattr *forward_too_much(struct nlmsghdr *nlh)
{
	struct nlattr *nest = edit_begin(nlh, IPFWADM_OP_FORWARD_FLUSH, -1), *forward;

	forward = begin(nlh, IPFWADM_EDIT_FORWARD);
	end(nlh, forward);
	end(nlh, nest);
	return forward;
}

static const struct nlattr *forward_cut_too_much(struct nlmsghdr *nlh)
{
	struct nlattr *nest = edit_begin(nlh, IPFWADM_OP_FORWARD_APPEND, -1), *cut;

	end(nlh, begin(nlh, IPFWADM_EDIT_FORWARD));
	cut = flag_put(nlh, IPFWADM_EDIT_CUT);
	end(nlh, nest);
	return cut;
}

static const struct nlattr *forward_list_too_much(struct nlmsghdr *nlh)
{
	struct nlattr *nest = edit_begin(nlh, IPFWADM_OP_FORWARD_FLUSH, -1), *list;

	list = u32_put(nlh, IPFWADM_EDIT_LIST, FW_FORWARD);
	end(nlh, nest);
	return list;
}

static const struct nlattr *forward_flags(struct nlmsghdr *nlh)
{
	return forward_make(nlh, IPFWADM_OP_FORWARD_APPEND, FW_PROTO_TCP, IPFWADM_FORWARD_FLAGS,
			    "\x08", 1);
}

static const struct nlattr *forward_addr_short(struct nlmsghdr *nlh)
{
	return forward_make(nlh, IPFWADM_OP_FORWARD_APPEND, FW_PROTO_TCP, IPFWADM_FORWARD_ADDR,
			    "\1\2", 2);
}

static const struct nlattr *forward_pad(struct nlmsghdr *nlh)
{
	return forward_make(nlh, IPFWADM_OP_FORWARD_APPEND, FW_PROTO_TCP, IPFWADM_FORWARD_PAD,
			    "", 0);
}

static const struct nlattr *forward_unknown(struct nlmsghdr *nlh)
{
	return forward_make(nlh, IPFWADM_OP_FORWARD_APPEND, FW_PROTO_TCP, IPFWADM_FORWARD_END,
			    "\1\2\3\4", 4);
}

static const struct nlattr *forward_trigger_target(struct nlmsghdr *nlh)
{
	struct nlattr *nest = edit_begin(nlh, IPFWADM_OP_FORWARD_APPEND, -1), *forward, *to;

	forward = begin(nlh, IPFWADM_EDIT_FORWARD);
	u16_put(nlh, IPFWADM_FORWARD_TRIGGER_PORT, 7070);
	to = u32_put(nlh, IPFWADM_FORWARD_TO, 1);
	end(nlh, forward);
	end(nlh, nest);
	return to;
}

static const struct nlattr *forward_trigger_long(struct nlmsghdr *nlh)
{
	return forward_make(nlh, IPFWADM_OP_FORWARD_APPEND, FW_PROTO_TCP,
			    IPFWADM_FORWARD_TRIGGER_TIME, &(__u32){ 21474837 }, 4);
}

static const struct nlattr *forward_icmp(struct nlmsghdr *nlh)
{
	return forward_edit_make(nlh, IPFWADM_OP_FORWARD_APPEND, FW_PROTO_ICMP);
}

static const struct nlattr *forward_absent(struct nlmsghdr *nlh)
{
	return forward_edit_make(nlh, IPFWADM_OP_FORWARD_DELETE, FW_PROTO_TCP);
}

const struct refusal refusals_forwards[] = {
	{ "flush with forward", forward_too_much, EDIT, 0, EINVAL, 0 },
	{ "cut what is added", forward_cut_too_much, EDIT, 0, EINVAL, 0 },
	{ "a forward of a list", forward_list_too_much, EDIT, 0, EINVAL, 0 },
	{ "flags of a forward", forward_flags, EDIT, 0, EINVAL, 0 },
	{ "half an address", forward_addr_short, EDIT, 0, EINVAL, 0 },
	{ "padding", forward_pad, EDIT, 0, EINVAL, 0 },
	{ "no such member of a forward", forward_unknown, EDIT, 0, EINVAL, 0 },
	{ "a trigger with target", forward_trigger_target, EDIT, 0, EINVAL, 0 },
	{ "a trigger of 249 days", forward_trigger_long, EDIT, 0, ERANGE, 0 },
	{ "a forward of ICMP", forward_icmp, EDIT, 0, EINVAL, 0 },
	{ "delete no forward", forward_absent, EDIT, 0, EINVAL, 0 },
	{ .name = NULL },
};
