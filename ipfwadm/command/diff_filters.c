// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * diff_filters.c - rule sets compared of which iptables or nft has written some.
 */
#include "ipfwadm/command/diff_filters.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "backend/analysis/compare.h"
#include "backend/analysis/filter_compare.h"
#include "ipfwadm/command/subcommands.h"
#include "ipfwadm/command/trace.h"
#include "ipfwadm/format/json.h"
#include "kmod/core/names.h"
#include "parser/print.h"

struct filters_diff {
	const struct app *app;
	const struct placed *side;
	struct filter_space space;
	struct filter filter[2];
	json_t *json;		/* object of paths, or NULL: text */
};

const char *const diff_path_names[FILTER_PATHS] = {
	[FILTER_IN] = "input", [FILTER_FORWARD] = "forward", [FILTER_OUT] = "output",
};

static const char *action_name(const struct effect *e)
{
	static const char *const names[] = {
		[FW_PASS] = "accepted", [FW_DROP] = "denied", [FW_ANSWER] = "rejected",
		[FW_REDIRECT] = "redirected", [FW_MASQUERADE] = "masqueraded",
	};

	return e->action == FW_REDIRECT && e->daddr ? "translated" : names[e->action];
}

static int filter_read(struct filters_diff *d, int s)
{
	const struct placed *p = &d->side[s];
	struct filter *f = &d->filter[s];
	/* what is not known of one text is the same if it is read twice */
	bool is_same = s && p->foreign && !strcmp(p->name, d->side[0].name);
	int err;

	filter_free(f);
	filter_init(f, &d->space, s && !is_same ? "the second" : "the first");
	err = p->foreign ? p->foreign(f, p->source.text, p->source.len) :
			   filter_lists_read(f, &p->rules);
	if (err == -EINVAL)
		return DIFF_TROUBLE;
	if (err)
		app_error(d->app, "cannot read '%s': %s", p->name, strerror(-err));
	return err ? DIFF_TROUBLE : 0;
}

static void error_print(const struct filters_diff *d)
{
	for (int s = 0; s < 2; s++) {
		const struct filter_error *e = &d->filter[s].error;
		char place[64] = "";

		if (!e->text[0])
			continue;
		if (e->line && e->column)
			snprintf(place, sizeof(place), ":%u:%u", e->line, e->column);
		else if (strcmp(d->filter[s].unit, "line") != 0)
			snprintf(place, sizeof(place), ": %s[%u]", d->filter[s].unit, e->line);
		else if (e->line)
			snprintf(place, sizeof(place), ":%u", e->line);
		app_error(d->app, "%s%s: %s", d->side[s].name, place, e->text);
	}
}

/* "line 7: -A INPUT -s 10.0.0.0/8 -j DROP" */
static void rule_show(struct fw_text *t, const struct placed *p, const struct filter_chain *c,
		      const struct filter_rule *r)
{
	if (!r) {
		fw_text_str(t, *c->table ? "policy of " : "default policy");
		fw_text_str(t, c->table);
		fw_text_str(t, *c->table ? " " : "");
		fw_text_str(t, *c->table ? c->name : "");
	} else if (!*c->table) {
		fw_text_str(t, c->name);
		fw_text_str(t, " rule ");
		fw_text_dec(t, r->line);
		if (p->is_file) {
			fw_text_str(t, " (line ");
			fw_text_dec(t, placed_line(p, c->list, r->line - 1));
			fw_text_char(t, ')');
		}
		fw_text_str(t, ": ");
		print_rule(t, FW_OP_APPEND, c->list, fw_list_rule(&p->rules.list[c->list],
								  r->line - 1));
	} else {
		bool is_line = p->foreign == filter_iptables_read;

		fw_text_str(t, is_line ? "line " : "nftables[");
		fw_text_dec(t, r->line);
		fw_text_str(t, is_line ? ": " : "]: ");
		fw_text_str(t, r->text);
	}
}

static void effect_show(struct fw_text *t, const struct effect *e, const struct fw_packet *pkt)
{
	fw_text_str(t, action_name(e));
	if (e->saddr) {
		fw_text_str(t, ", from ");
		fw_text_addr(t, e->saddr);
	}
	if (e->daddr) {
		fw_text_str(t, ", to ");
		fw_text_addr(t, e->daddr);
	}
	if (e->redirport) {
		fw_text_str(t, ", to port ");
		fw_text_dec(t, e->redirport);
	}
	if (((pkt->tos & e->tosand) ^ e->tosxor) != pkt->tos) {
		fw_text_str(t, ", type of service becomes 0x");
		fw_text_hex(t, (pkt->tos & e->tosand) ^ e->tosxor, 2);
	}
}

static void name_show(struct fw_text *t, const char *what, const char *name)
{
	fw_text_str(t, what);
	fw_text_str(t, *name ? name : "an interface that no rule names");
}

static void packet_show(struct fw_text *t, const struct filters_diff *d, enum filter_path path,
			const struct filter_difference *diff)
{
	trace_packet_show(t, &diff->witness.pkt);
	if (d->space.nnames > 1 && path != FILTER_OUT)
		name_show(t, ", arrives on ", d->space.name[diff->arrives]);
	if (d->space.nnames > 1 && path != FILTER_IN)
		name_show(t, ", leaves by ", d->space.name[diff->leaves]);
	fw_text_str(t, ", ");
	fw_text_str(t, fw_state_names[__builtin_ctz(diff->witness.pkt.state)]);
}

static void difference_print(const struct filters_diff *d, enum filter_path path,
			     const struct filter_difference *diff)
{
	char buf[8192];
	struct fw_text t;

	fw_text_init(&t, buf, sizeof(buf));
	packet_show(&t, d, path, diff);
	printf("%s: differs\n  %s\n", diff_path_names[path], buf);
	for (int s = 0; s < 2; s++) {
		const struct filter_by *by = &diff->by[s];

		fw_text_init(&t, buf, sizeof(buf));
		effect_show(&t, &diff->effect[s], &diff->witness.pkt);
		printf("    %s: %s\n", d->side[s].name, buf);
		for (__u32 i = by->n; i-- > 0;) {
			fw_text_init(&t, buf, sizeof(buf));
			rule_show(&t, &d->side[s], by->chain[i], by->rule[i]);
			printf("      %s\n", buf);
		}
	}
}

static json_t *decision_json(const struct placed *p, const struct effect *e,
			     const struct filter_by *by, __u8 tos)
{
	json_t *o = json_object();
	const struct filter_rule *r = by->n ? by->rule[0] : NULL;

	json_object_set_new(o, "verdict", json_string(action_name(e)));
	if (r && !p->foreign)
		json_object_set_new(o, "rule", json_integer(r->line));
	if (r && (p->foreign || p->is_file))
		json_object_set_new(o, "line", json_integer(p->foreign ? r->line :
			placed_line(p, by->chain[0]->list, r->line - 1)));
	if (e->redirport)
		json_object_set_new(o, "redirect_port", json_integer(e->redirport));
	json_object_set_new(o, "tos_after", json_integer((tos & e->tosand) ^ e->tosxor));
	return o;
}

static void path_json(const struct filters_diff *d, enum filter_path path, int answer,
		      const struct filter_difference *diff)
{
	json_t *o = json_object(), *decisions = json_array();
	const char *name = d->space.name[path == FILTER_IN ? diff->arrives : diff->leaves];

	json_object_set_new(o, "result", json_string(answer == COMPARE_DIFFERS ? "differs" :
						     answer ? "undecided" : "alike"));
	if (answer == COMPARE_DIFFERS) {
		const struct fw_packet *pkt = &diff->witness.pkt;

		for (int s = 0; s < 2; s++)
			json_array_append_new(decisions,
				decision_json(&d->side[s], &diff->effect[s], &diff->by[s],
					      pkt->tos));
		json_object_set_new(o, "packet", json_packet(pkt));
		json_object_set_new(o, "state",
				    json_string(fw_state_names[__builtin_ctz(pkt->state)]));
		if (*name)
			json_object_set_new(o, "interface", json_name(name));
		json_object_set_new(o, "decisions", json_incref(decisions));
	}
	json_decref(decisions);
	json_object_set_new(d->json, diff_path_names[path], o);
}

static void answer_print(const struct filters_diff *d, enum filter_path path, int answer,
			 const struct filter_difference *diff)
{
	if (answer == COMPARE_DIFFERS)
		difference_print(d, path, diff);
	else if (answer == COMPARE_ALIKE)
		printf("%s: alike for every packet\n", diff_path_names[path]);
	else if (diff->reason[0])
		printf("%s: undecided because of what is not known: %s\n", diff_path_names[path],
		       diff->reason);
	else
		printf("%s: undecided within the budget\n", diff_path_names[path]);
}

static int paths_compare(struct filters_diff *d, enum effect_level level, __u64 budget)
{
	struct filter *const f[2] = { &d->filter[0], &d->filter[1] };
	struct filter_difference diff;
	int status = DIFF_ALIKE, answer;

	for (unsigned int i = 0; i < FILTER_PATHS; i++) {
		enum filter_path path = (enum filter_path)i;

		answer = filter_compare(f, path, level, &budget, &diff);
		if (answer == -EINVAL)
			return DIFF_TROUBLE;
		if (answer < 0 && answer != -E2BIG) {
			app_error(d->app, "cannot compare %s: %s", diff_path_names[path],
				  answer == -EBADE ? "internal error: a packet contradicts the "
				  "analysis" : strerror(-answer));
			return DIFF_TROUBLE;
		}
		if (answer == COMPARE_DIFFERS)
			status = DIFF_DIFFERS;
		else if (answer && status == DIFF_ALIKE)
			status = STATUS_UNDECIDED;
		if (d->json)
			path_json(d, path, answer, &diff);
		else
			answer_print(d, path, answer, &diff);
	}
	return status;
}

int filters_diff(const struct app *app, const struct placed side[2], enum effect_level level,
		 __u64 budget)
{
	struct filters_diff d = { .app = app, .side = side };
	int status = DIFF_ALIKE;

	if (level > EFFECT_PACKET) {
		app_error(app, "rules of iptables and nft are compared by verdict or packet");
		return DIFF_TROUBLE;
	}
	/* once for the names, and then for the rules */
	for (int i = 0; i < 4 && !status; i++)
		status = filter_read(&d, i % 2);
	d.json = app->json && !status ? json_object() : NULL;
	if (!status)
		status = paths_compare(&d, level, budget);
	if (status == DIFF_TROUBLE)
		error_print(&d);
	if (d.json && status != DIFF_TROUBLE)
		document_add(d.app->document, d.json);
	else
		json_decref(d.json);
	filter_free(&d.filter[0]);
	filter_free(&d.filter[1]);
	return status;
}
