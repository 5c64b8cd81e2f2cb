// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * replay.c - recorded ways of packets, taken through a real kernel.
 */
#include "tests/programs/paths/replay.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/programs/fwchk/fwchk.h"
#include "tests/lib/jsonl.h"
#include "tests/lib/datagram.h"
#include "tests/programs/paths/reasons.h"

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

/*
 * The kernel tells a host of a shorter way twice as late each time; a recording
 * in which no time passes tells it at once.
 */
static void redirect_await(struct replay *r, const struct step *s)
{
	unsigned int doublings = r->nredirects < 5 ? r->nredirects : 5;

	if (!step_sends_redirect(s))
		return;
	if (r->nredirects++)
		usleep((20000 << doublings) + 10000);
}

/* remembers what became of it, for what follows */
static void past_add(struct replay *r, const struct step *s)
{
	struct past *p = &r->past[r->npast];
	unsigned int i;

	if (r->npast == REPLAY_PAST)
		return;
	*p = (struct past){ .inside = s->inside };
	for (i = 0; i < s->nhave; i++) {
		const struct fw_packet *h = &s->have[i].pkt;

		if (!s->expected[i] && h->proto == FW_PROTO_ICMP &&
		    h->icmp_type == FW_ICMP_REDIRECT)
			r->nredirects++;
		if (!s->have[i].dev || h->proto != s->sent.proto ||
		    h->icmp_type != s->sent.icmp_type)
			continue;
		p->known = !s->invalid;
		p->masqueraded = h->saddr != s->sent.saddr || h->daddr != s->sent.daddr;
	}
	r->npast++;
}

static void step_take(struct replay *r, struct step *s)
{
	int n;

	redirect_await(r, s);
	s->ret = s->receiver ? router_inject(&r->router, s->receiver->name, &s->sent) :
			       router_send(&r->router, &s->sent);
	n = router_collect(&r->router, s->have, STEP_PACKETS);
	if (n < 0)
		s->differs |= STEP_BROKEN;
	s->nhave = n < 0 ? 0 : n;
	step_compare(s, &r->names);
	if (!r->live->conntrack && !r->reset && !renaming_is_exact(&r->names))
		s->differs |= STEP_RENAMED;
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
	enum fw_direction direction;
} list_events[] = {
	{ "acct_in", FW_ACCT, FW_DIR_IN },
	{ "input", FW_INPUT, FW_DIR_IN },
	{ "forward", FW_FORWARD, FW_DIR_IN },
	{ "output", FW_OUTPUT, FW_DIR_IN },
	{ "acct_out", FW_ACCT, FW_DIR_OUT },
};

/* The recording tells no rules: the core, held against others, does. */
static void event_count(struct replay *r, struct step *s, const json_t *event)
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
		fw_list_walk(&r->expected.list[e->list],
			     &(struct fw_walk){
				     .list = e->list, .direction = e->direction, .count = true,
				     .dev = recorded_dev(&r->devs, jsonl_str(event, "dev")),
			     },
			     &p, &d);
		if (e->list != FW_ACCT && strcmp(jsonl_str(event, "verdict"),
						 fwchk_verdict_word(d.verdict)))
			s->told_apart = true;
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

bool replay_tells_ports_apart(const struct replay *r, const struct step *s)
{
	struct fw_walk w = { .list = FW_OUTPUT };
	struct fw_decision recorded, other;
	struct fw_packet p = s->masqueraded_as;
	const json_t *event = step_event(s, "masquerade");
	struct fw_ruleset rules;
	bool apart = false;
	__u32 port;

	if (fw_ruleset_copy(&rules, &r->expected))
		return false;
	w.dev = recorded_dev(&r->devs, jsonl_str(event, "dev"));
	fw_list_walk(&rules.list[FW_OUTPUT], &w, &p, &recorded);
	for (port = FW_MASQ_PORT_FIRST; port < FW_MASQ_PORT_END && !apart; port++) {
		p.sport = (__u16)port;
		fw_list_walk(&rules.list[FW_OUTPUT], &w, &p, &other);
		apart = other.rule != recorded.rule;
	}
	fw_ruleset_free(&rules);
	return apart;
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

	fprintf(stderr, "scenario %lld step %zu:%s%s%s%s%s%s\n  %s %s\n  recorded %s\n",
		r->id, index, s->differs & STEP_MISSING ? " missing" : "",
		s->differs & STEP_EXTRA ? " extra" : "",
		s->differs & STEP_COUNTERS ? " counters" : "",
		s->differs & STEP_STATUS ? " status" : "",
		s->differs & STEP_BROKEN ? " broken" : "",
		s->differs & STEP_RENAMED ? " renamed" : "",
		s->receiver ? "received" : "sent",
		datagram_text(&s->sent, text), events);
	for (i = 0; i < s->nhave; i++)
		fprintf(stderr, "  came %.16s %s%s\n",
			s->have[i].dev ? s->have[i].dev->name : "locally",
			datagram_text(&s->have[i].pkt, text),
			s->have[i].broken ? " BROKEN" : "");
	free(events);
}

/* Did the kernel do as recorded, or otherwise for a good reason? */
static bool step_run(struct replay *r, const json_t *recorded, size_t index)
{
	struct step s;
	bool good;

	step_read(&s, recorded, &r->devs, &r->names);
	step_take(r, &s);
	step_counters(r, &s);
	good = !s.differs || reason_explains(r, &s);
	if (!good && !r->planted)
		step_tell(r, &s, index);
	past_add(r, &s);
	r->reset |= (s.masqueraded || s.demasqueraded) && s.sent.proto == FW_PROTO_TCP &&
		    s.sent.tcpflags & FW_TCP_RST;
	return good;
}

/* the most used rule of all lists; NULL if none was */
static struct fw_rule *rule_most_used(struct fw_ruleset *rs)
{
	struct fw_rule *most = NULL;
	int list;
	__u32 i;

	for (list = 0; list < FW_LISTS; list++)
		for (i = 0; i < rs->list[list].count; i++) {
			struct fw_rule *rule = fw_list_rule(&rs->list[list], i);

			if (rule->pcnt > (most ? most->pcnt : 0))
				most = rule;
		}
	return most;
}

/* from now on it is about packets of nobody */
static void rule_spoil(struct fw_rule *rule)
{
	rule->src = 0;
	rule->smsk = 0xffffffff;
}

/* Counts all events of the recording, and spoils what mattered most in rs. */
static bool rules_plant(struct replay *r, const json_t *steps, struct fw_ruleset *rs)
{
	struct fw_rule *rule;
	struct step s;
	json_t *step, *event;
	size_t i, k;
	int list;

	json_array_foreach(steps, i, step) {
		step_read(&s, step, &r->devs, &r->names);
		json_array_foreach(s.events, k, event)
			event_count(r, &s, event);
	}
	if (fw_ruleset_copy(rs, &r->expected))
		return false;
	rule = rule_most_used(rs);
	if (rule)
		rule_spoil(rule);
	for (list = 0; list < FW_LISTS; list++)
		fw_list_zero(&rs->list[list]);
	return rule != NULL;
}

static void steps_run(struct tally *t, struct replay *r, const json_t *steps)
{
	bool good = true;
	json_t *step;
	size_t i;

	json_array_foreach(steps, i, step) {
		bool same = step_run(r, step, i);

		if (same || r->planted)
			tally_packet(t);
		else
			tally_fail(t, "scenario %lld step %zu", r->id, i);
		good &= same;
	}
	if (r->planted && good)
		tally_fail(t, "scenario %lld: the wrong rule was not noticed", r->id);
}

/* rs: what is loaded; the rules of the scenario unless one was planted */
static void replay_run(struct tally *t, struct replay *r, const json_t *steps,
		       const struct fw_ruleset *rs)
{
	if (r->live->load(rs, r->devs.dev, r->devs.count) ||
	    (r->live->conntrack && delivered_watch_invalid()) ||
	    neighbours_set(r, steps))
		tally_fail(t, "scenario %lld: cannot be set up", r->id);
	else
		steps_run(t, r, steps);
	r->live->unload();
}

static void replay_planted(struct tally *t, struct replay *r, const json_t *steps)
{
	struct fw_ruleset rs;

	if (rules_plant(r, steps, &rs))
		replay_run(t, r, steps, &rs);
	fw_ruleset_free(&rs);
}

static void replay_start(struct tally *t, struct replay *r, const json_t *scenario)
{
	const json_t *steps = json_object_get(scenario, "steps");

	if (!rules_read(r, scenario) || fw_ruleset_copy(&r->seen, &r->expected)) {
		tally_fail(t, "scenario %lld: rules refused", r->id);
		return;
	}
	if (r->planted)
		replay_planted(t, r, steps);
	else
		replay_run(t, r, steps, &r->expected);
	fw_ruleset_free(&r->seen);
}

void replay_scenario(struct tally *t, const struct live *live, bool planted,
		     const json_t *scenario)
{
	struct replay r = {
		.live = live, .planted = planted, .id = jsonl_int(scenario, "id", -1),
		.gateway = recorded_addr(jsonl_str(scenario, "default_gw")),
	};
	int err;

	fw_ruleset_init(&r.expected);
	recorded_devs(&r.devs, json_object_get(scenario, "net"));
	err = router_open(&r.router, r.devs.dev, r.devs.count, r.gateway);
	if (err < 0) {
		tally_fail(t, "scenario %lld: no network: %s", r.id, strerror(-err));
		return;
	}
	replay_start(t, &r, scenario);
	fw_ruleset_free(&r.expected);
	router_close(&r.router);
}
