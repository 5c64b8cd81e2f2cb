// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "parser/print.h"

const char *print_policy(__u32 policy)
{
	switch (policy) {
	case FW_POLICY_ACCEPT:
		return "accept";
	case FW_POLICY_REJECT:
		return "reject";
	case FW_POLICY_MASQ:
		return "masquerade";
	default:
		return "deny";
	}
}

char print_list(enum fw_list_id list)
{
	return "FIOA"[list];
}

/* characters that a POSIX shell leaves alone wherever they stand */
static bool char_plain(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || (c && strchr("-_=+:,./@%^", c));
}

/* a word of at most max bytes, in quotes where they are needed */
static void put_word(struct fw_text *t, const char *s, unsigned int max)
{
	unsigned int n = (unsigned int)strnlen(s, max), i = 0;

	while (i < n && char_plain(s[i]))
		i++;
	if (n && i == n) {
		fw_text_strn(t, s, n);
		return;
	}
	fw_text_char(t, '\'');
	for (i = 0; i < n; i++) {
		if (s[i] == '\'')
			fw_text_str(t, "'\\'");
		fw_text_char(t, s[i]);
	}
	fw_text_char(t, '\'');
}

/* 32 for all ones, -1 if the ones are not in front */
static int mask_bits(__u32 mask)
{
	int bits = mask ? __builtin_clz(~mask | 1) : 0;

	if (mask == 0xffffffff)
		return 32;
	return mask == (bits ? 0xffffffff << (32 - bits) : 0) ? bits : -1;
}

static void put_net(struct fw_text *t, __u32 addr, __u32 mask)
{
	int bits = mask_bits(mask);

	fw_text_addr(t, addr);
	fw_text_char(t, '/');
	if (bits >= 0)
		fw_text_dec(t, (__u64)bits);
	else
		fw_text_addr(t, mask);
}

static void put_ports(struct fw_text *t, const __u16 *pts, unsigned int n, bool range)
{
	for (unsigned int i = 0; i < n; i++) {
		fw_text_char(t, i == 1 && range ? ':' : ' ');
		fw_text_dec(t, pts[i]);
	}
}

static bool kind_has_ports(const struct fw_rule *r)
{
	return (r->flags & FW_KIND_MASK) != FW_KIND_ALL;
}

static void put_endpoints(struct fw_text *t, const struct fw_rule *r)
{
	unsigned int nsp = kind_has_ports(r) ? r->nsp : 0;
	unsigned int ndp = kind_has_ports(r) ? r->ndp : 0;

	if (r->smsk || nsp || r->dmsk || ndp) {
		fw_text_str(t, " -S ");
		put_net(t, r->src, r->smsk);
		put_ports(t, r->pts, nsp, r->flags & FW_SRNG);
		fw_text_str(t, " -D ");
		put_net(t, r->dst, r->dmsk);
		put_ports(t, r->pts + nsp, ndp, r->flags & FW_DRNG);
	}
}

static void put_via(struct fw_text *t, const struct fw_rule *r)
{
	if (r->via) {
		fw_text_str(t, " -V ");
		fw_text_addr(t, r->via);
	}
	if (r->vianame[0]) {
		fw_text_str(t, " -W ");
		put_word(t, r->vianame, FW_IFNAMSIZ);
	}
}

static void put_flags(struct fw_text *t, const struct fw_rule *r)
{
	static const struct {
		__u16 flag;
		const char *text;
	} flags[] = {
		{ FW_BIDIR, " -b" },
		{ FW_TCPACK, " -k" },
		{ FW_TCPSYN, " -y" },
		{ FW_PRN, " -o" },
	};

	for (unsigned int i = 0; i < FW_COUNT(flags); i++)
		if (r->flags & flags[i].flag)
			fw_text_str(t, flags[i].text);
	if (r->flags & FW_REDIR) {
		fw_text_str(t, " -r ");
		fw_text_dec(t, fw_rule_redirect_port(r));
	}
	if (r->tosand != 0xff || r->tosxor) {
		fw_text_str(t, " -t 0x");
		fw_text_hex(t, r->tosand, 2);
		fw_text_str(t, " 0x");
		fw_text_hex(t, r->tosxor, 2);
	}
}

static void put_states(struct fw_text *t, unsigned int states)
{
	static const char *const names[] = { "new", "established", "related", "invalid" };
	bool first = true;

	for (unsigned int i = 0; i < FW_COUNT(names); i++) {
		if (!(states & 1u << i))
			continue;
		if (!first)
			fw_text_char(t, ',');
		fw_text_str(t, names[i]);
		first = false;
	}
}

/* each option with a blank in front */
static void put_extensions(struct fw_text *t, const struct fw_rule *r)
{
	const char *helper = fw_helper_name(r->helper);

	if (r->state) {
		fw_text_str(t, " --state ");
		put_states(t, r->state);
	}
	if (r->keep_state)
		fw_text_str(t, " --keep-state");
	if (helper) {
		fw_text_str(t, " --helper ");
		fw_text_str(t, helper);
	}
	if (r->comment[0]) {
		fw_text_str(t, " --comment ");
		put_word(t, r->comment, FW_COMMENT_MAX);
	}
}

void print_extensions(struct fw_text *t, const struct fw_rule *r)
{
	char buf[PRINT_RULE_MAX];
	struct fw_text own;

	fw_text_init(&own, buf, sizeof(buf));
	put_extensions(&own, r);
	if (own.len)
		fw_text_str(t, buf + 1);
}

static void put_command(struct fw_text *t, enum fw_op op, enum fw_list_id list,
			const struct fw_rule *r)
{
	fw_text_char(t, '-');
	fw_text_char(t, print_list(list));
	if (list == FW_ACCT && r->flags & (FW_ACCTIN | FW_ACCTOUT))
		fw_text_str(t, r->flags & FW_ACCTIN ? " in" : " out");
	fw_text_str(t, op == FW_OP_APPEND ? " -a" : op == FW_OP_INSERT ? " -i" : " -d");
	if (list != FW_ACCT) {
		fw_text_char(t, ' ');
		fw_text_str(t, print_policy(r->flags & FW_POLICY_MASK));
	}
}

void print_rule(struct fw_text *t, enum fw_op op, enum fw_list_id list,
		const struct fw_rule *r)
{
	static const char *const protocols[] = { NULL, "tcp", "udp", "icmp" };
	const char *protocol = protocols[r->flags & FW_KIND_MASK];

	put_command(t, op, list, r);
	if (protocol) {
		fw_text_str(t, " -P ");
		fw_text_str(t, protocol);
	}
	put_endpoints(t, r);
	put_via(t, r);
	put_flags(t, r);
	put_extensions(t, r);
}

static void put_counters(struct fw_text *t, const struct fw_rule *r)
{
	fw_text_char(t, '[');
	fw_text_dec(t, r->pcnt);
	fw_text_char(t, ':');
	fw_text_dec(t, r->bcnt);
	fw_text_str(t, "] ");
}

static void put_timeouts(struct fw_text *t, const struct fw_timeouts *timeouts)
{
	fw_text_str(t, "-M -s ");
	fw_text_dec(t, timeouts->tcp);
	fw_text_char(t, ' ');
	fw_text_dec(t, timeouts->tcpfin);
	fw_text_char(t, ' ');
	fw_text_dec(t, timeouts->udp);
}

static void put_list_command(struct fw_text *t, enum fw_list_id list, const char *command)
{
	fw_text_char(t, '-');
	fw_text_char(t, print_list(list));
	fw_text_str(t, command);
}

void print_edit(struct fw_text *t, const struct fw_edit *e)
{
	switch (e->op) {
	case FW_OP_APPEND:
	case FW_OP_INSERT:
	case FW_OP_DELETE:
		if (e->counters)
			put_counters(t, &e->rule);
		print_rule(t, e->op, e->list, &e->rule);
		break;
	case FW_OP_FLUSH:
		put_list_command(t, e->list, " -f");
		break;
	case FW_OP_ZERO:
		put_list_command(t, e->list, " -z");
		break;
	case FW_OP_POLICY:
		put_list_command(t, e->list, " -p ");
		fw_text_str(t, print_policy(e->policy));
		break;
	case FW_OP_TIMEOUTS:
		put_timeouts(t, &e->timeouts);
		break;
	}
}

void print_interface(struct fw_text *t, const struct fw_dev *dev)
{
	fw_text_str(t, "interface ");
	put_word(t, dev->name, FW_IFNAMSIZ);
	fw_text_char(t, ' ');
	put_net(t, dev->addr, dev->mask);
}
