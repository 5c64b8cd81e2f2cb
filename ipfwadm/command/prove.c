// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * prove.c - rules for nftables or iptables, proved to do what they did.
 */
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "backend/analysis/lint.h"
#include "backend/analysis/prove.h"
#include "backend/ruleset.h"
#include "ipfwadm/app/progress.h"
#include "ipfwadm/command/placed.h"
#include "ipfwadm/command/subcommands.h"
#include "ipfwadm/command/trace.h"
#include "ipfwadm/format/exactness.h"
#include "ipfwadm/format/json.h"
#include "kmod/core/names.h"
#include "kmod/core/text.h"
#include "parser/print.h"

static const struct prove_target {
	const char *name, *other_name;
	struct plan *(*lower)(const struct fw_ruleset *rs, const struct plan_options *o);
} targets[] = {
	{ "nft", "nft", plan_lower_nft },
	{ "iptables", "xtables", plan_lower_xtables },
};

struct proving {
	const struct app *app;
	const struct fw_ruleset *rs;
	const struct fw_interfaces *ifs;
	__u64 budget;
	json_t *json;		/* object of targets, or NULL: text */
};

static const char *const result_names[] = {
	[PROVE_SAME] = "alike", [PROVE_DIFFERS] = "differs", [PROVE_UNDECIDED] = "undecided",
};

static const char *verdict_name(const struct traversal_end *e)
{
	if (e->verdict == PLAN_V_REJECT)
		return "rejected";
	if (e->verdict == PLAN_V_DROP)
		return "denied";
	return e->redirected ? "redirected" : e->masqueraded ? "masqueraded" : "accepted";
}

/* "accepted, type of service becomes 0x10; input rule 4" */
static void end_show(struct fw_text *t, const struct traversal_end *e, __u8 tos)
{
	const char *separator = "; ";
	unsigned int step;

	fw_text_str(t, verdict_name(e));
	if (e->verdict == PLAN_V_REJECT)
		fw_text_str(t, e->reject_code == 3 ? " with port unreachable" :
						     " with host unreachable");
	if (e->redirected && e->redirport) {
		fw_text_str(t, ", to port ");
		fw_text_dec(t, e->redirport);
	}
	if (e->verdict == PLAN_V_ACCEPT && e->tos != tos) {
		fw_text_str(t, ", type of service becomes 0x");
		fw_text_hex(t, e->tos, 2);
	}
	if (e->kept)
		fw_text_str(t, ", connection kept");
	if (e->helped)
		fw_text_str(t, ", with helper");
	for (step = 0; step < STEPS; step++) {
		const struct traversal_count *c = &e->counted[step];

		if (!c->times)
			continue;
		fw_text_str(t, separator);
		separator = ", ";
		fw_text_str(t, traversal_step_name(step));
		fw_text_str(t, " rule ");
		fw_text_dec(t, (__u32)c->rule + 1);
		if (c->times > 1) {
			fw_text_str(t, " and ");
			fw_text_dec(t, c->times - 1);
			fw_text_str(t, " more");
		}
		if (e->logged[step].times)
			fw_text_str(t, " (logged)");
	}
}

static void device_show(struct fw_text *t, const char *what, const struct fw_dev *dev)
{
	if (!dev)
		return;
	fw_text_str(t, what);
	fw_text_strn(t, dev->name, FW_IFNAMSIZ);
}

static void packet_show(struct fw_text *t, const struct traversal_packet *p)
{
	static const char *const paths[PATHS] = {
		[PATH_PROXY] = ", answer of a redirected connection",
		[PATH_REPLY] = ", answer to a masqueraded connection",
		[PATH_DATA] = ", begins what a helper expects",
		[PATH_ASKED] = ", answer to what a helper expected",
		[PATH_ERROR] = ", error about a masqueraded connection",
		[PATH_KEPT] = ", of a masqueraded connection that is kept",
	};

	trace_packet_show(t, &p->pkt);
	if (p->pkt.frag_off & FW_IP_OFFSET)
		fw_text_str(t, " later fragment");
	device_show(t, ", arrives on ", p->in);
	device_show(t, ", leaves by ", p->out);
	for (unsigned int i = 0; fw_state_names[i]; i++)
		if (p->pkt.state == 1u << i) {
			fw_text_str(t, ", ");
			fw_text_str(t, fw_state_names[i]);
		}
	if (paths[p->path])
		fw_text_str(t, paths[p->path]);
	if (p->pkt.kept && p->path != PATH_KEPT)
		fw_text_str(t, ", kept");
}

static void difference_print(const struct proof *proof)
{
	const struct { const char *who; const struct traversal_end *end; } sides[] = {
		{ "rules", &proof->core }, { "translated", &proof->plan },
	};
	char buf[1024];
	struct fw_text t;

	fw_text_init(&t, buf, sizeof(buf));
	packet_show(&t, &proof->packet);
	printf("differs: %s\n  %s\n", proof->what, buf);
	for (size_t i = 0; i < FW_COUNT(sides); i++) {
		fw_text_init(&t, buf, sizeof(buf));
		end_show(&t, sides[i].end, proof->packet.pkt.tos);
		printf("    %s: %s\n", sides[i].who, buf);
	}
}

static void undecided_print(const struct proving *pr, const struct proof *proof)
{
	char rule[PRINT_RULE_MAX];

	printf("undecided: %s\n", proof->reason);
	if (proof->rule < 0)
		return;
	printf("  %s rule %d: ipfwadm %s\n", fw_list_names[proof->list], proof->rule + 1,
	       print_rule_text(rule, proof->list,
			       fw_list_rule(&pr->rs->list[proof->list], (__u32)proof->rule)));
}

/* rules, and policies, that the plan reports as inexact */
static unsigned long inexact_count(const struct plan *p)
{
	unsigned long n = 0;

	for (int list = 0; list < FW_LISTS; list++) {
		n += p->policy_report[list].exactness != PLAN_EXACT;
		for (__u32 i = 0; i < p->nreports[list]; i++)
			n += p->report[list][i].exactness != PLAN_EXACT;
	}
	return n;
}

static void answer_print(const struct proving *pr, const struct prove_target *target,
			 const struct plan *plan, int answer, const struct proof *proof)
{
	unsigned long inexact = inexact_count(plan);

	printf("%s: ", target->name);
	if (answer == PROVE_DIFFERS)
		difference_print(proof);
	else if (answer == PROVE_UNDECIDED)
		undecided_print(pr, proof);
	else if (inexact)
		printf("alike for every packet but those of %lu inexact rule%s\n", inexact,
		       inexact == 1 ? "" : "s");
	else
		printf("alike for every packet\n");
}

static void answer_json(const struct proving *pr, const struct prove_target *target,
			const struct plan *plan, int answer, const struct proof *proof)
{
	json_t *o = json_object();

	json_object_set_new(o, "result", json_string(result_names[answer]));
	json_object_set_new(o, "inexact", json_integer((json_int_t)inexact_count(plan)));
	if (answer == PROVE_DIFFERS) {
		json_object_set_new(o, "difference", json_string(proof->what));
		json_object_set_new(o, "packet", json_packet(&proof->packet.pkt));
		json_object_set_new(o, "rules", json_string(verdict_name(&proof->core)));
		json_object_set_new(o, "translated", json_string(verdict_name(&proof->plan)));
	}
	if (answer == PROVE_UNDECIDED)
		json_object_set_new(o, "reason", json_string(proof->reason));
	json_object_set_new(pr->json, target->name, o);
}

static int target_prove(const struct proving *pr, const struct prove_target *target)
{
	static const int statuses[] = {
		[PROVE_DIFFERS] = STATUS_DIFFERS, [PROVE_UNDECIDED] = STATUS_UNDECIDED,
	};
	static const int exactness[] = {
		[PLAN_EXACT] = STATUS_OK, [PLAN_APPROXIMATE] = STATUS_APPROXIMATE,
		[PLAN_IMPOSSIBLE] = STATUS_LEFT_OUT,
	};
	const struct plan_options options = {
		.devs = pr->ifs->dev, .ndevs = pr->ifs->count,
		.mark_mask = pr->app->mark_mask, .log_group = pr->app->log_group,
	};
	struct plan *plan = target->lower(pr->rs, &options);
	struct proof proof;
	int answer = -ENOMEM, status;

	progress_begin("prove");
	if (plan)
		answer = prove_plan(pr->rs, plan, pr->ifs->dev, pr->ifs->count, pr->budget, &proof);
	progress_end();
	if (answer < 0) {
		app_error(pr->app, "cannot prove %s: %s", target->name, strerror(-answer));
		plan_free(plan);
		return STATUS_FAILED;
	}
	status = exactness[exactness_report(pr->app->name, pr->rs, plan, false)];
	if (pr->json)
		answer_json(pr, target, plan, answer, &proof);
	else
		answer_print(pr, target, plan, answer, &proof);
	plan_free(plan);
	return answer == PROVE_SAME ? status : statuses[answer];
}

/* What is worse: differs, undecided, left out, approximate. */
static int targets_prove(struct proving *pr, const struct prove_target *only)
{
	int status = STATUS_OK, one;

	pr->json = pr->app->json ? json_object() : NULL;
	for (size_t i = 0; i < FW_COUNT(targets) && status != STATUS_FAILED; i++) {
		if (only && only != &targets[i])
			continue;
		one = target_prove(pr, &targets[i]);
		status = one == STATUS_FAILED || one > status ? one : status;
	}
	if (pr->json && status != STATUS_FAILED)
		json_write(stdout, pr->json);
	else if (pr->json)
		json_decref(pr->json);
	return status;
}

static const struct prove_target *target_find(const char *name)
{
	for (size_t i = 0; i < FW_COUNT(targets); i++)
		if (!strcmp(targets[i].name, name) || !strcmp(targets[i].other_name, name))
			return &targets[i];
	return NULL;
}

int command_prove(struct app *app, int argc, char **argv)
{
	static const struct option options[] = {
		{ "budget", required_argument, NULL, 'b' },
		{ "for", required_argument, NULL, 'f' },
		{ NULL, 0, NULL, 0 },
	};
	struct fw_interfaces ifs = { 0 };
	struct fw_ruleset rs;
	struct proving pr = { .app = app, .rs = &rs, .ifs = &ifs, .budget = ANALYSIS_BUDGET };
	const struct prove_target *only = NULL;
	const char *name;
	int c, status;

	while ((c = app_option(app, argc, argv, "", options)) != -1)
		if ((c != 'b' || !(pr.budget = budget_parse(optarg))) &&
		    (c != 'f' || !(only = target_find(optarg))))
			return app_usage(app, argv[0]);
	if (argc - optind > 1)
		return app_usage(app, argv[0]);
	name = argv[optind] && strcmp(argv[optind], "live") != 0 ? argv[optind] : NULL;
	fw_ruleset_init(&rs);
	status = command_rules_read(app, name, false, &rs, &ifs);
	if (status == STATUS_OK)
		status = targets_prove(&pr, only);
	free(ifs.dev);
	fw_ruleset_free(&rs);
	return status;
}
