// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * lower_redirect.c - redirect ports, each of which has a number in the packet mark.
 */
#include "backend/plan/lower.h"

__u16 lower_redirect_most(const struct lower *l)
{
	__u32 mask = l->plan->marks.redirect, most = mask / (mask & -mask);

	return most < 65535 ? (__u16)most : 65535;
}

__u16 lower_redirect_number(struct lower *l, __u16 port)
{
	__u16 most = lower_redirect_most(l);

	if (!l->redirect_number) {
		l->redirect_number = plan_alloc(l->plan, 65536 * sizeof(__u16));
		l->redirect_port = plan_alloc(l->plan, (most + 1u) * sizeof(__u16));
	}
	if (!l->redirect_number[port] && l->nredirects < most) {
		l->redirect_number[port] = ++l->nredirects;
		l->redirect_port[l->nredirects] = port;
	}
	return l->redirect_number[port];
}

struct plan_action lower_redirect_mark(const struct lower *l, __u16 number)
{
	__u32 mask = l->plan->marks.redirect;

	return (struct plan_action){ .type = PLAN_A_MARK,
				     .bits = { number * (mask & -mask), mask } };
}

/* whatever the port */
struct plan_match lower_redirect_match(const struct lower *l)
{
	return match_not(match_bits(PLAN_M_MARK, 0, l->plan->marks.redirect));
}

static void port_0_add(struct lower *l, struct plan_chain *c, __u16 number, __u8 proto)
{
	static const struct plan_range zero = { 0, 0 };
	struct plan_action mark = lower_redirect_mark(l, number);
	const struct plan_match match[] = {
		match_bits(PLAN_M_MARK, mark.bits.value, mark.bits.mask),
		match_proto(proto), match_ranges(PLAN_M_DPORT, &zero, 1),
	};

	glue(l, c, match, 3, PLAN_A_RETURN, "port 0 is not redirected");
}

void lower_unredirected_fill(struct lower *l, struct plan_chain *c)
{
	__u16 i;

	for (i = 1; i <= l->nredirects; i++) {
		if (l->redirect_port[i])
			continue;
		port_0_add(l, c, i, FW_PROTO_TCP);
		port_0_add(l, c, i, FW_PROTO_UDP);
	}
	glue(l, c, NULL, 0, PLAN_A_DROP, "cannot be redirected");
}
