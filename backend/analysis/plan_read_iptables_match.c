// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plan_read_iptables_match.c - the conditions of a rule of iptables as those of a plan.
 */
#include <string.h>

#include "backend/analysis/filter_words.h"
#include "backend/analysis/plan_read_iptables.h"

bool ipt_plan_bits(const char *s, __u32 *value, __u32 *mask)
{
	size_t length = strcspn(s, "/");

	*mask = ~0u;
	return filter_number(s, length, ~0u, value) &&
	       (!s[length] || filter_number(s + length + 1, strlen(s + length + 1), ~0u, mask));
}

static struct plan_match *match_add(struct ipt_plan_reader *x, enum plan_match_type type)
{
	return plan_read_match(x->r, type, x->invert);
}

static bool addr_read(struct ipt_plan_reader *x, enum plan_match_type type)
{
	struct plan_match *m = match_add(x, type);
	const char *s = ipt_plan_word(x);
	bool known = filter_net(s, strlen(s), &m->bits.value, &m->bits.mask);

	m->bits.value &= m->bits.mask;
	return known;
}

static bool name_read(struct ipt_plan_reader *x, enum plan_match_type type)
{
	const char *s = ipt_plan_word(x);
	size_t length = strlen(s);
	const char **name = plan_alloc(x->r->plan, sizeof(*name));
	struct plan_match *m = match_add(x, type);

	*name = plan_copy(x->r->plan, s, length + 1);
	m->names.item = name;
	m->names.count = 1;
	return length && length < FW_IFNAMSIZ && s[length - 1] != '+';
}

/* "20:30", or several with commas */
static bool ports_read(struct ipt_plan_reader *x, enum plan_match_type type)
{
	struct plan_match *m = match_add(x, type);
	const char *s = ipt_plan_word(x);
	struct filter_span span;
	size_t length;

	for (;; s += length + 1) {
		length = strcspn(s, ",");
		if (!filter_span(s, length, ':', 0xffff, &span))
			return false;
		plan_read_range(x->r, m, span.lo, span.hi);
		if (!s[length])
			return true;
	}
}

static bool proto_read(struct ipt_plan_reader *x)
{
	struct plan_match *m = match_add(x, PLAN_M_PROTO);
	__u32 proto;

	if (!filter_proto(ipt_plan_word(x), &proto) || !proto)
		return false;	/* 0 means all */
	plan_read_range(x->r, m, proto, proto);
	return true;
}

static bool type_read(struct ipt_plan_reader *x)
{
	struct plan_match *m = match_add(x, PLAN_M_ICMP_TYPE);
	struct filter_span type, code;

	if (!filter_icmp(ipt_plan_word(x), &type, &code) || code.hi != 255)
		return false;
	plan_read_range(x->r, m, type.lo, type.hi);
	return true;
}

static bool flags_read(struct ipt_plan_reader *x)
{
	struct plan_match *m = match_add(x, PLAN_M_TCP_FLAGS);
	__u8 mask, set;

	if (!filter_flags(ipt_plan_word(x), &mask) || !filter_flags(ipt_plan_word(x), &set))
		return false;
	m->bits.mask = mask;
	m->bits.value = set;
	return true;
}

static bool state_read(struct ipt_plan_reader *x)
{
	const char *s = ipt_plan_word(x);
	struct plan_match *m;
	__u32 one;

	if (!strcmp(s, "SNAT") || !strcmp(s, "DNAT")) {
		match_add(x, s[0] == 'S' ? PLAN_M_CT_STATUS_SNAT : PLAN_M_CT_STATUS_DNAT);
		return true;
	}
	m = match_add(x, PLAN_M_CT_STATE);
	for (;;) {
		size_t length = strcspn(s, ",");

		if (!filter_state(s, length, &one) || !one)
			return false;
		m->bits.value |= one;
		s += length;
		if (!*s++)
			return true;
	}
}

static bool status_read(struct ipt_plan_reader *x)
{
	const char *s = ipt_plan_word(x);
	bool is_expected = !strcmp(s, "EXPECTED");

	match_add(x, is_expected ? PLAN_M_CT_STATUS_EXPECTED : PLAN_M_CT_STATUS_CONFIRMED);
	return is_expected || !strcmp(s, "CONFIRMED");
}

static bool direction_read(struct ipt_plan_reader *x)
{
	const char *s = ipt_plan_word(x);

	plan_read_match(x->r, PLAN_M_CT_REPLY, !strcmp(s, "ORIGINAL"));
	return !x->invert && (!strcmp(s, "ORIGINAL") || !strcmp(s, "REPLY"));
}

static bool mark_read(struct ipt_plan_reader *x)
{
	struct plan_match *m = match_add(x, x->is_connmark ? PLAN_M_CT_MARK : PLAN_M_MARK);

	return ipt_plan_bits(ipt_plan_word(x), &m->bits.value, &m->bits.mask);
}

/* bits of the six upper ones, or of the two lower ones */
static bool tos_read(struct ipt_plan_reader *x)
{
	struct plan_match *m = match_add(x, PLAN_M_DSCP);
	__u32 value, mask;

	if (!ipt_plan_bits(ipt_plan_word(x), &value, &mask))
		return false;
	mask &= 0xff;
	if (mask & 3)
		m->type = PLAN_M_ECN;
	m->bits.value = value >> (mask & 3 ? 0 : 2);
	m->bits.mask = mask >> (mask & 3 ? 0 : 2);
	return !(mask & 3 && mask & ~3u);
}

/* "--mode nth --every N --packet 0": the first of so many */
static bool turn_read(struct ipt_plan_reader *x)
{
	struct plan_match *m = match_add(x, PLAN_M_TURN);
	const char *every;

	if (x->invert || strcmp(ipt_plan_word(x), "nth") != 0 ||
	    strcmp(ipt_plan_word(x), "--every") != 0)
		return false;
	every = ipt_plan_word(x);
	if (!filter_number(every, strlen(every), 0xffff, &m->turn.of) || m->turn.of < 2)
		return false;
	m->turn.lo = 1;
	m->turn.hi = m->turn.of - 1;
	return !strcmp(ipt_plan_word(x), "--packet") && !strcmp(ipt_plan_word(x), "0");
}

static bool module_read(struct ipt_plan_reader *x)
{
	static const char *const known[] = {
		"tcp", "udp", "icmp", "conntrack", "multiport", "comment", "mark", "connmark",
		"u32", "tos", "addrtype", "statistic",
	};
	const char *name = ipt_plan_word(x);
	unsigned int i = 0;

	while (i < FW_COUNT(known) && strcmp(known[i], name) != 0)
		i++;
	x->is_connmark = !strcmp(name, "connmark");
	return i < FW_COUNT(known) && !x->invert;
}

bool ipt_plan_match(struct ipt_plan_reader *x, const char *option)
{
	static const struct {
		const char *name;
		bool (*read)(struct ipt_plan_reader *x, enum plan_match_type type);
		enum plan_match_type type;
	} typed[] = {
		{ "-s", addr_read, PLAN_M_SADDR }, { "-d", addr_read, PLAN_M_DADDR },
		{ "-i", name_read, PLAN_M_IIFNAME }, { "-o", name_read, PLAN_M_OIFNAME },
		{ "--sport", ports_read, PLAN_M_SPORT }, { "--sports", ports_read, PLAN_M_SPORT },
		{ "--dport", ports_read, PLAN_M_DPORT }, { "--dports", ports_read, PLAN_M_DPORT },
		{ "--ctorigdst", addr_read, PLAN_M_CT_ORIG_DADDR },
		{ "--ctorigdstport", ports_read, PLAN_M_CT_ORIG_DPORT },
	};
	static const struct {
		const char *name;
		bool (*read)(struct ipt_plan_reader *x);
	} others[] = {
		{ "-p", proto_read }, { "-m", module_read }, { "--icmp-type", type_read },
		{ "--tcp-flags", flags_read }, { "--ctstate", state_read },
		{ "--ctstatus", status_read }, { "--ctdir", direction_read },
		{ "--mark", mark_read }, { "--tos", tos_read }, { "--mode", turn_read },
	};

	for (unsigned int i = 0; i < FW_COUNT(typed); i++)
		if (!strcmp(typed[i].name, option))
			return typed[i].read(x, typed[i].type);
	for (unsigned int i = 0; i < FW_COUNT(others); i++)
		if (!strcmp(others[i].name, option))
			return others[i].read(x);
	if (!strcmp(option, "-f")) {
		match_add(x, PLAN_M_FRAGMENT);
		return true;
	}
	if (!strcmp(option, "--dst-type")) {
		match_add(x, PLAN_M_LOCAL);
		return !strcmp(ipt_plan_word(x), "LOCAL");
	}
	if (!strcmp(option, "--comment"))
		return ipt_plan_word(x);
	return !strcmp(option, "--u32") && ipt_plan_u32(x, ipt_plan_word(x));
}
