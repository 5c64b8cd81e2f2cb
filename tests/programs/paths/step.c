// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * step.c - one recorded packet: what was to happen, and what did.
 */
#include "tests/programs/paths/step.h"

#include <string.h>

#include "tests/lib/jsonl.h"

static bool event_is(const json_t *event, const char *name)
{
	return !strcmp(jsonl_str(event, "ev"), name);
}

const json_t *step_event(const struct step *s, const char *name)
{
	const json_t *event;
	size_t i;

	json_array_foreach(s->events, i, event)
		if (event_is(event, name))
			return event;
	return NULL;
}

void step_event_packet(const struct step *s, const json_t *event, struct fw_packet *p)
{
	*p = (struct fw_packet){
		.saddr = recorded_addr(jsonl_str(event, "s")),
		.daddr = recorded_addr(jsonl_str(event, "d")),
		.proto = (__u8)jsonl_int(event, "proto", 0),
		.sport = (__u16)jsonl_int(event, "sp", 0),
		.dport = (__u16)jsonl_int(event, "dp", 0),
		.icmp_type = (__u8)jsonl_int(event, "type", 0),
		.icmp_code = (__u8)jsonl_int(event, "code", 0),
		.icmp_id = (__u16)jsonl_int(event, "icmpid", 0),
		.tos = (__u8)jsonl_int(event, "tos", 0),
		.ttl = (__u8)jsonl_int(event, "ttl", 0),
		.len = (__u16)jsonl_int(event, "len", 0),
	};
	if (p->proto == FW_PROTO_TCP)
		p->tcpflags = s->recorded.tcpflags;
}

bool step_sends_redirect(const struct step *s)
{
	const json_t *event = step_event(s, "icmp_send");

	return event && jsonl_int(event, "type", 0) == FW_ICMP_REDIRECT;
}

static bool same_source(const struct fw_packet *a, const struct fw_packet *b)
{
	return a->proto == b->proto && a->saddr == b->saddr && a->sport == b->sport &&
	       a->icmp_id == b->icmp_id;
}

static void masquerade_read(struct step *s)
{
	const json_t *event = step_event(s, "masquerade");
	struct fw_packet before;

	if (event) {
		step_event_packet(s, event, &s->masqueraded_as);
		step_event_packet(s, step_event(s, "forward"), &before);
		s->masqueraded = !same_source(&before, &s->masqueraded_as);
	}
	event = step_event(s, "demasquerade");
	if (event && jsonl_int(event, "ret", 0) > 0) {
		step_event_packet(s, event, &s->inside);
		s->demasqueraded = true;
	}
}

static void wanted_add(struct step *s, const json_t *event, bool leaves)
{
	struct wanted *w = &s->want[s->nwant++];

	*w = (struct wanted){ .dev = NULL };
	step_event_packet(s, event, &w->pkt);
	if (leaves) {
		w->dev = recorded_dev(s->devs, jsonl_str(event, "dev"));
		w->masqueraded = s->masqueraded && same_source(&w->pkt, &s->masqueraded_as);
		return;
	}
	/* nothing was translated on its way in */
	w->pkt.dport = s->sent.dport;
	w->pkt.icmp_id = s->sent.icmp_id;
	w->redirport = (__u16)jsonl_int(event, "redirport", 0);
	w->redirected = w->redirport != 0;
	w->own_port = w->redirport == s->recorded.dport;
}

/* what comes for a masqueraded connection comes for its live port */
static void sent_rename(struct step *s, const struct renaming *names)
{
	bool icmp = s->sent.proto == FW_PROTO_ICMP;
	const struct renamed *name;

	if (!recorded_is_own(s->devs, s->sent.daddr))
		return;
	*(icmp ? &s->sent.icmp_id : &s->sent.dport) =
		renaming_destination(names, &s->recorded);
	name = renaming_answered(names, &s->recorded);
	if (!name)
		return;
	/* whether or not a list lets it get there */
	s->inside.daddr = name->inner;
	*(icmp ? &s->inside.icmp_id : &s->inside.dport) = name->inner_port;
}

void step_read(struct step *s, const json_t *recorded, const struct recorded_devs *devs,
	       const struct renaming *names)
{
	const json_t *packet = json_object_get(recorded, "pkt"), *event;
	size_t i;

	*s = (struct step){
		.events = json_object_get(recorded, "events"),
		.devs = devs,
		.receiver = recorded_dev(devs, jsonl_str(packet, "iface")),
		.told = !strcmp(jsonl_str(packet, "via"), "build"),
		.want_ret = (int)jsonl_int(recorded, "ret", 0),
	};
	recorded_packet(&s->recorded, packet);
	s->sent = s->inside = s->recorded;
	if (s->receiver)
		sent_rename(s, names);
	masquerade_read(s);
	json_array_foreach(s->events, i, event)
		if (s->nwant < STEP_PACKETS &&
		    (event_is(event, "xmit") || event_is(event, "deliver")))
			wanted_add(s, event, event_is(event, "xmit"));
}

static bool same_destination_port(const struct wanted *w, __u16 port)
{
	if (w->redirected && w->redirport == port)
		return true;
	return (!w->redirected || w->own_port) && w->pkt.dport == port;
}

static bool same_ports(const struct wanted *w, const struct fw_packet *p)
{
	if (w->pkt.proto != FW_PROTO_ICMP)
		return (w->masqueraded || w->pkt.sport == p->sport) &&
		       same_destination_port(w, p->dport);
	return w->pkt.icmp_type == p->icmp_type && w->pkt.icmp_code == p->icmp_code &&
	       (w->masqueraded || w->pkt.icmp_id == p->icmp_id);
}

static bool same_packet(const struct wanted *w, const struct captured *c)
{
	const struct fw_packet *a = &w->pkt, *b = &c->pkt;

	if (!w->dev != !c->dev || (w->dev && !fw_name_equal(w->dev->name, c->dev->name)))
		return false;
	return a->proto == b->proto && a->saddr == b->saddr &&
	       (w->redirected || a->daddr == b->daddr) && a->tos == b->tos &&
	       a->ttl == b->ttl && a->len == b->len && a->tcpflags == b->tcpflags &&
	       same_ports(w, b);
}

static void wanted_find(struct step *s, struct wanted *w)
{
	unsigned int i;

	for (i = 0; i < s->nhave; i++) {
		if (s->expected[i] || !same_packet(w, &s->have[i]))
			continue;
		w->found = s->expected[i] = true;
		return;
	}
	s->differs |= STEP_MISSING;
}

/* Is it the packet with another source port, expected or not? */
static bool is_masqueraded(const struct step *s, const struct captured *c)
{
	const struct fw_packet *a = &s->masqueraded_as, *b = &c->pkt;

	return c->dev && a->proto == b->proto && a->saddr == b->saddr &&
	       a->daddr == b->daddr && a->dport == b->dport &&
	       a->icmp_type == b->icmp_type;
}

static void names_learn(struct step *s, struct renaming *names)
{
	unsigned int i;

	for (i = 0; i < s->nhave; i++)
		if (is_masqueraded(s, &s->have[i]) &&
		    !renaming_learn(names, &s->inside, &s->masqueraded_as, &s->have[i].pkt))
			s->differs |= STEP_RENAMED;
}

/* takes what was only noted on its way out of have[] */
static void invalid_take(struct step *s)
{
	unsigned int i, n = 0;

	for (i = 0; i < s->nhave; i++) {
		if (s->have[i].invalid)
			s->invalid = true;
		else
			s->have[n++] = s->have[i];
	}
	s->nhave = n;
}

void step_compare(struct step *s, struct renaming *names)
{
	unsigned int i;

	invalid_take(s);
	for (i = 0; i < s->nwant; i++)
		wanted_find(s, &s->want[i]);
	if (s->masqueraded)
		names_learn(s, names);
	for (i = 0; i < s->nhave; i++) {
		if (!s->expected[i])
			s->differs |= STEP_EXTRA;
		if (s->have[i].broken)
			s->differs |= STEP_BROKEN;
	}
	if (!s->receiver && s->told && !s->ret != !s->want_ret)
		s->differs |= STEP_STATUS;
}
