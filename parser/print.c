// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * print.c - rules and edits in canonical form, an option of a rule by its row.
 */
#include <string.h>

#include "kmod/core/names.h"
#include "parser/option.h"
#include "parser/print.h"

char print_list(enum fw_list_id list)
{
	return "FIOA"[list];
}

/* characters that a POSIX shell leaves alone anywhere */
static bool char_plain(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || (c && strchr("-_=+:,./@%^", c));
}

/* a word of at most max bytes, quoted if necessary */
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

/* the number of leading ones, -1 if there are others */
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

/* -S and -D are printed together, unless both have their defaults */
static bool has_endpoints(const struct fw_rule *r)
{
	bool ports = r->flags & FW_KIND_MASK;

	return r->smsk || r->dmsk || (ports && (r->nsp || r->ndp));
}

static void put_endpoint(struct fw_text *t, const struct fw_rule *r, bool source)
{
	unsigned int first = source ? 0 : r->nsp, n = source ? r->nsp : r->ndp;

	fw_text_str(t, source ? " -S " : " -D ");
	put_net(t, source ? r->src : r->dst, source ? r->smsk : r->dmsk);
	if (r->flags & FW_KIND_MASK)
		put_ports(t, r->pts + first, n, r->flags & (source ? FW_SRNG : FW_DRNG));
}

void print_protocol(struct fw_text *t, const struct fw_rule *r)
{
	if (r->flags & FW_KIND_MASK) {
		fw_text_str(t, " -P ");
		fw_text_str(t, fw_kind_names[r->flags & FW_KIND_MASK]);
	}
}

void print_source(struct fw_text *t, const struct fw_rule *r)
{
	if (has_endpoints(r))
		put_endpoint(t, r, true);
}

void print_destination(struct fw_text *t, const struct fw_rule *r)
{
	if (has_endpoints(r))
		put_endpoint(t, r, false);
}

void print_via(struct fw_text *t, const struct fw_rule *r)
{
	if (r->via) {
		fw_text_str(t, " -V ");
		fw_text_addr(t, r->via);
	}
}

void print_vianame(struct fw_text *t, const struct fw_rule *r)
{
	if (r->vianame[0]) {
		fw_text_str(t, " -W ");
		put_word(t, r->vianame, FW_IFNAMSIZ);
	}
}

void print_redirect(struct fw_text *t, const struct fw_rule *r)
{
	if (r->flags & FW_REDIR) {
		fw_text_str(t, " -r ");
		fw_text_dec(t, fw_rule_redirect_port(r));
	}
}

void print_tos(struct fw_text *t, const struct fw_rule *r)
{
	if (r->tosand != 0xff || r->tosxor) {
		fw_text_str(t, " -t 0x");
		fw_text_hex(t, r->tosand, 2);
		fw_text_str(t, " 0x");
		fw_text_hex(t, r->tosxor, 2);
	}
}

void print_state(struct fw_text *t, const struct fw_rule *r)
{
	const char *before = " --state ";

	for (unsigned int i = 0; fw_state_names[i]; i++) {
		if (!(r->state & 1u << i))
			continue;
		fw_text_str(t, before);
		fw_text_str(t, fw_state_names[i]);
		before = ",";
	}
}

void print_keep_state(struct fw_text *t, const struct fw_rule *r)
{
	if (r->keep_state)
		fw_text_str(t, " --keep-state");
}

void print_helper(struct fw_text *t, const struct fw_rule *r)
{
	const char *helper = fw_helper_name(r->helper);

	if (helper) {
		fw_text_str(t, " --helper ");
		fw_text_str(t, helper);
	}
}

void print_comment(struct fw_text *t, const struct fw_rule *r)
{
	if (r->comment[0]) {
		fw_text_str(t, " --comment ");
		put_word(t, r->comment, FW_COMMENT_MAX);
	}
}

/* each option with a blank before it */
static void put_options(struct fw_text *t, const struct fw_rule *r, bool all)
{
	for (const struct option *o = options; o->name; o++) {
		if (!all && o->kind != OPTION_NEW)
			continue;
		if (o->print) {
			o->print(t, r);
		} else if (o->flag && r->flags & o->flag) {
			fw_text_char(t, ' ');
			fw_text_str(t, o->name);
		}
	}
}

void print_extensions(struct fw_text *t, const struct fw_rule *r)
{
	char buf[PRINT_RULE_MAX];
	struct fw_text own;

	fw_text_init(&own, buf, sizeof(buf));
	put_options(&own, r, false);
	if (own.len)
		fw_text_str(t, buf + 1);
}

void print_rule(struct fw_text *t, enum fw_op op, enum fw_list_id list,
		const struct fw_rule *r)
{
	fw_text_char(t, '-');
	fw_text_char(t, print_list(list));
	if (list == FW_ACCT && r->flags & (FW_ACCTIN | FW_ACCTOUT))
		fw_text_str(t, r->flags & FW_ACCTIN ? " in" : " out");
	fw_text_str(t, op == FW_OP_APPEND ? " -a" : op == FW_OP_INSERT ? " -i" : " -d");
	if (list != FW_ACCT) {
		fw_text_char(t, ' ');
		fw_text_str(t, fw_policy_name(r->flags & FW_POLICY_MASK));
	}
	put_options(t, r, true);
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
		fw_text_str(t, fw_policy_name(e->policy));
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
