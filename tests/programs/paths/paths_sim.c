// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * paths_sim.c - the core takes packets along the recorded ways.
 */
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "backend/sim/host.h"
#include "backend/sim/tracker.h"
#include "kmod/core/show.h"
#include "tests/programs/fwchk/fwchk.h"
#include "tests/lib/jsonl.h"
#include "tests/programs/paths/paths.h"

/* recorded without time passing */
#define NOW 1

#define LOG_MAX 8192

struct host {
	struct recorded_devs devs;
	struct fw_ruleset rules;
	struct sim_tracker tracker;
	json_t *events;	/* of the step at hand */
	json_t *matched;	/* rules that matched in the list at hand */
	char log[LOG_MAX];
	struct fw_text klog;
	struct sim_host sim;
};

static json_t *addr_json(__u32 addr)
{
	struct in_addr in = { htonl(addr) };
	char text[INET_ADDRSTRLEN];

	return json_string(inet_ntop(AF_INET, &in, text, sizeof(text)));
}

static void header_json(json_t *o, const struct fw_packet *pkt)
{
	json_object_set_new(o, "proto", json_integer(pkt->proto));
	json_object_set_new(o, "s", addr_json(pkt->saddr));
	json_object_set_new(o, "d", addr_json(pkt->daddr));
	if (pkt->proto == FW_PROTO_TCP || pkt->proto == FW_PROTO_UDP) {
		json_object_set_new(o, "sp", json_integer(pkt->sport));
		json_object_set_new(o, "dp", json_integer(pkt->dport));
	} else if (pkt->proto == FW_PROTO_ICMP) {
		json_object_set_new(o, "type", json_integer(pkt->icmp_type));
		json_object_set_new(o, "code", json_integer(pkt->icmp_code));
		json_object_set_new(o, "icmpid", json_integer(pkt->icmp_id));
	}
	json_object_set_new(o, "tos", json_integer(pkt->tos));
	json_object_set_new(o, "ttl", json_integer(pkt->ttl));
	json_object_set_new(o, "len", json_integer(pkt->len));
}

/* what a step is called; NULL if recordings do not tell it */
static const char *step_word(enum sim_step step)
{
	static const char *const word[] = {
		[SIM_STEP_ACCT_IN] = "acct_in",
		[SIM_STEP_INPUT] = "input",
		[SIM_STEP_FORWARD] = "forward",
		[SIM_STEP_OUTPUT] = "output",
		[SIM_STEP_ACCT_OUT] = "acct_out",
		[SIM_STEP_MASQUERADE] = "masquerade",
		[SIM_STEP_DEMASQUERADE] = "demasquerade",
		[SIM_STEP_MASQ_ICMP] = "masq_icmp",
		[SIM_STEP_ICMP_SEND] = "icmp_send",
		[SIM_STEP_XMIT] = "xmit",
		[SIM_STEP_DELIVER] = "deliver",
		[SIM_STEP_DROP] = NULL,
		[SIM_STEP_TRACK] = NULL,
		[SIM_STEP_STORE] = NULL,
	};

	return word[step];
}

static json_t *icmp_send_json(const struct sim_event *ev)
{
	return json_pack("{s:s, s:i, s:i, s:o, s:o}", "ev", "icmp_send", "type",
			 ev->icmp_type, "code", ev->icmp_code, "about_s",
			 addr_json(ev->pkt->saddr), "about_d", addr_json(ev->pkt->daddr));
}

static json_t *event_json(const struct host *h, const struct sim_event *ev)
{
	json_t *o;

	if (ev->step == SIM_STEP_ICMP_SEND)
		return icmp_send_json(ev);
	o = json_pack("{s:s, s:s%}", "ev", step_word(ev->step), "dev", ev->dev->name,
		      strnlen(ev->dev->name, FW_IFNAMSIZ));
	header_json(o, ev->pkt);
	switch (ev->step) {
	case SIM_STEP_ACCT_IN:
	case SIM_STEP_ACCT_OUT:
		json_object_set(o, "matched", h->matched);
		break;
	case SIM_STEP_INPUT:
	case SIM_STEP_FORWARD:
	case SIM_STEP_OUTPUT:
		json_object_set_new(o, "verdict",
				    json_string(fwchk_verdict_word(ev->decision.verdict)));
		json_object_set_new(o, "tosafter", json_integer(ev->decision.tos));
		break;
	case SIM_STEP_MASQUERADE:
	case SIM_STEP_DEMASQUERADE:
	case SIM_STEP_MASQ_ICMP:
		json_object_set_new(o, "ret", json_integer(ev->result < 0 ? -1 : ev->result));
		break;
	case SIM_STEP_DELIVER:
		json_object_set_new(o, "redirport", json_integer(ev->redirport));
		break;
	default:
		break;
	}
	return o;
}

static void rule_seen(void *ctx, const struct fw_match *m, __u32 index,
		      const struct fw_packet *pkt)
{
	struct host *h = ctx;

	(void)m;
	(void)pkt;
	json_array_append_new(h->matched, json_integer(index));
}

/* The rules that matched in a list have their say in the log. */
static void rules_log(struct host *h, const struct sim_event *ev)
{
	struct fw_walk w = { .dev = ev->dev };
	json_t *index;
	size_t i;

	sim_step_walk(ev->step, &w);
	json_array_foreach(h->matched, i, index) {
		const struct fw_rule *r = fw_list_rule(&h->rules.list[w.list],
						       (__u32)json_integer_value(index));

		if (!(r->flags & FW_PRN))
			continue;
		fw_text_str(&h->klog, "<6>");
		fw_show_log(&h->klog, &r->match, &w, ev->pkt);
		fw_text_char(&h->klog, '\n');
	}
}

static void event_seen(void *ctx, const struct sim_event *ev)
{
	struct host *h = ctx;

	if (step_word(ev->step))
		json_array_append_new(h->events, event_json(h, ev));
	if (ev->step <= SIM_STEP_ACCT_OUT) {
		rules_log(h, ev);
		json_decref(h->matched);
		h->matched = json_array();
	}
}

static struct host *host_new(const json_t *scenario)
{
	struct host *h = calloc(1, sizeof(*h));

	if (!h)
		abort();
	fw_ruleset_init(&h->rules);
	recorded_devs(&h->devs, json_object_get(scenario, "net"));
	if (sim_tracker_init(&h->tracker, 4 * FW_MASQ_MAX, 4 * FW_MASQ_MAX, 16, 16))
		abort();
	h->matched = json_array();
	h->sim = (struct sim_host){
		.rules = &h->rules,
		.track = &h->tracker.table.track,
		.routes = {
			.dev = h->devs.dev,
			.count = h->devs.count,
			.gateway = recorded_addr(jsonl_str(scenario, "default_gw")),
		},
		.now = NOW,
		.count = true,
		.on_event = event_seen,
		.on_match = rule_seen,
		.ctx = h,
	};
	return h;
}

static void host_free(struct host *h)
{
	fw_ruleset_free(&h->rules);
	json_decref(h->matched);
	sim_tracker_free(&h->tracker);
	free(h);
}

static bool rules_load(struct tally *t, struct host *h, const json_t *scenario)
{
	json_t *line;
	size_t i;

	json_array_foreach(json_object_get(scenario, "rules"), i, line) {
		int err = recorded_command(&h->rules, json_string_value(line));

		/* a deletion may have found nothing, in 2.0 as here */
		if (err < 0) {
			tally_fail(t, "scenario %lld: %s: refused",
				   jsonl_int(scenario, "id", -1), json_string_value(line));
			return false;
		}
	}
	return true;
}

/* Takes the step's packet along: what happened, and what the sender learned. */
static json_t *step_take(struct host *h, const json_t *step, long long *ret)
{
	const json_t *packet = json_object_get(step, "pkt");
	struct fw_packet pkt;

	h->events = json_array();
	fw_text_init(&h->klog, h->log, sizeof(h->log));
	recorded_packet(&pkt, packet);
	*ret = 0;
	if (!strcmp(jsonl_str(step, "op"), "send"))
		*ret = sim_host_send(&h->sim, &pkt, NULL,
				    !strcmp(jsonl_str(packet, "via"), "queue"));
	else
		sim_host_receive(&h->sim, &pkt, NULL,
				recorded_dev(&h->devs, jsonl_str(packet, "iface")));
	if (h->klog.len)
		json_array_append_new(h->events, json_pack("{s:s}", "klog", h->log));
	return h->events;
}

static void step_compare(struct tally *t, struct host *h, const json_t *scenario,
			 size_t index, const json_t *step)
{
	const json_t *expected = json_object_get(step, "events");
	long long want = jsonl_int(step, "ret", 0), have;
	json_t *got = step_take(h, step, &have);

	if (json_equal(expected, got) && want == have) {
		tally_packet(t);
	} else {
		char *a = json_dumps(expected, 0), *b = json_dumps(got, 0);

		tally_fail(t, "scenario %lld step %zu:\n  expected %lld %s\n  got      %lld %s",
			   jsonl_int(scenario, "id", -1), index, want, a, have, b);
		free(a);
		free(b);
	}
	json_decref(got);
}

bool path_sim_foretell(json_t *scenario)
{
	struct host *h = host_new(scenario);
	struct tally t = { 0 };
	long long ret;
	json_t *step;
	size_t i;
	bool good = rules_load(&t, h, scenario);

	if (good)
		json_array_foreach(json_object_get(scenario, "steps"), i, step) {
			json_object_set_new(step, "events", step_take(h, step, &ret));
			json_object_set_new(step, "ret", json_integer(ret));
		}
	host_free(h);
	return good;
}

static void sim_scenario(struct tally *t, const json_t *scenario)
{
	struct host *h = host_new(scenario);
	json_t *step;
	size_t i;

	if (rules_load(t, h, scenario))
		json_array_foreach(json_object_get(scenario, "steps"), i, step)
			step_compare(t, h, scenario, i, step);
	host_free(h);
}

const struct path_runner path_sim = {
	.name = "sim",
	.scenario = sim_scenario,
};
