// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * prove.c - rules for nftables or iptables, proved to do what they did.
 */
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "backend/analysis/lint.h"
#include "backend/choose.h"
#include "backend/ruleset.h"
#include "ipfwadm/app/progress.h"
#include "ipfwadm/command/placed.h"
#include "ipfwadm/command/proof_text.h"
#include "ipfwadm/command/subcommands.h"
#include "ipfwadm/format/exactness.h"
#include "ipfwadm/format/json.h"
#include "kmod/core/names.h"
#include "kmod/core/text.h"
#include "parser/print.h"

struct proving {
	const struct app *app;
	const struct fw_ruleset *rs;
	const struct fw_interfaces *ifs;
	__u64 budget;
	__u32 helpers_missing;	/* see struct backend */
	/* what is compared with the rules; NULL: what dump would print */
	const char *name, *text;
	size_t length;
	json_t *json;		/* object of targets, or NULL: text */
};

static const char *const result_names[] = {
	[PROVE_SAME] = "alike", [PROVE_DIFFERS] = "differs", [PROVE_UNDECIDED] = "undecided",
};

static void difference_print(const struct proof *proof)
{
	const struct { const char *who; const struct traversal_end *end; } sides[] = {
		{ "rules", &proof->core }, { "translated", &proof->plan },
	};
	char buf[1024];
	struct fw_text t;

	fw_text_init(&t, buf, sizeof(buf));
	proof_packet_show(&t, &proof->packet);
	printf("differs: %s\n  %s\n", proof->what, buf);
	for (size_t i = 0; i < FW_COUNT(sides); i++) {
		fw_text_init(&t, buf, sizeof(buf));
		proof_end_show(&t, sides[i].end, proof->packet.pkt.tos);
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

static void answer_print(const struct proving *pr, const struct proof_target *target,
			 const struct plan *plan, int answer, const struct proof *proof)
{
	unsigned long inexact = proof_inexact_count(plan);

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

static void answer_json(const struct proving *pr, const struct proof_target *target,
			const struct plan *plan, int answer, const struct proof *proof)
{
	json_t *o = json_object();

	json_object_set_new(o, "result", json_string(result_names[answer]));
	json_object_set_new(o, "inexact", json_integer((json_int_t)proof_inexact_count(plan)));
	if (answer == PROVE_DIFFERS) {
		json_object_set_new(o, "difference", json_string(proof->what));
		json_object_set_new(o, "packet", json_packet(&proof->packet.pkt));
		json_object_set_new(o, "rules", json_string(proof_verdict_name(&proof->core)));
		json_object_set_new(o, "translated", json_string(proof_verdict_name(&proof->plan)));
	}
	if (answer == PROVE_UNDECIDED)
		json_object_set_new(o, "reason", json_string(proof->reason));
	json_object_set_new(pr->json, target->name, o);
}

/* The text as a plan; what is not known there leaves it undecided. */
static int text_prove(const struct proving *pr, const struct proof_target *target,
		      const struct plan *plan, char why[512], struct proof *proof)
{
	struct plan_read read;
	struct fw_text t;
	int answer = target->read(&read, plan, pr->text, pr->length);

	if (answer == -EINVAL) {
		fw_text_init(&t, why, 512);
		proof_error_show(&t, pr->name, plan->target, &read.error);
		*proof = (struct proof){ .reason = why, .rule = -1 };
		answer = PROVE_UNDECIDED;
	} else if (!answer) {
		answer = prove_plan(pr->rs, read.plan, pr->ifs->dev, pr->ifs->count, pr->budget,
				    proof);
		plan_read_altered(&read, &answer, proof);
	}
	plan_free(read.plan);
	return answer;
}

static int target_prove(const struct proving *pr, const struct proof_target *target)
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
		.helpers_missing = pr->helpers_missing,
	};
	struct plan *plan = target->lower(pr->rs, &options);
	char why[512];
	struct proof proof = { 0 };
	int answer = -ENOMEM, status;

	progress_begin("prove");
	if (plan && pr->text)
		answer = text_prove(pr, target, plan, why, &proof);
	else if (plan)
		answer = prove_plan(pr->rs, plan, pr->ifs->dev, pr->ifs->count, pr->budget, &proof);
	progress_end();
	if (answer < 0) {
		app_error(pr->app, "cannot prove %s: %s", target->name, strerror(-answer));
		plan_free(plan);
		return STATUS_FAILED;
	}
	status = exactness[exactness_report(pr->app, pr->rs, plan, false)];
	if (pr->json)
		answer_json(pr, target, plan, answer, &proof);
	else
		answer_print(pr, target, plan, answer, &proof);
	plan_free(plan);
	return answer == PROVE_SAME ? status : statuses[answer];
}

/* What is worse: differs, undecided, left out, approximate. */
static int targets_prove(struct proving *pr, const struct proof_target *only)
{
	int status = STATUS_OK, one;

	pr->json = pr->app->json ? json_object() : NULL;
	for (size_t i = 0; i < PROOF_TARGETS && status != STATUS_FAILED; i++) {
		if (only && only != &proof_targets[i])
			continue;
		one = target_prove(pr, &proof_targets[i]);
		status = one == STATUS_FAILED || one > status ? one : status;
	}
	if (pr->json && status != STATUS_FAILED)
		document_add(pr->app->document, pr->json);
	else if (pr->json)
		json_decref(pr->json);
	return status;
}

static const struct proof_target *target_find(const char *name)
{
	for (size_t i = 0; i < PROOF_TARGETS; i++)
		if (!strcmp(proof_targets[i].name, name) || !strcmp(proof_targets[i].backend, name))
			return &proof_targets[i];
	return NULL;
}

/* The target of the backend in charge; NULL: it takes the rules as they are. */
static const struct proof_target *live_target(const struct app *app)
{
	const char *name = app->backend ? app->backend : backend_choose(NULL, 0, NULL);

	for (size_t i = 0; name && i < PROOF_TARGETS; i++)
		if (!strcmp(proof_targets[i].backend, name))
			return &proof_targets[i];
	return NULL;
}

/* The rules in force, with those that others have deleted. */
static int live_rules_read(struct proving *pr, struct fw_ruleset *rs, struct fw_interfaces *ifs)
{
	struct fw_error e;
	struct backend b;
	int status = STATUS_OK;

	if (app_backend_open(pr->app, &b) < 0)
		return STATUS_FAILED;
	b.wants_deleted = true;
	if (b.ops->load(&b, rs, &e) < 0 || b.ops->interfaces(&b, ifs, &e) < 0) {
		app_error(pr->app, "%s", e.text);
		status = STATUS_FAILED;
	}
	pr->helpers_missing = b.helpers_missing;
	backend_close(&b);
	return status;
}

/* What the kernel's own tool lists; the caller frees *text. */
static int kernel_read(struct proving *pr, const struct proof_target *target, char **text)
{
	FILE *in = popen(target->list, "re");	/* NOLINT(cert-env33-c): a fixed command */
	size_t cap = 0;
	ssize_t n = in ? getdelim(text, &cap, '\0', in) : -1;

	if (in && pclose(in) == 0 && n > 0) {
		pr->name = "the kernel";
		pr->text = *text;
		pr->length = (size_t)n;
		return STATUS_OK;
	}
	app_error(pr->app, "cannot list the kernel's rules: `%s' failed", target->list);
	return STATUS_FAILED;
}

int command_prove(struct app *app, int argc, char **argv)
{
	static const char *const targets[] = { "nft", "iptables", NULL };
	static const struct option options[] = {
		{ "budget", required_argument, NULL, 'b' },
		{ "for", required_argument, NULL, 'f' },
		{ NULL, 0, NULL, 0 },
	};
	struct fw_interfaces ifs = { 0 };
	struct fw_ruleset rs;
	struct proving pr = { .app = app, .rs = &rs, .ifs = &ifs, .budget = ANALYSIS_BUDGET };
	const struct proof_target *only = NULL, *live = NULL;
	char *text = NULL;
	bool is_live;
	int c, status;

	while ((c = app_option(app, argc, argv, "", options)) != -1)
		if (c == '?')
			return app_usage(app, argv[0]);
		else if (c == 'b' && !(pr.budget = budget_parse(optarg)))
			return app_word_refuse(app, argv[0], "--budget", optarg, NULL);
		else if (c == 'f' && !(only = target_find(optarg)))
			return app_word_refuse(app, argv[0], "--for", optarg, targets);
	if (argc - optind > 1)
		return app_word_refuse(app, argv[0], argv[0], argv[optind + 1], NULL);
	is_live = argv[optind] && !strcmp(argv[optind], "live");
	if (is_live)
		live = live_target(app);
	fw_ruleset_init(&rs);
	status = is_live ? live_rules_read(&pr, &rs, &ifs) :
			   command_rules_read(app, argv[optind], false, &rs, &ifs);
	if (status == STATUS_OK && live && (!only || only == live)) {
		only = live;
		status = kernel_read(&pr, live, &text);
	}
	if (status == STATUS_OK)
		status = targets_prove(&pr, only);
	free(text);
	free(ifs.dev);
	fw_ruleset_free(&rs);
	return status;
}
