// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * trace_svg.c - the paths of traced packets as a picture.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ipfwadm/command/trace.h"
#include "ipfwadm/format/path_picture.h"
#include "kmod/core/text.h"

#define LINE_MAX_LEN 256

static const char head[] =
	"<style>svg{color:#222;background:#fff}rect{fill:#eee;stroke:currentColor}"
	"rect.passed{fill:#cde6cd;stroke-width:2.5}path{stroke:currentColor;fill:none}"
	"text{fill:currentColor;font:14px system-ui,sans-serif;text-anchor:middle}"
	"@media(prefers-color-scheme:dark){svg{color:#ddd;background:#222}rect{fill:#333}"
	"rect.passed{fill:#254d2b}}</style>\n";

int trace_svg_begin(struct trace_svg *s)
{
	*s = (struct trace_svg){ .body = NULL };
	s->out = open_memstream(&s->body, &s->size);
	return s->out ? 0 : -ENOMEM;
}

static void decision_set(struct path_picture *w, int list, const char *name,
			 const struct trace_step *s)
{
	const struct fw_decision *d = &s->event.decision;

	w->list[list].is_passed = true;
	snprintf(w->list[list].text[0], sizeof(w->list[list].text[0]), "%s: %s", name,
		 trace_verdict_name(d->verdict));
	if (d->by == FW_BY_RULE && s->nmatches)
		snprintf(w->list[list].text[1], sizeof(w->list[list].text[1]), "by rule %u",
			 s->match[0] + 1);
	else
		snprintf(w->list[list].text[1], sizeof(w->list[list].text[1]), "%s",
			 d->by == FW_BY_POLICY ? "by default policy" :
			 d->by == FW_BY_STATE ? "connection is kept" : "before any rule");
}

/* How it ends: the last step that says so. */
static void end_set(struct fw_text *t, const struct trace_step *s)
{
	switch (s->event.step) {
	case SIM_STEP_XMIT:
		fw_text_str(t, "leaves by ");
		fw_text_strn(t, s->dev.name, FW_IFNAMSIZ);
		fw_text_str(t, ": ");
		trace_packet_show(t, &s->pkt);
		break;
	case SIM_STEP_DELIVER:
		fw_text_str(t, "delivered: ");
		trace_packet_show(t, &s->pkt);
		break;
	default:
		fw_text_str(t, "dropped: ");
		fw_text_str(t, trace_drop_reason(s->event.reason));
	}
}

void trace_svg_add(struct trace_svg *s, const struct trace *trace, const char *title)
{
	static const struct {
		const char *name;
		enum sim_step step;
	} lists[PICTURE_LISTS] = {
		[PICTURE_INPUT] = { "input", SIM_STEP_INPUT },
		[PICTURE_FORWARD] = { "forward", SIM_STEP_FORWARD },
		[PICTURE_OUTPUT] = { "output", SIM_STEP_OUTPUT },
	};
	char end[LINE_MAX_LEN] = "";
	struct path_picture w = { .above = title, .below = end };
	struct fw_text t;

	for (int i = 0; i < PICTURE_LISTS; i++)
		snprintf(w.list[i].text[0], sizeof(w.list[i].text[0]), "%s", lists[i].name);
	w.is_local = trace->nsteps && !trace->step[0].has_dev;
	for (__u32 n = 0; n < trace->nsteps; n++) {
		const struct trace_step *step = &trace->step[n];

		for (int i = 0; i < PICTURE_LISTS; i++)
			if (step->event.step == lists[i].step)
				decision_set(&w, i, lists[i].name, step);
		w.is_local |= step->event.step == SIM_STEP_DELIVER;
		if (step->event.step != SIM_STEP_XMIT && step->event.step != SIM_STEP_DELIVER &&
		    step->event.step != SIM_STEP_DROP)
			continue;
		fw_text_init(&t, end, sizeof(end));
		end_set(&t, step);
	}
	fprintf(s->out, "<g transform=\"translate(0,%u)\">", s->packets++ * PICTURE_HEIGHT);
	path_picture_print(s->out, &w);
	fputs("</g>\n", s->out);
}

int trace_svg_end(struct trace_svg *s, FILE *out)
{
	int err = fclose(s->out) ? -ENOMEM : 0;

	if (!err)
		fprintf(out, "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %u\">\n"
			"%s%s</svg>\n", PICTURE_WIDTH, s->packets * PICTURE_HEIGHT, head, s->body);
	free(s->body);
	return err;
}
