// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plan_eval.c - a packet through a plan, as netfilter does it.
 */
#include <string.h>

#include "backend/plan/plan_eval.h"

#define CALLS_MAX 16	/* jumps inside one another, as nft allows */

/* how a base chain ended */
enum walk {
	WALK_ON,		/* this rule decides nothing */
	WALK_ACCEPT,		/* the chain is over */
	WALK_STOP,		/* the packet is */
	WALK_RETURN,
	WALK_CALL,
	WALK_GOTO,
};

static bool packet_is_later(const struct fw_packet *k)
{
	return k->frag_off & FW_IP_OFFSET;
}

static bool bits_match(const struct plan_match *m, __u32 word)
{
	return (word & m->bits.mask) == m->bits.value;
}

static bool ranges_match(const struct plan_match *m, __u16 n)
{
	__u32 i;

	for (i = 0; i < m->ranges.count; i++)
		if (m->ranges.item[i].lo <= n && n <= m->ranges.item[i].hi)
			return true;
	return false;
}

static bool names_match(const struct plan_match *m, const struct fw_dev *dev)
{
	__u32 i;

	for (i = 0; dev && i < m->names.count; i++)
		if (!strncmp(m->names.item[i], dev->name, FW_IFNAMSIZ))
			return true;
	return false;
}

static bool port_match(const struct plan_match *m, const struct fw_packet *k, __u16 port)
{
	if (k->proto != FW_PROTO_TCP && k->proto != FW_PROTO_UDP)
		return false;
	return ranges_match(m, port) != m->invert;
}

/* what looks behind the IP header */
static bool transport_match(const struct plan_match *m, const struct fw_packet *k)
{
	if (packet_is_later(k))
		return false;
	switch (m->type) {
	case PLAN_M_SPORT:
		return port_match(m, k, k->sport);
	case PLAN_M_DPORT:
		return port_match(m, k, k->dport);
	case PLAN_M_ICMP_TYPE:
		return k->proto == FW_PROTO_ICMP &&
		       ranges_match(m, k->icmp_type) != m->invert;
	default:
		return k->proto == FW_PROTO_TCP &&
		       bits_match(m, k->tcpflags) != m->invert;
	}
}

static bool state_match(const struct plan_match *m, const struct fw_packet *k)
{
	return m->bits.value & (k->state ? k->state : FW_STATE_NEW);
}

static bool turn_match(const struct plan_match *m, __u32 turn)
{
	return turn % m->turn.of < m->turn.lo || turn % m->turn.of > m->turn.hi;
}

static bool match_holds(const struct plan_match *m, const struct plan_packet *pp)
{
	const struct fw_packet *k = &pp->pkt;

	switch (m->type) {
	case PLAN_M_NEVER:
		return false;
	case PLAN_M_SADDR:
		return bits_match(m, k->saddr) != m->invert;
	case PLAN_M_DADDR:
		return bits_match(m, k->daddr) != m->invert;
	case PLAN_M_PROTO:
		return ranges_match(m, k->proto) != m->invert;
	case PLAN_M_SPORT:
	case PLAN_M_DPORT:
	case PLAN_M_ICMP_TYPE:
	case PLAN_M_TCP_FLAGS:
		return transport_match(m, k);
	case PLAN_M_IIFNAME:
		return names_match(m, pp->in) != m->invert;
	case PLAN_M_OIFNAME:
		return names_match(m, pp->out) != m->invert;
	case PLAN_M_CT_STATE:
		return state_match(m, k) != m->invert;
	case PLAN_M_CT_STATUS_SNAT:
		return pp->ct_snat != m->invert;
	case PLAN_M_CT_STATUS_DNAT:
		return pp->ct_dnat != m->invert;
	case PLAN_M_CT_STATUS_EXPECTED:
		return pp->ct_expected != m->invert;
	case PLAN_M_CT_STATUS_CONFIRMED:
		return pp->ct_confirmed != m->invert;
	case PLAN_M_CT_REPLY:
		return pp->ct_reply != m->invert;
	case PLAN_M_CT_ORIG_DADDR:
		return bits_match(m, pp->ct_daddr) != m->invert;
	case PLAN_M_CT_ORIG_DPORT:
		return ranges_match(m, pp->ct_dport) != m->invert;
	case PLAN_M_CT_MARK:
		return bits_match(m, pp->ct_mark) != m->invert;
	case PLAN_M_MARK:
		return bits_match(m, pp->mark) != m->invert;
	case PLAN_M_FRAGMENT:
		return packet_is_later(k) != m->invert;
	case PLAN_M_FRAGMENT_AT_1:
		return ((k->frag_off & FW_IP_OFFSET) == 1) != m->invert;
	case PLAN_M_SHORT:
		return (k->len < fw_packet_hlen(k) + m->bits.value) != m->invert;
	case PLAN_M_PLAIN:
		return fw_packet_hlen(k) == PLAN_IP_HEADER &&
		       k->len >= PLAN_IP_HEADER + m->bits.value;
	case PLAN_M_DSCP:
		return bits_match(m, k->tos >> 2) != m->invert;
	case PLAN_M_ECN:
		return bits_match(m, k->tos & 3) != m->invert;
	case PLAN_M_LOCAL:
		return pp->to_local != m->invert;
	case PLAN_M_TURN:
		return turn_match(m, pp->turn);
	}
	return false;
}

static void bits_set(__u32 *word, const struct plan_action *a)
{
	*word = (*word & ~a->bits.mask) | a->bits.value;
}

static void action_alter(const struct plan_action *a, struct plan_packet *pp)
{
	__u8 *tos = &pp->pkt.tos;

	switch (a->type) {
	case PLAN_A_TOS:
		*tos = (__u8)((*tos & a->bits.mask) ^ a->bits.value);
		break;
	case PLAN_A_DSCP:
		*tos = (__u8)((*tos & 3) | a->bits.value << 2);
		break;
	case PLAN_A_ECN:
		*tos = (__u8)((*tos & ~3u) | a->bits.value);
		break;
	case PLAN_A_MARK:
		bits_set(&pp->mark, a);
		break;
	case PLAN_A_CT_MARK:
		bits_set(&pp->ct_mark, a);
		break;
	case PLAN_A_HELPER:
		pp->helper = a->text;
		break;
	case PLAN_A_TIMEOUT:
		pp->timeout = a->text;
		break;
	default:
		break;
	}
}

static enum walk action_end(const struct plan_action *a, struct plan_packet *pp)
{
	switch (a->type) {
	case PLAN_A_ACCEPT:
		return WALK_ACCEPT;
	case PLAN_A_DROP:
		pp->verdict = PLAN_V_DROP;
		return WALK_STOP;
	case PLAN_A_REJECT:
		pp->verdict = PLAN_V_REJECT;
		pp->reject_code = (__u8)a->bits.value;
		return WALK_STOP;
	case PLAN_A_RETURN:
		return WALK_RETURN;
	case PLAN_A_JUMP:
		return WALK_CALL;
	case PLAN_A_GOTO:
		return WALK_GOTO;
	case PLAN_A_REDIRECT:
		pp->redirected = true;
		pp->redirport = (__u16)a->bits.value;
		return WALK_ACCEPT;
	case PLAN_A_MASQUERADE:
		pp->masqueraded = pp->ct_snat = true;
		pp->masq_ports = a->range;
		return WALK_ACCEPT;
	case PLAN_A_DNAT:
		pp->forwarded = pp->ct_dnat = true;
		pp->forward_addr = a->to.addr;
		pp->forward_port = a->to.port;
		return WALK_ACCEPT;
	default:
		return WALK_ON;
	}
}

/* What glue logs is logged for the rule that led there. */
static void action_report(const struct plan_action *a, const struct plan_rule *r,
			  const struct plan_rule *by, const struct plan_watch *w)
{
	if (a->type == PLAN_A_COUNTER && w->counted)
		w->counted(w->ctx, r);
	if (a->type == PLAN_A_LOG && w->logged)
		w->logged(w->ctx, r->origin < 0 && by ? by : r, a->text);
}

/* Has the packet a connection, whose mark can be set? */
static bool packet_is_tracked(const struct plan_packet *pp)
{
	return pp->pkt.state != FW_STATE_INVALID;
}

static bool rule_holds(const struct plan_chain *c, const struct plan_rule *r,
		       const struct plan_packet *pp, const struct plan_watch *watch)
{
	enum plan_forced f = watch->forced ? watch->forced(watch->ctx, c, r) : PLAN_NOT_FORCED;
	unsigned int i;

	if (f != PLAN_NOT_FORCED)
		return f == PLAN_HOLDS;
	for (i = 0; i < r->nmatches; i++) {
		const struct plan_match *m = &r->match[i];

		if (m->type == PLAN_M_TURN && watch->turn ?
		    !turn_match(m, watch->turn(watch->ctx, r)) : !match_holds(m, pp))
			return false;
	}
	return true;
}

/* by: the rule that led to chain c, or NULL; *next: where a jump or goto leads */
static enum walk rule_walk(const struct plan_chain *c, const struct plan_rule *r,
			   const struct plan_rule *by, bool is_nft, struct plan_packet *pp,
			   const struct plan_watch *watch, const struct plan_chain **next)
{
	enum walk w = WALK_ON;
	unsigned int i;

	if (!rule_holds(c, r, pp, watch))
		return WALK_ON;
	for (i = 0; i < r->nactions && w == WALK_ON; i++) {
		const struct plan_action *a = &r->action[i];

		if (a->type == PLAN_A_CT_MARK && !packet_is_tracked(pp)) {
			if (is_nft)	/* reads the mark first, which ends the rule */
				return WALK_ON;
			continue;
		}
		action_report(a, r, by, watch);
		action_alter(a, pp);
		w = action_end(a, pp);
		if (w == WALK_CALL || w == WALK_GOTO)
			*next = a->chain;
	}
	return w;
}

static const struct plan_rule *chain_enter(const struct plan_chain *c,
					   const struct plan_packet *pp,
					   const struct plan_watch *watch)
{
	if (watch->entered)
		watch->entered(watch->ctx, c, pp);
	return c->rules;
}

static enum walk chain_walk(const struct plan_chain *base, struct plan_packet *pp,
			    const struct plan_watch *watch)
{
	struct place {
		const struct plan_chain *chain;
		const struct plan_rule *rule, *by;
	} back[CALLS_MAX], at = { base, chain_enter(base, pp, watch), NULL };
	const struct plan_chain *next = NULL;
	unsigned int depth = 0;

	for (;;) {
		enum walk w = at.rule ? rule_walk(at.chain, at.rule, at.by, !base->table, pp,
						  watch, &next) :
					WALK_RETURN;

		switch (w) {
		case WALK_ON:
			at.rule = at.rule->next;
			break;
		case WALK_CALL:
			if (depth == CALLS_MAX) {
				pp->verdict = PLAN_V_DROP;
				return WALK_STOP;
			}
			back[depth] = at;
			back[depth++].rule = at.rule->next;
			/* fallthrough */
		case WALK_GOTO:
			if (at.rule->origin >= 0)
				at.by = at.rule;
			at.chain = next;
			at.rule = chain_enter(next, pp, watch);
			break;
		case WALK_RETURN:
			if (!depth)
				return WALK_ACCEPT;
			at = back[--depth];
			break;
		case WALK_ACCEPT:
		case WALK_STOP:
			return w;
		}
	}
}

void plan_eval_hook(const struct plan *p, enum plan_hook hook, int from, int to,
		    struct plan_packet *pp, const struct plan_watch *watch)
{
	const struct plan_chain *base;

	pp->verdict = PLAN_V_ACCEPT;
	for (base = p->base[hook]; base; base = base->next_base) {
		if (base->priority < from || base->priority >= to)
			continue;
		if (chain_walk(base, pp, watch) == WALK_STOP)
			return;
	}
}
