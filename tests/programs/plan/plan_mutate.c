// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plan_mutate.c - the mistakes, and where they are planted.
 */
#include <stdio.h>
#include <string.h>

#include "tests/programs/plan/plan_mutate.h"

#define PARTS_MAX	32	/* matches or actions of a rule */
#define RANGES_MAX	16

static struct plan_range mutant_range[RANGES_MAX];

static bool invert(struct plan_match *m, struct random *r)
{
	(void)r;
	if (m->type == PLAN_M_NEVER)
		return false;
	m->invert = !m->invert;
	return true;
}

static bool hold_always(struct plan_match *m, struct random *r)
{
	(void)r;
	*m = (struct plan_match){ .type = PLAN_M_SADDR };
	return true;
}

static bool swap_addresses(struct plan_match *m, struct random *r)
{
	(void)r;
	if (m->type == PLAN_M_SADDR)
		m->type = PLAN_M_DADDR;
	else if (m->type == PLAN_M_DADDR)
		m->type = PLAN_M_SADDR;
	else
		return false;
	return true;
}

static bool swap_ports(struct plan_match *m, struct random *r)
{
	(void)r;
	if (m->type == PLAN_M_SPORT)
		m->type = PLAN_M_DPORT;
	else if (m->type == PLAN_M_DPORT)
		m->type = PLAN_M_SPORT;
	else
		return false;
	return true;
}

static bool shorten_mask(struct plan_match *m, struct random *r)
{
	(void)r;
	if ((m->type != PLAN_M_SADDR && m->type != PLAN_M_DADDR) || !m->bits.mask)
		return false;
	m->bits.mask &= m->bits.mask - 1;
	m->bits.value &= m->bits.mask;
	return true;
}

static bool ranges_copy(struct plan_match *m)
{
	if ((m->type != PLAN_M_SPORT && m->type != PLAN_M_DPORT &&
	     m->type != PLAN_M_ICMP_TYPE) ||
	    m->ranges.count > RANGES_MAX)
		return false;
	memcpy(mutant_range, m->ranges.item, m->ranges.count * sizeof(mutant_range[0]));
	m->ranges.item = mutant_range;
	return true;
}

static bool range_too_long(struct plan_match *m, struct random *r)
{
	if (!ranges_copy(m))
		return false;
	mutant_range[random_below(r, m->ranges.count)].hi++;
	return true;
}

static bool range_too_short(struct plan_match *m, struct random *r)
{
	if (!ranges_copy(m))
		return false;
	mutant_range[random_below(r, m->ranges.count)].lo++;
	return true;
}

static bool range_lost(struct plan_match *m, struct random *r)
{
	if (!ranges_copy(m) || m->ranges.count < 2)
		return false;
	mutant_range[random_below(r, m->ranges.count)] = (struct plan_range){ 1, 0 };
	return true;
}

static bool name_lost(struct plan_match *m, struct random *r)
{
	(void)r;
	if (m->type != PLAN_M_IIFNAME && m->type != PLAN_M_OIFNAME)
		return false;
	m->names.count--;
	return true;
}

static bool interface_swapped(struct plan_match *m, struct random *r)
{
	(void)r;
	if (m->type == PLAN_M_IIFNAME)
		m->type = PLAN_M_OIFNAME;
	else if (m->type == PLAN_M_OIFNAME)
		m->type = PLAN_M_IIFNAME;
	else
		return false;
	return true;
}

static bool rst_forgotten(struct plan_match *m, struct random *r)
{
	(void)r;
	if (m->type != PLAN_M_TCP_FLAGS)
		return false;
	m->bits.mask &= ~(__u32)FW_TCP_RST;
	return true;
}

static bool syn_like_iptables(struct plan_match *m, struct random *r)
{
	(void)r;
	if (m->type != PLAN_M_TCP_FLAGS || m->bits.value != FW_TCP_SYN)
		return false;
	m->bits.mask |= FW_TCP_FIN;
	return true;
}

static bool state_lost(struct plan_match *m, struct random *r)
{
	(void)r;
	if (m->type != PLAN_M_CT_STATE)
		return false;
	m->bits.value ^= FW_STATE_ESTABLISHED;
	return true;
}

static bool mark_wrong(struct plan_match *m, struct random *r)
{
	(void)r;
	if (m->type != PLAN_M_MARK)
		return false;
	m->bits.mask <<= 1;
	m->bits.value <<= 1;
	return true;
}

static bool length_wrong(struct plan_match *m, struct random *r)
{
	(void)r;
	if (m->type != PLAN_M_SHORT && m->type != PLAN_M_PLAIN)
		return false;
	m->bits.value--;
	return true;
}

static bool fragments_ignored(struct plan_match *m, struct random *r)
{
	(void)r;
	if (m->type != PLAN_M_FRAGMENT && m->type != PLAN_M_FRAGMENT_AT_1)
		return false;
	m->type = PLAN_M_NEVER;
	return true;
}

/* an action that does nothing */
static void do_nothing(struct plan_action *a)
{
	*a = (struct plan_action){ .type = PLAN_A_TOS, .bits = { 0, 0xff } };
}

static bool log_lost(struct plan_action *a, struct random *r)
{
	(void)r;
	if (a->type != PLAN_A_LOG)
		return false;
	do_nothing(a);
	return true;
}

/* Another list's, or one that is right for some interfaces only. */
static bool log_wrong(struct plan_action *a, struct random *r)
{
	static char longer[64];
	const char *other = random_chance(r, 50) ? longer : "IP fw-in acc/masq ";
	bool differs;

	if (a->type != PLAN_A_LOG)
		return false;
	snprintf(longer, sizeof(longer), "%seth", a->text);
	differs = strcmp(a->text, other) != 0;
	a->text = other;
	return differs;
}

static bool counter_lost(struct plan_action *a, struct random *r)
{
	(void)r;
	if (a->type != PLAN_A_COUNTER)
		return false;
	do_nothing(a);
	return true;
}

static bool tos_lost(struct plan_action *a, struct random *r)
{
	(void)r;
	if (a->type != PLAN_A_TOS && a->type != PLAN_A_DSCP && a->type != PLAN_A_ECN)
		return false;
	do_nothing(a);
	return true;
}

static bool tos_bit_wrong(struct plan_action *a, struct random *r)
{
	(void)r;
	if (a->type != PLAN_A_TOS && a->type != PLAN_A_DSCP && a->type != PLAN_A_ECN)
		return false;
	a->bits.value ^= 2;
	return true;
}

static bool goto_to_jump(struct plan_action *a, struct random *r)
{
	(void)r;
	if (a->type != PLAN_A_GOTO)
		return false;
	a->type = PLAN_A_JUMP;
	return true;
}

static bool jump_to_goto(struct plan_action *a, struct random *r)
{
	(void)r;
	if (a->type != PLAN_A_JUMP)
		return false;
	a->type = PLAN_A_GOTO;
	return true;
}

static bool accept_to_drop(struct plan_action *a, struct random *r)
{
	(void)r;
	if (a->type != PLAN_A_ACCEPT && a->type != PLAN_A_RETURN)
		return false;
	a->type = PLAN_A_DROP;
	return true;
}

static bool drop_to_accept(struct plan_action *a, struct random *r)
{
	(void)r;
	if (a->type != PLAN_A_DROP)
		return false;
	a->type = PLAN_A_ACCEPT;
	return true;
}

static bool code_wrong(struct plan_action *a, struct random *r)
{
	(void)r;
	if (a->type != PLAN_A_REJECT)
		return false;
	a->bits.value ^= 2;
	return true;
}

static bool mark_lost(struct plan_action *a, struct random *r)
{
	(void)r;
	if (a->type != PLAN_A_MARK)
		return false;
	do_nothing(a);
	return true;
}

static bool mark_outside(struct plan_action *a, struct random *r)
{
	(void)r;
	if (a->type != PLAN_A_CT_MARK)
		return false;
	a->bits.mask = ~0u;
	return true;
}

static bool keep_lost(struct plan_action *a, struct random *r)
{
	(void)r;
	if (a->type != PLAN_A_CT_MARK)
		return false;
	do_nothing(a);
	return true;
}

static bool helper_lost(struct plan_action *a, struct random *r)
{
	(void)r;
	if (a->type != PLAN_A_HELPER)
		return false;
	do_nothing(a);
	return true;
}

static bool timeout_lost(struct plan_action *a, struct random *r)
{
	(void)r;
	if (a->type != PLAN_A_TIMEOUT)
		return false;
	do_nothing(a);
	return true;
}

static bool port_wrong(struct plan_action *a, struct random *r)
{
	(void)r;
	if (a->type != PLAN_A_REDIRECT || !a->bits.value)
		return false;
	a->bits.value++;
	return true;
}

static bool target_wrong(struct plan_action *a, struct random *r)
{
	if (a->type != PLAN_A_DNAT)
		return false;
	if (random_chance(r, 50))
		a->to.addr ^= 1u << random_below(r, 32);
	else
		a->to.port++;
	return true;
}

static bool masquerade_ports_wrong(struct plan_action *a, struct random *r)
{
	(void)r;
	if (a->type != PLAN_A_MASQUERADE)
		return false;
	a->range.hi++;
	return true;
}

static bool rules_swapped(struct plan_chain *c, struct random *r)
{
	struct plan_rule **at = &c->rules, *a, *b;
	__u32 skip;

	if (c->nrules < 2)
		return false;
	for (skip = random_below(r, c->nrules - 1); skip; skip--)
		at = &(*at)->next;
	a = *at;
	b = a->next;
	a->next = b->next;
	b->next = a;
	*at = b;
	return true;
}

static bool rule_lost(struct plan_chain *c, struct random *r)
{
	struct plan_rule **at = &c->rules;
	__u32 skip;

	if (!c->nrules)
		return false;
	for (skip = random_below(r, c->nrules); skip; skip--)
		at = &(*at)->next;
	*at = (*at)->next;
	return true;
}

const struct plan_mutation plan_mutations[] = {
	{ "a condition is forgotten", MUTATE_BOTH, .match = hold_always },
	{ "a condition is inverted", MUTATE_BOTH, .match = invert },
	{ "source and destination address are swapped", MUTATE_BOTH,
	  .match = swap_addresses },
	{ "source and destination port are swapped", MUTATE_BOTH, .match = swap_ports },
	{ "a mask is a bit short", MUTATE_BOTH, .match = shorten_mask },
	{ "a range is too long by one", MUTATE_BOTH, .match = range_too_long },
	{ "a range is too short by one", MUTATE_BOTH, .match = range_too_short },
	{ "a range of several is lost", MUTATE_BOTH, .match = range_lost },
	{ "a name of a set is lost", MUTATE_BOTH, .match = name_lost },
	{ "the wrong interface is asked", MUTATE_BOTH, .match = interface_swapped },
	{ "RST is not asked", MUTATE_BOTH, .match = rst_forgotten },
	{ "-y also asks for FIN", MUTATE_BOTH, .match = syn_like_iptables },
	{ "a state is wrong", MUTATE_BOTH, .match = state_lost },
	{ "another bit of the mark is asked", MUTATE_BOTH, .match = mark_wrong },
	{ "short packets are longer by one", MUTATE_BOTH, .match = length_wrong },
	{ "fragments are ignored", MUTATE_BOTH, .match = fragments_ignored },
	{ "a log line is lost", MUTATE_BOTH, .action = log_lost },
	{ "a log line begins wrongly", MUTATE_BOTH, .action = log_wrong },
	{ "a counter is lost", MUTATE_BOTH, .action = counter_lost },
	{ "a change of TOS is lost", MUTATE_BOTH, .action = tos_lost },
	{ "a bit of TOS is wrong", MUTATE_BOTH, .action = tos_bit_wrong },
	{ "goto became jump", MUTATE_BOTH, .action = goto_to_jump },
	{ "jump became goto", MUTATE_BOTH, .action = jump_to_goto },
	{ "accept became drop", MUTATE_BOTH, .action = accept_to_drop },
	{ "drop became accept", MUTATE_BOTH, .action = drop_to_accept },
	{ "the code of a reject is wrong", MUTATE_BOTH, .action = code_wrong },
	{ "a mark is not set, or not cleared", MUTATE_BOTH, .action = mark_lost },
	{ "the mark of others is overwritten", MUTATE_BOTH, .action = mark_outside },
	{ "a connection is not remembered", MUTATE_BOTH, .action = keep_lost },
	{ "a helper is not attached", MUTATE_BOTH, .action = helper_lost },
	{ "timeouts are not set", MUTATE_NFT, .action = timeout_lost },
	{ "the redirect port is wrong", MUTATE_BOTH, .action = port_wrong },
	{ "a port is forwarded to another target", MUTATE_BOTH, .action = target_wrong },
	{ "the masquerade ports are wrong", MUTATE_BOTH, .action = masquerade_ports_wrong },
	{ "two rules are swapped", MUTATE_BOTH, .chain = rules_swapped },
	{ "a rule is lost", MUTATE_BOTH, .chain = rule_lost },
	{ .name = NULL },
};

/* Copies the rule's parts, which other rules share, and changes one of them. */
static bool rule_mutate(struct plan_rule *rule, const struct plan_mutation *m,
			struct random *r)
{
	static struct plan_match match[PARTS_MAX];
	static struct plan_action action[PARTS_MAX];

	if (m->match && rule->nmatches && rule->nmatches <= PARTS_MAX) {
		memcpy(match, rule->match, rule->nmatches * sizeof(match[0]));
		if (!m->match(&match[random_below(r, rule->nmatches)], r))
			return false;
		rule->match = match;
		return true;
	}
	if (m->action && rule->nactions && rule->nactions <= PARTS_MAX) {
		memcpy(action, rule->action, rule->nactions * sizeof(action[0]));
		if (!m->action(&action[random_below(r, rule->nactions)], r))
			return false;
		rule->action = action;
		return true;
	}
	return false;
}

static bool chain_mutate(struct plan_chain *c, const struct plan_mutation *m,
			 struct random *r)
{
	struct plan_rule *rule = c->rules;
	__u32 skip;

	if (m->chain)
		return m->chain(c, r);
	if (!c->nrules)
		return false;
	for (skip = random_below(r, c->nrules); skip; skip--)
		rule = rule->next;
	return rule_mutate(rule, m, r);
}

bool plan_mutate(struct plan *p, const struct plan_mutation *m, struct random *r)
{
	unsigned int tries;

	for (tries = 0; tries < 200; tries++) {
		struct plan_chain *c = p->chains;
		__u32 skip;

		for (skip = random_below(r, p->nchains); skip; skip--)
			c = c->next;
		if (chain_mutate(c, m, r))
			return true;
	}
	return false;
}
