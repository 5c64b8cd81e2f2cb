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
#include <string.h>
#include <sys/utsname.h>

#include "tests/lib/tally.h"
#include "tests/programs/kmod-netlink/refusal.h"

#define MESSAGE_MAX 4096
#define HEADERS (NLMSG_HDRLEN + GENL_HDRLEN)

static struct tally tally;

static const struct nlattr *get_list_short(struct nlmsghdr *nlh)
{
	return u16_put(nlh, IPFWADM_A_LIST, 1);
}

static const struct nlattr *get_zero_alone(struct nlmsghdr *nlh)
{
	flag_put(nlh, IPFWADM_A_ZERO);
	return NULL;
}

static const struct nlattr *flag_with_payload(struct nlmsghdr *nlh)
{
	u32_put(nlh, IPFWADM_A_LIST, 0);
	return u32_put(nlh, IPFWADM_A_ZERO, 1);
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

static const struct nlattr *edit_gate_policy(struct nlmsghdr *nlh)
{
	struct nlattr *nest = begin(nlh, IPFWADM_A_EDIT), *at;

	u32_put(nlh, IPFWADM_EDIT_OP, IPFWADM_OP_IPV6);
	at = u32_put(nlh, IPFWADM_EDIT_POLICY, FW_POLICY_ACCEPT | FW_ICMPRPL);
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

/* a packet with one member more */
static const struct nlattr *packet_make(struct nlmsghdr *nlh, int type, const void *data,
					size_t len)
{
	struct nlattr *nest, *at;

	u32_put(nlh, IPFWADM_A_LIST, FW_INPUT);
	nest = packet_begin(nlh, 0);
	at = bytes_put(nlh, type, data, len);
	end(nlh, nest);
	return at;
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

/* messages of one attribute */
static const struct attribute {
	const char *name;
	__u8 command;
	__u16 flags;
	int type;
	__u32 value;
	int error;
} attributes[] = {
	{ "an attribute", IPFWADM_CMD_STATUS, 0, IPFWADM_A_LIST, 0, EINVAL },
	{ "an attribute beyond all", IPFWADM_CMD_STATUS, 0, 77, 0, EINVAL },
	{ "no such list", GET, NLM_F_DUMP, IPFWADM_A_LIST, FW_LISTS, ERANGE },
	{ "attribute of others", GET, NLM_F_DUMP, IPFWADM_A_GENERATION, 1, EINVAL },
	{ "generation 0", EDIT, 0, IPFWADM_A_GENERATION, 0, ERANGE },
	{ "another generation", EDIT, 0, IPFWADM_A_GENERATION, 0x7fffffff, ESTALE },
	{ "attribute of others", EDIT, 0, IPFWADM_A_LIST, 0, EINVAL },
	{ "a member of connections", IPFWADM_CMD_CONNS_END, 0, IPFWADM_A_LIST, 0, EINVAL },
};

/* edits that lack what their operation needs */
static const struct incomplete {
	const char *name;
	__u32 op;
	int list;
	int missing;
} incomplete[] = {
	{ "no list", IPFWADM_OP_FLUSH, -1, IPFWADM_EDIT_LIST },
	{ "no rule", IPFWADM_OP_APPEND, 0, IPFWADM_EDIT_RULE },
	{ "no policy", IPFWADM_OP_POLICY, 0, IPFWADM_EDIT_POLICY },
	{ "no timeouts", IPFWADM_OP_TIMEOUTS, -1, IPFWADM_EDIT_TIMEOUTS },
	{ "no forward", IPFWADM_OP_FORWARD_APPEND, -1, IPFWADM_EDIT_FORWARD },
	{ "no outer side", IPFWADM_OP_FORWARD_DELETE_SIDE, -1, IPFWADM_EDIT_FORWARD },
};

/* what a packet must have */
static const struct {
	const char *name;
	int type;
} needed[] = {
	{ "no source", IPFWADM_PACKET_SADDR },
	{ "no destination", IPFWADM_PACKET_DADDR },
	{ "no protocol", IPFWADM_PACKET_PROTO },
	{ "no length", IPFWADM_PACKET_LENGTH },
};

/* members of rules and of packets */
static const struct member {
	const char *name;
	int type;
	const char *data;
	size_t len;
	int error;
} rule_members[] = {
#define BYTES(text)	(text), sizeof(text) - 1
	{ "no such member of a rule", IPFWADM_RULE_END, BYTES("\0"), EINVAL },
	{ "padding", IPFWADM_RULE_PAD, BYTES("\0"), EINVAL },
	{ "address too short", IPFWADM_RULE_SRC, BYTES("\1\2\3"), EINVAL },
	{ "address too long", IPFWADM_RULE_SRC, BYTES("\1\2\3\4\5\6\7\10"), EINVAL },
	{ "flag 0x4000", IPFWADM_RULE_FLAGS, BYTES("\x00\x40"), EINVAL },
	{ "flag 0x8000", IPFWADM_RULE_FLAGS, BYTES("\x00\x80"), EINVAL },
	{ "11 sources", IPFWADM_RULE_NSP, BYTES("\13"), ERANGE },
	{ "255 destinations", IPFWADM_RULE_NDP, BYTES("\xff"), ERANGE },
	{ "odd ports", IPFWADM_RULE_PORTS, BYTES("\1\2\3"), EINVAL },
	{ "11 ports", IPFWADM_RULE_PORTS, BYTES("22 bytes of eleven por"), ERANGE },
	{ "name without end", IPFWADM_RULE_INTERFACE, BYTES("eth0"), EINVAL },
	{ "name that goes on", IPFWADM_RULE_INTERFACE, BYTES("et\0" "0\0"), EINVAL },
	{ "name with two ends", IPFWADM_RULE_INTERFACE, BYTES("et\0\0"), EINVAL },
	{ "name too long", IPFWADM_RULE_INTERFACE, BYTES("abcdefghijklmnopq\0"), EINVAL },
	{ "comment with newline", IPFWADM_RULE_COMMENT, BYTES("a\n\0"), EINVAL },
	{ "comment beyond ASCII", IPFWADM_RULE_COMMENT, BYTES("\xc3\xa9\0"), EINVAL },
	{ "state bits", IPFWADM_RULE_STATE, BYTES("\x10"), EINVAL },
	{ "keep_state 2", IPFWADM_RULE_KEEP_STATE, BYTES("\2"), ERANGE },
	{ "a helper of others", IPFWADM_RULE_HELPER, BYTES("sip\0"), EOPNOTSUPP },
	{ "counter too short", IPFWADM_RULE_PACKETS, BYTES("\1\2\3\4"), EINVAL },
}, packet_members[] = {
#define ONES_13	"\1\1\1\1\1\1\1\1\1\1\1\1\1"
	{ "39 bytes of options", IPFWADM_PACKET_OPTIONS, BYTES(ONES_13 ONES_13 ONES_13), EINVAL },
	{ "44 bytes of options", IPFWADM_PACKET_OPTIONS,
	  BYTES(ONES_13 ONES_13 ONES_13 "\1\1\1\1\1"), ERANGE },
	{ "two states", IPFWADM_PACKET_STATE, (const char[]){ FW_STATE_NEW | FW_STATE_RELATED }, 1,
	  EINVAL },
	{ "unknown state", IPFWADM_PACKET_STATE, BYTES("\x10"), EINVAL },
	{ "no such member of a packet", IPFWADM_PACKET_END, BYTES("\0\0\0\0"), EINVAL },
};

/* messages that need a function each */
static const struct refusal refusals[] = {
	{ "half a list", get_list_short, GET, NLM_F_DUMP, EINVAL, 0 },
	{ "a flag with payload", flag_with_payload, GET, NLM_F_DUMP, ERANGE, 0 },
	{ "nest flag", edit_unnested, EDIT, 0, EINVAL, 0 },
	{ "edit of nothing", edit_empty, EDIT, 0, EINVAL, IPFWADM_EDIT_OP },
	{ "no such operation", edit_op_high, EDIT, 0, ERANGE, 0 },
	{ "no such list", edit_list_high, EDIT, 0, ERANGE, 0 },
	{ "no such member", edit_member_unknown, EDIT, 0, EINVAL, 0 },
	{ "flush with rule", edit_rule_too_much, EDIT, 0, EINVAL, 0 },
	{ "timeouts with list", edit_list_too_much, EDIT, 0, EINVAL, 0 },
	{ "delete with counters", edit_counters_too_much, EDIT, 0, EINVAL, 0 },
	{ "policy bits", edit_policy_bits, EDIT, 0, EINVAL, 0 },
	{ "policy of the gate for IPv6", edit_gate_policy, EDIT, 0, EINVAL, 0 },
	{ "policy of accounting", edit_policy_acct, EDIT, 0, EINVAL, 0 },
	{ "delete nothing", edit_delete_absent, EDIT, 0, EINVAL, 0 },
	{ "second of three", edit_delete_between, EDIT, 0, EINVAL, 0 },
	{ "cut short", edit_cut, EDIT, 0, EINVAL, 0 },
	{ "no such timeout", timeouts_unknown, EDIT, 0, EINVAL, 0 },
	{ "comment too long", rule_comment_long, EDIT, 0, EINVAL, 0 },
	{ "no such timeout", timeout_unknown, EDIT, 0, ENOENT, 0 },
	{ "no seconds", timeout_zero, EDIT, 0, ERANGE, 0 },
	{ "249 days", timeout_long, EDIT, 0, ERANGE, 0 },
	{ "a timeout without name", timeout_no_name, EDIT, 0, EINVAL, 0 },
	{ "half a filter", conns_filter_short, IPFWADM_CMD_CONNS_END, 0, EINVAL, 0 },
	{ "range of one", rule_range_short, EDIT, 0, EINVAL, 0 },
	{ "11 slots", rule_slots_many, EDIT, 0, EINVAL, 0 },
	{ "no list", check_no_list, CHECK, 0, EINVAL, IPFWADM_A_LIST },
	{ "no packet", check_no_packet, CHECK, 0, EINVAL, IPFWADM_A_PACKET },
	{ "check of an unknown list", check_list_unknown, CHECK, 0, ERANGE, 0 },
	{ "outgoing input", check_outgoing_input, CHECK, 0, EINVAL, 0 },
	{ "device without name", device_no_name, CHECK, 0, EINVAL, IPFWADM_DEVICE_NAME },
	{ "device without address", device_no_addr, CHECK, 0, EINVAL, IPFWADM_DEVICE_ADDR },
	{ "no such device", device_absent, CHECK, 0, EINVAL, 0 },
}, late[] = {
	{ "zero what", get_zero_alone, GET, NLM_F_DUMP, EINVAL, IPFWADM_A_LIST },
};

#define check(good, ...) \
	((good) ? tally_pass(&tally) : tally_fail(&tally, __VA_ARGS__))

/* The module refuses the message, names at, or the type missing in it; nothing changes. */
static void refused(struct family *f, const char *name, struct nlmsghdr *nlh,
		    const struct nlattr *at, int error, int missing)
{
	__u8 command = ((const struct genlmsghdr *)mnl_nlmsg_get_payload(nlh))->cmd;
	int offset = at ? (int)((const char *)at - (const char *)nlh) : -1;
	struct family_status before, after;
	struct answer a;

	family_status(f, &before);
	/* the status has taken a number */
	nlh->nlmsg_seq = ++f->seq;
	family_ask(f, nlh, NULL, NULL, &a);
	check(a.error == -error, "%s (command %u): error %d, not %d: %s", name, command,
	      -a.error, error, a.text);
	check(*a.text, "%s (command %u): without a sentence", name, command);
	if (missing)
		check(a.missing == missing && a.missing_nest == offset,
		      "%s (command %u): missing %d in the nest at %d, not %d at %d", name,
		      command, a.missing, a.missing_nest, missing, offset);
	else
		check(a.offset == offset, "%s (command %u): at %d, not %d: %s", name, command,
		      a.offset, offset, a.text);
	family_status(f, &after);
	check(before.generation && !memcmp(&before, &after, sizeof(before)),
	      "%s (command %u): something changed", name, command);
}

static void refusal_check(struct family *f, const struct refusal *r)
{
	char buf[MESSAGE_MAX];
	struct nlmsghdr *nlh = family_message(f, buf, r->command, r->flags);

	refused(f, r->name, nlh, r->make(nlh), r->error, r->missing);
}

static void tables_check(struct family *f)
{
	const struct attribute *a;
	const struct incomplete *e;
	const struct member *m;
	char buf[MESSAGE_MAX];
	struct nlmsghdr *nlh;
	struct nlattr *nest;
	size_t i;

	for (a = attributes; a < attributes + FW_COUNT(attributes); a++) {
		nlh = family_message(f, buf, a->command, a->flags);
		refused(f, a->name, nlh, u32_put(nlh, a->type, a->value), a->error, 0);
	}
	for (e = incomplete; e < incomplete + FW_COUNT(incomplete); e++) {
		nlh = family_message(f, buf, EDIT, 0);
		nest = edit_begin(nlh, e->op, e->list);
		end(nlh, nest);
		refused(f, e->name, nlh, nest, EINVAL, e->missing);
	}
	for (i = 0; i < FW_COUNT(needed); i++) {
		nlh = family_message(f, buf, CHECK, 0);
		refused(f, needed[i].name, nlh, packet_without(nlh, needed[i].type), EINVAL,
			needed[i].type);
	}
	for (m = rule_members; m < rule_members + FW_COUNT(rule_members); m++) {
		nlh = family_message(f, buf, EDIT, 0);
		refused(f, m->name, nlh, rule_make(nlh, m->type, m->data, m->len), m->error, 0);
	}
	for (m = packet_members; m < packet_members + FW_COUNT(packet_members); m++) {
		nlh = family_message(f, buf, CHECK, 0);
		refused(f, m->name, nlh, packet_make(nlh, m->type, m->data, m->len), m->error, 0);
	}
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
	tables_check(&f);
	for (i = 0; i < FW_COUNT(refusals); i++)
		refusal_check(&f, &refusals[i]);
	for (i = 0; refusals_forwards[i].name; i++)
		refusal_check(&f, &refusals_forwards[i]);
	check(!family_status(&f, &status) && status.features & IPFWADM_FEATURE_STATE,
	      "states are no feature");
	if (dump_speaks())
		for (i = 0; i < FW_COUNT(late); i++)
			refusal_check(&f, &late[i]);
	family_close(&f);
	return tally_end(&tally);
}
