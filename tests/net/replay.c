// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * replay.c - recorded ways of packets, taken through a real kernel.
 */
#include "tests/net/replay.h"

#include <stdio.h>
#include <string.h>

#include "tests/lib/jsonl.h"
#include "tests/net/datagram.h"

#define NEIGHBOURS 64

static bool rules_read(struct replay *r, const json_t *scenario)
{
	json_t *line;
	size_t i;

	json_array_foreach(json_object_get(scenario, "rules"), i, line)
		if (recorded_command(&r->expected, json_string_value(line)) < 0)
			return false;
	return true;
}

/* everybody of our own nets whom the packets name */
static int neighbours_set(struct replay *r, const json_t *steps)
{
	__u32 addr[2 * NEIGHBOURS], n = 0;
	struct fw_packet p;
	json_t *step;
	size_t i;

	json_array_foreach(steps, i, step) {
		if (n + 2 > FW_COUNT(addr))
			break;
		recorded_packet(&p, json_object_get(step, "pkt"));
		addr[n++] = p.saddr;
		addr[n++] = p.daddr;
	}
	return router_neighbours(&r->router, addr, n);
}

static void step_take(struct replay *r, struct step *s, const char *iface)
{
	int n;

	s->ret = s->own ? router_send(&r->router, &s->sent) :
			  router_inject(&r->router, iface, &s->sent);
	n = router_collect(&r->router, s->have, STEP_PACKETS);
	if (n < 0)
		s->differs |= STEP_BROKEN;
	s->nhave = n < 0 ? 0 : n;
	step_compare(s, &r->names);
}

/* the ports of an event as they were live, where they are known */
static void event_rename(const struct replay *r, const struct step *s, struct fw_packet *p)
{
	bool icmp = p->proto == FW_PROTO_ICMP;
	const struct renamed *name;

	if (s->masqueraded && p->proto == s->masqueraded_as.proto &&
	    p->saddr == s->masqueraded_as.saddr && p->sport == s->masqueraded_as.sport &&
	    p->icmp_id == s->masqueraded_as.icmp_id) {
		name = renaming_find(&r->names, p->proto, icmp ? p->icmp_id : p->sport);
		if (name)
			*(icmp ? &p->icmp_id : &p->sport) = name->live;
	} else if (p->daddr == s->recorded.daddr && p->saddr == s->recorded.saddr) {
		p->dport = s->sent.dport;
		p->icmp_id = s->sent.icmp_id;
	}
}

static const struct list_event {
	const char *name;
	enum fw_list_id list;
	enum fw_mode mode;
} list_events[] = {
	{ "acct_in", FW_ACCT, FW_MODE_ACCT_IN },
	{ "input", FW_INPUT, FW_MODE_FIREWALL },
	{ "forward", FW_FORWARD, FW_MODE_FIREWALL },
	{ "output", FW_OUTPUT, FW_MODE_FIREWALL },
	{ "acct_out", FW_ACCT, FW_MODE_ACCT_OUT },
};

/* The recording tells no rules: the core, held against others, does. */
static void event_count(struct replay *r, const struct step *s, const json_t *event)
{
	const char *name = jsonl_str(event, "ev");
	struct fw_decision d;
	struct fw_packet p;
	unsigned int i;

	for (i = 0; i < FW_COUNT(list_events); i++) {
		const struct list_event *e = &list_events[i];

		if (strcmp(name, e->name))
			continue;
		step_event_packet(s, event, &p);
		event_rename(r, s, &p);
		fw_list_walk(&r->expected.list[e->list], e->list, e->mode, &p,
			     recorded_dev(&r->devs, jsonl_str(event, "dev")), NULL, NULL,
			     &d);
	}
}

/* Compares what the rules counted in this step. */
static void counters_compare(struct replay *r, struct step *s, struct fw_ruleset *now)
{
	const json_t *event;
	size_t k;
	__u32 i;
	int list;

	for (list = 0; list < FW_LISTS; list++)
		fw_list_zero(&r->expected.list[list]);
	json_array_foreach(s->events, k, event)
		event_count(r, s, event);
	if (r->live->counters(now) < 0) {
		s->differs |= STEP_COUNTERS;
		return;
	}
	for (list = 0; list < FW_LISTS; list++)
		for (i = 0; i < now->list[list].count; i++) {
			const struct fw_rule *want = fw_list_rule(&r->expected.list[list], i);
			const struct fw_rule *old = fw_list_rule(&r->seen.list[list], i);
			const struct fw_rule *new = fw_list_rule(&now->list[list], i);

			if (new->pcnt - old->pcnt != want->pcnt ||
			    new->bcnt - old->bcnt != want->bcnt)
				s->differs |= STEP_COUNTERS;
		}
}

static void step_counters(struct replay *r, struct step *s)
{
	struct fw_ruleset now;

	if (fw_ruleset_copy(&now, &r->seen)) {
		s->differs |= STEP_COUNTERS;
		return;
	}
	counters_compare(r, s, &now);
	fw_ruleset_free(&r->seen);
	r->seen = now;
}

static void step_tell(const struct replay *r, const struct step *s, size_t index)
{
	char text[DATAGRAM_TEXT_MAX], *events = json_dumps(s->events, 0);
	unsigned int i;

	fprintf(stderr, "scenario %lld step %zu:%s%s%s%s%s\n  %s %s\n  recorded %s\n",
		r->id, index, s->differs & STEP_MISSING ? " missing" : "",
		s->differs & STEP_EXTRA ? " extra" : "",
		s->differs & STEP_COUNTERS ? " counters" : "",
		s->differs & STEP_STATUS ? " status" : "",
		s->differs & STEP_BROKEN ? " broken" : "", s->own ? "sent" : "received",
		datagram_text(&s->sent, text), events);
	for (i = 0; i < s->nhave; i++)
		fprintf(stderr, "  came %.16s %s%s\n",
			s->have[i].dev ? s->have[i].dev->name : "locally",
			datagram_text(&s->have[i].pkt, text),
			s->have[i].broken ? " BROKEN" : "");
}

static void step_run(struct tally *t, struct replay *r, const json_t *recorded, size_t index)
{
	struct step s;

	step_read(&s, recorded, &r->devs, &r->names);
	step_take(r, &s, jsonl_str(json_object_get(recorded, "pkt"), "iface"));
	step_counters(r, &s);
	if (!s.differs) {
		tally_pass(t);
		return;
	}
	step_tell(r, &s, index);
	tally_fail(t, "scenario %lld step %zu", r->id, index);
}

static void steps_run(struct tally *t, struct replay *r, const json_t *scenario)
{
	const json_t *steps = json_object_get(scenario, "steps"), *step;
	size_t i;

	if (r->live->load(&r->expected, r->devs.dev, r->devs.count) ||
	    neighbours_set(r, steps)) {
		tally_fail(t, "scenario %lld: cannot be set up", r->id);
		return;
	}
	json_array_foreach(steps, i, step)
		step_run(t, r, step, i);
}

void replay_scenario(struct tally *t, const struct live *live, const json_t *scenario)
{
	struct replay r = { .live = live, .id = jsonl_int(scenario, "id", -1) };
	__u32 gateway = recorded_addr(jsonl_str(scenario, "default_gw"));
	int err;

	fw_ruleset_init(&r.expected);
	recorded_devs(&r.devs, json_object_get(scenario, "net"));
	err = router_open(&r.router, r.devs.dev, r.devs.count, gateway);
	if (err < 0) {
		tally_fail(t, "scenario %lld: no network: %s", r.id, strerror(-err));
		return;
	}
	if (!rules_read(&r, scenario) || fw_ruleset_copy(&r.seen, &r.expected)) {
		tally_fail(t, "scenario %lld: rules refused", r.id);
	} else {
		steps_run(t, &r, scenario);
		live->unload();
		fw_ruleset_free(&r.seen);
	}
	fw_ruleset_free(&r.expected);
	router_close(&r.router);
}
