// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * lower_redirect.c - redirect ports, each of which has a number in the connection mark.
 */
#include "backend/plan/lower.h"
#include "kmod/core/names.h"

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

	return (struct plan_action){ .type = PLAN_A_CT_MARK,
				     .bits = { number * (mask & -mask), mask } };
}

bool lower_rule_is_possible(struct lower *l, const struct fw_rule *r, enum fw_list_id list)
{
	if (lower_rule_verdict(r, list) == LOWER_REDIRECT &&
	    !lower_redirect_number(l, fw_rule_redirect_port(r)))
		lower_report(l, PLAN_IMPOSSIBLE,
			     "there are more redirect ports than the mask of marks has "
			     "numbers for");
	if (r->helper && l->options->helpers_missing & 1u << r->helper)
		lower_report(l, PLAN_IMPOSSIBLE,
			     plan_text(l->plan, "the kernel has no module for the helper %s",
				       fw_helper_name(r->helper)));
	return l->report->exactness != PLAN_IMPOSSIBLE;
}

static void port_add(struct lower *l, struct plan_chain *c, __u16 number,
		     const struct glue *row)
{
	l->mark[MARK_PORT].value = lower_redirect_mark(l, number).bits.value;
	l->redirect_to = l->redirect_port[number];
	glue_add(l, c, row);
}

void lower_redirect_ports(struct lower *l, struct plan_chain *c)
{
	static const struct glue to_port = {
		.match = { CT_MARKED(PORT), TCP_UDP }, .action = { REDIRECT_PORT },
	}, to_port_0[] = {
		[PLAN_NFT] = {
			.match = { CT_MARKED(PORT), TCP_UDP, TO_PORT_0 }, .action = { ACCEPT },
			.comment = "port 0 is not redirected",
		}, [PLAN_XTABLES] = {
			.match = { CT_MARKED(PORT), TCP_UDP, TO_PORT_0 }, .action = { RETURN },
			.comment = "port 0 is not redirected",
		},
	};
	__u16 i;

	for (i = 1; i <= l->nredirects; i++)
		port_add(l, c, i, l->redirect_port[i] ? &to_port : &to_port_0[l->plan->target]);
}

void lower_redirect_port_0(struct lower *l, struct plan_chain *c)
{
	static const struct glue row[] = {
		{ .match = { CT_MARKED(PORT), TCP, TO_PORT_0 }, .action = { RETURN },
		  .comment = "port 0 is not redirected" },
		{ .match = { CT_MARKED(PORT), UDP, TO_PORT_0 }, .action = { RETURN },
		  .comment = "port 0 is not redirected" },
	};
	__u16 i;

	for (i = 1; i <= l->nredirects; i++) {
		if (l->redirect_port[i])
			continue;
		port_add(l, c, i, &row[0]);
		port_add(l, c, i, &row[1]);
	}
}
