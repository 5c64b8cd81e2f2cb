/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * trace.h - the steps of a packet through the simulated host.
 */
#ifndef IPFWADM_TRACE_H
#define IPFWADM_TRACE_H

#include <jansson.h>
#include <stdio.h>

#include "backend/backend.h"
#include "backend/sim/host.h"
#include "kmod/core/view.h"
#include "kmod/core/text.h"

struct trace_step {
	struct sim_event event;	/* pkt and dev point into this step */
	struct fw_packet pkt;
	struct fw_dev dev;
	bool has_dev;
	/* of SIM_STEP_TRACK and SIM_STEP_STORE: its connection then */
	bool has_entry;
	struct fw_entry entry;
	struct fw_seen seen;
	struct fw_portfw forward;	/* of SIM_STEP_PORTFW */
	__u32 *match;		/* indices of the rules that matched; several in accounting */
	__u32 nmatches;
};

/* one packet and the packets that it causes */
struct trace {
	const struct fw_ruleset *rules;
	bool states;		/* states are shown */
	struct trace_step *step;
	__u32 nsteps;
	__u32 *pending;	/* matches of the current step */
	__u32 npending;
	bool failed;		/* out of memory: the record is incomplete */
};

/* for struct sim_host: on_event, on_match and ctx */
void trace_event(void *trace, const struct sim_event *ev);
void trace_matched(void *trace, const struct fw_match *m, __u32 index,
		   const struct fw_packet *pkt);
void trace_clear(struct trace *t);

/* "tcp 192.168.1.2:1025 -> 10.0.0.1:80 SYN" */
void trace_packet_show(struct fw_text *t, const struct fw_packet *pkt);

/* Why a rule does not match: "another interface", or NULL when it does. */
const char *trace_mismatch(const struct fw_match *m, const struct fw_view *v);

/* verbose: also each rule that did not match, and why */
void trace_show(FILE *out, const struct trace *t, bool verbose);
/* the steps as an array of objects */
json_t *trace_json(const struct trace *t);

const char *trace_verdict_name(enum fw_verdict v);
const char *trace_drop_reason(enum sim_drop reason);

/* the ways of packets, one below the other */
struct trace_svg {
	FILE *out;		/* to body */
	char *body;
	size_t size;
	unsigned int packets;
};

/* 0 or -ENOMEM; after 0 it must come to an end. */
int trace_svg_begin(struct trace_svg *s);
void trace_svg_add(struct trace_svg *s, const struct trace *trace, const char *title);
/* Writes the picture: 0 or -ENOMEM. */
int trace_svg_end(struct trace_svg *s, FILE *out);

#endif
