// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * kmod-netlink-fuzz.c - messages with mistakes by chance: the module answers each with
 * an error or does what it says, and works afterwards.
 *
 * usage: kmod-netlink-fuzz [N [SEED]]
 *
 * Whether the kernel complained is for whoever runs this to see.
 */
#include <errno.h>
#include <linux/genetlink.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "tests/lib/family.h"
#include "tests/lib/random_rules.h"
#include "tests/lib/tally.h"

#define MESSAGE_MAX 4096
#define MUTATED_MAX (2 * MESSAGE_MAX)
#define N_DEFAULT 200000
#define RESET_EVERY 1000	/* messages, after which the lists are emptied */

#define HEADERS (NLMSG_HDRLEN + GENL_HDRLEN)

static void must(bool good, const char *what)
{
	if (good)
		return;
	perror(what);
	exit(1);
}

/* messages that are right; mistakes are made in these */

static void random_rule_make(struct random *r, struct fw_rule *rule)
{
	memset(rule, 0, sizeof(*rule));
	rule->src = random_word(r);
	rule->smsk = ~0u << random_below(r, 32);
	rule->flags = random_word(r) & FW_FLAGS;
	rule->nsp = random_below(r, 5);
	rule->ndp = random_below(r, 5);
	rule->tosand = random_word(r);
	for (int i = 0; i < FW_MAX_PORTS; i++)
		rule->pts[i] = random_word(r);
	if (random_one_in(r, 2))
		strcpy(rule->vianame, "eth0");
	if (random_one_in(r, 2))
		strcpy(rule->comment, "a comment");
}

static void edits_make(struct random *r, struct nlmsghdr *nlh)
{
	__u32 n = random_below(r, 4);

	if (random_one_in(r, 4))
		mnl_attr_put_u32(nlh, IPFWADM_A_GENERATION, random_below(r, 4));
	if (random_one_in(r, 4))
		mnl_attr_put(nlh, IPFWADM_A_REPLACE, 0, NULL);
	while (n--) {
		struct fw_edit e = {
			.op = random_below(r, FW_OP_PORTFW + 1),
			.list = random_below(r, FW_LISTS),
		};

		if (e.op <= FW_OP_DELETE)
			random_rule_make(r, &e.rule);
		else if (e.op == FW_OP_TIMEOUTS)
			e.timeouts.udp = random_word(r);
		else if (e.op == FW_OP_POLICY)
			e.policy = random_word(r) & FW_POLICY_MASK;
		else if (e.op == FW_OP_PORTFW)
			random_portfw_edit(r, &e);
		family_edit_put(nlh, &e);
	}
}

static void check_make(struct random *r, struct nlmsghdr *nlh)
{
	char bytes[40];
	struct nlattr *nest;

	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = random_word(r);
	mnl_attr_put_u32(nlh, IPFWADM_A_LIST, random_below(r, FW_ACCT));
	nest = mnl_attr_nest_start(nlh, IPFWADM_A_PACKET);
	mnl_attr_put_u32(nlh, IPFWADM_PACKET_SADDR, random_word(r));
	mnl_attr_put_u32(nlh, IPFWADM_PACKET_DADDR, random_word(r));
	mnl_attr_put_u8(nlh, IPFWADM_PACKET_PROTO, random_below(r, 20));
	mnl_attr_put_u16(nlh, IPFWADM_PACKET_LENGTH, random_word(r));
	mnl_attr_put_u16(nlh, IPFWADM_PACKET_FRAGMENT, random_below(r, 4) * 0x1fff);
	mnl_attr_put_u8(nlh, IPFWADM_PACKET_TCP_FLAGS, random_word(r));
	mnl_attr_put(nlh, IPFWADM_PACKET_OPTIONS, 4 * random_below(r, 11), bytes);
	mnl_attr_nest_end(nlh, nest);
	if (random_one_in(r, 2)) {
		nest = mnl_attr_nest_start(nlh, IPFWADM_A_DEVICE);
		mnl_attr_put_strz(nlh, IPFWADM_DEVICE_NAME, "lo");
		mnl_attr_put_u32(nlh, IPFWADM_DEVICE_ADDR, 0x7f000001);
		mnl_attr_nest_end(nlh, nest);
	}
}

static struct nlmsghdr *message_make(struct random *r, struct family *f, char *buf)
{
	static const __u8 commands[] = {
		IPFWADM_CMD_STATUS, IPFWADM_CMD_RULES_GET, IPFWADM_CMD_RULES_GET,
		IPFWADM_CMD_EDIT, IPFWADM_CMD_EDIT, IPFWADM_CMD_EDIT, IPFWADM_CMD_EDIT,
		IPFWADM_CMD_CHECK, IPFWADM_CMD_CHECK,
	};
	__u8 command = commands[random_below(r, FW_COUNT(commands))];
	struct nlmsghdr *nlh = family_message(f, buf, command,
					      command == IPFWADM_CMD_RULES_GET ?
					      NLM_F_DUMP : 0);

	if (command == IPFWADM_CMD_RULES_GET) {
		if (random_one_in(r, 2))
			mnl_attr_put_u32(nlh, IPFWADM_A_LIST, random_below(r, FW_LISTS));
		if (random_one_in(r, 2))
			mnl_attr_put(nlh, IPFWADM_A_ZERO, 0, NULL);
	} else if (command == IPFWADM_CMD_EDIT) {
		edits_make(r, nlh);
	} else if (command == IPFWADM_CMD_CHECK) {
		check_make(r, nlh);
	}
	return nlh;
}

/* Offset of an attribute by chance, nested ones too; 0 if there are none. */
static __u32 attribute_pick(struct random *r, const struct nlmsghdr *nlh)
{
	__u32 at = HEADERS, end = nlh->nlmsg_len;

	while (at + NLA_HDRLEN <= end) {
		const struct nlattr *nla = (const void *)((const char *)nlh + at);
		__u32 next = at + NLA_ALIGN(nla->nla_len);

		if (nla->nla_len < NLA_HDRLEN || next > end)
			return at;
		if (random_one_in(r, 4))
			return at;
		if (nla->nla_type & NLA_F_NESTED && random_one_in(r, 2)) {
			end = next;
			next = at + NLA_HDRLEN;
		}
		at = next;
	}
	return 0;
}

/* Writes the attribute at that offset a second time, behind all. */
static void attribute_repeat(struct nlmsghdr *nlh, __u32 at)
{
	struct nlattr *nla = (void *)((char *)nlh + at);
	__u32 len = NLA_ALIGN(nla->nla_len);

	if (at + len > nlh->nlmsg_len || nlh->nlmsg_len + len > MUTATED_MAX)
		return;
	memcpy((char *)nlh + nlh->nlmsg_len, nla, len);
	nlh->nlmsg_len += len;
}

/* One mistake; buffers have room for it. */
static void message_spoil(struct random *r, struct nlmsghdr *nlh)
{
	__u32 at = attribute_pick(r, nlh), pos;
	struct nlattr *nla = (void *)((char *)nlh + at);
	__u8 *bytes = (__u8 *)nlh;

	switch (at ? random_below(r, 8) : 0) {
	case 0:		/* a byte behind the headers, or the command's */
		pos = NLMSG_HDRLEN + random_below(r, nlh->nlmsg_len - NLMSG_HDRLEN);
		bytes[pos] = random_word(r);
		break;
	case 1:
		pos = HEADERS + random_below(r, nlh->nlmsg_len - HEADERS);
		bytes[pos] ^= 1u << random_below(r, 8);
		break;
	case 2:
		nla->nla_len = random_below(r, 2) ? random_below(r, 40) : random_word(r);
		break;
	case 3:
		nla->nla_len += random_below(r, 9) - 4;
		break;
	case 4:
		nla->nla_type = random_below(r, 32) | (nla->nla_type & NLA_F_NESTED);
		break;
	case 5:
		nla->nla_type ^= random_one_in(r, 2) ? NLA_F_NESTED : NLA_F_NET_BYTEORDER;
		break;
	case 6:
		attribute_repeat(nlh, at);
		break;
	case 7:		/* cut */
		nlh->nlmsg_len = HEADERS + random_below(r, nlh->nlmsg_len - HEADERS);
		break;
	}
}

/* Is it an answer that a wrong message may get? */
static bool answer_expected(const struct answer *a)
{
	switch (-a->error) {
	case 0:
	case EINVAL:
	case ERANGE:
	case EOPNOTSUPP:
	case ESTALE:
	case EAGAIN:
		return true;
	default:
		return false;
	}
}

static void lists_empty(struct family *f)
{
	char buf[MESSAGE_MAX];
	struct nlmsghdr *nlh = family_message(f, buf, IPFWADM_CMD_EDIT, 0);
	struct answer a;

	mnl_attr_put(nlh, IPFWADM_A_REPLACE, 0, NULL);
	family_ask(f, nlh, NULL, NULL, &a);
	must(!a.error, "replace");
}

int main(int argc, char **argv)
{
	unsigned long n = argc > 1 ? strtoul(argv[1], NULL, 0) : N_DEFAULT, i, refused = 0;
	__u64 seed = argc > 2 ? strtoull(argv[2], NULL, 0) : 1;
	static union {
		struct nlmsghdr nlh;
		char bytes[MUTATED_MAX];
	} message;
	struct tally tally = { 0 };
	struct family_status s;
	struct family f;
	struct answer a;
	struct random r;

	must(!unshare(CLONE_NEWNET), "unshare");
	must(!family_open(&f), "family_open");
	random_seed(&r, seed);
	for (i = 0; i < n; i++) {
		struct nlmsghdr *nlh = message_make(&r, &f, message.bytes);

		for (__u32 faults = random_below(&r, 4); faults; faults--)
			message_spoil(&r, nlh);
		family_ask(&f, nlh, NULL, NULL, &a);
		refused += !!a.error;
		if (!answer_expected(&a))
			tally_fail(&tally, "seed %llu, message %lu: error %d %s", seed, i,
				   a.error, a.text);
		if (i % RESET_EVERY == 0) {
			lists_empty(&f);
			tally_pass(&tally);
		}
	}
	printf("%lu messages, %lu of them refused\n", n, refused);
	lists_empty(&f);
	if (family_status(&f, &s) || s.count[FW_INPUT])
		tally_fail(&tally, "it does not work afterwards");
	family_close(&f);
	return tally_end(&tally);
}
