// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * host.c - the path of a packet through the simulated host.
 */
#include "backend/sim/host.h"

#include <string.h>

#include "backend/sim/icmp_error.h"
#include "backend/sim/track_view.h"
#include "kmod/core/adjust.h"
#include "kmod/core/helper_masq.h"
#include "kmod/core/hook.h"
#include "kmod/core/track.h"

#define LOOPBACK_MAX 8 /* packets by lo that one packet may cause */
#define ICMP_REDIRECT_HOST 1 /* code */

#define TEXT_MAX 65535 /* bytes of a datagram */

/* one packet, and the packets by lo that it causes */
struct host_run {
	struct sim_host *host;
	struct fw_packet loopback[LOOPBACK_MAX];
	unsigned int queued;
	/* of the packet in work, if it is tracked */
	bool tracked;
	struct fw_track_packet view;
	struct fw_seen seen;
};

/* what the tracker reads of a packet as it leaves */
struct leaving {
	struct fw_track_packet view;
	__u8 text[TEXT_MAX], options[60];
};

static void report(const struct sim_host *h, const struct sim_event *ev)
{
	if (h->on_event)
		h->on_event(h->ctx, ev);
}

static void packet_drop(const struct sim_host *h, const struct fw_packet *pkt,
			const struct fw_dev *dev, enum sim_drop reason)
{
	const struct sim_event ev = {
		.step = SIM_STEP_DROP, .pkt = pkt, .dev = dev, .reason = reason,
	};

	report(h, &ev);
}

static void report_result(const struct sim_host *h, enum sim_step step,
			  const struct fw_packet *pkt, const struct fw_dev *dev,
			  int result)
{
	const struct sim_event ev = {
		.step = step, .pkt = pkt, .dev = dev, .result = result,
	};

	report(h, &ev);
}

static void report_seen(const struct host_run *run, enum sim_step step,
			const struct fw_packet *pkt, const struct fw_dev *dev, int result)
{
	const struct sim_event ev = {
		.step = step, .pkt = pkt, .dev = dev, .result = result, .seen = &run->seen,
		.now = run->host->now,
	};

	report(run->host, &ev);
}

/* Copies of a device, and all its addresses, have the number of its first. */
static __u32 iface_number(const struct sim_routes *r, const struct fw_dev *dev)
{
	__u32 i = 0;

	while (i < r->count && !fw_name_equal(r->dev[i].name, dev->name))
		i++;
	return i + 1;
}

/* First phase of a packet.  view may be NULL; dev is where it came in, NULL: sent. */
static void track_begin(struct host_run *run, struct fw_packet *pkt,
			const struct fw_track_packet *view, const struct fw_dev *dev)
{
	struct sim_host *h = run->host;

	run->tracked = h->track;
	if (!h->track)
		return;
	if (view)
		run->view = *view;
	else
		sim_view_make(&run->view, pkt, h->track, h->now);
	run->view.iface = dev ? iface_number(&h->routes, dev) : 0;
	fw_track_in(h->track, &run->view, h->now, &run->seen);
	if (!pkt->state) {
		pkt->state = run->seen.state;
		pkt->kept |= run->seen.kept &&
			     pkt->state & (FW_STATE_ESTABLISHED | FW_STATE_RELATED);
	}
	report_seen(run, SIM_STEP_TRACK, pkt, dev, 0);
}

/* Second phase, of a packet that leaves or is delivered.  False: it must be dropped. */
static bool track_end(struct host_run *run, const struct fw_packet *pkt,
		      const struct fw_dev *dev)
{
	struct sim_host *h = run->host;
	int err;

	if (!run->tracked)
		return true;
	run->tracked = false;
	err = fw_track_confirm(h->track, &run->view, h->now, &run->seen);
	report_seen(run, SIM_STEP_STORE, pkt, dev, err);
	if (err)
		packet_drop(h, pkt, dev, SIM_DROP_TRACK);
	return !err;
}

/* What an accepting rule asks for the packet's connection. */
static void track_rule(struct host_run *run, enum fw_list_id list,
		       const struct fw_decision *d)
{
	const struct fw_rule *rule;

	if (!run->tracked || d->by != FW_BY_RULE)
		return;
	rule = fw_list_rule(&run->host->rules->list[list], (__u32)d->rule);
	if (rule->keep_state)
		fw_track_keep(&run->seen, &run->view, 1);
	if (rule->helper)
		fw_track_helper(&run->seen, rule->helper);
}

bool sim_step_walk(enum sim_step step, struct fw_walk *w)
{
	static const enum fw_list_id list[] = {
		[SIM_STEP_ACCT_IN] = FW_ACCT,
		[SIM_STEP_INPUT] = FW_INPUT,
		[SIM_STEP_FORWARD] = FW_FORWARD,
		[SIM_STEP_OUTPUT] = FW_OUTPUT,
		[SIM_STEP_ACCT_OUT] = FW_ACCT,
	};

	if (step >= FW_COUNT(list))
		return false;
	w->list = list[step];
	w->direction = step == SIM_STEP_ACCT_OUT ? FW_DIR_OUT : FW_DIR_IN;
	return true;
}

/* Walks pkt through the list of a step and stores its new TOS. */
static struct fw_outcome list_walk(struct host_run *run, enum sim_step step,
				   struct fw_packet *pkt, const struct fw_dev *dev,
				   struct fw_decision *d)
{
	const struct sim_host *h = run->host;
	struct sim_event ev = { .step = step, .pkt = pkt, .dev = dev };
	struct fw_walk w = {
		.count = h->count, .dev = dev, .on_match = h->on_match, .ctx = h->ctx,
	};

	sim_step_walk(step, &w);
	fw_list_walk(&h->rules->list[w.list], &w, pkt, d);
	ev.decision = *d;
	report(h, &ev);
	pkt->tos = d->tos;
	if (w.list != FW_ACCT)
		track_rule(run, w.list, d);
	return fw_list_outcome(w.list, d->verdict);
}

static bool outcome_drops(struct fw_outcome out)
{
	return out.action == FW_DROP || out.action == FW_ANSWER;
}

/* Carries out what a helper has changed in the text.  False: it becomes too long. */
static bool text_edit(const struct host_run *run, struct leaving *l, struct fw_packet *pkt)
{
	const struct fw_text_edit *edit = run->seen.edit, *end = edit + run->seen.edits;
	const __u8 *text = l->view.payload;
	__u32 from = 0, len = 0, more = 0;

	for (; edit < end; edit++)
		more += edit->size - edit->len;
	if (pkt->len + more > TEXT_MAX || l->view.payload_len + more > TEXT_MAX)
		return false;
	for (edit = run->seen.edit; edit < end; edit++) {
		memcpy(l->text + len, text + from, edit->at - from);
		len += edit->at - from;
		memcpy(l->text + len, edit->text, edit->size);
		len += edit->size;
		from = edit->at + edit->len;
	}
	memcpy(l->text + len, text + from, l->view.payload_len - from);
	l->view.payload = l->text;
	l->view.payload_len += more;
	pkt->len = (__u16)(pkt->len + more);
	return true;
}

/* The text and the numbers with which a tracked packet leaves. */
static bool packet_leave(const struct host_run *run, struct leaving *l,
			 struct fw_packet *pkt, const struct fw_dev *dev)
{
	const struct fw_track *t = run->host->track;
	const struct fw_entry *c = run->seen.entry;

	l->view = run->view;
	if (!c)
		return true;
	if (c->help && c->proto == FW_PROTO_TCP)
		fw_helper_numbers(t, c, run->seen.dir, &l->view.seq, &l->view.ack);
	if (c->help && c->proto == FW_PROTO_TCP && l->view.options_len) {
		memcpy(l->options, l->view.options, l->view.options_len);
		l->view.options = l->options;
		fw_adjust_sack(&t->helps[c->help].adjust[!run->seen.dir], l->options,
			       l->view.options_len);
	}
	if (!run->seen.edits)
		return true;
	report_seen(run, SIM_STEP_HELPER, pkt, dev, 0);
	return text_edit(run, l, pkt);
}

static void packet_transmit(struct host_run *run, struct fw_packet *pkt,
			    const struct fw_dev *dev)
{
	struct sim_event sent = { .step = SIM_STEP_XMIT, .pkt = pkt, .dev = dev };
	bool tracked = run->tracked;
	struct leaving l;

	if (!track_end(run, pkt, dev))
		return;
	if (tracked && !packet_leave(run, &l, pkt, dev)) {
		packet_drop(run->host, pkt, dev, SIM_DROP_TRACK);
		return;
	}
	sent.view = tracked ? &l.view : NULL;
	report(run->host, &sent);
	if (!sim_is_loopback(dev))
		return;
	if (run->queued < LOOPBACK_MAX)
		run->loopback[run->queued++] = *pkt;
	else
		packet_drop(run->host, pkt, dev, SIM_DROP_LOOP);
}

/* The output list and accounting; false if the list refuses the packet. */
static bool packet_output(struct host_run *run, struct fw_packet *pkt,
			  const struct fw_dev *dev, struct fw_outcome *out)
{
	struct fw_decision d;

	*out = list_walk(run, SIM_STEP_OUTPUT, pkt, dev, &d);
	if (outcome_drops(*out)) {
		packet_drop(run->host, pkt, dev, SIM_DROP_LIST);
		return false;
	}
	list_walk(run, SIM_STEP_ACCT_OUT, pkt, dev, &d);
	return true;
}

static bool is_broadcast_of(const struct fw_packet *pkt, const struct fw_dev *dev)
{
	return pkt->daddr == 0xffffffff || pkt->daddr == (dev->addr | ~dev->mask);
}

/* A broadcast is sent to the host itself too: a copy by lo that passes output again. */
static int packet_send(struct host_run *run, struct fw_packet *pkt)
{
	struct sim_host *h = run->host;
	const struct fw_dev *lo = sim_loopback(&h->routes), *dev;
	struct fw_outcome out;
	__u32 hop;

	dev = sim_route(&h->routes, pkt->daddr, &hop);
	if (!dev) {
		packet_drop(h, pkt, NULL, SIM_DROP_NO_ROUTE);
		return -ENETUNREACH;
	}
	pkt->id = h->next_id++;
	if (!packet_output(run, pkt, dev, &out))
		return -EPERM;
	if (lo && !sim_is_loopback(dev) && is_broadcast_of(pkt, dev)) {
		struct fw_packet copy = *pkt;

		if (packet_output(run, &copy, lo, &out))
			packet_transmit(run, &copy, lo);
	}
	packet_transmit(run, pkt, dev);
	return 0;
}

/* Sends an ICMP error about a packet that was received by dev; gateway: of a redirect. */
static void answer(struct host_run *run, const struct fw_packet *about,
		   const struct fw_dev *dev, __u8 type, __u8 code, __u32 gateway)
{
	struct sim_host *h = run->host;
	const struct sim_icmp icmp = { type, code, gateway };
	const struct sim_event ev = {
		.step = SIM_STEP_ICMP_SEND, .pkt = about, .dev = dev,
		.icmp_type = type, .icmp_code = code,
	};
	bool tracked = run->tracked;
	struct fw_packet error;

	report(h, &ev);
	/* An error of ours is related to what it is about. */
	run->tracked = false;
	if (sim_icmp_error(&error, &icmp, about, dev, &h->routes))
		packet_send(run, &error);
	run->tracked = tracked;
}

static void answer_list(struct host_run *run, const struct fw_packet *about,
			const struct fw_dev *dev, struct fw_outcome out)
{
	if (out.action == FW_ANSWER)
		answer(run, about, dev, FW_ICMP_UNREACH, out.icmp_code, 0);
}

/* An ICMP error about a masqueraded connection skips the forward list. */
static bool masquerade_error(const struct sim_host *h, struct fw_packet *pkt,
			     const struct fw_dev *dev)
{
	int result;

	if (!h->track || !fw_masq_looks_into(pkt))
		return false;
	result = fw_masquerade_error(h->track, pkt, h->now);
	report_result(h, SIM_STEP_MASQ_ICMP, pkt, dev, result);
	return result > 0;
}

static bool masquerade(struct host_run *run, struct fw_packet *pkt,
		       const struct fw_dev *dev)
{
	struct sim_host *h = run->host;
	int result = fw_masquerade(h->track, run->tracked ? &run->seen : NULL, pkt,
				   dev->addr, h->now);

	report_result(h, SIM_STEP_MASQUERADE, pkt, dev, result);
	if (result < 0)
		packet_drop(h, pkt, dev, SIM_DROP_NOT_MASQUERADABLE);
	return result >= 0;
}

/* The sender has a better gateway: 2.0 said so and forwarded the packet as well. */
static bool redirect_is_due(const struct fw_packet *pkt, const struct fw_dev *dev,
			    const struct fw_dev *received, __u32 hop)
{
	return fw_name_equal(dev->name, received->name) && hop != pkt->daddr &&
	       !((pkt->saddr ^ hop) & dev->mask);
}

static void packet_forward(struct host_run *run, struct fw_packet *pkt,
			   const struct fw_dev *received, bool demasqueraded)
{
	struct sim_host *h = run->host;
	const struct fw_dev *dev;
	struct fw_outcome out;
	struct fw_decision d;
	__u32 hop;

	if (--pkt->ttl == 0) {
		packet_drop(h, pkt, received, SIM_DROP_TTL);
		answer(run, pkt, received, FW_ICMP_TIMXCEED, 0, 0);
		return;
	}
	dev = sim_route(&h->routes, pkt->daddr, &hop);
	if (!dev) {
		packet_drop(h, pkt, received, SIM_DROP_NO_ROUTE);
		answer(run, pkt, received, FW_ICMP_UNREACH, FW_UNREACH_NET, 0);
		return;
	}
	if (redirect_is_due(pkt, dev, received, hop))
		answer(run, pkt, received, FW_ICMP_REDIRECT, ICMP_REDIRECT_HOST, hop);
	if (!demasqueraded && !masquerade_error(h, pkt, dev)) {
		out = list_walk(run, SIM_STEP_FORWARD, pkt, dev, &d);
		if (outcome_drops(out)) {
			packet_drop(h, pkt, dev, SIM_DROP_LIST);
			answer_list(run, pkt, received, out);
			return;
		}
		/* a kept connection stays masqueraded if it began so */
		if (h->track &&
		    (out.action == FW_MASQUERADE ||
		     (d.by == FW_BY_STATE && fw_masqueraded(h->track, pkt, h->now))) &&
		    !masquerade(run, pkt, dev))
			return;
	}
	if (packet_output(run, pkt, dev, &out))
		packet_transmit(run, pkt, dev);
	else
		answer_list(run, pkt, received, out);
}

/* A connection to a target; not by lo, where the answers would come back to the host. */
static int portfw(struct host_run *run, struct fw_packet *pkt, const struct fw_dev *dev)
{
	const struct sim_host *h = run->host;
	struct sim_event ev = { .step = SIM_STEP_PORTFW, .pkt = pkt, .dev = dev };
	const struct fw_portfw *f;
	struct fw_portfw forward;

	if (!run->tracked || sim_is_loopback(dev))
		return 0;
	f = fw_portfw_find(&h->rules->portfw, pkt, h->now);	/* it may take its turn */
	if (f) {
		forward = *f;
		ev.forward = &forward;
	}
	ev.result = fw_masq_forward(h->track, &run->seen, pkt, h->now, &ev.rule);
	if (ev.result)
		report(h, &ev);
	return ev.result;
}

static void packet_receive(struct host_run *run, struct fw_packet *pkt,
			   const struct fw_dev *dev)
{
	struct sim_host *h = run->host;
	struct sim_event delivery = { .step = SIM_STEP_DELIVER, .pkt = pkt };
	struct fw_outcome out;
	struct fw_decision d;
	int result = 0;

	list_walk(run, SIM_STEP_ACCT_IN, pkt, dev, &d);
	dev = sim_alias(&h->routes, dev, pkt->daddr);
	out = list_walk(run, SIM_STEP_INPUT, pkt, dev, &d);
	if (outcome_drops(out)) {
		packet_drop(h, pkt, dev, SIM_DROP_LIST);
		answer_list(run, pkt, dev, out);
		return;
	}
	if (!d.redirport && pkt->daddr != dev->addr &&
	    sim_addr_kind(&h->routes, pkt->daddr) == SIM_ADDR_FOREIGN) {
		if (h->no_forwarding)
			packet_drop(h, pkt, dev, SIM_DROP_NOT_FORWARDING);
		else
			packet_forward(run, pkt, dev, false);
		return;
	}
	if (h->track) {
		result = fw_demasquerade(h->track, pkt, h->now);
		report_result(h, SIM_STEP_DEMASQUERADE, pkt, dev, result);
	}
	if (!result)
		result = portfw(run, pkt, dev);
	if (result < 0) {
		packet_drop(h, pkt, dev, SIM_DROP_NOT_MASQUERADABLE);
	} else if (result) {
		packet_forward(run, pkt, dev, true);
	} else if (track_end(run, pkt, dev)) {
		delivery.dev = dev;
		delivery.redirport = d.redirport;
		report(h, &delivery);
	}
}

static struct host_run run_begin(struct sim_host *h)
{
	if (h->track) {
		h->track->masq.timeouts = h->rules->timeouts;
		h->track->portfw = &h->rules->portfw;
	}
	return (struct host_run){ .host = h };
}

/* Receives what was sent by lo, and tracked then; it may send more. */
static void run_end(struct host_run *run)
{
	const struct fw_dev *lo = sim_loopback(&run->host->routes);

	run->tracked = false;
	for (unsigned int i = 0; i < run->queued; i++)
		packet_receive(run, &run->loopback[i], lo);
}

void sim_host_receive(struct sim_host *h, const struct fw_packet *pkt,
		      const struct fw_track_packet *view, const struct fw_dev *dev)
{
	struct host_run run = run_begin(h);
	struct fw_packet copy = *pkt;

	track_begin(&run, &copy, view, dev);
	packet_receive(&run, &copy, dev);
	run_end(&run);
}

int sim_host_send(struct sim_host *h, const struct fw_packet *pkt,
		  const struct fw_track_packet *view, bool queued)
{
	struct host_run run = run_begin(h);
	struct fw_packet copy = *pkt;
	int err;

	track_begin(&run, &copy, view, NULL);
	err = packet_send(&run, &copy);
	run_end(&run);
	return queued && err == -EPERM ? 0 : err;
}
