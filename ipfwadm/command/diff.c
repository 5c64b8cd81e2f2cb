// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * diff.c - two rule sets, compared for every packet.
 */
#include <errno.h>
#include <getopt.h>
#include <string.h>

#include "backend/analysis/compare_forwards.h"
#include "backend/analysis/lint.h"
#include "ipfwadm/command/diff_filters.h"
#include "ipfwadm/command/diff_plan.h"
#include "ipfwadm/command/subcommands.h"
#include "ipfwadm/command/trace.h"
#include "ipfwadm/format/json.h"
#include "kmod/core/names.h"
#include "kmod/core/text.h"
#include "parser/print.h"

static const char *const level_names[] = {
	[EFFECT_VERDICT] = "verdict", [EFFECT_PACKET] = "packet", [EFFECT_LOG] = "log",
	[EFFECT_COUNTERS] = "counters", NULL,
};

static const enum fw_list_id order[FW_LISTS] = { FW_INPUT, FW_FORWARD, FW_OUTPUT, FW_ACCT };

struct diff {
	const struct app *app;
	struct placed side[2];
	enum effect_level level;
	__u64 budget;
	int answer[FW_LISTS];	/* of compare_lists() */
	json_t *json;		/* object of lists, or NULL: text */
};

static bool is_compared(const struct diff *diff, enum fw_list_id list)
{
	return list != FW_ACCT || diff->level >= EFFECT_COUNTERS;
}

static const char *action_name(enum fw_list_id list, enum fw_verdict v)
{
	static const char *const names[] = {
		[FW_PASS] = "accepted", [FW_DROP] = "denied", [FW_ANSWER] = "rejected",
		[FW_REDIRECT] = "redirected", [FW_MASQUERADE] = "masqueraded",
	};

	return names[fw_list_outcome(list, v).action];
}

/* what happens besides the verdict */
static void effects_show(struct fw_text *t, const struct fw_decision *d, bool is_logged, __u8 tos)
{
	if (d->redirport) {
		fw_text_str(t, ", to port ");
		fw_text_dec(t, d->redirport);
	}
	if (d->tos != tos) {
		fw_text_str(t, ", type of service becomes 0x");
		fw_text_hex(t, d->tos, 2);
	}
	if (d->keep_state)
		fw_text_str(t, ", connection kept");
	if (d->helper) {
		fw_text_str(t, ", helper ");
		fw_text_str(t, fw_helper_name(d->helper));
	}
	if (is_logged)
		fw_text_str(t, ", logged");
}

/* "accepted by rule 4 (line 7): -I -a accept ..." */
static void decision_show(struct fw_text *t, const struct placed *p, enum fw_list_id list,
			  const struct difference *d, int side)
{
	const struct fw_decision *decision = &d->decision[side];
	const struct fw_list *l = &p->rules.list[list];
	const struct fw_rule *r = decision->rule < 0 ? NULL :
				  fw_list_rule(l, (__u32)decision->rule);

	if (list == FW_ACCT && !r) {
		fw_text_str(t, "no such rule, or fewer");
		return;
	}
	fw_text_str(t, list == FW_ACCT ? "counted" : action_name(list, decision->verdict));
	if (!r) {
		fw_text_str(t, " by default policy");
		return;
	}
	fw_text_str(t, " by rule ");
	fw_text_dec(t, (__u32)decision->rule + 1);
	if (p->is_file) {
		fw_text_str(t, " (line ");
		fw_text_dec(t, placed_line(p, list, (__u32)decision->rule));
		fw_text_char(t, ')');
	}
	effects_show(t, decision, r->flags & FW_PRN, d->witness.pkt.tos);
	fw_text_str(t, ": ");
	print_rule(t, FW_OP_APPEND, list, r);
}

static void difference_print(const struct diff *diff, enum fw_list_id list,
			     const struct difference *d)
{
	char buf[PRINT_RULE_MAX + 256];
	struct fw_text t;

	fw_text_init(&t, buf, sizeof(buf));
	witness_show(&t, list, &d->witness);
	printf("%s: differs\n  %s\n", fw_list_names[list], buf);
	for (int s = 0; s < 2; s++) {
		fw_text_init(&t, buf, sizeof(buf));
		decision_show(&t, &diff->side[s], list, d, s);
		printf("    %s: %s\n", diff->side[s].name, buf);
	}
}

static const char *state_name(__u8 state)
{
	return fw_state_names[__builtin_ctz(state)];
}

static json_t *decision_json(const struct placed *p, enum fw_list_id list,
			     const struct fw_decision *d)
{
	json_t *o = json_object();

	if (list != FW_ACCT)
		json_object_set_new(o, "verdict", json_string(action_name(list, d->verdict)));
	if (d->rule >= 0)
		json_object_set_new(o, "rule", json_integer(d->rule + 1));
	if (d->rule >= 0 && p->is_file)
		json_object_set_new(o, "line",
				    json_integer(placed_line(p, list, (__u32)d->rule)));
	if (d->redirport)
		json_object_set_new(o, "redirect_port", json_integer(d->redirport));
	json_object_set_new(o, "tos_after", json_integer(d->tos));
	return o;
}

static const char *result_name(int answer)
{
	return answer == COMPARE_DIFFERS ? "differs" : answer ? "undecided" : "alike";
}

static void list_json(struct diff *diff, enum fw_list_id list, const struct difference *d)
{
	json_t *o = json_object(), *decisions = json_array();
	int answer = diff->answer[list];

	json_object_set_new(o, "result", json_string(result_name(answer)));
	if (answer == COMPARE_DIFFERS) {
		for (int s = 0; s < 2; s++)
			json_array_append_new(decisions,
				decision_json(&diff->side[s], list, &d->decision[s]));
		json_object_set_new(o, "packet", json_packet(&d->witness.pkt));
		json_object_set_new(o, "state", json_string(state_name(d->witness.pkt.state)));
		if (d->witness.is_named)
			json_object_set_new(o, "interface", json_name(d->witness.dev.name));
		json_object_set_new(o, "decisions", json_incref(decisions));
	}
	json_decref(decisions);
	json_object_set_new(diff->json, fw_list_names[list], o);
}

/* "input, output: alike for every packet" */
static void names_print(const struct diff *diff, int answer, const char *text)
{
	const char *comma = "";

	for (int i = 0; i < FW_LISTS; i++) {
		if (diff->answer[order[i]] != answer || !is_compared(diff, order[i]))
			continue;
		printf("%s%s", comma, fw_list_names[order[i]]);
		comma = ", ";
	}
	if (*comma)
		printf(": %s\n", text);
}

static int lists_compare(struct diff *diff)
{
	int status = DIFF_ALIKE;

	for (int i = 0; i < FW_LISTS; i++) {
		enum fw_list_id list = order[i];
		struct difference d;
		int answer = compare_lists(list, &diff->side[0].rules.list[list],
					   &diff->side[1].rules.list[list], diff->level,
					   &diff->budget, &d);

		diff->answer[list] = answer;
		if (answer < 0 && answer != -E2BIG) {
			app_error(diff->app, "cannot compare %s: %s", fw_list_names[list],
				  answer == -EBADE ?
				  "internal error: the core contradicts the analysis" :
				  strerror(-answer));
			return DIFF_TROUBLE;
		}
		if (answer == COMPARE_DIFFERS)
			status = DIFF_DIFFERS;
		else if (answer && status == DIFF_ALIKE)
			status = STATUS_UNDECIDED;
		if (diff->json && is_compared(diff, list))
			list_json(diff, list, &d);
		else if (!diff->json && answer == COMPARE_DIFFERS)
			difference_print(diff, list, &d);
	}
	return status;
}

/* "by forward 2 (line 7): -M --forward -a ..." */
static void forward_show(struct fw_text *t, const struct placed *p,
			 const struct forward_difference *d, int side)
{
	struct fw_edit edit = { .op = FW_OP_PORTFW, .portfw.op = FW_PORTFW_APPEND };

	if (d->forward[side] < 0 && d->helps) {
		fw_text_str(t, d->helper[side] ? fw_helper_name(d->helper[side]) : "none");
		return;
	}
	if (d->forward[side] < 0) {
		fw_text_str(t, d->leaves ? "another source port" : "not forwarded");
		return;
	}
	edit.portfw.forward = p->rules.portfw.entry[d->forward[side]];
	fw_text_str(t, "by forward ");
	fw_text_dec(t, (__u32)d->forward[side] + 1);
	if (p->is_file) {
		fw_text_str(t, " (line ");
		fw_text_dec(t, p->line[edit.portfw.forward.conns]);
		fw_text_char(t, ')');
	}
	fw_text_str(t, ": ");
	print_edit(t, &edit);
}

static void forwards_print(const struct diff *diff, const struct forward_difference *d)
{
	char buf[PRINT_RULE_MAX + 256];
	struct fw_text t;

	fw_text_init(&t, buf, sizeof(buf));
	trace_packet_show(&t, &d->pkt);
	if (d->pkt.mark) {
		fw_text_str(&t, " mark ");
		fw_text_dec(&t, d->pkt.mark);
	}
	if (d->leaves)
		printf("forwarded ports: differs\n  %s to port %u, masqueraded: its %s\n",
		       fw_protocol_name(d->pkt.proto), d->pkt.dport,
		       d->helps ? "helper" : "source port");
	else
		printf("forwarded ports: differs\n  %s%s%s\n", buf,
		       d->any_address ? ", or to any address of this host" : "",
		       d->later ? ", after others that are treated alike" : "");
	for (int s = 0; s < 2; s++) {
		fw_text_init(&t, buf, sizeof(buf));
		forward_show(&t, &diff->side[s], d, s);
		printf("    %s: %s\n", diff->side[s].name, buf);
	}
}

static void forwards_json(struct diff *diff, int answer, const struct forward_difference *d)
{
	json_t *o = json_object(), *forwards = json_array();

	json_object_set_new(o, "result", json_string(result_name(answer)));
	if (answer == COMPARE_DIFFERS) {
		for (int s = 0; s < 2; s++)
			json_array_append_new(forwards, d->forward[s] < 0 ? json_null() :
					      json_integer(d->forward[s] + 1));
		json_object_set_new(o, "packet", json_packet(&d->pkt));
		json_object_set_new(o, "forwards", json_incref(forwards));
	}
	json_decref(forwards);
	json_object_set_new(diff->json, "port_forwards", o);
}

static int forwards_compare(struct diff *diff, int status)
{
	const struct fw_portfw_table *a = &diff->side[0].rules.portfw;
	const struct fw_portfw_table *b = &diff->side[1].rules.portfw;
	struct forward_difference d;
	int answer;

	if (!a->count && !b->count)
		return status;
	answer = compare_forwards(a, b, &diff->budget, &d);
	if (answer < 0 && answer != -E2BIG) {
		app_error(diff->app, "cannot compare forwarded ports: %s", strerror(-answer));
		return DIFF_TROUBLE;
	}
	if (diff->json)
		forwards_json(diff, answer, &d);
	else if (answer == COMPARE_DIFFERS)
		forwards_print(diff, &d);
	else
		printf("forwarded ports: %s\n", answer ? "undecided" : "alike for every packet");
	if (answer == COMPARE_DIFFERS)
		return DIFF_DIFFERS;
	return answer && status == DIFF_ALIKE ? STATUS_UNDECIDED : status;
}

static int rules_compare(struct diff *diff)
{
	int status;

	diff->json = diff->app->json ? json_object() : NULL;
	status = lists_compare(diff);
	if (status != DIFF_TROUBLE)
		status = forwards_compare(diff, status);
	if (diff->side[0].rules.denies_ipv6 != diff->side[1].rules.denies_ipv6) {
		app_error(diff->app, "one denies IPv6 packets, the other does not");
		status = status == DIFF_TROUBLE ? status : DIFF_DIFFERS;
	}
	if (diff->json && status != DIFF_TROUBLE) {
		document_add(diff->app->document, diff->json);
	} else if (diff->json) {
		json_decref(diff->json);
	} else if (status != DIFF_TROUBLE) {
		names_print(diff, COMPARE_ALIKE, "alike for every packet");
		names_print(diff, -E2BIG, "undecided within the budget");
	}
	return status;
}

/* Forwards are not among the chains. */
static int foreign_compare(struct diff *diff)
{
	int status = plan_diff(diff->app, diff->side, diff->level, diff->budget);

	if (status >= 0)
		return status;
	status = filters_diff(diff->app, diff->side, diff->level, diff->budget);
	if (!diff->side[0].rules.portfw.count && !diff->side[1].rules.portfw.count)
		return status;
	app_error(diff->app, "forwarded ports are not compared");
	return status == DIFF_ALIKE ? STATUS_UNDECIDED : status;
}

static int level_parse(const char *word)
{
	int i = 0;

	while (level_names[i] && strcmp(level_names[i], word) != 0)
		i++;
	return level_names[i] ? i : -1;
}

int command_diff(struct app *app, int argc, char **argv)
{
	static const struct option options[] = {
		{ "budget", required_argument, NULL, 'b' },
		{ "level", required_argument, NULL, 'l' },
		{ NULL, 0, NULL, 0 },
	};
	struct diff diff = { .app = app, .level = EFFECT_PACKET, .budget = ANALYSIS_BUDGET };
	int level = EFFECT_PACKET, status = STATUS_OK, c;

	while ((c = app_option(app, argc, argv, "", options)) != -1)
		if (c == '?')
			return app_usage(app, argv[0]);
		else if (c == 'b' && !(diff.budget = budget_parse(optarg)))
			return app_word_refuse(app, argv[0], "--budget", optarg, NULL);
		else if (c == 'l' && (level = level_parse(optarg)) < 0)
			return app_word_refuse(app, argv[0], "--level", optarg, level_names);
	if (argc - optind > 2)
		return app_word_refuse(app, argv[0], argv[0], argv[optind + 2], NULL);
	if (argc - optind < 2)
		return app_usage(app, argv[0]);
	diff.level = (enum effect_level)level;
	for (int s = 0; s < 2 && status == STATUS_OK; s++)
		status = placed_read(app, argv[optind + s], true, &diff.side[s]);
	if (status == STATUS_OK && (diff.side[0].foreign || diff.side[1].foreign))
		status = foreign_compare(&diff);
	else
		status = status == STATUS_OK ? rules_compare(&diff) : DIFF_TROUBLE;
	placed_free(&diff.side[0]);
	placed_free(&diff.side[1]);
	return status;
}
