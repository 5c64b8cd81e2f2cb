// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plan_same.c - do parts of two plans mean the same?
 */
#include "backend/plan/plan_same.h"

#include <string.h>

bool plan_text_same(const char *a, const char *b)
{
	return a == b || (a && b && !strcmp(a, b));
}

static bool names_same(const struct plan_match *a, const struct plan_match *b)
{
	__u32 i;

	for (i = 0; i < a->names.count; i++)
		if (strcmp(a->names.item[i], b->names.item[i]) != 0)
			return false;
	return true;
}

bool plan_match_same(const struct plan_match *a, const struct plan_match *b)
{
	if (a->type != b->type || a->invert != b->invert)
		return false;
	switch (a->type) {
	case PLAN_M_PROTO:
	case PLAN_M_SPORT:
	case PLAN_M_DPORT:
	case PLAN_M_ICMP_TYPE:
	case PLAN_M_CT_ORIG_DPORT:
		return a->ranges.count == b->ranges.count &&
		       !memcmp(a->ranges.item, b->ranges.item,
			       a->ranges.count * sizeof(*a->ranges.item));
	case PLAN_M_IIFNAME:
	case PLAN_M_OIFNAME:
		return a->names.count == b->names.count && names_same(a, b);
	case PLAN_M_NEVER:
	case PLAN_M_CT_STATUS_SNAT:
	case PLAN_M_CT_STATUS_DNAT:
	case PLAN_M_CT_STATUS_EXPECTED:
	case PLAN_M_CT_STATUS_CONFIRMED:
	case PLAN_M_CT_REPLY:
	case PLAN_M_FRAGMENT:
	case PLAN_M_FRAGMENT_AT_1:
	case PLAN_M_LOCAL:
		return true;
	case PLAN_M_TURN:
		return a->turn.of == b->turn.of && a->turn.lo == b->turn.lo &&
		       a->turn.hi == b->turn.hi;
	default:
		return a->bits.value == b->bits.value && a->bits.mask == b->bits.mask;
	}
}

bool plan_action_same(const struct plan_action *a, const struct plan_action *b)
{
	if (a->type != b->type)
		return false;
	switch (a->type) {
	case PLAN_A_LOG:
		return a->log_group == b->log_group && plan_text_same(a->text, b->text);
	case PLAN_A_HELPER:
	case PLAN_A_TIMEOUT:
		return plan_text_same(a->text, b->text);
	case PLAN_A_JUMP:
	case PLAN_A_GOTO:
		return !strcmp(a->chain->name, b->chain->name);
	case PLAN_A_MASQUERADE:
		return a->range.lo == b->range.lo && a->range.hi == b->range.hi;
	case PLAN_A_DNAT:
		return a->to.addr == b->to.addr && a->to.port == b->to.port;
	case PLAN_A_TOS:
	case PLAN_A_MARK:
	case PLAN_A_CT_MARK:
		return a->bits.value == b->bits.value && a->bits.mask == b->bits.mask;
	case PLAN_A_DSCP:
	case PLAN_A_ECN:
	case PLAN_A_REJECT:
	case PLAN_A_REDIRECT:
		return a->bits.value == b->bits.value;
	default:
		return true;
	}
}

static bool rule_same(const struct plan_rule *a, const struct plan_rule *b)
{
	unsigned int i;

	if (a->nmatches != b->nmatches || a->nactions != b->nactions ||
	    a->origin != b->origin || !plan_text_same(a->comment, b->comment))
		return false;
	for (i = 0; i < a->nmatches; i++)
		if (!plan_match_same(&a->match[i], &b->match[i]))
			return false;
	for (i = 0; i < a->nactions; i++)
		if (!plan_action_same(&a->action[i], &b->action[i]))
			return false;
	return true;
}

static const struct plan_rule *glue_next(const struct plan_rule *r)
{
	while (r && r->origin >= 0)
		r = r->next;
	return r;
}

bool plan_glue_same(const struct plan_chain *a, const struct plan_chain *b)
{
	const struct plan_rule *x = glue_next(a->rules), *y = glue_next(b->rules);

	if (strcmp(a->name, b->name) != 0 || !plan_text_same(a->type, b->type) ||
	    a->hook != b->hook || a->priority != b->priority)
		return false;
	while (x && y && rule_same(x, y)) {
		x = glue_next(x->next);
		y = glue_next(y->next);
	}
	return !x && !y;
}
