// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * emit_nft.c - a plan as a file for `nft -f'.
 *
 * Written for nft 1.0.6 and later: see each function for what that version
 * cannot say.  Raw payload expressions are only read, never set, since setting
 * them leaves the header checksum wrong.
 */
#include <stdlib.h>
#include <string.h>

#include "backend/rule_tag.h"
#include "backend/text/emit_nft.h"
#include "kmod/core/names.h"

#define NFT_LOG_PREFIX_MAX 127

static const char *const tcp_flag_name[] = {
	"fin", "syn", "rst", "psh", "ack", "urg", "ecn", "cwr",
};

static const char *const ecn_name[] = { "not-ect", "ect1", "ect0", "ce" };

static const char *const icmp_type_name[] = {
	[0] = "echo-reply",
	[3] = "destination-unreachable",
	[4] = "source-quench",
	[5] = "redirect",
	[8] = "echo-request",
	[9] = "router-advertisement",
	[10] = "router-solicitation",
	[11] = "time-exceeded",
	[12] = "parameter-problem",
	[13] = "timestamp-request",
	[14] = "timestamp-reply",
	[15] = "info-request",
	[16] = "info-reply",
	[17] = "address-mask-request",
	[18] = "address-mask-reply",
};

static const struct {
	__u8 bit;
	const char *name;
} ct_state[] = {
	{ FW_STATE_INVALID, "invalid" },
	{ FW_STATE_ESTABLISHED, "established" },
	{ FW_STATE_RELATED, "related" },
	{ FW_STATE_NEW, "new" },
};

static const char *icmp_name(unsigned int type)
{
	return type < FW_COUNT(icmp_type_name) ? icmp_type_name[type] : NULL;
}

static void nft_name(struct emit *e, const char *name)
{
	size_t len = strlen(name);

	if (!plan_name_ok(PLAN_NFT, name)) {
		emit_fail(e, -EINVAL);
		return;
	}
	emit_char(e, '"');
	fw_text_strn(&e->text, name, len - 1);
	if (name[len - 1] == '*')
		emit_char(e, '\\');
	emit_char(e, name[len - 1]);
	emit_char(e, '"');
}

/* "tcp dport " and " != " or nothing, in front of a value or a set */
static void nft_key(struct emit *e, const char *key, const struct plan_match *m)
{
	emit_str(e, key);
	emit_str(e, m->invert ? " != " : " ");
}

static void nft_compare(struct emit *e, const struct plan_match *m)
{
	emit_str(e, m->invert ? " != " : " == ");
}

static void nft_names(struct emit *e, const char *key, const struct plan_match *m)
{
	__u32 i;

	nft_key(e, key, m);
	if (m->names.count > 1)
		emit_str(e, "{ ");
	for (i = 0; i < m->names.count; i++) {
		emit_room(e);
		if (i)
			emit_str(e, ", ");
		nft_name(e, m->names.item[i]);
	}
	if (m->names.count > 1)
		emit_str(e, " }");
}

/* name: of a single number, may give NULL or be NULL */
static void nft_ranges(struct emit *e, const char *key, const struct plan_match *m,
		       const char *(*name)(unsigned int))
{
	__u32 i;

	nft_key(e, key, m);
	if (m->ranges.count > 1)
		emit_str(e, "{ ");
	for (i = 0; i < m->ranges.count; i++) {
		struct plan_range r = m->ranges.item[i];
		const char *word = name && r.lo == r.hi ? name(r.lo) : NULL;

		if (i)
			emit_str(e, ", ");
		if (word)
			emit_str(e, word);
		else
			emit_range(e, r, '-');
	}
	if (m->ranges.count > 1)
		emit_str(e, " }");
}

const char *emit_nft_transport(const struct emit_rule *s)
{
	int protocol = emit_rule_protocol(s);

	return protocol == FW_PROTO_TCP ? "tcp" : protocol == FW_PROTO_UDP ? "udp" : "th";
}

static void nft_ports(struct emit *e, const char *what, const struct plan_match *m,
		      const struct emit_rule *s)
{
	emit_print(e, "%s ", emit_nft_transport(s));
	nft_ranges(e, what, m, NULL);
}

static void nft_address(struct emit *e, const char *key, const struct plan_match *m)
{
	if (emit_mask_is_prefix(m->bits.mask)) {
		nft_key(e, key, m);
		emit_prefix(e, m->bits.value, m->bits.mask);
		return;
	}
	emit_str(e, key);
	emit_str(e, " & ");
	fw_text_addr(&e->text, m->bits.mask);
	nft_compare(e, m);
	fw_text_addr(&e->text, m->bits.value);
}

static void nft_mark(struct emit *e, const char *key, const struct plan_match *m)
{
	if (m->bits.mask == ~0u) {
		nft_key(e, key, m);
	} else {
		emit_str(e, key);
		emit_str(e, " & ");
		emit_hex(e, m->bits.mask, 8);
		nft_compare(e, m);
	}
	emit_hex(e, m->bits.value, 8);
}

static void nft_flag_list(struct emit *e, __u32 flags)
{
	bool several = flags & (flags - 1);
	const char *separator = "";
	unsigned int i;

	if (several)
		emit_char(e, '(');
	for (i = 0; i < FW_COUNT(tcp_flag_name); i++) {
		if (!(flags >> i & 1))
			continue;
		emit_str(e, separator);
		emit_str(e, tcp_flag_name[i]);
		separator = " | ";
	}
	if (several)
		emit_char(e, ')');
}

static void nft_tcp_flags(struct emit *e, const struct plan_match *m)
{
	emit_str(e, "tcp flags & ");
	nft_flag_list(e, m->bits.mask);
	nft_compare(e, m);
	if (m->bits.value)
		nft_flag_list(e, m->bits.value);
	else
		emit_str(e, "0x0");
}

static void nft_ct_state(struct emit *e, const struct plan_match *m)
{
	bool several = m->bits.value & (m->bits.value - 1);
	const char *separator = "";
	unsigned int i;

	emit_str(e, !m->invert ? "ct state " : several ? "ct state & (" : "ct state & ");
	for (i = 0; i < FW_COUNT(ct_state); i++) {
		if (!(m->bits.value & ct_state[i].bit))
			continue;
		emit_str(e, separator);
		emit_str(e, ct_state[i].name);
		separator = m->invert ? " | " : ",";
	}
	if (m->invert)
		emit_str(e, several ? ") == 0x0" : " == 0x0");
}

static void nft_short(struct emit *e, const struct plan_match *m)
{
	unsigned int ihl;

	nft_key(e, "ip hdrlength . ip length", m);
	for (ihl = EMIT_IHL_MIN; ihl <= EMIT_IHL_MAX; ihl++) {
		emit_str(e, ihl == EMIT_IHL_MIN ? "{ " : ", ");
		fw_text_dec(&e->text, ihl);
		emit_str(e, " . 0-");
		fw_text_dec(&e->text, emit_short_max(m, ihl));
	}
	emit_str(e, " }");
}

static void nft_plain(struct emit *e, const struct plan_match *m)
{
	if (m->invert)
		emit_fail(e, -EINVAL);
	emit_str(e, "ip hdrlength 5 ip length >= ");
	fw_text_dec(&e->text, PLAN_IP_HEADER + m->bits.value);
}

/*
 * Part of the TOS byte.  "ip dscp & 0x30" would do in place of the raw read,
 * but takes two more expressions and is listed as something else.
 */
static void nft_tos_bits(struct emit *e, const struct plan_match *m, unsigned int shift)
{
	emit_str(e, "@nh,8,8 & ");
	emit_hex(e, m->bits.mask << shift, 1);
	nft_compare(e, m);
	emit_hex(e, m->bits.value << shift, 1);
}

static void nft_dscp(struct emit *e, const struct plan_match *m)
{
	if (m->bits.mask != 0x3f) {
		nft_tos_bits(e, m, 2);
		return;
	}
	nft_key(e, "ip dscp", m);
	emit_hex(e, m->bits.value, 2);
}

static void nft_ecn(struct emit *e, const struct plan_match *m)
{
	if (m->bits.mask != 3) {
		nft_tos_bits(e, m, 0);
		return;
	}
	nft_key(e, "ip ecn", m);
	emit_str(e, ecn_name[m->bits.value]);
}

/* what a match without values is, and its opposite */
static const char *const fixed_match[][2] = {
	[PLAN_M_NEVER] = { "ip version != 4", NULL },
	[PLAN_M_CT_STATUS_SNAT] = { "ct status snat", "ct status & snat == 0x0" },
	[PLAN_M_CT_STATUS_DNAT] = { "ct status dnat", "ct status & dnat == 0x0" },
	[PLAN_M_CT_STATUS_EXPECTED] = { "ct status expected", "ct status & expected == 0x0" },
	[PLAN_M_CT_STATUS_CONFIRMED] = { "ct status confirmed",
					 "ct status & confirmed == 0x0" },
	[PLAN_M_CT_REPLY] = { "ct direction reply", "ct direction original" },
	[PLAN_M_FRAGMENT] = { "ip frag-off & 0x1fff != 0", "ip frag-off & 0x1fff == 0" },
	[PLAN_M_LOCAL] = { "fib daddr type local", "fib daddr type != local" },
	[PLAN_M_FRAGMENT_AT_1] = { "ip frag-off & 0x1fff == 1", "ip frag-off & 0x1fff != 1" },
};

void emit_nft_match(struct emit *e, const struct emit_rule *s, const struct plan_match *m)
{
	switch (m->type) {
	case PLAN_M_SADDR:
		nft_address(e, "ip saddr", m);
		break;
	case PLAN_M_DADDR:
		nft_address(e, "ip daddr", m);
		break;
	case PLAN_M_PROTO:
		nft_ranges(e, "ip protocol", m, fw_protocol_name);
		break;
	case PLAN_M_SPORT:
		nft_ports(e, "sport", m, s);
		break;
	case PLAN_M_DPORT:
		nft_ports(e, "dport", m, s);
		break;
	case PLAN_M_ICMP_TYPE:
		nft_ranges(e, "icmp type", m, icmp_name);
		break;
	case PLAN_M_TCP_FLAGS:
		nft_tcp_flags(e, m);
		break;
	case PLAN_M_IIFNAME:
		nft_names(e, "iifname", m);
		break;
	case PLAN_M_OIFNAME:
		nft_names(e, "oifname", m);
		break;
	case PLAN_M_CT_STATE:
		nft_ct_state(e, m);
		break;
	case PLAN_M_CT_MARK:
		nft_mark(e, "ct mark", m);
		break;
	case PLAN_M_MARK:
		nft_mark(e, "meta mark", m);
		break;
	case PLAN_M_SHORT:
		nft_short(e, m);
		break;
	case PLAN_M_PLAIN:
		nft_plain(e, m);
		break;
	case PLAN_M_DSCP:
		nft_dscp(e, m);
		break;
	case PLAN_M_ECN:
		nft_ecn(e, m);
		break;
	case PLAN_M_TURN:
		emit_print(e, "numgen inc mod %u != %u", m->turn.of, m->turn.lo);
		if (m->turn.hi != m->turn.lo)
			emit_print(e, "-%u", m->turn.hi);
		break;
	case PLAN_M_CT_ORIG_DADDR:	/* for xtables */
	case PLAN_M_CT_ORIG_DPORT:
		emit_fail(e, -EINVAL);
		break;
	default:
		emit_str(e, fixed_match[m->type][m->invert]);
	}
}

static void nft_counter(struct emit *e, const struct plan_rule *r)
{
	emit_str(e, "counter");
	if (e->options->counters)
		emit_print(e, " packets %llu bytes %llu", (unsigned long long)r->packets,
			   (unsigned long long)r->bytes);
}

static void nft_log(struct emit *e, const char *prefix, __u16 group)
{
	if (strlen(prefix) > NFT_LOG_PREFIX_MAX || strpbrk(prefix, "\"\\$\n"))
		emit_fail(e, -EINVAL);
	emit_str(e, "log prefix \"");
	fw_text_strn(&e->text, prefix, NFT_LOG_PREFIX_MAX);
	emit_char(e, '"');
	if (group)
		emit_print(e, " group %u", group);
}

static void nft_set_mark(struct emit *e, const char *key, const struct plan_action *a)
{
	emit_str(e, key);
	emit_str(e, " set ");
	if (a->bits.mask != ~0u) {
		emit_str(e, key);
		emit_str(e, " & ");
		emit_hex(e, ~a->bits.mask, 8);
		if (!a->bits.value)
			return;
		emit_str(e, " | ");
	}
	emit_hex(e, a->bits.value, 8);
}

static void nft_reject(struct emit *e, __u32 code)
{
	emit_str(e, "reject with icmp ");
	emit_str(e, code == 1 ? "host-unreachable" : "port-unreachable");
	if (code != 1 && code != 3)
		emit_fail(e, -EINVAL);
}

/* " to :8080", nothing for port 0 */
static void nft_to_ports(struct emit *e, struct plan_range ports)
{
	if (!ports.lo && !ports.hi)
		return;
	emit_str(e, " to :");
	emit_range(e, ports, '-');
}

void emit_nft_action(struct emit *e, const struct plan_rule *r, const struct plan_action *a)
{
	__u16 port;

	switch (a->type) {
	case PLAN_A_COUNTER:
		nft_counter(e, r);
		break;
	case PLAN_A_LOG:
		nft_log(e, a->text, a->log_group);
		break;
	case PLAN_A_TOS:	/* 1.0.6 cannot, but value by value */
		emit_fail(e, -EINVAL);
		break;
	case PLAN_A_DSCP:
		emit_str(e, "ip dscp set ");
		emit_hex(e, a->bits.value & 0x3f, 2);
		break;
	case PLAN_A_ECN:
		emit_str(e, "ip ecn set ");
		emit_str(e, ecn_name[a->bits.value & 3]);
		break;
	case PLAN_A_MARK:
		nft_set_mark(e, "meta mark", a);
		break;
	case PLAN_A_CT_MARK:
		nft_set_mark(e, "ct mark", a);
		break;
	case PLAN_A_HELPER:
		emit_print(e, "ct helper set \"%s\"", a->text);
		break;
	case PLAN_A_TIMEOUT:
		emit_print(e, "ct timeout set \"%s\"", a->text);
		break;
	case PLAN_A_ACCEPT:
		emit_str(e, "accept");
		break;
	case PLAN_A_DROP:
		emit_str(e, "drop");
		break;
	case PLAN_A_REJECT:
		nft_reject(e, a->bits.value);
		break;
	case PLAN_A_RETURN:
		emit_str(e, "return");
		break;
	case PLAN_A_JUMP:
		emit_print(e, "jump %s", a->chain->name);
		break;
	case PLAN_A_GOTO:
		emit_print(e, "goto %s", a->chain->name);
		break;
	case PLAN_A_REDIRECT:
		port = (__u16)a->bits.value;
		emit_str(e, "redirect");
		nft_to_ports(e, (struct plan_range){ port, port });
		break;
	case PLAN_A_MASQUERADE:
		emit_str(e, "masquerade");
		nft_to_ports(e, a->range);
		break;
	case PLAN_A_DNAT:
		emit_str(e, "dnat to ");
		emit_target(e, a);
		break;
	}
}

static bool comment_has(char c)
{
	return !emit_char_is_control(c) && c != '"';
}

static bool comment_is_clean(const char *text)
{
	while (comment_has(*text))
		text++;
	return !*text;
}

/*
 * Strings have no escapes: quotes become apostrophes.  A text that is
 * cut here is complete above the rule.
 */
void emit_nft_comment(struct fw_text *t, const char *text, size_t room)
{
	bool whole = strlen(text) <= room;
	const char *end = text + (whole ? strlen(text) : plan_text_fit(text, room - 3));
	const char *from;

	while (text < end) {
		for (from = text; text < end && comment_has(*text); text++)
			;
		fw_text_strn(t, from, (__u32)(text - from));
		if (text < end)
			fw_text_char(t, *text++ == '"' ? '\'' : '?');
	}
	if (!whole)
		fw_text_str(t, "...");
}

void emit_nft_rule_comment(struct emit *e, const struct plan_rule *r, const char *origin)
{
	emit_str(e, " comment \"");
	if (r->origin < 0)
		emit_nft_comment(&e->text, origin, RULE_TAG_COMMENT_MAX);
	else
		plan_command_write(&e->text, PLAN_NFT, r->list, emit_rule_of(e, r),
				   origin, (__s64)r->origin + 1);
	emit_char(e, '"');
}

void emit_nft_remarks(struct emit *e, const struct plan_rule *r, const char *origin,
		      const char *indent)
{
	size_t room = r->origin < 0 ? RULE_TAG_COMMENT_MAX
				    : plan_command_room(PLAN_NFT, emit_rule_of(e, r));

	emit_place(e, r, indent);
	if (origin && (strlen(origin) > room || !comment_is_clean(origin))) {
		emit_str(e, indent);
		emit_remark(e, origin);
	}
}

static void nft_rule(struct emit *e, const struct plan_rule *r)
{
	const char *origin = emit_origin(e, r);
	struct emit_rule s;
	const char *separator = "\t\t";
	unsigned int i;

	emit_room(e);
	if (emit_rule_simplify(&s, r)) {
		emit_fail(e, -EINVAL);
		return;
	}
	emit_nft_remarks(e, r, origin, "\t\t");
	for (i = 0; i < s.nmatches; i++) {
		if (emit_match_is_implied(&s, &s.match[i]))
			continue;
		emit_room(e);
		emit_str(e, separator);
		emit_nft_match(e, &s, &s.match[i]);
		separator = " ";
	}
	for (i = 0; i < r->nactions; i++) {
		emit_room(e);
		emit_str(e, separator);
		emit_nft_action(e, r, &r->action[i]);
		separator = " ";
	}
	if (origin)
		emit_nft_rule_comment(e, r, origin);
	emit_char(e, '\n');
}

/* maps: NULL, or those that its rules refer to */
static void nft_chain(struct emit *e, const struct plan_chain *c, struct nft_maps *maps)
{
	const struct plan_rule *r, *last;

	emit_room(e);
	emit_print(e, "\n\tchain %s {\n", c->name);
	if (c->hook != PLAN_HOOKS) {
		emit_print(e, "\t\ttype %s hook %s priority %d; policy accept;\n", c->type,
			   plan_hook_names[c->hook], c->priority);
		if (c->rules)
			emit_char(e, '\n');
	}
	for (r = c->rules; r; r = r->next) {
		last = maps ? emit_nft_lookup(e, c, r, maps) : NULL;
		if (last)
			r = last;
		else
			nft_rule(e, r);
	}
	emit_str(e, "\t}\n");
}

static void nft_helper(struct emit *e, const struct plan_helper *h)
{
	emit_print(e, "\n\tct helper %s {\n\t\ttype \"%s\" protocol %s;\n\t}\n", h->name,
		   h->type, fw_protocol_name(h->proto));
}

static void nft_timeout(struct emit *e, const struct plan_timeout *t)
{
	static const char *const tcp[PLAN_TCP_STATES] = {
		[PLAN_TCP_SYN_SENT] = "syn_sent",
		[PLAN_TCP_SYN_RECV] = "syn_recv",
		[PLAN_TCP_ESTABLISHED] = "established",
		[PLAN_TCP_FIN_WAIT] = "fin_wait",
		[PLAN_TCP_CLOSE_WAIT] = "close_wait",
		[PLAN_TCP_LAST_ACK] = "last_ack",
		[PLAN_TCP_TIME_WAIT] = "time_wait",
		[PLAN_TCP_CLOSE] = "close",
		[PLAN_TCP_SYN_SENT2] = "syn_sent2",
		[PLAN_TCP_RETRANS] = "retrans",
		[PLAN_TCP_UNACK] = "unack",
	};
	static const char *const udp[PLAN_UDP_STATES] = {
		[PLAN_UDP_UNREPLIED] = "unreplied",
		[PLAN_UDP_REPLIED] = "replied",
	};
	const char *const *state = t->proto == FW_PROTO_TCP ? tcp : udp;
	unsigned int i;

	emit_print(e, "\n\tct timeout %s {\n\t\tprotocol %s;\n\t\tl3proto ip;\n"
		      "\t\tpolicy = {", t->name, fw_protocol_name(t->proto));
	for (i = 0; i < plan_timeout_states(t); i++) {
		emit_room(e);
		emit_print(e, "%s %s : %u", i ? "," : "", state[i], t->seconds[i]);
	}
	emit_str(e, " };\n\t}\n");
}

static const char header[] =
	"#!/usr/sbin/nft -f\n"
	"# Firewall rules, translated by: ipfwadm dump nft\n"
	"#\n"
	"# Load with `nft -f FILE'.  This replaces the table ipfwadm in one step and\n"
	"# touches nothing else.  Each comment is the ipfwadm command that the rule\n"
	"# comes from.\n"
	"\n"
	"table ip ipfwadm\n"
	"delete table ip ipfwadm\n"
	"\n"
	"table ip ipfwadm {";

static const char maps_header[] =
	"#!/usr/sbin/nft -f\n"
	"# Firewall rules, translated by: ipfwadm dump nft --maps\n"
	"#\n"
	"# Load with `nft -f FILE'.  This replaces the tables ipfwadm and ipfwadm-maps\n"
	"# in one step and touches nothing else.  Each comment is the ipfwadm command\n"
	"# that the rule or the element of a map comes from.  Ipfwadm itself does not\n"
	"# read ipfwadm-maps: delete that table before it works with nft again.\n"
	"\n"
	"table ip ipfwadm\n"
	"delete table ip ipfwadm\n"
	"table ip ipfwadm-maps\n"
	"delete table ip ipfwadm-maps\n"
	"\n"
	"table ip ipfwadm-maps {";

int emit_nft(FILE *out, const struct plan *p, const struct emit_options *o)
{
	struct nft_maps *maps = o->maps ? nft_maps_new() : NULL;
	const struct plan_chain *c;
	struct emit e;
	__u32 i;

	if (o->maps && !maps)
		return -ENOMEM;
	emit_init(&e, out, p, o);
	emit_str(&e, maps ? maps_header : header);
	for (i = 0; i < p->nhelpers; i++)
		nft_helper(&e, &p->helpers[i]);
	for (i = 0; i < p->ntimeouts; i++)
		nft_timeout(&e, &p->timeouts[i]);
	if (maps)
		emit_nft_maps(&e, p, maps);
	for (c = p->chains; c && !e.error; c = c->next)
		nft_chain(&e, c, maps);
	emit_str(&e, "}\n");
	nft_maps_free(maps);
	return emit_finish(&e);
}
