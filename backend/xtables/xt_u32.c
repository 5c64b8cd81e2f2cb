// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * xt_u32.c - tests of a packet's bytes, for what has no match of its own.
 */
#include "backend/xtables/xt_u32.h"

#include <errno.h>
#include <linux/netfilter/xt_u32.h>

/* one test being filled; it must hold together with those before */
static struct xt_u32_test *test_add(struct xt_u32 *u, __u32 offset)
{
	struct xt_u32_test *t = &u->tests[u->ntests++];

	t->location[t->nnums++].number = offset;
	return t;
}

static void test_then(struct xt_u32_test *t, enum xt_u32_ops op, __u32 number)
{
	t->location[t->nnums].nextop = (__u8)op;
	t->location[t->nnums++].number = number;
}

static void test_is(struct xt_u32_test *t, __u32 lo, __u32 hi)
{
	t->value[t->nvalues].min = lo;
	t->value[t->nvalues++].max = hi;
}

static void test_ranges(struct xt_builder *b, struct xt_u32_test *t,
			const struct plan_match *m)
{
	__u32 i;

	if (m->ranges.count > XT_U32_MAXSIZE) {
		b->error = -EINVAL;
		return;
	}
	for (i = 0; i < m->ranges.count; i++)
		test_is(t, m->ranges.item[i].lo, m->ranges.item[i].hi);
}

static void test_bits(struct xt_u32_test *t, const struct plan_match *m)
{
	test_then(t, XT_U32_AND, m->bits.mask);
	test_is(t, m->bits.value, m->bits.value);
}

static struct xt_u32_test *test_version(struct xt_u32 *u)
{
	struct xt_u32_test *t = test_add(u, 0);

	test_then(t, XT_U32_RIGHTSH, 28);
	return t;
}

static struct xt_u32_test *test_offset(struct xt_u32 *u)
{
	struct xt_u32_test *t = test_add(u, 4);

	test_then(t, XT_U32_AND, 0x1fff);
	return t;
}

static struct xt_u32_test *test_proto(struct xt_u32 *u)
{
	struct xt_u32_test *t = test_add(u, 8);

	test_then(t, XT_U32_RIGHTSH, 16);
	test_then(t, XT_U32_AND, 0xff);
	return t;
}

/* what stands behind the IP header, at offset, shifted down */
static struct xt_u32_test *test_transport(struct xt_u32 *u, __u32 offset, __u32 shift)
{
	struct xt_u32_test *t = test_add(u, 0);

	test_then(t, XT_U32_RIGHTSH, 22);
	test_then(t, XT_U32_AND, 0x3c);
	test_then(t, XT_U32_AT, offset);
	test_then(t, XT_U32_RIGHTSH, shift);
	return t;
}

/* header length and total length */
static struct xt_u32_test *test_lengths(struct xt_u32 *u)
{
	struct xt_u32_test *t = test_add(u, 0);

	test_then(t, XT_U32_AND, 0x0f00ffff);
	return t;
}

static void test_not_short(struct xt_u32_test *t, const struct plan_match *m,
			   unsigned int first, unsigned int last)
{
	unsigned int ihl;

	for (ihl = first; ihl <= last; ihl++)
		test_is(t, ihl << 24 | (emit_short_max(m, ihl) + 1), ihl << 24 | 0xffffff);
}

/* the opposite of short, in two tests as a test has room for ten spans only */
static void tests_not_short(struct xt_u32 *u, const struct plan_match *m)
{
	const unsigned int middle = (EMIT_IHL_MIN + EMIT_IHL_MAX + 1) / 2;
	struct xt_u32_test *t = test_lengths(u);

	test_not_short(t, m, EMIT_IHL_MIN, middle - 1);
	test_is(t, middle << 24, ~0u);
	t = test_lengths(u);
	test_is(t, 0, (middle << 24) - 1);
	test_not_short(t, m, middle, EMIT_IHL_MAX);
}

static void tests_fill(struct xt_builder *b, struct xt_u32 *u, const struct plan_match *m)
{
	switch (m->type) {
	case PLAN_M_SADDR:
		test_bits(test_add(u, 12), m);
		break;
	case PLAN_M_DADDR:
		test_bits(test_add(u, 16), m);
		break;
	case PLAN_M_PROTO:
		test_ranges(b, test_proto(u), m);
		break;
	case PLAN_M_ICMP_TYPE:
		test_ranges(b, test_transport(u, 0, 24), m);
		break;
	case PLAN_M_TCP_FLAGS:
		test_bits(test_transport(u, 12, 16), m);
		break;
	case PLAN_M_FRAGMENT:
		test_is(test_offset(u), 1, 0x1fff);
		break;
	case PLAN_M_FRAGMENT_AT_1:
		test_is(test_offset(u), 1, 1);
		break;
	case PLAN_M_SHORT:
		tests_not_short(u, m);
		break;
	case PLAN_M_PLAIN:
		test_is(test_lengths(u), EMIT_PLAIN_MIN(m), EMIT_PLAIN_MAX);
		break;
	case PLAN_M_NEVER:
		test_is(test_version(u), 0, 3);
		break;
	default:
		b->error = -EINVAL;
		break;
	}
}

void xt_u32_add(struct xt_builder *b, const struct plan_match *m)
{
	struct xt_u32 *u;

	if (emit_match_is_transport(m)) {	/* nothing there in later fragments */
		u = xt_entry_add(b, "u32", 0, sizeof(*u));
		if (!u)
			return;
		test_is(test_offset(u), 0, 0);
	}
	u = xt_entry_add(b, "u32", 0, sizeof(*u));
	if (!u)
		return;
	u->invert = m->type == PLAN_M_SHORT ? !m->invert : m->invert;
	tests_fill(b, u, m);
}
