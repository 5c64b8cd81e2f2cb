// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * lower_masquerade.c - what masqueraded connections had of their own in 2.0:
 * helpers, by port, and timeouts.
 */
#include "backend/lower.h"

/* Those of 2.0's helpers that netfilter has too; it knows them by other numbers. */
static const struct {
	enum fw_masq_helper_id was;
	enum fw_helper_id is;
} modern[LOWER_MASQ_HELPERS] = {
	{ FW_MASQ_HELPER_FTP, FW_HELPER_FTP },
	{ FW_MASQ_HELPER_IRC, FW_HELPER_IRC },
};

void lower_masq_helpers(struct lower *l, struct lower_masq_helper helper[LOWER_MASQ_HELPERS])
{
	unsigned int i;

	for (i = 0; i < LOWER_MASQ_HELPERS; i++) {
		const struct fw_masq_helper *was = &fw_masq_helpers[modern[i].was];
		__u16 port = was->ports[0];
		const struct plan_range range = { port, port };

		helper[i].is = lower_helper_declare(l, modern[i].is, was->proto);
		helper[i].port = port;
		helper[i].range = plan_copy(l->plan, &range, sizeof(range));
	}
}

/* Longer ones do not fit into the kernel's clock. */
static __u32 seconds_fit(__u32 seconds)
{
	const __u32 most = 2000000;

	return seconds < most ? seconds : most;
}

/*
 * 2.0 knew three states: not both sides have closed, both have, and reset, when
 * the entry was gone with the next tick.
 */
static void tcp_fill(struct plan_timeout *t, const struct fw_timeouts *set)
{
	__u32 open = seconds_fit(set->tcp), closed = seconds_fit(set->tcpfin);
	unsigned int i;

	for (i = 0; i < PLAN_TCP_STATES; i++)
		t->seconds[i] = open;
	t->seconds[PLAN_TCP_LAST_ACK] = closed;
	t->seconds[PLAN_TCP_TIME_WAIT] = closed;
	t->seconds[PLAN_TCP_CLOSE] = 1;
}

const struct plan_timeout *lower_masq_timeout(struct lower *l, __u8 proto)
{
	const struct fw_timeouts *set = &l->rules->timeouts;
	struct plan *p = l->plan;
	struct plan_timeout *t = &p->timeouts[p->ntimeouts++];

	t->proto = proto;
	if (proto == FW_PROTO_TCP) {
		tcp_fill(t, set);
		t->name = plan_text(p, "tcp-%u-%u", seconds_fit(set->tcp),
				    seconds_fit(set->tcpfin));
	} else {
		t->seconds[PLAN_UDP_UNREPLIED] = seconds_fit(set->udp);
		t->seconds[PLAN_UDP_REPLIED] = seconds_fit(set->udp);
		t->name = plan_text(p, "udp-%u", seconds_fit(set->udp));
	}
	return t;
}
