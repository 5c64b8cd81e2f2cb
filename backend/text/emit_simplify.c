// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * emit_simplify.c - a plan rule's matches without their corner cases.
 *
 * The loaders of netfilter drop some conditions that look trivial to them and
 * refuse others, such as overlapping ranges.  So what holds always or never is
 * decided here, and ranges are put in order.
 */
#include <stdlib.h>
#include <string.h>

#include "backend/text/emit_text.h"

enum truth { DEPENDS, ALWAYS, NEVER };

bool emit_match_is_transport(const struct plan_match *m)
{
	switch (m->type) {
	case PLAN_M_SPORT:
	case PLAN_M_DPORT:
	case PLAN_M_ICMP_TYPE:
	case PLAN_M_TCP_FLAGS:
		return true;
	default:
		return false;
	}
}

static bool match_has_ranges(const struct plan_match *m)
{
	return m->type == PLAN_M_SPORT || m->type == PLAN_M_DPORT ||
	       m->type == PLAN_M_ICMP_TYPE || m->type == PLAN_M_PROTO ||
	       m->type == PLAN_M_CT_ORIG_DPORT;
}

static __u16 range_top(const struct plan_match *m)
{
	return m->type == PLAN_M_PROTO || m->type == PLAN_M_ICMP_TYPE ? 0xff : 0xffff;
}

static int range_compare(const void *a, const void *b)
{
	return ((const struct plan_range *)a)->lo - ((const struct plan_range *)b)->lo;
}

/* Sorts r, n of them, and joins those that overlap or touch; returns how many. */
static unsigned int ranges_join(struct plan_range *r, unsigned int n)
{
	unsigned int i, kept = 0;

	if (n > 1)
		qsort(r, n, sizeof(*r), range_compare);
	for (i = 0; i < n; i++) {
		if (kept && r[i].lo <= r[kept - 1].hi + 1) {
			if (r[i].hi > r[kept - 1].hi)
				r[kept - 1].hi = r[i].hi;
		} else {
			r[kept++] = r[i];
		}
	}
	return kept;
}

/* Replaces m's ranges by joined ones in s. */
static int match_join(struct emit_rule *s, struct plan_match *m)
{
	struct plan_range *r = s->range + s->nranges;
	__u16 top = range_top(m);
	unsigned int i, n = 0;

	if (m->ranges.count > EMIT_RANGES - s->nranges)
		return -EINVAL;
	for (i = 0; i < m->ranges.count; i++) {
		struct plan_range one = m->ranges.item[i];

		if (one.hi > top)
			one.hi = top;
		if (one.lo <= one.hi)
			r[n++] = one;
	}
	m->ranges.count = ranges_join(r, n);
	m->ranges.item = r;
	s->nranges += m->ranges.count;
	return 0;
}

static enum truth ranges_truth(const struct plan_match *m)
{
	if (!m->ranges.count)
		return NEVER;
	if (!m->ranges.item[0].lo && m->ranges.item[0].hi == range_top(m))
		return ALWAYS;
	return DEPENDS;
}

static enum truth bits_truth(const struct plan_match *m)
{
	if (m->bits.value & ~m->bits.mask)
		return NEVER;
	return m->bits.mask ? DEPENDS : ALWAYS;
}

/* the condition, not yet inverted */
static enum truth match_truth(const struct plan_match *m)
{
	switch (m->type) {
	case PLAN_M_NEVER:
		return NEVER;
	case PLAN_M_SADDR:
	case PLAN_M_DADDR:
	case PLAN_M_TCP_FLAGS:
	case PLAN_M_CT_ORIG_DADDR:
	case PLAN_M_CT_MARK:
	case PLAN_M_MARK:
	case PLAN_M_DSCP:
	case PLAN_M_ECN:
		return bits_truth(m);
	case PLAN_M_PROTO:
	case PLAN_M_SPORT:
	case PLAN_M_DPORT:
	case PLAN_M_ICMP_TYPE:
	case PLAN_M_CT_ORIG_DPORT:
		return ranges_truth(m);
	case PLAN_M_IIFNAME:
	case PLAN_M_OIFNAME:
		return m->names.count ? DEPENDS : NEVER;
	case PLAN_M_CT_STATE:
	case PLAN_M_SHORT:
	case PLAN_M_PLAIN:
		return m->bits.value ? DEPENDS : NEVER;
	case PLAN_M_CT_STATUS_SNAT:
	case PLAN_M_CT_STATUS_DNAT:
	case PLAN_M_CT_STATUS_EXPECTED:
	case PLAN_M_CT_STATUS_CONFIRMED:
	case PLAN_M_CT_REPLY:
	case PLAN_M_FRAGMENT:
	case PLAN_M_FRAGMENT_AT_1:
	case PLAN_M_LOCAL:
	case PLAN_M_TURN:
		break;
	}
	return DEPENDS;
}

static enum truth truth_invert(enum truth t)
{
	return t == ALWAYS ? NEVER : t == NEVER ? ALWAYS : DEPENDS;
}

/* Adds *m unless it always holds; false: it never does. */
static bool rule_add(struct emit_rule *s, const struct plan_match *m)
{
	enum truth t = match_truth(m);

	if (m->invert)
		t = truth_invert(t);
	if (t == NEVER)
		return false;
	if (t == DEPENDS)
		s->match[s->nmatches++] = *m;
	else if (emit_match_is_transport(m))	/* all but later fragments */
		s->match[s->nmatches++] = (struct plan_match){
			.type = PLAN_M_FRAGMENT, .invert = true };
	return true;
}

/* protocol 0 cannot be named: to iptables it means any */
static bool match_is_one_protocol(const struct plan_match *m)
{
	return m->type == PLAN_M_PROTO && !m->invert && m->ranges.count == 1 &&
	       m->ranges.item->lo == m->ranges.item->hi && m->ranges.item->lo;
}

static const struct plan_match *rule_find_protocol(const struct emit_rule *s)
{
	unsigned int i;

	for (i = 0; i < s->nmatches; i++)
		if (match_is_one_protocol(&s->match[i]))
			return &s->match[i];
	return NULL;
}

/* The protocol remains, because a port cannot be translated without one. */
static void rule_set_never(struct emit_rule *s)
{
	const struct plan_match *proto = rule_find_protocol(s);
	unsigned int n = 0;

	if (proto)
		s->match[n++] = *proto;
	s->match[n++] = (struct plan_match){ .type = PLAN_M_NEVER };
	s->nmatches = n;
}

int emit_rule_simplify(struct emit_rule *s, const struct plan_rule *r)
{
	bool never = false;
	unsigned int i;

	s->plan = r;
	s->nmatches = s->nranges = 0;
	if (r->nmatches >= EMIT_MATCHES)
		return -EINVAL;
	for (i = 0; i < r->nmatches; i++) {
		struct plan_match m = r->match[i];

		if (match_has_ranges(&m) && match_join(s, &m))
			return -EINVAL;
		if (!rule_add(s, &m))
			never = true;
	}
	if (never)
		rule_set_never(s);
	s->proto = rule_find_protocol(s);
	return 0;
}

int emit_rule_protocol(const struct emit_rule *s)
{
	return s->proto ? s->proto->ranges.item->lo : -1;
}

bool emit_match_is_implied(const struct emit_rule *s, const struct plan_match *m)
{
	unsigned int i;

	if (m != s->proto)
		return false;
	for (i = 0; i < s->nmatches; i++) {
		switch (s->match[i].type) {
		case PLAN_M_SPORT:
		case PLAN_M_DPORT:
			return m->ranges.item->lo == FW_PROTO_TCP ||
			       m->ranges.item->lo == FW_PROTO_UDP;
		case PLAN_M_TCP_FLAGS:
			return m->ranges.item->lo == FW_PROTO_TCP;
		case PLAN_M_ICMP_TYPE:
			return m->ranges.item->lo == FW_PROTO_ICMP;
		default:
			break;
		}
	}
	return false;
}
