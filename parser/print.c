// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * print.c - rules and edits in canonical form, an option of a rule by its row.
 */
#include <string.h>

#include "kmod/core/names.h"
#include "parser/option.h"
#include "parser/print.h"
#include "parser/source.h"

/* characters that a POSIX shell leaves alone anywhere */
static bool char_plain(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || (c && strchr("-_=+:,./@%^", c));
}

/* printable UTF-8 characters only? */
static bool text_plain(const char *s, unsigned int n)
{
	const char *end = s + n;
	wchar_t c = 0;

	for (size_t length; s < end; s += length) {
		length = utf8_length(s, end, &c);
		if (!length || c < ' ' || (c >= 0x7f && c < 0xa0))
			return false;
	}
	return true;
}

/* $'eth\001': any byte, in ASCII */
static void put_escaped(struct fw_text *t, const char *s, unsigned int n)
{
	fw_text_str(t, "$'");
	for (; n; n--, s++) {
		unsigned char c = (unsigned char)*s;

		if (c < ' ' || c >= 0x7f) {
			fw_text_char(t, '\\');
			fw_text_char(t, (char)('0' + (c >> 6)));
			fw_text_char(t, (char)('0' + (c >> 3 & 7)));
			fw_text_char(t, (char)('0' + (c & 7)));
			continue;
		}
		if (c == '\'' || c == '\\')
			fw_text_char(t, '\\');
		fw_text_char(t, (char)c);
	}
	fw_text_char(t, '\'');
}

void print_utf8(struct fw_text *t, const char *s, unsigned int max)
{
	unsigned int n = (unsigned int)strnlen(s, max);

	if (text_plain(s, n) && (n < 2 || memcmp(s, "$'", 2) != 0))
		fw_text_strn(t, s, n);
	else
		put_escaped(t, s, n);
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
	if (!text_plain(s, n)) {
		put_escaped(t, s, n);
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
	if (r->helper) {
		fw_text_str(t, " --helper ");
		fw_text_str(t, fw_helper_name(r->helper));
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
	for (const struct option_row *o = options; o->name; o++) {
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
	fw_text_char(t, fw_list_letter(list));
	if (list == FW_ACCT && r->flags & (FW_ACCTIN | FW_ACCTOUT))
		fw_text_str(t, r->flags & FW_ACCTIN ? " in" : " out");
	fw_text_str(t, op == FW_OP_APPEND ? " -a" : op == FW_OP_INSERT ? " -i" : " -d");
	if (list != FW_ACCT) {
		fw_text_char(t, ' ');
		fw_text_str(t, fw_policy_name(r->flags & FW_POLICY_MASK));
	}
	put_options(t, r, true);
}

const char *print_rule_text(char buf[PRINT_RULE_MAX], enum fw_list_id list,
			    const struct fw_rule *r)
{
	struct fw_text t;

	fw_text_init(&t, buf, PRINT_RULE_MAX);
	print_rule(&t, FW_OP_APPEND, list, r);
	return buf;
}

/* numbers with text around them: "[" 7 ":" 420 "] " */
static void put_number(struct fw_text *t, const char *before, __u64 n, const char *after)
{
	fw_text_str(t, before);
	fw_text_dec(t, n);
	fw_text_str(t, after);
}

static void put_side(struct fw_text *t, const struct fw_portfw *f)
{
	if (f->mark) {
		put_number(t, " --mark ", f->mark, "");
		return;
	}
	fw_text_str(t, " -D ");
	fw_text_addr(t, f->addr);
	put_number(t, f->flags & FW_PORTFW_ANY_ADDR ? "/0 " : " ", f->low, "");
	if (f->high != f->low)
		put_number(t, ":", f->high, "");
}

static void put_target(struct fw_text *t, const struct fw_portfw *f)
{
	if (f->flags & FW_PORTFW_SAME_PORT) {
		fw_text_str(t, " --same-port");
	} else if (f->helper) {
		fw_text_str(t, " --helper ");
		fw_text_str(t, fw_helper_name(f->helper));
	} else if (f->trigger_port) {
		fw_text_str(t, " --trigger ");
		fw_text_str(t, fw_protocol_name(f->trigger_proto));
		put_number(t, " ", f->trigger_port, "");
		if (f->trigger_time != FW_PORTFW_TRIGGER_TIME)
			put_number(t, " --trigger-time ", f->trigger_time, "");
	} else {
		fw_text_str(t, " --to ");
		fw_text_addr(t, f->to);
		if (f->flags & FW_PORTFW_HAS_PORT)
			put_number(t, ":", f->to_port, "");
	}
}

static void put_portfw(struct fw_text *t, const struct fw_edit *e)
{
	static const char *const commands[] = {
		[FW_PORTFW_APPEND] = " -a", [FW_PORTFW_INSERT] = " -i",
		[FW_PORTFW_DELETE] = " -d", [FW_PORTFW_DELETE_SIDE] = " -d",
		[FW_PORTFW_FLUSH] = " -f", [FW_PORTFW_ZERO] = " -z",
	};
	const struct fw_portfw *f = &e->portfw.forward;
	bool adds = e->portfw.op <= FW_PORTFW_INSERT;

	if (e->counters && adds)
		put_number(t, "[", f->conns, "] ");
	fw_text_str(t, "-M --forward");
	fw_text_str(t, commands[e->portfw.op]);
	if (e->portfw.op <= FW_PORTFW_DELETE_SIDE) {
		if (f->proto) {
			fw_text_str(t, " -P ");
			fw_text_str(t, fw_protocol_name(f->proto));
		}
		put_side(t, f);
	}
	if (e->portfw.op <= FW_PORTFW_DELETE)
		put_target(t, f);
	if (adds)
		put_number(t, " --weight ", f->weight, "");
	if (adds && e->counters && f->left != f->weight)
		put_number(t, " --left ", f->left, "");
	if (e->portfw.cut)
		fw_text_str(t, " --cut");
}

void print_edit(struct fw_text *t, const struct fw_edit *e)
{
	if (e->op == FW_OP_PORTFW) {
		put_portfw(t, e);
		return;
	}
	if (e->op == FW_OP_IPV6) {
		fw_text_str(t, "ipv6 ");
		fw_text_str(t, fw_policy_name(e->policy));
		return;
	}
	if (e->op == FW_OP_TIMEOUTS) {
		put_number(t, "-M -s ", e->timeouts.tcp, " ");
		put_number(t, "", e->timeouts.tcpfin, " ");
		put_number(t, "", e->timeouts.udp, "");
		return;
	}
	if (e->op == FW_OP_APPEND || e->op == FW_OP_INSERT || e->op == FW_OP_DELETE) {
		if (e->counters) {
			put_number(t, "[", e->rule.pcnt, ":");
			put_number(t, "", e->rule.bcnt, "] ");
		}
		print_rule(t, e->op, e->list, &e->rule);
		return;
	}
	fw_text_char(t, '-');
	fw_text_char(t, fw_list_letter(e->list));
	fw_text_str(t, e->op == FW_OP_FLUSH ? " -f" : e->op == FW_OP_ZERO ? " -z" : " -p ");
	if (e->op == FW_OP_POLICY)
		fw_text_str(t, fw_policy_name(e->policy));
}

bool print_pattern_warning(struct fw_text *t, const struct fw_edit *e)
{
	const char *name = e->rule.vianame;
	unsigned int n = (unsigned int)strnlen(name, FW_IFNAMSIZ);

	if (e->op != FW_OP_APPEND && e->op != FW_OP_INSERT)
		return false;
	if (!n || (name[0] != '!' && name[n - 1] != '+' && !memchr(name, '*', n) &&
		   !memchr(name, '?', n)))
		return false;
	fw_text_str(t, "-W ");
	put_word(t, name, n);
	fw_text_str(t, " is a name, not a pattern: only an interface of exactly this "
		       "name matches");
	return true;
}

void print_interface(struct fw_text *t, const struct fw_dev *dev)
{
	fw_text_str(t, "interface ");
	put_word(t, dev->name, FW_IFNAMSIZ);
	fw_text_char(t, ' ');
	put_net(t, dev->addr, dev->mask);
}
