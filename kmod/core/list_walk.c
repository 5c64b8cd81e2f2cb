// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * list_walk.c - which rule of a list decides?
 */
#include "kmod/core/classify.h"

/*
 * Fragments and packets too short for their protocol are decided before any rule.
 * In accounting a denial means that the packet is not counted.
 */
static bool decide_early(const struct fw_packet *pkt, bool accounting,
			 enum fw_verdict *verdict)
{
	unsigned int offset = pkt->frag_off & FW_IP_OFFSET;
	unsigned int hlen = fw_packet_hlen(pkt);
	bool tcp = pkt->proto == FW_PROTO_TCP, udp = pkt->proto == FW_PROTO_UDP;

	*verdict = FW_V_DENY;
	if (tcp && offset == 1)
		return true;
	if (offset && !accounting && (tcp || udp || pkt->proto == FW_PROTO_ICMP)) {
		*verdict = FW_V_ACCEPT;
		return true;
	}
	return (tcp && hlen + 16 > pkt->len) || (udp && hlen + 8 > pkt->len);
}

static enum fw_verdict verdict_of(__u32 flags)
{
	if (flags & FW_ACCEPT) {
		if (flags & FW_REDIR)
			return FW_V_REDIRECT;
		return flags & FW_MASQ ? FW_V_MASQUERADE : FW_V_ACCEPT;
	}
	return flags & FW_ICMPRPL ? FW_V_REJECT : FW_V_DENY;
}

static void decide_by_rule(struct fw_decision *d, const struct fw_match *m,
			   const struct fw_view *v)
{
	d->verdict = verdict_of(m->flags);
	if (m->flags & FW_ACCEPT) {
		d->tos = fw_match_tos(m, d->tos);
		d->keep_state = m->keep_state;
		d->helper = m->helper;
	}
	if (d->verdict == FW_V_REDIRECT && v->walk->list == FW_INPUT) {
		__u16 port = fw_match_redirect_port(m);

		d->redirport = port ? port : v->dport;
	}
}

/* Is rule i's -W, if it has one, an interface that is up?  Not known: yes. */
static bool rule_is_bound(const struct fw_list *l, __u32 i)
{
	const volatile int *bound = l->bound ? l->bound[l->first + i] : NULL;

	return !bound || *bound;
}

/* Tries rules begin ... end - 1; true: one of them decides. */
static inline bool rules_try(struct fw_list *l, const struct fw_view *v, __u32 begin,
			     __u32 end, struct fw_decision *d)
{
	const unsigned long stride = l->match ? sizeof(struct fw_match) :
						sizeof(struct fw_rule);
	const struct fw_walk *w = v->walk;
	const char *at;
	__u32 i;

	if (begin == end)
		return false;		/* a list without rules may have no array */
	at = (const char *)fw_list_match(l, begin);
	for (i = begin; i < end; i++, at += stride) {
		const struct fw_match *m = (const struct fw_match *)at;

		if (!fw_rule_match(m, v) || !rule_is_bound(l, i))
			continue;
		if (w->on_match)
			w->on_match(w->ctx, m, i, v->pkt);
		if (w->count) {
			fw_list_rule(l, i)->pcnt++;
			fw_list_rule(l, i)->bcnt += v->pkt->len;
		}
		if (d->by == FW_BY_NONE) {
			d->by = FW_BY_RULE;
			d->rule = (__s32)i;
		}
		if (w->list != FW_ACCT) {
			decide_by_rule(d, m, v);
			return true;
		}
	}
	return false;
}

/* The rules that match; in a firewall list the first of them decides. */
static void list_match(struct fw_list *l, const struct fw_view *v, struct fw_decision *d)
{
	__u32 begin = 0, end = l->classifier ? l->classified_first : l->count;
	struct fw_candidates c;

	c.begun = false;
	while (!rules_try(l, v, begin, end, d)) {
		if (end < l->count) {
			fw_candidates_next(&c, l, v, &begin, &end);
			continue;
		}
		if (v->walk->list == FW_ACCT) {
			d->verdict = FW_V_ACCEPT;
		} else {
			d->by = FW_BY_POLICY;
			/* a policy contains no port, so it cannot redirect */
			d->verdict = verdict_of(l->policy & FW_POLICY_MASK);
		}
		return;
	}
}

void fw_list_walk(struct fw_list *l, const struct fw_walk *w, const struct fw_packet *pkt,
		  struct fw_decision *d)
{
	struct fw_view v;

	*d = (struct fw_decision){ .rule = -1, .tos = pkt->tos };
	if (decide_early(pkt, w->list == FW_ACCT, &d->verdict)) {
		d->by = FW_BY_EARLY;
		return;
	}
	fw_view_init(&v, w, pkt);
	if (w->list != FW_ACCT && pkt->kept && v.state != FW_STATE_INVALID) {
		d->by = FW_BY_STATE;
		d->verdict = FW_V_ACCEPT;
		return;
	}
	list_match(l, &v, d);
}
