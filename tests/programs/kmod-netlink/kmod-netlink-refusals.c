// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * kmod-netlink-refusals.c - what the module refuses: with which error, a sentence, and
 * the attribute at fault or the type of the missing one.  Nothing changes by it.
 *
 * usage: kmod-netlink-refusals
 */
#include <errno.h>
#include <linux/genetlink.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "tests/lib/family.h"
#include "tests/lib/tally.h"

#define MESSAGE_MAX 4096
#define HEADERS (NLMSG_HDRLEN + GENL_HDRLEN)

static struct tally tally;

/* where the next attribute will stand */
static struct nlattr *tail(const struct nlmsghdr *nlh)
{
	return mnl_nlmsg_get_payload_tail(nlh);
}

/* attributes with any payload, each told by its place */

static struct nlattr *bytes_put(struct nlmsghdr *nlh, int type, const void *data, size_t len)
{
	struct nlattr *at = tail(nlh);

	mnl_attr_put(nlh, type, len, data);
	return at;
}

static struct nlattr *u32_put(struct nlmsghdr *nlh, int type, __u32 value)
{
	return bytes_put(nlh, type, &value, sizeof(value));
}

static struct nlattr *u16_put(struct nlmsghdr *nlh, int type, __u16 value)
{
	return bytes_put(nlh, type, &value, sizeof(value));
}

static struct nlattr *u8_put(struct nlmsghdr *nlh, int type, __u8 value)
{
	return bytes_put(nlh, type, &value, sizeof(value));
}

static struct nlattr *flag_put(struct nlmsghdr *nlh, int type)
{
	return bytes_put(nlh, type, NULL, 0);
}

static struct nlattr *begin(struct nlmsghdr *nlh, int type)
{
	return mnl_attr_nest_start(nlh, type);
}

static void end(struct nlmsghdr *nlh, struct nlattr *nest)
{
	mnl_attr_nest_end(nlh, nest);
}

/*
 * A message that is refused is made by a function, which returns the attribute at
 * fault, the nest from which one is missing, or NULL for the message itself.
 */
typedef const struct nlattr *(*make_fn)(struct nlmsghdr *nlh);

/* an edit of the operation with list, if it is one; left open */
static struct nlattr *edit_begin(struct nlmsghdr *nlh, __u32 op, int list)
{
	struct nlattr *nest = begin(nlh, IPFWADM_A_EDIT);

	u32_put(nlh, IPFWADM_EDIT_OP, op);
	if (list >= 0)
		u32_put(nlh, IPFWADM_EDIT_LIST, list);
	return nest;
}

static const struct nlattr *status_attr(struct nlmsghdr *nlh)
{
	return u32_put(nlh, IPFWADM_A_LIST, 0);
}

static const struct nlattr *status_high_attr(struct nlmsghdr *nlh)
{
	return u32_put(nlh, 77, 0);
}

static const struct nlattr *get_list_high(struct nlmsghdr *nlh)
{
	return u32_put(nlh, IPFWADM_A_LIST, FW_LISTS);
}

static const struct nlattr *get_list_short(struct nlmsghdr *nlh)
{
	return u16_put(nlh, IPFWADM_A_LIST, 1);
}

static const struct nlattr *get_zero_alone(struct nlmsghdr *nlh)
{
	flag_put(nlh, IPFWADM_A_ZERO);
	return NULL;
}

static const struct nlattr *get_unknown(struct nlmsghdr *nlh)
{
	return u32_put(nlh, IPFWADM_A_GENERATION, 1);
}

static const struct nlattr *flag_with_payload(struct nlmsghdr *nlh)
{
	u32_put(nlh, IPFWADM_A_LIST, 0);
	return u32_put(nlh, IPFWADM_A_ZERO, 1);
}

static const struct nlattr *edit_generation_zero(struct nlmsghdr *nlh)
{
	return u32_put(nlh, IPFWADM_A_GENERATION, 0);
}

static const struct nlattr *edit_generation_old(struct nlmsghdr *nlh)
{
	return u32_put(nlh, IPFWADM_A_GENERATION, 0x7fffffff);
}

static const struct nlattr *edit_unknown(struct nlmsghdr *nlh)
{
	return u32_put(nlh, IPFWADM_A_LIST, 0);
}

static const struct nlattr *edit_unnested(struct nlmsghdr *nlh)
{
	struct nlattr *nest = edit_begin(nlh, IPFWADM_OP_FLUSH, 0);

	end(nlh, nest);
	nest->nla_type &= ~NLA_F_NESTED;
	return nest;
}

static const struct nlattr *edit_empty(struct nlmsghdr *nlh)
{
	struct nlattr *nest = begin(nlh, IPFWADM_A_EDIT);

	end(nlh, nest);
	return nest;
}

static const struct nlattr *edit_op_high(struct nlmsghdr *nlh)
{
	struct nlattr *nest = begin(nlh, IPFWADM_A_EDIT);
	const struct nlattr *at = u32_put(nlh, IPFWADM_EDIT_OP, IPFWADM_OP_END);

	u32_put(nlh, IPFWADM_EDIT_LIST, 0);
	end(nlh, nest);
	return at;
}

static const struct nlattr *edit_list_high(struct nlmsghdr *nlh)
{
	struct nlattr *nest = begin(nlh, IPFWADM_A_EDIT), *at;

	u32_put(nlh, IPFWADM_EDIT_OP, IPFWADM_OP_FLUSH);
	at = u32_put(nlh, IPFWADM_EDIT_LIST, FW_LISTS);
	end(nlh, nest);
	return at;
}

static const struct nlattr *edit_member_unknown(struct nlmsghdr *nlh)
{
	struct nlattr *nest = edit_begin(nlh, IPFWADM_OP_FLUSH, 0), *at;

	at = u32_put(nlh, IPFWADM_EDIT_END, 0);
	end(nlh, nest);
	return at;
}

static const struct nlattr *edit_no_list(struct nlmsghdr *nlh)
{
	struct nlattr *nest = edit_begin(nlh, IPFWADM_OP_FLUSH, -1);

	end(nlh, nest);
	return nest;
}

static const struct nlattr *edit_no_rule(struct nlmsghdr *nlh)
{
	struct nlattr *nest = edit_begin(nlh, IPFWADM_OP_APPEND, 0);

	end(nlh, nest);
	return nest;
}

static const struct nlattr *edit_no_policy(struct nlmsghdr *nlh)
{
	struct nlattr *nest = edit_begin(nlh, IPFWADM_OP_POLICY, 0);

	end(nlh, nest);
	return nest;
}

static const struct nlattr *edit_no_timeouts(struct nlmsghdr *nlh)
{
	struct nlattr *nest = edit_begin(nlh, IPFWADM_OP_TIMEOUTS, -1);

	end(nlh, nest);
	return nest;
}

static const struct nlattr *edit_rule_too_much(struct nlmsghdr *nlh)
{
	struct nlattr *nest = edit_begin(nlh, IPFWADM_OP_FLUSH, 0), *rule;

	rule = begin(nlh, IPFWADM_EDIT_RULE);
	end(nlh, rule);
	end(nlh, nest);
	return rule;
}

static const struct nlattr *edit_list_too_much(struct nlmsghdr *nlh)
{
	struct nlattr *nest = begin(nlh, IPFWADM_A_EDIT), *list, *times;

	u32_put(nlh, IPFWADM_EDIT_OP, IPFWADM_OP_TIMEOUTS);
	list = u32_put(nlh, IPFWADM_EDIT_LIST, 0);
	times = begin(nlh, IPFWADM_EDIT_TIMEOUTS);
	end(nlh, times);
	end(nlh, nest);
	return list;
}

static const struct nlattr *edit_counters_too_much(struct nlmsghdr *nlh)
{
	struct nlattr *nest = edit_begin(nlh, IPFWADM_OP_DELETE, 0), *rule, *at;

	rule = begin(nlh, IPFWADM_EDIT_RULE);
	end(nlh, rule);
	at = flag_put(nlh, IPFWADM_EDIT_COUNTERS);
	end(nlh, nest);
	return at;
}

static const struct nlattr *edit_policy_bits(struct nlmsghdr *nlh)
{
	struct nlattr *nest = edit_begin(nlh, IPFWADM_OP_POLICY, 0), *at;

	at = u32_put(nlh, IPFWADM_EDIT_POLICY, FW_REDIR | FW_ACCEPT);
	end(nlh, nest);
	return at;
}

static const struct nlattr *edit_policy_acct(struct nlmsghdr *nlh)
{
	struct nlattr *nest = edit_begin(nlh, IPFWADM_OP_POLICY, FW_ACCT), *at;

	at = u32_put(nlh, IPFWADM_EDIT_POLICY, FW_ACCEPT);
	end(nlh, nest);
	return at;
}

static const struct nlattr *edit_delete_absent(struct nlmsghdr *nlh)
{
	struct fw_edit e = { .op = FW_OP_DELETE, .list = FW_INPUT, .rule.src = 99 };

	return family_edit_put(nlh, &e);
}

/* the second of three is at fault, and the first goes for nothing */
static const struct nlattr *edit_delete_between(struct nlmsghdr *nlh)
{
	struct fw_edit good = { .op = FW_OP_APPEND, .list = FW_INPUT, .rule.src = 1 };
	struct fw_edit bad = { .op = FW_OP_DELETE, .list = FW_INPUT, .rule.src = 99 };
	const struct nlattr *at;

	family_edit_put(nlh, &good);
	at = family_edit_put(nlh, &bad);
	family_edit_put(nlh, &good);
	return at;
}

/* the last attribute goes on behind the message: bytes left over, of no attribute */
static const struct nlattr *edit_cut(struct nlmsghdr *nlh)
{
	struct nlattr *nest = edit_begin(nlh, IPFWADM_OP_FLUSH, 0), *last;

	last = u32_put(nlh, IPFWADM_EDIT_POLICY, 0);
	end(nlh, nest);
	last->nla_len = 200;
	return NULL;
}

static const struct nlattr *timeouts_unknown(struct nlmsghdr *nlh)
{
	struct nlattr *nest = edit_begin(nlh, IPFWADM_OP_TIMEOUTS, -1), *times, *at;

	times = begin(nlh, IPFWADM_EDIT_TIMEOUTS);
	at = u32_put(nlh, IPFWADM_TIMEOUT_END, 1);
	end(nlh, times);
	end(nlh, nest);
	return at;
}

/* an append of a rule with one member */
static const struct nlattr *rule_make(struct nlmsghdr *nlh, int type, const void *data,
				      size_t len)
{
	struct nlattr *nest = edit_begin(nlh, IPFWADM_OP_APPEND, FW_INPUT), *rule, *at;

	rule = begin(nlh, IPFWADM_EDIT_RULE);
	at = bytes_put(nlh, type, data, len);
	end(nlh, rule);
	end(nlh, nest);
	return at;
}

#define RULE_MEMBER(name, type, ...)						\
	static const struct nlattr *name(struct nlmsghdr *nlh)			\
	{									\
		static const __u8 bytes[] = { __VA_ARGS__ };			\
										\
		return rule_make(nlh, type, bytes, sizeof(bytes));		\
	}

RULE_MEMBER(rule_unknown, IPFWADM_RULE_END, 0)
RULE_MEMBER(rule_pad, IPFWADM_RULE_PAD, 0)
RULE_MEMBER(rule_src_short, IPFWADM_RULE_SRC, 1, 2, 3)
RULE_MEMBER(rule_src_long, IPFWADM_RULE_SRC, 1, 2, 3, 4, 5, 6, 7, 8)
RULE_MEMBER(rule_flag_high, IPFWADM_RULE_FLAGS, 0x00, 0x40)
RULE_MEMBER(rule_flag_top, IPFWADM_RULE_FLAGS, 0x00, 0x80)
RULE_MEMBER(rule_nsp_high, IPFWADM_RULE_NSP, 11)
RULE_MEMBER(rule_ndp_high, IPFWADM_RULE_NDP, 255)
RULE_MEMBER(rule_ports_odd, IPFWADM_RULE_PORTS, 1, 2, 3)
RULE_MEMBER(rule_ports_many, IPFWADM_RULE_PORTS, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13,
	    14, 15, 16, 17, 18, 19, 20, 21, 22)
RULE_MEMBER(rule_name_unended, IPFWADM_RULE_INTERFACE, 'e', 't', 'h', '0')
RULE_MEMBER(rule_name_inner_end, IPFWADM_RULE_INTERFACE, 'e', 't', 0, '0', 0)
RULE_MEMBER(rule_name_two_ends, IPFWADM_RULE_INTERFACE, 'e', 't', 0, 0)
RULE_MEMBER(rule_name_long, IPFWADM_RULE_INTERFACE, 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h',
	    'i', 'j', 'k', 'l', 'm', 'n', 'o', 'p', 'q', 0)
RULE_MEMBER(rule_comment_control, IPFWADM_RULE_COMMENT, 'a', '\n', 0)
RULE_MEMBER(rule_comment_foreign, IPFWADM_RULE_COMMENT, 0xc3, 0xa9, 0)
RULE_MEMBER(rule_state_bits, IPFWADM_RULE_STATE, 0x10)
RULE_MEMBER(rule_keep_state_two, IPFWADM_RULE_KEEP_STATE, 2)
RULE_MEMBER(rule_helper, IPFWADM_RULE_HELPER, 's', 'i', 'p', 0)
RULE_MEMBER(rule_packets_short, IPFWADM_RULE_PACKETS, 1, 2, 3, 4)

/* A timeout; returns its name, its seconds, or itself. */
static const struct nlattr *timeout_make(struct nlmsghdr *nlh, const char *name,
					 __u32 seconds, bool seconds_fail)
{
	struct nlattr *all = begin(nlh, IPFWADM_A_TRACK_TIMEOUTS);
	struct nlattr *one = begin(nlh, IPFWADM_TRACK_TIMEOUT);
	const struct nlattr *at = one, *number;

	if (name)
		at = bytes_put(nlh, IPFWADM_TRACK_NAME, name, strlen(name) + 1);
	number = u32_put(nlh, IPFWADM_TRACK_SECONDS, seconds);
	mnl_attr_nest_end(nlh, one);
	mnl_attr_nest_end(nlh, all);
	return seconds_fail ? number : at;
}

static const struct nlattr *timeout_unknown(struct nlmsghdr *nlh)
{
	return timeout_make(nlh, "tcp-none", 1, false);
}

static const struct nlattr *timeout_zero(struct nlmsghdr *nlh)
{
	return timeout_make(nlh, "udp", 0, true);
}

static const struct nlattr *timeout_long(struct nlmsghdr *nlh)
{
	return timeout_make(nlh, "udp", 21474837, true);
}

static const struct nlattr *timeout_no_name(struct nlmsghdr *nlh)
{
	return timeout_make(nlh, NULL, 1, false);
}

static const struct nlattr *conns_unknown(struct nlmsghdr *nlh)
{
	return u32_put(nlh, IPFWADM_A_LIST, 0);
}

static const struct nlattr *conns_filter_short(struct nlmsghdr *nlh)
{
	struct nlattr *nest = begin(nlh, IPFWADM_A_RULE);
	const struct nlattr *at = bytes_put(nlh, IPFWADM_RULE_SRC, "ab", 2);

	mnl_attr_nest_end(nlh, nest);
	return at;
}

static const struct nlattr *rule_comment_long(struct nlmsghdr *nlh)
{
	char text[FW_COMMENT_MAX + 2];

	memset(text, 'x', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	return rule_make(nlh, IPFWADM_RULE_COMMENT, text, sizeof(text));
}

/* a range of one port: the slots are at fault, which are not there */
static const struct nlattr *rule_range_short(struct nlmsghdr *nlh)
{
	struct nlattr *nest = edit_begin(nlh, IPFWADM_OP_APPEND, FW_INPUT), *rule;

	rule = begin(nlh, IPFWADM_EDIT_RULE);
	u16_put(nlh, IPFWADM_RULE_FLAGS, FW_KIND_TCP | FW_SRNG);
	u8_put(nlh, IPFWADM_RULE_NSP, 1);
	end(nlh, rule);
	end(nlh, nest);
	return rule;
}

static const struct nlattr *rule_slots_many(struct nlmsghdr *nlh)
{
	struct nlattr *nest = edit_begin(nlh, IPFWADM_OP_APPEND, FW_INPUT), *rule, *at;
	const __u16 ports[FW_MAX_PORTS] = { 1 };

	rule = begin(nlh, IPFWADM_EDIT_RULE);
	u8_put(nlh, IPFWADM_RULE_NSP, 6);
	u8_put(nlh, IPFWADM_RULE_NDP, 5);
	at = bytes_put(nlh, IPFWADM_RULE_PORTS, ports, sizeof(ports));
	end(nlh, rule);
	end(nlh, nest);
	return at;
}

/* PACKET with all that it must have but one; left open */
static struct nlattr *packet_begin(struct nlmsghdr *nlh, int without)
{
	struct nlattr *nest = begin(nlh, IPFWADM_A_PACKET);

	if (without != IPFWADM_PACKET_SADDR)
		u32_put(nlh, IPFWADM_PACKET_SADDR, 1);
	if (without != IPFWADM_PACKET_DADDR)
		u32_put(nlh, IPFWADM_PACKET_DADDR, 2);
	if (without != IPFWADM_PACKET_PROTO)
		u8_put(nlh, IPFWADM_PACKET_PROTO, FW_PROTO_UDP);
	if (without != IPFWADM_PACKET_LENGTH)
		u16_put(nlh, IPFWADM_PACKET_LENGTH, 28);
	return nest;
}

static const struct nlattr *packet_without(struct nlmsghdr *nlh, int without)
{
	struct nlattr *nest;

	u32_put(nlh, IPFWADM_A_LIST, FW_INPUT);
	nest = packet_begin(nlh, without);
	end(nlh, nest);
	return nest;
}

static const struct nlattr *packet_no_saddr(struct nlmsghdr *nlh)
{
	return packet_without(nlh, IPFWADM_PACKET_SADDR);
}

static const struct nlattr *packet_no_daddr(struct nlmsghdr *nlh)
{
	return packet_without(nlh, IPFWADM_PACKET_DADDR);
}

static const struct nlattr *packet_no_proto(struct nlmsghdr *nlh)
{
	return packet_without(nlh, IPFWADM_PACKET_PROTO);
}

static const struct nlattr *packet_no_length(struct nlmsghdr *nlh)
{
	return packet_without(nlh, IPFWADM_PACKET_LENGTH);
}

static const struct nlattr *check_no_list(struct nlmsghdr *nlh)
{
	end(nlh, packet_begin(nlh, 0));
	return NULL;
}

static const struct nlattr *check_no_packet(struct nlmsghdr *nlh)
{
	u32_put(nlh, IPFWADM_A_LIST, FW_INPUT);
	return NULL;
}

static const struct nlattr *check_list_unknown(struct nlmsghdr *nlh)
{
	const struct nlattr *at = u32_put(nlh, IPFWADM_A_LIST, FW_LISTS);

	end(nlh, packet_begin(nlh, 0));
	return at;
}

static const struct nlattr *check_outgoing_input(struct nlmsghdr *nlh)
{
	const struct nlattr *at;

	u32_put(nlh, IPFWADM_A_LIST, FW_INPUT);
	end(nlh, packet_begin(nlh, 0));
	at = mnl_nlmsg_get_payload_tail(nlh);
	mnl_attr_put(nlh, IPFWADM_A_OUTGOING, 0, NULL);
	return at;
}

static const struct nlattr *packet_make(struct nlmsghdr *nlh, int type, size_t len, __u8 byte)
{
	struct nlattr *nest, *at;
	char bytes[64];

	memset(bytes, byte, sizeof(bytes));
	u32_put(nlh, IPFWADM_A_LIST, FW_INPUT);
	nest = packet_begin(nlh, 0);
	at = bytes_put(nlh, type, bytes, len);
	end(nlh, nest);
	return at;
}

static const struct nlattr *packet_options_odd(struct nlmsghdr *nlh)
{
	return packet_make(nlh, IPFWADM_PACKET_OPTIONS, 39, 1);
}

static const struct nlattr *packet_options_many(struct nlmsghdr *nlh)
{
	return packet_make(nlh, IPFWADM_PACKET_OPTIONS, 44, 1);
}

static const struct nlattr *packet_two_states(struct nlmsghdr *nlh)
{
	return packet_make(nlh, IPFWADM_PACKET_STATE, 1, FW_STATE_NEW | FW_STATE_RELATED);
}

static const struct nlattr *packet_unknown_state(struct nlmsghdr *nlh)
{
	return packet_make(nlh, IPFWADM_PACKET_STATE, 1, 0x10);
}

static const struct nlattr *packet_unknown(struct nlmsghdr *nlh)
{
	return packet_make(nlh, IPFWADM_PACKET_END, 4, 0);
}

static const struct nlattr *device_make(struct nlmsghdr *nlh, const char *name, int addr)
{
	struct nlattr *nest;

	u32_put(nlh, IPFWADM_A_LIST, FW_INPUT);
	end(nlh, packet_begin(nlh, 0));
	nest = begin(nlh, IPFWADM_A_DEVICE);
	if (name)
		bytes_put(nlh, IPFWADM_DEVICE_NAME, name, strlen(name) + 1);
	if (addr)
		u32_put(nlh, IPFWADM_DEVICE_ADDR, addr);
	end(nlh, nest);
	return nest;
}

static const struct nlattr *device_no_name(struct nlmsghdr *nlh)
{
	return device_make(nlh, NULL, 1);
}

static const struct nlattr *device_no_addr(struct nlmsghdr *nlh)
{
	return device_make(nlh, "lo", 0);
}

static const struct nlattr *device_absent(struct nlmsghdr *nlh)
{
	return device_make(nlh, "absent0", 1);
}

#define GET	IPFWADM_CMD_RULES_GET
#define EDIT	IPFWADM_CMD_EDIT
#define CHECK	IPFWADM_CMD_CHECK

static const struct refusal {
	const char *name;
	make_fn make;
	__u8 command;
	__u16 flags;
	int error;
	int missing;	/* type, 0 if something is at fault */
} refusals[] = {
	{ "an attribute", status_attr, IPFWADM_CMD_STATUS, 0, EINVAL, 0 },
	{ "an attribute beyond all", status_high_attr, IPFWADM_CMD_STATUS, 0, EINVAL, 0 },
	{ "no such list", get_list_high, GET, NLM_F_DUMP, ERANGE, 0 },
	{ "half a list", get_list_short, GET, NLM_F_DUMP, EINVAL, 0 },
	{ "attribute of others", get_unknown, GET, NLM_F_DUMP, EINVAL, 0 },
	{ "a flag with payload", flag_with_payload, GET, NLM_F_DUMP, ERANGE, 0 },
	{ "generation 0", edit_generation_zero, EDIT, 0, ERANGE, 0 },
	{ "another generation", edit_generation_old, EDIT, 0, ESTALE, 0 },
	{ "attribute of others", edit_unknown, EDIT, 0, EINVAL, 0 },
	{ "nest flag", edit_unnested, EDIT, 0, EINVAL, 0 },
	{ "edit of nothing", edit_empty, EDIT, 0, EINVAL, IPFWADM_EDIT_OP },
	{ "no such operation", edit_op_high, EDIT, 0, ERANGE, 0 },
	{ "no such list", edit_list_high, EDIT, 0, ERANGE, 0 },
	{ "no such member", edit_member_unknown, EDIT, 0, EINVAL, 0 },
	{ "no list", edit_no_list, EDIT, 0, EINVAL, IPFWADM_EDIT_LIST },
	{ "no rule", edit_no_rule, EDIT, 0, EINVAL, IPFWADM_EDIT_RULE },
	{ "no policy", edit_no_policy, EDIT, 0, EINVAL, IPFWADM_EDIT_POLICY },
	{ "no timeouts", edit_no_timeouts, EDIT, 0, EINVAL, IPFWADM_EDIT_TIMEOUTS },
	{ "flush with rule", edit_rule_too_much, EDIT, 0, EINVAL, 0 },
	{ "timeouts with list", edit_list_too_much, EDIT, 0, EINVAL, 0 },
	{ "delete with counters", edit_counters_too_much, EDIT, 0, EINVAL, 0 },
	{ "policy bits", edit_policy_bits, EDIT, 0, EINVAL, 0 },
	{ "policy of accounting", edit_policy_acct, EDIT, 0, EINVAL, 0 },
	{ "delete nothing", edit_delete_absent, EDIT, 0, EINVAL, 0 },
	{ "second of three", edit_delete_between, EDIT, 0, EINVAL, 0 },
	{ "cut short", edit_cut, EDIT, 0, EINVAL, 0 },
	{ "no such timeout", timeouts_unknown, EDIT, 0, EINVAL, 0 },
	{ "no such member of a rule", rule_unknown, EDIT, 0, EINVAL, 0 },
	{ "padding", rule_pad, EDIT, 0, EINVAL, 0 },
	{ "address too short", rule_src_short, EDIT, 0, EINVAL, 0 },
	{ "address too long", rule_src_long, EDIT, 0, EINVAL, 0 },
	{ "flag 0x4000", rule_flag_high, EDIT, 0, EINVAL, 0 },
	{ "flag 0x8000", rule_flag_top, EDIT, 0, EINVAL, 0 },
	{ "11 sources", rule_nsp_high, EDIT, 0, ERANGE, 0 },
	{ "255 destinations", rule_ndp_high, EDIT, 0, ERANGE, 0 },
	{ "odd ports", rule_ports_odd, EDIT, 0, EINVAL, 0 },
	{ "11 ports", rule_ports_many, EDIT, 0, ERANGE, 0 },
	{ "name without end", rule_name_unended, EDIT, 0, EINVAL, 0 },
	{ "name that goes on", rule_name_inner_end, EDIT, 0, EINVAL, 0 },
	{ "name with two ends", rule_name_two_ends, EDIT, 0, EINVAL, 0 },
	{ "name too long", rule_name_long, EDIT, 0, EINVAL, 0 },
	{ "comment with newline", rule_comment_control, EDIT, 0, EINVAL, 0 },
	{ "comment beyond ASCII", rule_comment_foreign, EDIT, 0, EINVAL, 0 },
	{ "comment too long", rule_comment_long, EDIT, 0, EINVAL, 0 },
	{ "state bits", rule_state_bits, EDIT, 0, EINVAL, 0 },
	{ "keep_state 2", rule_keep_state_two, EDIT, 0, ERANGE, 0 },
	{ "counter too short", rule_packets_short, EDIT, 0, EINVAL, 0 },
	{ "a helper of others", rule_helper, EDIT, 0, EOPNOTSUPP, 0 },
	{ "no such timeout", timeout_unknown, EDIT, 0, ENOENT, 0 },
	{ "no seconds", timeout_zero, EDIT, 0, ERANGE, 0 },
	{ "249 days", timeout_long, EDIT, 0, ERANGE, 0 },
	{ "a timeout without name", timeout_no_name, EDIT, 0, EINVAL, 0 },
	{ "a member of connections", conns_unknown, IPFWADM_CMD_CONNS_END, 0, EINVAL, 0 },
	{ "half a filter", conns_filter_short, IPFWADM_CMD_CONNS_END, 0, EINVAL, 0 },
	{ "range of one", rule_range_short, EDIT, 0, EINVAL, 0 },
	{ "11 slots", rule_slots_many, EDIT, 0, EINVAL, 0 },
	{ "no list", check_no_list, CHECK, 0, EINVAL, IPFWADM_A_LIST },
	{ "no packet", check_no_packet, CHECK, 0, EINVAL, IPFWADM_A_PACKET },
	{ "check of an unknown list", check_list_unknown, CHECK, 0, ERANGE, 0 },
	{ "outgoing input", check_outgoing_input, CHECK, 0, EINVAL, 0 },
	{ "no source", packet_no_saddr, CHECK, 0, EINVAL, IPFWADM_PACKET_SADDR },
	{ "no destination", packet_no_daddr, CHECK, 0, EINVAL, IPFWADM_PACKET_DADDR },
	{ "no protocol", packet_no_proto, CHECK, 0, EINVAL, IPFWADM_PACKET_PROTO },
	{ "no length", packet_no_length, CHECK, 0, EINVAL, IPFWADM_PACKET_LENGTH },
	{ "39 bytes of options", packet_options_odd, CHECK, 0, EINVAL, 0 },
	{ "44 bytes of options", packet_options_many, CHECK, 0, ERANGE, 0 },
	{ "two states", packet_two_states, CHECK, 0, EINVAL, 0 },
	{ "unknown state", packet_unknown_state, CHECK, 0, EINVAL, 0 },
	{ "no such member of a packet", packet_unknown, CHECK, 0, EINVAL, 0 },
	{ "device without name", device_no_name, CHECK, 0, EINVAL, IPFWADM_DEVICE_NAME },
	{ "device without address", device_no_addr, CHECK, 0, EINVAL, IPFWADM_DEVICE_ADDR },
	{ "no such device", device_absent, CHECK, 0, EINVAL, 0 },
}, late[] = {
	{ "zero what", get_zero_alone, GET, NLM_F_DUMP, EINVAL, IPFWADM_A_LIST },
};

#define check(good, ...) \
	((good) ? tally_pass(&tally) : tally_fail(&tally, __VA_ARGS__))

static void refusal_check(struct family *f, const struct refusal *r)
{
	char buf[MESSAGE_MAX];
	struct nlmsghdr *nlh = family_message(f, buf, r->command, r->flags);
	const struct nlattr *at = r->make(nlh);
	int offset = at ? (int)((const char *)at - buf) : -1;
	struct family_status before, after;
	struct answer a;

	family_status(f, &before);
	/* the status has taken a number */
	nlh->nlmsg_seq = ++f->seq;
	family_ask(f, nlh, NULL, NULL, &a);
	check(a.error == -r->error, "%s (command %u): error %d, not %d: %s", r->name,
	      r->command, -a.error, r->error, a.text);
	check(*a.text, "%s (command %u): without a sentence", r->name, r->command);
	if (r->missing)
		check(a.missing == r->missing && a.missing_nest == offset,
		      "%s (command %u): missing %d in the nest at %d, not %d at %d",
		      r->name, r->command, a.missing, a.missing_nest, r->missing, offset);
	else
		check(a.offset == offset, "%s (command %u): at %d, not %d: %s", r->name,
		      r->command, a.offset, offset, a.text);
	family_status(f, &after);
	check(before.generation && !memcmp(&before, &after, sizeof(before)),
	      "%s (command %u): something changed", r->name, r->command);
}

/* what netlink itself refuses, because of how the operations are announced */
static void announcement_check(struct family *f)
{
	char buf[MESSAGE_MAX];
	struct nlmsghdr *nlh;
	struct answer a;

	family_ask(f, family_message(f, buf, IPFWADM_CMD_END, 0), NULL, NULL, &a);
	check(a.error == -EOPNOTSUPP, "unknown command: %d", a.error);
	family_ask(f, family_message(f, buf, IPFWADM_CMD_CHANGED, 0), NULL, NULL, &a);
	check(a.error == -EOPNOTSUPP, "an event is no command: %d", a.error);
	family_ask(f, family_message(f, buf, GET, 0), NULL, NULL, &a);
	check(a.error == -EOPNOTSUPP, "get is a dump: %d", a.error);
	family_ask(f, family_message(f, buf, EDIT, NLM_F_DUMP), NULL, NULL, &a);
	check(a.error == -EOPNOTSUPP, "edit is no dump: %d", a.error);
	nlh = family_message(f, buf, IPFWADM_CMD_STATUS, 0);
	((struct genlmsghdr *)mnl_nlmsg_get_payload(nlh))->reserved = 1;
	family_ask(f, nlh, NULL, NULL, &a);
	check(a.error == -EINVAL, "reserved bits: %d", a.error);
	nlh = family_message(f, buf, EDIT, 0);
	memset(tail(nlh), 0, 4);
	nlh->nlmsg_len += 2;
	family_ask(f, nlh, NULL, NULL, &a);
	check(a.error == -EINVAL && *a.text, "two bytes left over: %d %s", a.error, a.text);
}

/* One edit more than a transaction may have, and as many as it may. */
static void excess_check(struct family *f)
{
	const struct fw_edit e = { .op = FW_OP_ZERO, .list = FW_INPUT };
	size_t i, size = 64 + 20 * ((size_t)IPFWADM_EDITS_MAX + 1);
	char *buf = calloc(1, size);
	struct nlmsghdr *nlh;
	struct nlattr *last = NULL;
	struct answer a;

	if (!buf)
		exit(1);
	nlh = family_message(f, buf, EDIT, 0);
	for (i = 0; i <= IPFWADM_EDITS_MAX; i++)
		last = family_edit_put(nlh, &e);
	family_ask(f, nlh, NULL, NULL, &a);
	check(a.error == -E2BIG && *a.text && a.offset == (char *)last - buf,
	      "too many edits: %d %s at %d", a.error, a.text, a.offset);
	nlh->nlmsg_len -= 20;
	nlh->nlmsg_seq = ++f->seq;
	family_ask(f, nlh, NULL, NULL, &a);
	check(!a.error, "as many as can be: %d %s", a.error, a.text);
	free(buf);
}

/* A dump that fails when it begins has no extended ack before Linux 6.2. */
static bool dump_speaks(void)
{
	struct utsname name;

	return !uname(&name) && strverscmp(name.release, "6.2") > 0;
}

int main(void)
{
	struct family_status status;
	struct family f;
	size_t i;

	if (unshare(CLONE_NEWNET) || family_open(&f)) {
		fputs("cannot reach the module\n", stderr);
		return 1;
	}
	for (i = 0; i < FW_COUNT(refusals); i++)
		refusal_check(&f, &refusals[i]);
	check(!family_status(&f, &status) && status.features & IPFWADM_FEATURE_STATE,
	      "states are no feature");
	if (dump_speaks())
		for (i = 0; i < FW_COUNT(late); i++)
			refusal_check(&f, &late[i]);
	announcement_check(&f);
	excess_check(&f);
	family_close(&f);
	return tally_end(&tally);
}
