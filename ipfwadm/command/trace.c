// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * trace.c - the steps of a packet through the simulated host, recorded and printed.
 */
#include <stdlib.h>
#include <string.h>

#include "ipfwadm/format/json.h"
#include "ipfwadm/command/trace.h"
#include "kmod/core/names.h"
#include "kmod/core/show.h"
#include "kmod/core/tcp.h"
#include "kmod/core/track.h"
#include "parser/print.h"

#define LINE_MAX_LEN (PRINT_RULE_MAX + 128)

/* Returns the array with room for one more; arrays grow at powers of two. */
static void *grow(void *array, __u32 count, size_t size)
{
	if ((count & (count + 1)) != 0)
		return array;
	return reallocarray(array, 2 * (size_t)count + 1, size);
}

void trace_matched(void *ctx, const struct fw_match *m, __u32 index,
		   const struct fw_packet *pkt)
{
	struct trace *t = ctx;
	__u32 *matched = grow(t->pending, t->npending, sizeof(*matched));

	(void)m;
	(void)pkt;
	if (!matched) {
		t->failed = true;
		return;
	}
	t->pending = matched;
	matched[t->npending++] = index;
}

void trace_event(void *ctx, const struct sim_event *ev)
{
	struct trace *t = ctx;
	struct trace_step *s = grow(t->step, t->nsteps, sizeof(*s));

	if (!s) {
		t->failed = true;
		return;
	}
	t->step = s;
	s += t->nsteps++;
	*s = (struct trace_step){ .event = *ev, .match = t->pending,
				  .nmatches = t->npending };
	if (ev->pkt)
		s->pkt = *ev->pkt;
	if (ev->forward)
		s->forward = *ev->forward;
	if (ev->seen) {
		s->seen = *ev->seen;
		s->has_entry = ev->seen->entry || ev->seen->fresh;
		if (s->has_entry)
			s->entry = ev->seen->entry ? *ev->seen->entry : ev->seen->draft;
	}
	if (ev->dev) {
		s->dev = *ev->dev;
		s->has_dev = true;
	}
	t->pending = NULL;
	t->npending = 0;
}

void trace_clear(struct trace *t)
{
	__u32 i;

	for (i = 0; i < t->nsteps; i++)
		free(t->step[i].match);
	free(t->step);
	free(t->pending);
	*t = (struct trace){ 0 };
}

/* The walk of a list step; false if the step walks no list. */
static bool step_walk(const struct trace_step *s, struct fw_walk *w)
{
	*w = (struct fw_walk){ .dev = s->has_dev ? &s->dev : NULL };
	return sim_step_walk(s->event.step, w);
}

const char *trace_mismatch(const struct fw_match *m, const struct fw_view *v)
{
	struct fw_match part = { .flags = m->flags & (FW_ACCTIN | FW_ACCTOUT) };

	if (!fw_rule_match(&part, v))
		return "it counts the other direction";
	part = (struct fw_match){ .flags = m->flags & FW_KIND_MASK };
	if (!fw_rule_match(&part, v))
		return "another protocol";
	part = (struct fw_match){ .via = m->via };
	memcpy(part.vianame, m->vianame, sizeof(part.vianame));
	if (!fw_rule_match(&part, v))
		return "another interface";
	part = (struct fw_match){ .src = m->src, .smsk = m->smsk, .dst = m->dst,
				  .dmsk = m->dmsk, .flags = m->flags & FW_BIDIR };
	if (!fw_rule_match(&part, v))
		return "other addresses";
	part = (struct fw_match){ .flags = m->flags & (FW_TCPSYN | FW_TCPACK) };
	if (!fw_rule_match(&part, v))
		return "other TCP flags";
	part = (struct fw_match){ .state = m->state };
	if (!fw_rule_match(&part, v))
		return "another connection state";
	if (fw_rule_match(m, v))
		return NULL;
	return (m->flags & FW_KIND_MASK) == FW_KIND_ICMP ? "other ICMP types" : "other ports";
}

static void tcp_flags_show(struct fw_text *t, unsigned int flags)
{
	char separator = ' ';
	unsigned int i;

	for (i = 0; i < FW_TCP_FLAGS; i++) {
		if (!(flags & (1u << i)))
			continue;
		fw_text_char(t, separator);
		fw_text_str(t, fw_tcp_flag_names[i]);
		separator = ',';
	}
}

static void protocol_show(struct fw_text *t, unsigned int proto)
{
	const char *name = fw_protocol_name(proto);

	fw_text_str(t, name ? name : "protocol ");
	if (!name)
		fw_text_dec(t, proto);
}

static void end_show(struct fw_text *t, __u32 addr, bool has_port, __u16 port)
{
	fw_text_addr(t, addr);
	if (has_port) {
		fw_text_char(t, ':');
		fw_text_dec(t, port);
	}
}

static void quote_show(struct fw_text *t, const struct fw_quote *q)
{
	bool ports = q->proto == FW_PROTO_TCP || q->proto == FW_PROTO_UDP;

	fw_text_str(t, " about ");
	protocol_show(t, q->proto);
	fw_text_char(t, ' ');
	end_show(t, q->saddr, ports, q->sport);
	fw_text_str(t, " -> ");
	end_show(t, q->daddr, ports, q->dport);
}

void trace_packet_show(struct fw_text *t, const struct fw_packet *pkt)
{
	bool ports = pkt->proto == FW_PROTO_TCP || pkt->proto == FW_PROTO_UDP;

	protocol_show(t, pkt->proto);
	fw_text_char(t, ' ');
	end_show(t, pkt->saddr, ports, pkt->sport);
	fw_text_str(t, " -> ");
	end_show(t, pkt->daddr, ports, pkt->dport);
	if (pkt->proto == FW_PROTO_TCP)
		tcp_flags_show(t, pkt->tcpflags);
	if (pkt->proto == FW_PROTO_ICMP) {
		fw_text_str(t, " type ");
		fw_text_dec(t, pkt->icmp_type);
		fw_text_str(t, " code ");
		fw_text_dec(t, pkt->icmp_code);
		if (pkt->quote.proto)
			quote_show(t, &pkt->quote);
	}
	if (pkt->tos) {
		fw_text_str(t, " tos 0x");
		fw_text_hex(t, pkt->tos, 2);
	}
}

static const char *const step_names[] = {
	[SIM_STEP_ACCT_IN] = "accounting in",
	[SIM_STEP_INPUT] = "input",
	[SIM_STEP_FORWARD] = "forward",
	[SIM_STEP_OUTPUT] = "output",
	[SIM_STEP_ACCT_OUT] = "accounting out",
	[SIM_STEP_MASQUERADE] = "masquerade",
	[SIM_STEP_DEMASQUERADE] = "demasquerade",
	[SIM_STEP_PORTFW] = "port forward",
	[SIM_STEP_MASQ_ICMP] = "masquerade",
	[SIM_STEP_ICMP_SEND] = "answer",
	[SIM_STEP_XMIT] = "sent",
	[SIM_STEP_DELIVER] = "delivered",
	[SIM_STEP_DROP] = "dropped",
	[SIM_STEP_TRACK] = "state",
	[SIM_STEP_STORE] = "connection",
	[SIM_STEP_HELPER] = "helper",
};

const char *trace_verdict_name(enum fw_verdict v)
{
	static const char *const names[] = {
		[FW_V_DENY] = "denied", [FW_V_ACCEPT] = "accepted",
		[FW_V_REJECT] = "rejected", [FW_V_REDIRECT] = "redirected",
		[FW_V_MASQUERADE] = "masqueraded",
	};

	return names[v];
}

const char *trace_drop_reason(enum sim_drop reason)
{
	switch (reason) {
	case SIM_DROP_TTL:
		return "its time to live is over";
	case SIM_DROP_NO_ROUTE:
		return "there is no route to its destination";
	case SIM_DROP_NOT_MASQUERADABLE:
		return "it cannot be masqueraded: other protocol, or no free port";
	case SIM_DROP_LOOP:
		return "too many packets went round by lo";
	case SIM_DROP_NOT_FORWARDING:
		return "it is not for us and not to be forwarded";
	case SIM_DROP_TRACK:
		return "its connection cannot be stored";
	default:
		return "as the list decided";
	}
}

static const char *early_reason(const struct fw_packet *pkt)
{
	unsigned int offset = pkt->frag_off & FW_IP_OFFSET;

	if (pkt->proto == FW_PROTO_TCP && offset == 1)
		return "before any rule: a TCP fragment at offset 8 hides the flags";
	if (offset)
		return "before any rule: a later fragment follows its first one";
	return "before any rule: too short for its protocol's header";
}

static void rule_show(struct fw_text *t, const struct fw_ruleset *rs, enum fw_list_id list,
		      __u32 index)
{
	fw_text_str(t, "rule ");
	fw_text_dec(t, index + 1);
	fw_text_str(t, ": ");
	print_rule(t, FW_OP_APPEND, list, fw_list_rule(&rs->list[list], index));
}

static void decision_show(struct fw_text *t, const struct trace_step *s,
			  enum fw_list_id list, const struct fw_ruleset *rs)
{
	const struct fw_decision *d = &s->event.decision;

	fw_text_str(t, trace_verdict_name(d->verdict));
	switch (d->by) {
	case FW_BY_RULE:
		fw_text_str(t, " by ");
		if (s->nmatches)
			rule_show(t, rs, list, s->match[0]);
		break;
	case FW_BY_STATE:
		fw_text_str(t, " since its connection is kept (--keep-state)");
		break;
	case FW_BY_EARLY:
		fw_text_char(t, ' ');
		fw_text_str(t, early_reason(&s->pkt));
		break;
	default:
		fw_text_str(t, " by default policy: no rule of ");
		fw_text_dec(t, rs->list[list].count);
		fw_text_str(t, " matches");
	}
}

struct printer {
	FILE *out;
	const struct fw_ruleset *rs;
	bool verbose, states;
	struct fw_text t;
};

static void line_end(struct printer *p)
{
	fprintf(p->out, "%.*s\n", (int)p->t.len, p->t.buf);
	p->t.len = 0;
}

/* the columns that every line begins with */
static void line_begin(struct printer *p, const char *what, const char *dev)
{
	fw_text_str(&p->t, "  ");
	fw_text_str(&p->t, what);
	fw_text_pad(&p->t, 18);
	fw_text_strn(&p->t, dev, FW_IFNAMSIZ);
	fw_text_pad(&p->t, 25);
	fw_text_char(&p->t, ' ');
}

static void misses_show(struct printer *p, const struct trace_step *s,
			const struct fw_walk *w)
{
	const struct fw_list *l = &p->rs->list[w->list];
	struct fw_view v;
	const char *why;
	__u32 i;

	if (s->event.decision.by == FW_BY_EARLY || s->event.decision.by == FW_BY_STATE)
		return;
	fw_view_init(&v, w, &s->pkt);
	for (i = 0; i < l->count; i++) {
		if (w->list != FW_ACCT && (__s32)i == s->event.decision.rule)
			return;
		why = trace_mismatch(&fw_list_rule(l, i)->match, &v);
		if (!why)
			continue;
		line_begin(p, "", "");
		fw_text_str(&p->t, "not by ");
		rule_show(&p->t, p->rs, w->list, i);
		fw_text_str(&p->t, " (");
		fw_text_str(&p->t, why);
		fw_text_char(&p->t, ')');
		line_end(p);
	}
}

static void log_show(struct printer *p, const struct trace_step *s, const struct fw_walk *w)
{
	__u32 i;

	for (i = 0; i < s->nmatches; i++) {
		const struct fw_rule *r = fw_list_rule(&p->rs->list[w->list], s->match[i]);

		if (!(r->flags & FW_PRN))
			continue;
		line_begin(p, "", "");
		fw_text_str(&p->t, "logs ");
		fw_show_log(&p->t, &r->match, w, &s->pkt);
		line_end(p);
	}
}

static void tos_show(struct printer *p, const struct trace_step *s)
{
	if (s->event.decision.tos == s->pkt.tos)
		return;
	line_begin(p, "", "");
	fw_text_str(&p->t, "type of service 0x");
	fw_text_hex(&p->t, s->pkt.tos, 2);
	fw_text_str(&p->t, " becomes 0x");
	fw_text_hex(&p->t, s->event.decision.tos, 2);
	line_end(p);
}

static void accounting_show(struct printer *p, const struct trace_step *s)
{
	__u32 i;

	for (i = 0; i < s->nmatches; i++) {
		line_begin(p, i ? "" : step_names[s->event.step], i ? "" : s->dev.name);
		fw_text_str(&p->t, "counted by ");
		rule_show(&p->t, p->rs, FW_ACCT, s->match[i]);
		line_end(p);
	}
	if (s->nmatches)
		return;
	line_begin(p, step_names[s->event.step], s->dev.name);
	fw_text_str(&p->t, "counted by no rule");
	line_end(p);
}

static void list_step_show(struct printer *p, const struct trace_step *s,
			   const struct fw_walk *w)
{
	if (w->list == FW_ACCT) {
		accounting_show(p, s);
		if (p->verbose)
			misses_show(p, s, w);
		log_show(p, s, w);
		return;
	}
	line_begin(p, step_names[s->event.step], s->dev.name);
	decision_show(&p->t, s, w->list, p->rs);
	line_end(p);
	if (p->verbose)
		misses_show(p, s, w);
	log_show(p, s, w);
	tos_show(p, s);
}

static void masquerade_show(struct fw_text *t, const struct trace_step *s)
{
	bool back = s->event.step == SIM_STEP_DEMASQUERADE;

	if (s->event.result < 0) {
		fw_text_str(t, "failed");
	} else if (s->event.step == SIM_STEP_PORTFW) {
		fw_text_str(t, s->event.rule < 0 ? "belongs to a forwarded connection: now " :
						   "now ");
		trace_packet_show(t, &s->pkt);
	} else {
		fw_text_str(t, back ? "belongs to a masqueraded connection: now " : "now ");
		trace_packet_show(t, &s->pkt);
	}
}

static const char *state_name(__u8 state)
{
	unsigned int i;

	for (i = 0; fw_state_names[i]; i++)
		if (state == 1u << i)
			return fw_state_names[i];
	return "dropped";
}

/* "tcp SYN_SENT, 120 s left" */
static void entry_show(struct fw_text *t, const struct trace_step *s)
{
	protocol_show(t, s->entry.proto);
	if (s->entry.proto == FW_PROTO_TCP && s->entry.state) {
		fw_text_char(t, ' ');
		fw_text_str(t, fw_tcp_state_names[s->entry.state]);
	}
	fw_text_str(t, ", ");
	fw_text_dec(t, fw_tick_left(s->entry.expires, s->event.now));
	fw_text_str(t, " s left");
}

/* The state of a packet, its direction, its connection, and why it is so. */
static void state_show(struct fw_text *t, const struct trace_step *s)
{
	char why[96];

	fw_text_str(t, state_name(s->pkt.state));
	if (s->pkt.state != s->seen.state) {
		fw_text_str(t, " as given, ");
		fw_text_str(t, state_name(s->seen.state));
		fw_text_str(t, " by its connection");
	}
	if (s->seen.dir == FW_REPLY)
		fw_text_str(t, ", reply");
	if (s->has_entry) {
		fw_text_str(t, ": ");
		entry_show(t, s);
	}
	if (s->seen.why) {
		fw_why_text(&s->seen, why, sizeof(why));
		fw_text_str(t, s->has_entry ? "; " : ": ");
		fw_text_str(t, why);
	}
}

/* Two bytes are a port, four an address, all else is text. */
static void edit_show(struct fw_text *t, const struct fw_text_edit *edit)
{
	__u32 number = 0;

	for (size_t i = 0; i < edit->size && i < sizeof(number); i++)
		number = number << 8 | (__u8)edit->text[i];
	if (edit->size == sizeof(__u16))
		fw_text_dec(t, number);
	else if (edit->size == sizeof(__u32))
		fw_text_addr(t, number);
	else
		fw_text_strn(t, edit->text, edit->size);
}

static void edits_show(struct fw_text *t, const struct fw_seen *seen)
{
	unsigned int i;

	fw_text_str(t, "the text says now ");
	for (i = 0; i < seen->edits; i++) {
		if (i)
			fw_text_str(t, " and ");
		edit_show(t, &seen->edit[i]);
	}
}

/* That nothing was masqueraded is not worth a line. */
static bool step_is_idle(const struct trace_step *s)
{
	return s->event.step == SIM_STEP_STORE ||
	       (s->event.result == 0 && (s->event.step == SIM_STEP_DEMASQUERADE ||
					 s->event.step == SIM_STEP_MASQ_ICMP));
}

/* Of the packet that makes the connection. */
static void forward_show(struct printer *p, const struct trace_step *s)
{
	struct fw_edit edit = { .op = FW_OP_PORTFW,
				.portfw = { FW_PORTFW_APPEND, false, s->forward } };

	fw_text_str(&p->t, "forwarded by rule ");
	fw_text_dec(&p->t, (__u64)s->event.rule + 1);
	fw_text_str(&p->t, ": ");
	print_edit(&p->t, &edit);
	line_end(p);
	line_begin(p, "", "");
}

static void other_step_show(struct printer *p, const struct trace_step *s)
{
	if (step_is_idle(s) || (s->event.step == SIM_STEP_TRACK && !p->states))
		return;
	line_begin(p, step_names[s->event.step], s->has_dev ? s->dev.name : "");
	switch (s->event.step) {
	case SIM_STEP_ICMP_SEND:
		fw_text_str(&p->t, "ICMP type ");
		fw_text_dec(&p->t, s->event.icmp_type);
		fw_text_str(&p->t, " code ");
		fw_text_dec(&p->t, s->event.icmp_code);
		fw_text_str(&p->t, " to the sender");
		break;
	case SIM_STEP_DROP:
		fw_text_str(&p->t, trace_drop_reason(s->event.reason));
		break;
	case SIM_STEP_TRACK:
		state_show(&p->t, s);
		break;
	case SIM_STEP_HELPER:
		edits_show(&p->t, &s->seen);
		break;
	case SIM_STEP_XMIT:
		trace_packet_show(&p->t, &s->pkt);
		break;
	case SIM_STEP_DELIVER:
		trace_packet_show(&p->t, &s->pkt);
		if (s->event.redirport) {
			fw_text_str(&p->t, ", to local port ");
			fw_text_dec(&p->t, s->event.redirport);
		}
		break;
	default:
		if (s->event.step == SIM_STEP_PORTFW && s->event.rule >= 0)
			forward_show(p, s);
		masquerade_show(&p->t, s);
	}
	line_end(p);
}

void trace_show(FILE *out, const struct trace *t, bool verbose)
{
	struct printer p = {
		.out = out, .rs = t->rules, .verbose = verbose, .states = t->states,
	};
	char buf[LINE_MAX_LEN];
	struct fw_walk w;
	__u32 i;

	fw_text_init(&p.t, buf, sizeof(buf));
	for (i = 0; i < t->nsteps; i++) {
		if (step_walk(&t->step[i], &w))
			list_step_show(&p, &t->step[i], &w);
		else
			other_step_show(&p, &t->step[i]);
	}
}

static const char *by_name(enum fw_by by)
{
	static const char *const names[] = {
		[FW_BY_NONE] = "none", [FW_BY_EARLY] = "early", [FW_BY_STATE] = "state",
		[FW_BY_RULE] = "rule", [FW_BY_POLICY] = "policy",
	};

	return names[by];
}

static json_t *matches_json(const struct fw_ruleset *rs, const struct trace_step *s,
			    const struct fw_walk *w)
{
	json_t *a = json_array(), *o;
	char buf[LINE_MAX_LEN];
	struct fw_text t;
	__u32 i;

	for (i = 0; i < s->nmatches; i++) {
		const struct fw_rule *r = fw_list_rule(&rs->list[w->list], s->match[i]);

		o = json_rule(w->list, r, false);
		json_object_set_new(o, "number", json_integer(s->match[i] + 1));
		if (r->flags & FW_PRN) {
			fw_text_init(&t, buf, sizeof(buf));
			fw_show_log(&t, &r->match, w, &s->pkt);
			json_object_set_new(o, "log", json_string(buf));
		}
		json_array_append_new(a, o);
	}
	return a;
}

static void state_json(json_t *o, const struct trace_step *s)
{
	char why[96];

	fw_why_text(&s->seen, why, sizeof(why));
	json_object_set_new(o, "state", json_string(state_name(s->seen.state)));
	if (s->seen.dir != FW_NO_DIR)
		json_object_set_new(o, "direction",
				    json_string(s->seen.dir == FW_REPLY ? "reply" : "original"));
	if (*why)
		json_object_set_new(o, "why", json_string(why));
	if (!s->has_entry)
		return;
	if (s->entry.proto == FW_PROTO_TCP && s->entry.state)
		json_object_set_new(o, "tcp_state",
				    json_string(fw_tcp_state_names[s->entry.state]));
	json_object_set_new(o, "expires_seconds",
			    json_integer(fw_tick_left(s->entry.expires, s->event.now)));
}

static json_t *edits_json(const struct fw_seen *seen)
{
	json_t *a = json_array();
	char buf[sizeof(seen->edit->text) + 1];
	struct fw_text t;
	unsigned int i;

	for (i = 0; i < seen->edits; i++) {
		fw_text_init(&t, buf, sizeof(buf));
		edit_show(&t, &seen->edit[i]);
		json_array_append_new(a, json_string(buf));
	}
	return a;
}

static json_t *step_json(const struct fw_ruleset *rs, const struct trace_step *s)
{
	const struct sim_event *ev = &s->event;
	json_t *o = json_object();
	struct fw_walk w;

	json_object_set_new(o, "step", json_string(step_names[ev->step]));
	if (s->has_dev)
		json_object_set_new(o, "interface", json_name(s->dev.name));
	json_object_set_new(o, "packet", json_packet(&s->pkt));
	if (step_walk(s, &w)) {
		if (w.list != FW_ACCT) {
			json_object_set_new(o, "verdict",
					    json_string(trace_verdict_name(ev->decision.verdict)));
			json_object_set_new(o, "by", json_string(by_name(ev->decision.by)));
			json_object_set_new(o, "tos_after", json_integer(ev->decision.tos));
		}
		json_object_set_new(o, "rules", matches_json(rs, s, &w));
	} else if (ev->step == SIM_STEP_TRACK) {
		state_json(o, s);
	} else if (ev->step == SIM_STEP_HELPER) {
		json_object_set_new(o, "text", edits_json(&s->seen));
	} else if (ev->step == SIM_STEP_ICMP_SEND) {
		json_object_set_new(o, "icmp_type", json_integer(ev->icmp_type));
		json_object_set_new(o, "icmp_code", json_integer(ev->icmp_code));
	} else if (ev->step == SIM_STEP_DELIVER) {
		json_object_set_new(o, "redirect_port", json_integer(ev->redirport));
	} else if (ev->step == SIM_STEP_DROP) {
		json_object_set_new(o, "reason", json_string(trace_drop_reason(ev->reason)));
	} else if (ev->step != SIM_STEP_XMIT) {
		json_object_set_new(o, "result", json_integer(ev->result));
		if (ev->step == SIM_STEP_PORTFW && ev->rule >= 0)
			json_object_set_new(o, "port_forward", json_portfw(&s->forward));
	}
	return o;
}

json_t *trace_json(const struct trace *t)
{
	json_t *steps = json_array();
	__u32 i;

	for (i = 0; i < t->nsteps; i++)
		if (t->step[i].event.step != SIM_STEP_STORE &&
		    (t->states || t->step[i].event.step != SIM_STEP_TRACK))
			json_array_append_new(steps, step_json(t->rules, &t->step[i]));
	return steps;
}
