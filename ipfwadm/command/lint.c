// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * lint.c - rules that cannot do what they say.
 */
#include <errno.h>
#include <getopt.h>
#include <string.h>

#include "backend/analysis/effect.h"
#include "backend/analysis/lint.h"
#include "ipfwadm/command/lint.h"
#include "ipfwadm/command/subcommands.h"
#include "ipfwadm/format/json.h"
#include "kmod/core/names.h"
#include "kmod/core/text.h"
#include "parser/print.h"

#define OTHERS_SHOWN 8

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

static const char *action_name(enum fw_list_id list, const struct fw_match *m)
{
	static const char *const names[] = {
		[FW_PASS] = "accept", [FW_DROP] = "deny", [FW_ANSWER] = "reject",
		[FW_REDIRECT] = "redirect", [FW_MASQUERADE] = "masquerade",
	};

	return names[effect_of_rule(list, m, 0, EFFECT_VERDICT).action];
}

/* "rule 4 (line 8, deny)" */
static void others_show(struct fw_text *t, const struct placed *p, const struct finding *f)
{
	__u32 n = f->nothers <= OTHERS_SHOWN ? f->nothers : OTHERS_SHOWN, i;

	fw_text_str(t, f->nothers == 1 ? "rule " : "rules ");
	for (i = 0; i < n; i++) {
		__u32 other = f->others[i];

		if (i)
			fw_text_str(t, i + 1 == f->nothers ? " and " : ", ");
		fw_text_dec(t, other + 1);
		fw_text_str(t, " (");
		if (p->is_file) {
			fw_text_str(t, "line ");
			fw_text_dec(t, placed_line(p, f->list, other));
		}
		if (p->is_file && f->kind == FINDING_DEAD)
			fw_text_str(t, ", ");
		if (f->kind == FINDING_DEAD)
			fw_text_str(t, action_name(f->list,
						   &fw_list_rule(&p->rules.list[f->list],
								 other)->match));
		else if (!p->is_file)
			t->len -= 2;	/* " (" */
		if (p->is_file || f->kind == FINDING_DEAD)
			fw_text_char(t, ')');
	}
	if (n < f->nothers) {
		fw_text_str(t, " and ");
		fw_text_dec(t, f->nothers - n);
		fw_text_str(t, " more");
	}
}

static void subject_show(struct fw_text *t, const struct finding *f)
{
	if (f->rule < 0) {
		fw_text_str(t, "the default policy of ");
		fw_text_str(t, fw_list_names[f->list]);
		return;
	}
	fw_text_str(t, fw_list_names[f->list]);
	fw_text_str(t, " rule ");
	fw_text_dec(t, (__u32)f->rule + 1);
}

static void device_show(struct fw_text *t, const struct placed *p, const struct finding *f)
{
	const struct fw_rule *r = fw_list_rule(&p->rules.list[f->list], (__u32)f->rule);

	if (f->kind == FINDING_NAME) {
		fw_text_str(t, ": no interface can have the name '");
		fw_text_strn(t, r->vianame, FW_IFNAMSIZ);
		fw_text_char(t, '\'');
	} else {
		fw_text_str(t, ": no interface has the address ");
		fw_text_addr(t, r->via);
	}
}

static void finding_show(struct fw_text *t, const struct placed *p, const struct finding *f)
{
	subject_show(t, f);
	switch (f->kind) {
	case FINDING_REDUNDANT:
		fw_text_str(t, " changes nothing: without it the same happens to its packets");
		break;
	case FINDING_POLICY:
		fw_text_str(t, " has no effect: the rules match every packet");
		break;
	case FINDING_NEVER:
		fw_text_str(t, " never matches: ");
		break;
	case FINDING_DEAD:
		fw_text_str(t, " never matches: all its packets match ");
		break;
	case FINDING_REPEATS:
		fw_text_str(t, " repeats ");
		break;
	case FINDING_COUNTS:
		fw_text_str(t, " counts the same packets as ");
		break;
	case FINDING_NAME:
	case FINDING_ADDRESS:
		device_show(t, p, f);
		break;
	case FINDING_ANSWERS:
		fw_text_str(t, " masquerades in vain: ");
		break;
	case FINDING_UNDECIDED:
		fw_text_str(t, " is undecided within the budget");
		break;
	}
	if (f->reason)
		fw_text_str(t, f->reason);
	if (f->nothers)
		others_show(t, p, f);
	if (f->kind == FINDING_DEAD)
		fw_text_str(t, " before it");
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

	if (c) {
		d.loc = c->loc;
		snprintf(d.text, sizeof(d.text), "%s", text);
		diag_print(pr->out, &pr->p->source, &d, pr->app->color);
		return;
	}
	fprintf(pr->out, "%s: %s: %s\n", pr->p->is_file ? pr->p->source.name : pr->app->name,
		severity == DIAG_NOTE ? "note" : "warning", text);
	if (f->rule >= 0)
		fprintf(pr->out, "  ipfwadm %s\n",
			print_rule_text(rule, f->list, fw_list_rule(&pr->p->rules.list[f->list],
								    (__u32)f->rule)));
}

static void finding_print(void *ctx, const struct finding *f)
{
	struct printer *pr = ctx;
	bool is_note = f->kind == FINDING_REDUNDANT || f->kind == FINDING_POLICY;
	char buf[1024];
	struct fw_text t;

	if (f->kind == FINDING_UNDECIDED)
		pr->counts->undecided++;
	else if (is_note)
		pr->counts->notes++;
	else
		pr->counts->warnings++;
	if (is_note && !pr->all)
		return;
	fw_text_init(&t, buf, sizeof(buf));
	finding_show(&t, pr->p, f);
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
		json_write(stdout, doc);
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

	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1)
		if (c != 'b' || !(budget = budget_parse(optarg)))
			return app_usage(app, argv[0]);
	if (argc - optind > 1)
		return app_usage(app, argv[0]);
	status = placed_read(app, argv[optind], &p);
	if (status == STATUS_OK)
		status = lint_all(app, &p, budget);
	placed_free(&p);
	return status;
}
