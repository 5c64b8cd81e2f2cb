// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * reasons.c - why a kernel of today does otherwise than recorded, rightly.
 */
#include "tests/programs/paths/reasons.h"

#include <stdio.h>
#include <string.h>

#include "backend/sim/route.h"
#include "tests/lib/jsonl.h"

static bool same_connection(const struct fw_packet *a, const struct fw_packet *b)
{
	if (a->proto != b->proto)
		return false;
	if (a->proto == FW_PROTO_ICMP)
		return a->icmp_id == b->icmp_id &&
		       ((a->saddr == b->saddr && a->daddr == b->daddr) ||
			(a->saddr == b->daddr && a->daddr == b->saddr));
	if (a->saddr == b->saddr && a->daddr == b->daddr && a->sport == b->sport &&
	    a->dport == b->dport)
		return true;
	return a->saddr == b->daddr && a->daddr == b->saddr && a->sport == b->dport &&
	       a->dport == b->sport;
}

/* the last packet of the same connection that did what is asked; NULL: none */
static const struct past *past_find(const struct replay *r, const struct step *s,
				    bool (*did)(const struct past *p))
{
	unsigned int i;

	for (i = r->npast; i-- > 0;)
		if (same_connection(&r->past[i].inside, &s->inside) && did(&r->past[i]))
			return &r->past[i];
	return NULL;
}

static bool past_known(const struct past *p)
{
	return p->known;
}

static bool past_known_masqueraded(const struct past *p)
{
	return p->known && p->masqueraded;
}

static bool past_reset(const struct past *p)
{
	return p->inside.proto == FW_PROTO_TCP && (p->inside.tcpflags & FW_TCP_RST);
}

/* The only packet that was not recorded; NULL: none, or several. */
static const struct captured *unexpected(const struct step *s, unsigned int *count)
{
	const struct captured *c = NULL;
	unsigned int i;

	*count = 0;
	for (i = 0; i < s->nhave; i++)
		if (!s->expected[i] && ++*count)
			c = &s->have[i];
	return *count == 1 ? c : NULL;
}

static bool nothing_unexpected(const struct step *s)
{
	unsigned int count;

	unexpected(s, &count);
	return count == 0;
}

/* The packet came unchanged but for TTL and TOS, and nothing else did. */
static bool only_untranslated(const struct step *s, bool locally)
{
	unsigned int count;
	const struct captured *c = unexpected(s, &count);

	return c && !c->dev == locally && c->pkt.saddr == s->sent.saddr &&
	       c->pkt.daddr == s->sent.daddr && c->pkt.sport == s->sent.sport &&
	       c->pkt.dport == s->sent.dport && c->pkt.icmp_id == s->sent.icmp_id;
}

static bool left_by(const struct captured *c, const struct fw_dev *dev)
{
	return c->dev && fw_name_equal(c->dev->name, dev->name);
}

static bool is_icmp(const struct captured *c, __u8 type)
{
	return c->dev && c->pkt.proto == FW_PROTO_ICMP && c->pkt.icmp_type == type;
}

static bool is_unreachable(const struct captured *c, __u8 code)
{
	return is_icmp(c, FW_ICMP_UNREACH) && c->pkt.icmp_code == code;
}

/* It was neither delivered nor sent on: at most the kernel told its sender why. */
static bool is_dropped(const struct step *s)
{
	unsigned int i;

	for (i = 0; i < s->nhave; i++) {
		const struct captured *c = &s->have[i];

		if (!s->receiver ||
		    (!is_icmp(c, FW_ICMP_TIMXCEED) && !is_icmp(c, FW_ICMP_REDIRECT)) ||
		    c->pkt.saddr != s->receiver->addr || c->pkt.daddr != s->sent.saddr)
			return false;
	}
	return true;
}

static bool verdict_is(const struct step *s, const char *list, const char *verdict)
{
	const json_t *event = step_event(s, list);

	return event && !strcmp(jsonl_str(event, "verdict"), verdict);
}

/* Tracking knows no such packet in the connection's state: no translation. */
static bool is_invalid(const struct replay *r, const struct step *s)
{
	(void)r;
	if (!s->invalid)
		return false;
	if (s->masqueraded)
		return nothing_unexpected(s) || only_untranslated(s, false);
	if (verdict_is(s, "input", "redirect"))
		return is_dropped(s);
	return s->demasqueraded && only_untranslated(s, true);
}

/* What answers has no entry, since nothing of the connection ever left. */
static bool is_answer_to_nothing(const struct replay *r, const struct step *s)
{
	return s->demasqueraded && !past_find(r, s, past_known_masqueraded) &&
	       only_untranslated(s, true);
}

/* 2.0 let anybody answer a masqueraded UDP packet from the right port. */
static bool is_answer_of_another(const struct replay *r, const struct step *s)
{
	const struct renamed *name = renaming_find(&r->names, FW_PROTO_UDP,
						   s->recorded.dport);

	return s->demasqueraded && s->sent.proto == FW_PROTO_UDP && name &&
	       name->peer != s->sent.saddr && only_untranslated(s, true);
}

/* A reset ends an entry at once; in the recording no time passes. */
static bool is_after_reset(const struct replay *r, const struct step *s)
{
	if (!past_find(r, s, past_reset))
		return false;
	if (s->masqueraded)
		return nothing_unexpected(s) && !(s->differs & STEP_MISSING);
	return s->demasqueraded && only_untranslated(s, true);
}

static bool only_translated(const struct replay *r, const struct step *s)
{
	unsigned int count;
	const struct captured *c = unexpected(s, &count);

	return c && c->dev && recorded_is_own(&r->devs, c->pkt.saddr) &&
	       c->pkt.daddr == s->sent.daddr;
}

/* The first packet of a connection decides for all of them. */
static bool is_decided_before(const struct replay *r, const struct step *s)
{
	const struct past *p = past_find(r, s, past_known);

	if (!p || !s->receiver)
		return false;
	if (!p->masqueraded && verdict_is(s, "input", "redirect"))
		return is_dropped(s);
	if (p->masqueraded == s->masqueraded)
		return false;
	return nothing_unexpected(s) || (p->masqueraded && only_translated(r, s));
}

/* Did the output list reject it as it was masqueraded? */
static bool is_masqueraded_rejected(const struct step *s)
{
	bool masqueraded = false;
	const json_t *event;
	size_t i;

	json_array_foreach(s->events, i, event) {
		const char *name = jsonl_str(event, "ev");

		if (masqueraded && !strcmp(name, "output"))
			return !strcmp(jsonl_str(event, "verdict"), "reject");
		masqueraded |= s->masqueraded && !strcmp(name, "masquerade");
	}
	return false;
}

/* Where the new source is known, nft can drop but not answer. */
static bool is_rejected_silently(const struct replay *r, const struct step *s)
{
	return r->live != &live_xtables && is_masqueraded_rejected(s) &&
	       nothing_unexpected(s);
}

/* iptables answers before there is a new source that an answer could go to. */
static bool is_rejected_directly(const struct replay *r, const struct step *s)
{
	unsigned int count;
	const struct captured *c = unexpected(s, &count);

	if (r->live != &live_xtables || !s->receiver || !is_masqueraded_rejected(s))
		return false;
	/* the output list may have denied the answer */
	return count == 0 || (c && is_unreachable(c, 1) && left_by(c, s->receiver) &&
			      c->pkt.saddr == s->receiver->addr &&
			      c->pkt.daddr == s->sent.saddr);
}

/* The input list answers before it is known whose address was asked. */
static bool is_rejected_for_another(const struct replay *r, const struct step *s)
{
	const struct fw_dev *dev = s->receiver;
	unsigned int count;
	const struct captured *c = unexpected(s, &count);

	return dev && verdict_is(s, "input", "reject") && s->sent.daddr != dev->addr &&
	       recorded_is_own(&r->devs, s->sent.daddr) &&
	       (count == 0 || (c && is_unreachable(c, 3) && c->pkt.saddr == dev->addr));
}

/* A rule asks for one masquerade port and not another, and so says chance. */
static bool is_told_apart_by_port(const struct replay *r, const struct step *s)
{
	return s->told_apart || (s->masqueraded && replay_tells_ports_apart(r, s));
}

/* iptables can answer where it is known that a packet is forwarded; its time is up. */
static bool is_rejected_too_late(const struct replay *r, const struct step *s)
{
	unsigned int count;
	const struct captured *c = unexpected(s, &count);

	/* an answer to a masqueraded connection is on its way inside by then */
	bool on_its_way = !recorded_is_own(&r->devs, s->sent.daddr) ||
			  (s->sent.dport >= FW_MASQ_PORT_FIRST &&
			   s->sent.dport < FW_MASQ_PORT_END);

	return r->live == &live_xtables && s->receiver && s->sent.ttl <= 1 &&
	       verdict_is(s, "input", "reject") && on_its_way &&
	       (count == 0 || (c && is_icmp(c, FW_ICMP_TIMXCEED)));
}

/* Its ports are those that a connection had before it was translated. */
static bool is_port_taken(const struct replay *r, const struct step *s)
{
	unsigned int count;
	const struct captured *c = unexpected(s, &count);

	return c && c->dev && !s->masqueraded && !s->demasqueraded &&
	       s->sent.proto != FW_PROTO_ICMP && past_find(r, s, past_known_masqueraded) &&
	       c->pkt.saddr == s->sent.saddr && c->pkt.daddr == s->sent.daddr &&
	       c->pkt.sport != s->sent.sport && c->pkt.dport == s->sent.dport;
}

static bool is_redirect(const struct fw_packet *p)
{
	return p->proto == FW_PROTO_ICMP && p->icmp_type == FW_ICMP_REDIRECT;
}

/* The message of a shorter way that came to the sender is as good as recorded. */
static bool redirect_admit(struct step *s)
{
	const struct fw_dev *dev = s->receiver;
	bool admitted = false;
	unsigned int i;

	s->differs &= ~STEP_EXTRA;
	for (i = 0; i < s->nhave; i++) {
		const struct captured *c = &s->have[i];

		if (!s->expected[i] && is_redirect(&c->pkt) && left_by(c, dev) &&
		    c->pkt.saddr == dev->addr && c->pkt.daddr == s->sent.saddr)
			s->expected[i] = admitted = true;
		if (!s->expected[i])
			s->differs |= STEP_EXTRA;
	}
	return admitted;
}

/* That which did not come is as good as never recorded. */
static bool redirect_forget(struct step *s)
{
	bool forgotten = false;
	unsigned int i;

	s->differs &= ~STEP_MISSING;
	for (i = 0; i < s->nwant; i++) {
		struct wanted *w = &s->want[i];

		if (!w->found && is_redirect(&w->pkt))
			w->found = forgotten = true;
		if (!w->found)
			s->differs |= STEP_MISSING;
	}
	return forgotten;
}

/* a message that the output list denied and counted, or NAT dropped before or behind */
static bool only_counted(const struct step *s)
{
	return s->differs == STEP_COUNTERS;
}

/* 2.0 told nobody of a shorter way to a host of the net they share. */
static bool is_redirected_to_neighbour(const struct replay *r, struct step *s)
{
	const struct fw_dev *dev = s->receiver;

	(void)r;
	if (!dev || !step_event(s, "forward") || (s->sent.daddr ^ dev->addr) & dev->mask)
		return false;
	return redirect_admit(s) || only_counted(s);
}

/* NAT drops such messages about what it translates or has not yet decided on. */
static bool is_redirect_dropped(const struct replay *r, struct step *s)
{
	if (!step_sends_redirect(s) ||
	    (!s->masqueraded && !s->demasqueraded && past_find(r, s, past_known)))
		return false;
	return redirect_forget(s) || only_counted(s);
}

/* By the time that iptables can answer it is known that there is a shorter way. */
static bool is_redirected_too_early(const struct replay *r, struct step *s)
{
	const struct sim_routes routes = {
		.dev = r->devs.dev, .count = r->devs.count, .gateway = r->gateway,
	};
	const struct fw_dev *dev = s->receiver;
	__u32 hop;

	if (r->live != &live_xtables || !dev || !verdict_is(s, "input", "reject") ||
	    sim_addr_kind(&routes, s->inside.daddr) != SIM_ADDR_FOREIGN ||
	    sim_route(&routes, s->inside.daddr, &hop) != dev ||
	    (s->sent.saddr ^ dev->addr) & dev->mask)
		return false;
	return redirect_admit(s) || only_counted(s);
}

/* about messages of shorter ways, whatever else becomes of the packet */
static struct redirect_reason {
	const char *text;
	/* makes them no difference any more, if it explains them */
	bool (*explains)(const struct replay *r, struct step *s);
	bool conntrack;	/* only where nf_conntrack masquerades */
	unsigned long count;
} redirect_reasons[] = {
	{ "redirect to a host of the same net", is_redirected_to_neighbour, false, 0 },
	{ "no redirect about a new or translated connection", is_redirect_dropped, true, 0 },
	{ "redirect is sent before the input list rejects", is_redirected_too_early, true, 0 },
};

static struct reason {
	const char *text;
	bool (*explains)(const struct replay *r, const struct step *s);
	bool conntrack;
	unsigned long count;
} reasons[] = {
	{ "invalid to connection tracking, so not translated", is_invalid, true, 0 },
	{ "answer to a connection of which no packet left", is_answer_to_nothing, true, 0 },
	{ "UDP answer from another address", is_answer_of_another, true, 0 },
	{ "connection was reset", is_after_reset, false, 0 },
	{ "translation decided by the connection's first packet", is_decided_before, true, 0 },
	{ "output list rejects a masqueraded packet without an answer",
	  is_rejected_silently, true, 0 },
	{ "output list rejects a masqueraded packet with an answer past lo",
	  is_rejected_directly, true, 0 },
	{ "port unreachable comes from the receiving interface's address",
	  is_rejected_for_another, false, 0 },
	{ "time exceeded is answered before the input list rejects", is_rejected_too_late,
	  true, 0 },
	{ "port taken by a translated connection", is_port_taken, true, 0 },
	{ "a rule tells masquerade ports apart", is_told_apart_by_port, true, 0 },
};

/* True: there is nothing else to explain. */
static bool redirects_explain(const struct replay *r, struct step *s)
{
	bool explained = false;
	unsigned int i;

	for (i = 0; i < FW_COUNT(redirect_reasons); i++)
		if (r->live->conntrack >= redirect_reasons[i].conntrack &&
		    redirect_reasons[i].explains(r, s)) {
			redirect_reasons[i].count++;
			explained = true;
		}
	return explained && !(s->differs & ~STEP_COUNTERS);
}

bool reason_explains(const struct replay *r, const struct step *s)
{
	struct step rest = *s;
	unsigned int i;

	if (s->differs & (STEP_BROKEN | STEP_STATUS))
		return false;
	if (redirects_explain(r, &rest))
		return true;
	for (i = 0; i < FW_COUNT(reasons); i++)
		if (r->live->conntrack >= reasons[i].conntrack &&
		    reasons[i].explains(r, &rest)) {
			reasons[i].count++;
			return true;
		}
	return false;
}

static void reason_print(const char *text, unsigned long count)
{
	if (count)
		printf("%5lu otherwise: %s\n", count, text);
}

void reasons_print(void)
{
	unsigned int i;

	for (i = 0; i < FW_COUNT(reasons); i++)
		reason_print(reasons[i].text, reasons[i].count);
	for (i = 0; i < FW_COUNT(redirect_reasons); i++)
		reason_print(redirect_reasons[i].text, redirect_reasons[i].count);
}
