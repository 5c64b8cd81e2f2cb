// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * lower_tos.c - -t in nft.
 *
 * TOS' = (TOS & and) ^ xor, and bit 0 is not changed.  nft 1.0.6 updates the header's
 * checksum only where it writes a constant to the six bits of ip dscp or
 * to the two of ip ecn.  So a change that depends on old bits becomes a chain
 * that compares all their values.  A rule that writes also accepts, so that no packet is
 * changed twice.
 */
#include "backend/plan/lower.h"

/* what happens to bit 1 */
enum ecn { ECN_KEEP, ECN_CLEAR, ECN_SET, ECN_FLIP };

static const char *const ecn_name[] = {
	[ECN_CLEAR] = "ecn-clear", [ECN_SET] = "ecn-set", [ECN_FLIP] = "ecn-flip",
};

static enum ecn ecn_change(__u8 and, __u8 xor)
{
	if (and & 2)
		return xor & 2 ? ECN_FLIP : ECN_KEEP;
	return xor & 2 ? ECN_SET : ECN_CLEAR;
}

static __u32 ecn_after(enum ecn e, __u32 ecn)
{
	switch (e) {
	case ECN_CLEAR:
		return ecn & 1;
	case ECN_SET:
		return ecn | 2;
	case ECN_FLIP:
		return ecn ^ 2;
	case ECN_KEEP:
		break;
	}
	return ecn;
}

/* the chains of an end, which has a place among them */
static struct lower_tos *tos_of(struct lower *l, const struct plan_chain *end)
{
	struct lower_tos *t = l->tos;

	for (; end && t->end != end; t++) {
		if (t > l->tos && !t->end) {
			t->end = end;
			break;
		}
	}
	return t;
}

static const char *name_make(struct lower *l, const struct lower_tos *t, const char *name)
{
	return t->end ? plan_text(l->plan, "%s-%s", name, t->end->name) : name;
}

static void act_end(struct lower_actions *as, const struct lower_tos *t)
{
	if (t->end)
		lower_act_chain(as, PLAN_A_GOTO, t->end);
	else
		lower_act(as, PLAN_A_ACCEPT);
}

static const struct plan_chain *ecn_chain(struct lower *l, struct lower_tos *t, enum ecn e)
{
	struct lower_actions accept = { .n = 0 };
	struct plan_chain *c = t->ecn[e];
	__u32 ecn;

	if (c)
		return c;
	c = t->ecn[e] = plan_chain_add(l->plan, NULL, name_make(l, t, ecn_name[e]));
	act_end(&accept, t);
	for (ecn = 0; ecn < 4; ecn++) {
		struct plan_match is = match_bits(PLAN_M_ECN, ecn, 3);
		struct lower_actions set = { .n = 0 };

		if (ecn_after(e, ecn) == ecn)
			continue;
		lower_act_bits(&set, PLAN_A_ECN, ecn_after(e, ecn), 3);
		act_end(&set, t);
		lower_add(l, c, plan_copy(l->plan, &is, sizeof(is)), 1, &set);
	}
	lower_add(l, c, NULL, 0, &accept);
	return c;
}

static void act_ecn_accept(struct lower *l, struct lower_actions *as, struct lower_tos *t,
			   enum ecn e)
{
	if (e == ECN_KEEP)
		act_end(as, t);
	else
		lower_act_chain(as, PLAN_A_GOTO, ecn_chain(l, t, e));
}

/* A rule for each value of the upper bits that stay, flipped or not. */
static struct plan_chain *tos_chain_fill(struct lower *l, struct lower_tos *t, __u8 and,
					 __u8 xor)
{
	__u32 stay = and >> 2, value = 0;
	struct plan_chain *c;

	c = plan_chain_add(l->plan, NULL, name_make(l, t, plan_text(l->plan, "tos-%02x-%02x",
								    and, xor)));
	do {
		struct plan_match is = match_bits(PLAN_M_DSCP, value, stay);
		struct lower_actions set = { .n = 0 };

		lower_act_bits(&set, PLAN_A_DSCP, value ^ xor >> 2, 63);
		act_ecn_accept(l, &set, t, ecn_change(and, xor));
		lower_add(l, c, plan_copy(l->plan, &is, sizeof(is)), 1, &set);
		value = (value - stay) & stay;	/* the next subset of its bits */
	} while (value);
	return c;
}

static const struct plan_chain *tos_chain(struct lower *l, struct lower_tos *t, __u8 and,
					  __u8 xor)
{
	struct plan_chain **c;

	if (!t->chain)
		t->chain = plan_alloc(l->plan, 128 * 128 * sizeof(*t->chain));
	c = &t->chain[(and >> 1) * 128 + (xor >> 1)];
	if (!*c)
		*c = tos_chain_fill(l, t, and, xor);
	return *c;
}

void lower_tos_accept(struct lower *l, struct lower_actions *as, const struct fw_rule *r,
		      const struct plan_chain *end)
{
	__u8 and = r->tosand | 1, xor = r->tosxor & 0xfe;
	struct lower_tos *t = tos_of(l, end);

	if (and >> 2 == 63 && !(xor >> 2)) {
		act_ecn_accept(l, as, t, ecn_change(and, xor));
	} else if (!(and >> 2)) {
		lower_act_bits(as, PLAN_A_DSCP, xor >> 2, 63);
		act_ecn_accept(l, as, t, ecn_change(and, xor));
	} else {
		lower_act_chain(as, PLAN_A_GOTO, tos_chain(l, t, and, xor));
	}
}
