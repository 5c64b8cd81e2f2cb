// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * emit_iptables_match.c - the matches of a rule as options of iptables.
 *
 * A match that iptables does not have, or that cannot be given twice, is
 * written as a u32 test of the packet's bytes.
 */
#include <string.h>

#include "backend/text/emit_iptables.h"
#include "kmod/core/names.h"

enum emit_iptables_form {
	EMIT_OPTION,	/* of iptables itself */
	EMIT_PROTOCOL,	/* of the match that is named like the protocol */
	EMIT_MODULE,	/* a match of its own */
};

#define XT_MULTIPORT_SLOTS 15
#define XT_U32_VALUES 10

#define TCP_FLAGS_NAMED 0x3fu

static const struct {
	__u8 bit;
	const char *name;
} ct_state[] = {
	{ FW_STATE_INVALID, "INVALID" },
	{ FW_STATE_NEW, "NEW" },
	{ FW_STATE_RELATED, "RELATED" },
	{ FW_STATE_ESTABLISHED, "ESTABLISHED" },
};

static const char *const ct_status[] = {
	[PLAN_M_CT_STATUS_SNAT] = " --ctstate SNAT",
	[PLAN_M_CT_STATUS_DNAT] = " --ctstate DNAT",
	[PLAN_M_CT_STATUS_EXPECTED] = " --ctstatus EXPECTED",
	[PLAN_M_CT_STATUS_CONFIRMED] = " --ctstatus CONFIRMED",
};

/* places in a packet, in the words of u32 */
#define U32_VERSION	"0x0>>0x1c="
#define U32_IHL_LENGTH	"0x0&0xf00ffff="
#define U32_OFFSET	"0x4&0x1fff="
#define U32_PROTO	"0x8>>0x10&0xff="
#define U32_SADDR	"0xc&"
#define U32_DADDR	"0x10&"
#define U32_TRANSPORT	"0x0>>0x16&0x3c@"
#define U32_ICMP_TYPE	U32_TRANSPORT "0x0>>0x18="
#define U32_TCP_FLAGS	U32_TRANSPORT "0xc>>0x10&"

/* Interface names keep every byte, but need quotes only for odd ones. */
static void ipt_name(struct emit *e, const char *name)
{
	const char *c;

	if (!name[strcspn(name, " \t\"'\\#")]) {
		emit_str(e, name);
		return;
	}
	emit_char(e, '"');
	for (c = name; *c; c++) {
		if (*c == '"' || *c == '\\')
			emit_char(e, '\\');
		emit_char(e, *c);
	}
	emit_char(e, '"');
}

static void ipt_flag(struct emit *e, const struct plan_match *m, const char *option)
{
	emit_str(e, m->invert ? " !" : "");
	emit_str(e, option);
}

static void ipt_interface(struct emit *e, const struct plan_match *m, const char *option)
{
	if (m->names.count != 1 || !plan_name_ok(PLAN_XTABLES, m->names.item[0])) {
		emit_fail(e, -EINVAL);
		return;
	}
	ipt_flag(e, m, option);
	ipt_name(e, m->names.item[0]);
}

static void ipt_protocol(struct emit *e, const struct plan_match *m)
{
	const char *name = fw_protocol_name(m->ranges.item->lo);

	ipt_flag(e, m, " -p ");
	if (name)
		emit_str(e, name);
	else
		fw_text_dec(&e->text, m->ranges.item->lo);
}

static void ipt_address(struct emit *e, const struct plan_match *m, const char *option)
{
	ipt_flag(e, m, option);
	emit_prefix(e, m->bits.value, m->bits.mask);
	if (m->bits.mask == ~0u)
		emit_str(e, "/32");
}

/* the options of iptables itself, which come first, in the order of -save */
static void ipt_plain(struct emit *e, const struct plan_match *m)
{
	switch (m->type) {
	case PLAN_M_SADDR:
		ipt_address(e, m, " -s ");
		break;
	case PLAN_M_DADDR:
		ipt_address(e, m, " -d ");
		break;
	case PLAN_M_IIFNAME:
		ipt_interface(e, m, " -i ");
		break;
	case PLAN_M_OIFNAME:
		ipt_interface(e, m, " -o ");
		break;
	case PLAN_M_PROTO:
		ipt_protocol(e, m);
		break;
	default:
		ipt_flag(e, m, " -f");
		break;
	}
}

static void ipt_flag_list(struct emit *e, __u32 flags)
{
	const char *separator = "";
	unsigned int i;

	if (!flags)
		emit_str(e, "NONE");
	for (i = 0; i < FW_TCP_FLAGS; i++) {
		if (!(flags >> i & 1))
			continue;
		emit_str(e, separator);
		emit_str(e, fw_tcp_flag_names[i]);
		separator = ",";
	}
}

/* the options of the match that is named like the protocol */
static void ipt_proto_option(struct emit *e, const struct plan_match *m)
{
	switch (m->type) {
	case PLAN_M_SPORT:
		ipt_flag(e, m, " --sport ");
		emit_range(e, *m->ranges.item, ':');
		break;
	case PLAN_M_DPORT:
		ipt_flag(e, m, " --dport ");
		emit_range(e, *m->ranges.item, ':');
		break;
	case PLAN_M_ICMP_TYPE:
		ipt_flag(e, m, " --icmp-type ");
		fw_text_dec(&e->text, m->ranges.item->lo);
		break;
	default:
		ipt_flag(e, m, " --tcp-flags ");
		ipt_flag_list(e, m->bits.mask);
		emit_char(e, ' ');
		ipt_flag_list(e, m->bits.value);
		break;
	}
}

static void ipt_multiport(struct emit *e, const struct plan_match *m, const char *option)
{
	unsigned int slots = 0;
	__u32 i;

	emit_str(e, " -m multiport");
	ipt_flag(e, m, option);
	for (i = 0; i < m->ranges.count; i++) {
		struct plan_range r = m->ranges.item[i];

		slots += r.lo == r.hi ? 1 : 2;
		if (i)
			emit_char(e, ',');
		emit_range(e, r, ':');
	}
	if (slots > XT_MULTIPORT_SLOTS)
		emit_fail(e, -EINVAL);
}

static void u32_range(struct emit *e, __u32 lo, __u32 hi)
{
	emit_hex(e, lo, 1);
	if (lo == hi)
		return;
	emit_char(e, ':');
	emit_hex(e, hi, 1);
}

static void u32_ranges(struct emit *e, const struct plan_match *m)
{
	__u32 i;

	if (m->ranges.count > XT_U32_VALUES)
		emit_fail(e, -EINVAL);
	for (i = 0; i < m->ranges.count; i++) {
		if (i)
			emit_char(e, ',');
		u32_range(e, m->ranges.item[i].lo, m->ranges.item[i].hi);
	}
}

static void u32_bits(struct emit *e, const struct plan_match *m)
{
	emit_hex(e, m->bits.mask, 1);
	emit_char(e, '=');
	emit_hex(e, m->bits.value, 1);
}

/* what of the numbers between two short spans is not short, ihl first to last */
static void u32_not_short(struct emit *e, const struct plan_match *m,
			  unsigned int first, unsigned int last)
{
	unsigned int ihl;

	for (ihl = first; ihl <= last; ihl++) {
		if (ihl > first)
			emit_char(e, ',');
		u32_range(e, ihl << 24 | (emit_short_max(m, ihl) + 1),
			  ihl << 24 | 0xffffff);
	}
}

/*
 * There are eleven header lengths and room for ten spans in a test, so this
 * says the opposite in two tests, which must both hold: long enough if the
 * header is below the middle, and long enough if it is not.
 */
static void u32_short(struct emit *e, const struct plan_match *m)
{
	const unsigned int middle = (EMIT_IHL_MIN + EMIT_IHL_MAX + 1) / 2;

	emit_str(e, U32_IHL_LENGTH);
	u32_not_short(e, m, EMIT_IHL_MIN, middle - 1);
	emit_char(e, ',');
	u32_range(e, middle << 24, ~0u);
	emit_str(e, "&&" U32_IHL_LENGTH);
	u32_range(e, 0, (middle << 24) - 1);
	emit_char(e, ',');
	u32_not_short(e, m, middle, EMIT_IHL_MAX);
}

static void u32_test(struct emit *e, const struct plan_match *m)
{
	switch (m->type) {
	case PLAN_M_SADDR:
		emit_str(e, U32_SADDR);
		u32_bits(e, m);
		break;
	case PLAN_M_DADDR:
		emit_str(e, U32_DADDR);
		u32_bits(e, m);
		break;
	case PLAN_M_PROTO:
		emit_str(e, U32_PROTO);
		u32_ranges(e, m);
		break;
	case PLAN_M_ICMP_TYPE:
		emit_str(e, U32_ICMP_TYPE);
		u32_ranges(e, m);
		break;
	case PLAN_M_TCP_FLAGS:
		emit_str(e, U32_TCP_FLAGS);
		u32_bits(e, m);
		break;
	case PLAN_M_FRAGMENT:
		emit_str(e, U32_OFFSET "0x1:0x1fff");
		break;
	case PLAN_M_FRAGMENT_AT_1:
		emit_str(e, U32_OFFSET "0x1");
		break;
	case PLAN_M_SHORT:
		u32_short(e, m);
		break;
	case PLAN_M_PLAIN:
		emit_str(e, U32_IHL_LENGTH);
		u32_range(e, EMIT_PLAIN_MIN(m), EMIT_PLAIN_MAX);
		break;
	case PLAN_M_NEVER:
		emit_str(e, U32_VERSION "0x0:0x3");
		break;
	default:
		emit_fail(e, -EINVAL);
		break;
	}
}

static void ipt_u32(struct emit *e, const struct plan_match *m)
{
	bool invert = m->type == PLAN_M_SHORT ? !m->invert : m->invert;

	if (emit_match_is_transport(m))	/* nothing there in later fragments */
		emit_str(e, " -m u32 --u32 \"" U32_OFFSET "0x0\"");
	emit_str(e, invert ? " -m u32 ! --u32 \"" : " -m u32 --u32 \"");
	u32_test(e, m);
	emit_char(e, '"');
}

static void ipt_ct_state(struct emit *e, const struct plan_match *m)
{
	const char *separator = "";
	unsigned int i;

	ipt_flag(e, m, " --ctstate ");
	for (i = 0; i < FW_COUNT(ct_state); i++) {
		if (!(m->bits.value & ct_state[i].bit))
			continue;
		emit_str(e, separator);
		emit_str(e, ct_state[i].name);
		separator = ",";
	}
}

static void ipt_bits(struct emit *e, const struct plan_match *m, const char *option)
{
	ipt_flag(e, m, option);
	emit_hex(e, m->bits.value, 1);
	if (m->bits.mask == ~0u)
		return;
	emit_char(e, '/');
	emit_hex(e, m->bits.mask, 1);
}

static void ipt_tos(struct emit *e, const struct plan_match *m, unsigned int shift)
{
	emit_str(e, " -m tos");
	ipt_flag(e, m, " --tos ");
	emit_hex(e, m->bits.value << shift, 2);
	emit_char(e, '/');
	emit_hex(e, m->bits.mask << shift, 2);
}

/* matches with a module of their own */
static void ipt_module(struct emit *e, const struct plan_match *m)
{
	emit_room(e);
	switch (m->type) {
	case PLAN_M_SPORT:
		ipt_multiport(e, m, " --sports ");
		break;
	case PLAN_M_DPORT:
		ipt_multiport(e, m, " --dports ");
		break;
	case PLAN_M_CT_STATE:
		emit_str(e, " -m conntrack");
		ipt_ct_state(e, m);
		break;
	case PLAN_M_CT_STATUS_SNAT:
	case PLAN_M_CT_STATUS_DNAT:
	case PLAN_M_CT_STATUS_EXPECTED:
	case PLAN_M_CT_STATUS_CONFIRMED:
		emit_str(e, " -m conntrack");
		ipt_flag(e, m, ct_status[m->type]);
		break;
	case PLAN_M_CT_REPLY:
		emit_str(e, " -m conntrack --ctdir ");
		emit_str(e, m->invert ? "ORIGINAL" : "REPLY");
		break;
	case PLAN_M_CT_ORIG_DADDR:
		emit_str(e, " -m conntrack");
		ipt_address(e, m, " --ctorigdst ");
		break;
	case PLAN_M_CT_ORIG_DPORT:
		emit_str(e, " -m conntrack");
		ipt_flag(e, m, " --ctorigdstport ");
		emit_range(e, *m->ranges.item, ':');
		break;
	case PLAN_M_LOCAL:
		emit_str(e, " -m addrtype");
		ipt_flag(e, m, " --dst-type LOCAL");
		break;
	case PLAN_M_TURN:	/* the first of so many */
		emit_print(e, " -m statistic --mode nth --every %u --packet 0", m->turn.of);
		if (m->turn.lo != 1 || m->turn.hi != m->turn.of - 1)
			emit_fail(e, -EINVAL);
		break;
	case PLAN_M_CT_MARK:
		emit_str(e, " -m connmark");
		ipt_bits(e, m, " --mark ");
		break;
	case PLAN_M_MARK:
		emit_str(e, " -m mark");
		ipt_bits(e, m, " --mark ");
		break;
	case PLAN_M_DSCP:
		ipt_tos(e, m, 2);
		break;
	case PLAN_M_ECN:
		ipt_tos(e, m, 0);
		break;
	default:
		ipt_u32(e, m);
		break;
	}
}

static bool range_is_one(const struct plan_match *m)
{
	return m->ranges.count == 1 && m->ranges.item->lo == m->ranges.item->hi;
}

/* -p takes the protocol that ports need, or else the first that it can say */
static bool match_is_protocol_option(const struct emit_rule *s,
				     const struct plan_match *m)
{
	if (s->proto)
		return m == s->proto;
	return range_is_one(m) && m->ranges.item->lo;
}

/*
 * How a match is to be written.  An option can be given once; iptables-nft
 * merges two matches of a protocol's own module and loses the first.
 */
static enum emit_iptables_form emit_iptables_form(const struct emit_rule *s,
						  const struct plan_match *m)
{
	const struct plan_match *before;

	for (before = s->match; before < m; before++)
		if (before->type == m->type && m->type != PLAN_M_PROTO &&
		    m->type != PLAN_M_IIFNAME && m->type != PLAN_M_OIFNAME)
			return EMIT_MODULE;
	switch (m->type) {
	case PLAN_M_SADDR:
	case PLAN_M_DADDR:
	case PLAN_M_IIFNAME:
	case PLAN_M_OIFNAME:
	case PLAN_M_FRAGMENT:
		return EMIT_OPTION;
	case PLAN_M_PROTO:
		return match_is_protocol_option(s, m) ? EMIT_OPTION : EMIT_MODULE;
	case PLAN_M_SPORT:
	case PLAN_M_DPORT:
		return m->ranges.count == 1 ? EMIT_PROTOCOL : EMIT_MODULE;
	case PLAN_M_ICMP_TYPE:	/* to iptables 255 is any type */
		return range_is_one(m) && m->ranges.item->lo != 255 ? EMIT_PROTOCOL :
								      EMIT_MODULE;
	case PLAN_M_TCP_FLAGS:
		return m->bits.mask & ~TCP_FLAGS_NAMED ? EMIT_MODULE : EMIT_PROTOCOL;
	default:
		return EMIT_MODULE;
	}
}

/* Ports, types and flags are tested by what -p names. */
static void ipt_proto_module(struct emit *e, const struct emit_rule *s)
{
	int number = emit_rule_protocol(s);
	const char *name = number > 0 ? fw_protocol_name((unsigned int)number) : NULL;

	if (!name) {
		emit_fail(e, -EINVAL);
		return;
	}
	emit_str(e, " -m ");
	emit_str(e, name);
}

void emit_iptables_matches(struct emit *e, const struct emit_rule *s)
{
	static const enum plan_match_type order[] = {
		PLAN_M_SADDR, PLAN_M_DADDR, PLAN_M_IIFNAME, PLAN_M_OIFNAME,
		PLAN_M_PROTO, PLAN_M_FRAGMENT,
	};
	bool named = false;
	unsigned int i, o;

	for (o = 0; o < FW_COUNT(order); o++)
		for (i = 0; i < s->nmatches; i++)
			if (s->match[i].type == order[o] &&
			    emit_iptables_form(s, &s->match[i]) == EMIT_OPTION)
				ipt_plain(e, &s->match[i]);
	for (i = 0; i < s->nmatches; i++) {
		if (emit_iptables_form(s, &s->match[i]) != EMIT_PROTOCOL)
			continue;
		if (!named)
			ipt_proto_module(e, s);
		named = true;
		ipt_proto_option(e, &s->match[i]);
	}
	for (i = 0; i < s->nmatches; i++)
		if (emit_iptables_form(s, &s->match[i]) == EMIT_MODULE)
			ipt_module(e, &s->match[i]);
}
