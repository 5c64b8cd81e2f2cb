// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * effect.c - what a rule or a policy does to the packets that it decides, as a value.
 */
#include "backend/analysis/effect.h"

static enum fw_action action_of(enum fw_list_id list, __u32 flags)
{
	enum fw_verdict v = FW_V_DENY;

	if (flags & FW_ACCEPT)
		v = flags & FW_REDIR ? FW_V_REDIRECT :
		    flags & FW_MASQ ? FW_V_MASQUERADE : FW_V_ACCEPT;
	else if (flags & FW_ICMPRPL)
		v = FW_V_REJECT;
	return fw_list_outcome(list, v).action;
}

struct effect effect_of_rule(enum fw_list_id list, const struct fw_match *m, __u32 counter,
			     enum effect_level level)
{
	struct effect e = { .action = action_of(list, m->flags), .tosand = 0xff };

	if (level >= EFFECT_PACKET && e.action != FW_DROP && e.action != FW_ANSWER) {
		e.tosand = m->tosand | 1;
		e.tosxor = m->tosxor & 0xfe;
		e.keep_state = m->keep_state;
		e.helper = m->helper;
		if (e.action == FW_REDIRECT)
			e.redirport = fw_match_redirect_port(m);
	}
	if (level >= EFFECT_LOG)
		e.log = m->flags & FW_PRN;
	if (level >= EFFECT_COUNTERS)
		e.counter = counter;
	return e;
}

struct effect effect_of_policy(enum fw_list_id list, __u32 policy)
{
	return (struct effect){ .action = action_of(list, policy & FW_POLICY_MASK),
				.tosand = 0xff };
}

bool effect_equal(const struct effect *a, const struct effect *b)
{
	return a->action == b->action && a->log == b->log && a->tosand == b->tosand &&
	       a->tosxor == b->tosxor && a->keep_state == b->keep_state &&
	       a->helper == b->helper && a->redirport == b->redirport &&
	       a->daddr == b->daddr && a->saddr == b->saddr && a->counter == b->counter;
}

struct effect effect_for_port(struct effect e, __u16 dport)
{
	if ((e.action == FW_REDIRECT || e.daddr) && !e.redirport)
		e.redirport = dport;
	return e;
}

unsigned int effect_parts(const struct effect *a, const struct effect *b, const struct cube *y,
			  struct cube part[2])
{
	const struct cube_range *all = &y->range[CUBE_DPORT];
	__u16 port = a->redirport | b->redirport;
	unsigned int n = 0;
	struct effect x, z;

	if (effect_equal(a, b))
		return 0;
	part[0] = part[1] = *y;
	x = effect_for_port(*a, port);
	z = effect_for_port(*b, port);
	if (!effect_equal(&x, &z) || port < all->lo || port > all->hi)
		return 1;
	/* alike for this port alone */
	if (all->lo < port)
		part[n++].range[CUBE_DPORT].hi = port - 1;
	if (port < all->hi) {
		part[n] = *y;
		part[n++].range[CUBE_DPORT].lo = port + 1;
	}
	return n;
}
