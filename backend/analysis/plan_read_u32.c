// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plan_read_u32.c - tests of a packet's bytes by iptables, as conditions of a plan.
 *
 * Those that dump writes are known, and the same with other numbers.
 */
#include <string.h>

#include "backend/analysis/filter_words.h"
#include "backend/analysis/plan_read_iptables.h"

#define RANGES_MAX 12
#define IHL_MIN 5
#define IHL_MAX 15

/* one test: a place in the packet, and values that it may have */
struct test {
	const char *place;
	size_t length;
	struct { __u32 lo, hi; } range[RANGES_MAX];
	unsigned int n;
};

static bool value_read(const char **s, __u32 *n)
{
	size_t length = strcspn(*s, ":,&");

	if (!filter_number(*s, length, ~0u, n))
		return false;
	*s += length;
	return true;
}

/* Reads a test up to "&&" or the end. */
static bool test_read(const char **s, struct test *t)
{
	t->place = *s;
	t->length = strcspn(*s, "=");
	if (!(*s)[t->length])
		return false;
	*s += t->length + 1;
	for (t->n = 0; t->n < RANGES_MAX; ++*s) {
		if (!value_read(s, &t->range[t->n].lo))
			return false;
		t->range[t->n].hi = t->range[t->n].lo;
		if (**s == ':') {
			++*s;
			if (!value_read(s, &t->range[t->n].hi))
				return false;
		}
		t->n++;
		if (**s != ',')
			break;
	}
	if (!strncmp(*s, "&&", 2))
		*s += 2;
	else if (**s)
		return false;
	return true;
}

static bool is_place(const struct test *t, const char *place)
{
	return strlen(place) == t->length && !strncmp(place, t->place, t->length);
}

/* "PLACE&MASK=VALUE" */
static bool masked_read(struct ipt_plan_reader *x, const struct test *t, const char *place,
			enum plan_match_type type)
{
	size_t n = strlen(place);
	struct plan_match *m;
	__u32 mask;

	if (t->length <= n || strncmp(t->place, place, n) != 0 || t->n != 1 ||
	    t->range[0].lo != t->range[0].hi ||
	    !filter_number(t->place + n, t->length - n, ~0u, &mask))
		return false;
	m = plan_read_match(x->r, type, x->invert);
	m->bits.value = t->range[0].lo;
	m->bits.mask = mask;
	return true;
}

/* Header lengths and lengths that are not too short: of this number of bytes, 0: no. */
static __u32 not_short(const struct test *low, const struct test *high)
{
	const unsigned int middle = (IHL_MIN + IHL_MAX + 1) / 2;
	__u32 bytes = (low->range[0].lo & 0xffffff) - 4 * IHL_MIN;

	if (low->n != middle - IHL_MIN + 1 || high->n != IHL_MAX - middle + 2 || !bytes ||
	    low->range[low->n - 1].lo != middle << 24 || low->range[low->n - 1].hi != ~0u ||
	    high->range[0].lo || high->range[0].hi != (middle << 24) - 1)
		return 0;
	for (unsigned int words = IHL_MIN; words <= IHL_MAX; words++) {
		bool is_low = words < middle;
		unsigned int i = is_low ? words - IHL_MIN : words - middle + 1;
		__u32 lo = (is_low ? low : high)->range[i].lo;
		__u32 hi = (is_low ? low : high)->range[i].hi;

		if (lo != (words << 24 | (4 * words + bytes)) || hi != (words << 24 | 0xffffff))
			return 0;
	}
	return bytes;
}

static bool short_read(struct ipt_plan_reader *x, const struct test *low,
		       const struct test *high)
{
	struct plan_match *m;
	__u32 bytes;

	if (!is_place(low, "0x0&0xf00ffff") || !is_place(high, "0x0&0xf00ffff"))
		return false;
	bytes = not_short(low, high);
	m = plan_read_match(x->r, PLAN_M_SHORT, !x->invert);
	m->bits.value = bytes;
	return bytes;
}

static bool ranges_read(struct ipt_plan_reader *x, const struct test *t,
			enum plan_match_type type)
{
	struct plan_match *m = plan_read_match(x->r, type, x->invert);

	for (unsigned int i = 0; i < t->n; i++) {
		if (t->range[i].hi > 0xff)
			return false;
		plan_read_range(x->r, m, t->range[i].lo, t->range[i].hi);
	}
	return true;
}

static bool offset_read(struct ipt_plan_reader *x, const struct test *t)
{
	__u32 lo = t->range[0].lo, hi = t->range[0].hi;

	if (t->n != 1)
		return false;
	plan_read_match(x->r, lo == 1 && hi == 1 ? PLAN_M_FRAGMENT_AT_1 : PLAN_M_FRAGMENT,
			x->invert ^ !lo);
	return (lo == 1 && (hi == 1 || hi == FW_IP_OFFSET)) || (!lo && !hi);
}

static bool plain_read(struct ipt_plan_reader *x, const struct test *t)
{
	const __u32 least = (__u32)IHL_MIN << 24 | PLAN_IP_HEADER;
	struct plan_match *m = plan_read_match(x->r, PLAN_M_PLAIN, false);

	m->bits.value = t->range[0].lo - least;
	return !x->invert && t->n == 1 && t->range[0].lo > least &&
	       t->range[0].hi == ((__u32)IHL_MIN << 24 | 0xffff);
}

bool ipt_plan_u32(struct ipt_plan_reader *x, const char *tests)
{
	struct test t, more;

	if (!test_read(&tests, &t))
		return false;
	if (*tests)
		return test_read(&tests, &more) && !*tests && short_read(x, &t, &more);
	if (is_place(&t, "0x4&0x1fff"))
		return offset_read(x, &t);
	if (is_place(&t, "0x8>>0x10&0xff"))
		return ranges_read(x, &t, PLAN_M_PROTO);
	if (is_place(&t, "0x0>>0x16&0x3c@0x0>>0x18"))
		return ranges_read(x, &t, PLAN_M_ICMP_TYPE);
	if (is_place(&t, "0x0&0xf00ffff"))
		return plain_read(x, &t);
	if (is_place(&t, "0x0>>0x1c")) {	/* versions of IP that these rules never see */
		plan_read_match(x->r, PLAN_M_NEVER, false);
		return !x->invert && t.n == 1 && !t.range[0].lo && t.range[0].hi == 3;
	}
	return masked_read(x, &t, "0xc&", PLAN_M_SADDR) ||
	       masked_read(x, &t, "0x10&", PLAN_M_DADDR) ||
	       masked_read(x, &t, "0x0>>0x16&0x3c@0xc>>0x10&", PLAN_M_TCP_FLAGS);
}
