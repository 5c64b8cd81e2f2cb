/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * list_walk.h - which rule of a list decides?  Inline for the module, which walks a list
 * for each packet.
 */
#ifndef FW_LIST_WALK_H
#define FW_LIST_WALK_H

#include "kmod/core/classify.h"

/*
 * Fragments and packets too short for their protocol are decided before any rule.
 * In accounting a denial means that the packet is not counted.
 */
static inline bool fw_decide_early(const struct fw_packet *pkt, bool accounting,
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

static inline enum fw_verdict fw_verdict_of(__u32 flags)
{
	if (flags & FW_ACCEPT) {
		if (flags & FW_REDIR)
			return FW_V_REDIRECT;
		return flags & FW_MASQ ? FW_V_MASQUERADE : FW_V_ACCEPT;
	}
	return flags & FW_ICMPRPL ? FW_V_REJECT : FW_V_DENY;
}

static inline void fw_decide_by_rule(struct fw_decision *d, const struct fw_match *m,
				     const struct fw_view *v)
{
	d->verdict = fw_verdict_of(m->flags);
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
static inline bool fw_rule_is_bound(const struct fw_list *l, __u32 i)
{
	const volatile int *bound = l->bound ? l->bound[l->first + i] : NULL;

	return !bound || *bound;
}

/* The first rule from at on that may be about packets of saddr; last if there is none. */
static inline const char *fw_rules_skip(const char *at, const char *last,
					unsigned long stride, __u32 saddr)
{
	const struct fw_match *m;

	for (; at != last; at += stride) {
		m = (const struct fw_match *)at;
		if ((saddr & m->smsk) == m->src || m->flags & FW_BIDIR)
			break;
	}
	return at;
}

/* Tries rules begin ... end - 1; true: one of them decides. */
static inline bool fw_rules_try(struct fw_list *l, const struct fw_view *v,
				fw_match_fn on_match, __u32 begin, __u32 end,
				struct fw_decision *d)
{
	const unsigned long stride = l->match ? sizeof(struct fw_match) :
						sizeof(struct fw_rule);
	const __u32 saddr = v->pkt->saddr;
	const struct fw_walk *w = v->walk;
	const char *first, *last, *at;

	if (begin == end)
		return false;		/* a list without rules may have no array */
	first = (const char *)fw_list_match(l, begin);
	last = first + (end - begin) * stride;
	for (at = first;; at += stride) {
		const struct fw_match *m;
		__u32 i;

		/* most rules fail here, so this is what a long list costs */
		at = fw_rules_skip(at, last, stride, saddr);
		if (at == last)
			return false;
		m = (const struct fw_match *)at;
		if (!fw_rule_match(m, v))
			continue;
		i = begin + (__u32)((unsigned long)(at - first) / stride);
		if (!fw_rule_is_bound(l, i))
			continue;
		if (on_match)
			on_match(w->ctx, m, i, v->pkt);
		if (w->count) {
			fw_list_rule(l, i)->pcnt++;
			fw_list_rule(l, i)->bcnt += v->pkt->len;
		}
		if (d->by == FW_BY_NONE) {
			d->by = FW_BY_RULE;
			d->rule = (__s32)i;
		}
		if (w->list != FW_ACCT) {
			fw_decide_by_rule(d, m, v);
			return true;
		}
	}
}

/* Tries the rules from l->classified_first on, which has a classifier; likewise. */
bool fw_candidates_try(struct fw_list *l, const struct fw_view *v, fw_match_fn on_match,
		       struct fw_decision *d);

/* The rules that match; in a firewall list the first of them decides. */
static inline void fw_list_decide(struct fw_list *l, const struct fw_view *v,
				  fw_match_fn on_match, struct fw_decision *d)
{
	if (fw_rules_try(l, v, on_match, 0, l->classifier ? l->classified_first : l->count,
			 d))
		return;
	if (l->classifier) {
		const struct fw_view copy = *v;	/* so that v itself can be in registers */

		if (fw_candidates_try(l, &copy, on_match, d))
			return;
	}
	if (v->walk->list == FW_ACCT) {
		d->verdict = FW_V_ACCEPT;
	} else {
		d->by = FW_BY_POLICY;
		/* a policy contains no port, so it cannot redirect */
		d->verdict = fw_verdict_of(l->policy & FW_POLICY_MASK);
	}
}

/* fw_list_walk() with an on_match that the compiler knows, in place of w->on_match */
static inline void fw_list_walk_inline(struct fw_list *l, const struct fw_walk *w,
				       fw_match_fn on_match, const struct fw_packet *pkt,
				       struct fw_decision *d)
{
	struct fw_view v;

	*d = (struct fw_decision){ .rule = -1, .tos = pkt->tos };
	if (fw_decide_early(pkt, w->list == FW_ACCT, &d->verdict)) {
		d->by = FW_BY_EARLY;
		return;
	}
	fw_view_init(&v, w, pkt);
	if (w->list != FW_ACCT && pkt->kept && v.state != FW_STATE_INVALID) {
		d->by = FW_BY_STATE;
		d->verdict = FW_V_ACCEPT;
		return;
	}
	fw_list_decide(l, &v, on_match, d);
}

#endif
