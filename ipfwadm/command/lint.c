// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * lint.c - rules that cannot do what they say.
 */
#include <errno.h>
#include <getopt.h>
#include <string.h>

#include "ipfwadm/command/lint.h"
#include "ipfwadm/command/subcommands.h"
#include "ipfwadm/format/findings.h"
#include "ipfwadm/format/json.h"
#include "kmod/core/names.h"
#include "kmod/core/text.h"
#include "parser/print.h"

struct printer {
	const struct app *app;
	const struct placed *p;
	FILE *out;
	bool all;
	json_t *json;		/* array of findings, or NULL: text */
	struct lint_counts *counts;
};

static const char *const kind_names[] = {
	[FINDING_REDUNDANT] = "redundant",
	[FINDING_POLICY] = "policy-unused",
	[FINDING_NEVER] = "never-matches",
	[FINDING_DEAD] = "dead",
	[FINDING_REPEATS] = "repeats",
	[FINDING_COUNTS] = "counts-the-same",
	[FINDING_NAME] = "impossible-name",
	[FINDING_ADDRESS] = "unknown-address",
	[FINDING_ANSWERS] = "no-answers",
	[FINDING_UNDECIDED] = "undecided",
};

static unsigned int line_of(const void *ctx, enum fw_list_id list, __u32 rule)
{
	return placed_line(ctx, list, rule);
}

static void finding_json(struct printer *pr, const struct finding *f, const char *severity,
			 const char *text)
{
	const struct placed *p = pr->p;
	json_t *o = json_object(), *others;

	json_object_set_new(o, "severity", json_string(severity));
	json_object_set_new(o, "kind", json_string(kind_names[f->kind]));
	json_object_set_new(o, "list", json_string(fw_list_names[f->list]));
	if (f->rule >= 0)
		json_object_set_new(o, "rule", json_integer(f->rule + 1));
	if (f->rule >= 0 && p->is_file)
		json_object_set_new(o, "line",
				    json_integer(placed_line(p, f->list, (__u32)f->rule)));
	if (f->nothers) {
		others = json_array();
		for (__u32 i = 0; i < f->nothers; i++)
			json_array_append_new(others, json_integer(f->others[i] + 1));
		json_object_set_new(o, "others", others);
	}
	json_object_set_new(o, "text", json_string(text));
	json_array_append_new(pr->json, o);
}

static void finding_text(const struct printer *pr, const struct finding *f,
			 enum diag_severity severity, const char *text)
{
	const struct command *c = f->rule < 0 ? NULL :
				  placed_command(pr->p, f->list, (__u32)f->rule);
	char rule[PRINT_RULE_MAX];
	struct diag d = { .severity = severity };
	const char *file = pr->p->is_file ? pr->p->source.name : NULL;
	unsigned int line = 0, column = 0;

	if (c)
		source_position(&pr->p->source, c->loc.begin, &line, &column);
	document_report(pr->app->document, DOCUMENT_WARNING, file, line, column, text, NULL);
	if (c) {
		d.loc = c->loc;
		d.line = placed_line(pr->p, f->list, (__u32)f->rule);
		snprintf(d.text, sizeof(d.text), "%s", text);
		diag_print(pr->out, &pr->p->source, &d, pr->app->color);
		return;
	}
	fprintf(pr->out, "%s: %s: %s\n", file ? file : pr->app->name,
		severity == DIAG_NOTE ? "note" : "warning", text);
	if (f->rule >= 0)
		fprintf(pr->out, "  ipfwadm %s\n",
			print_rule_text(rule, f->list, fw_list_rule(&pr->p->rules.list[f->list],
								    (__u32)f->rule)));
}

static void finding_print(void *ctx, const struct finding *f)
{
	struct printer *pr = ctx;
	const struct finding_source source = {
		.rules = &pr->p->rules, .line = pr->p->is_file ? line_of : NULL, .ctx = pr->p,
	};
	enum finding_severity severity = finding_severity(f);
	bool is_note = severity == FINDING_NOTE;
	char buf[1024];
	struct fw_text t;

	if (severity == FINDING_OPEN)
		pr->counts->undecided++;
	else if (is_note)
		pr->counts->notes++;
	else
		pr->counts->warnings++;
	if (severity != FINDING_WARNING && !pr->all)
		return;
	fw_text_init(&t, buf, sizeof(buf));
	finding_show(&t, &source, f);
	if (pr->json)
		finding_json(pr, f, is_note ? "note" : "warning", buf);
	else
		finding_text(pr, f, is_note ? DIAG_NOTE : DIAG_WARNING, buf);
}

static int rules_lint(struct printer *pr, __u64 budget)
{
	const struct placed *p = pr->p;
	const struct lint_options o = {
		.ifs = p->is_file && !p->ifs.count ? NULL : &p->ifs,
		.budget = budget,
	};
	int err;

	*pr->counts = (struct lint_counts){ 0 };
	err = lint_rules(&p->rules, &o, finding_print, pr);
	if (err == -EBADE)
		app_error(pr->app, "internal error: the core contradicts the analysis");
	else if (err)
		app_error(pr->app, "cannot analyse the rules: %s",
			  err == -E2BIG ? "they name too many interfaces" : strerror(-err));
	return err;
}

int lint_print(const struct app *app, const struct placed *p, __u64 budget, bool all, FILE *out,
	       struct lint_counts *counts)
{
	struct printer pr = { .app = app, .p = p, .out = out, .all = all, .counts = counts };

	return rules_lint(&pr, budget);
}

static const char *plural(unsigned long n)
{
	return n == 1 ? "" : "s";
}

static int lint_all(const struct app *app, const struct placed *p, __u64 budget)
{
	struct lint_counts c;
	struct printer pr = {
		.app = app, .p = p, .out = stdout, .all = true, .counts = &c,
		.json = app->json ? json_array() : NULL,
	};
	unsigned long rules = 0;
	json_t *doc;

	if (rules_lint(&pr, budget) < 0) {
		json_decref(pr.json);
		return STATUS_FAILED;
	}
	for (int i = 0; i < FW_LISTS; i++)
		rules += p->rules.list[i].count;
	if (pr.json) {
		doc = json_object();
		json_object_set_new(doc, "rules", json_integer((json_int_t)rules));
		json_object_set_new(doc, "undecided", json_integer((json_int_t)c.undecided));
		json_object_set_new(doc, "findings", pr.json);
		document_add(app->document, doc);
	} else {
		printf("%lu rule%s: %lu warning%s, %lu note%s, ", rules, plural(rules),
		       c.warnings, plural(c.warnings), c.notes, plural(c.notes));
		if (c.undecided)
			printf("%lu undecided\n", c.undecided);
		else
			puts("nothing undecided");
	}
	return c.warnings ? STATUS_DIFFERS : c.undecided ? STATUS_UNDECIDED : STATUS_OK;
}

int command_lint(struct app *app, int argc, char **argv)
{
	static const struct option options[] = {
		{ "budget", required_argument, NULL, 'b' },
		{ NULL, 0, NULL, 0 },
	};
	__u64 budget = ANALYSIS_BUDGET;
	struct placed p;
	int c, status;

	while ((c = app_option(app, argc, argv, "", options)) != -1)
		if (c != 'b')
			return app_usage(app, argv[0]);
		else if (!(budget = budget_parse(optarg)))
			return app_word_refuse(app, argv[0], "--budget", optarg, NULL);
	if (argc - optind > 1)
		return app_word_refuse(app, argv[0], argv[0], argv[optind + 1], NULL);
	status = placed_read(app, argv[optind], false, &p);
	if (status == STATUS_OK)
		status = lint_all(app, &p, budget);
	placed_free(&p);
	return status;
}
