// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * findings.c - findings of lint as text.
 */
#include "ipfwadm/format/findings.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "backend/analysis/effect.h"
#include "kmod/core/names.h"
#include "parser/print.h"

#define OTHERS_SHOWN 8
#define WARN_BUDGET (ANALYSIS_BUDGET / 20)

static const char *action_name(enum fw_list_id list, const struct fw_match *m)
{
	static const char *const names[] = {
		[FW_PASS] = "accept", [FW_DROP] = "deny", [FW_ANSWER] = "reject",
		[FW_REDIRECT] = "redirect", [FW_MASQUERADE] = "masquerade",
	};

	return names[effect_of_rule(list, m, 0, EFFECT_VERDICT).action];
}

/* "rule 4 (line 8, deny)" */
static void others_show(struct fw_text *t, const struct finding_source *s, const struct finding *f)
{
	__u32 n = f->nothers <= OTHERS_SHOWN ? f->nothers : OTHERS_SHOWN, i;

	fw_text_str(t, f->nothers == 1 ? "rule " : "rules ");
	for (i = 0; i < n; i++) {
		__u32 other = f->others[i];

		if (i)
			fw_text_str(t, i + 1 == f->nothers ? " and " : ", ");
		fw_text_dec(t, other + 1);
		fw_text_str(t, " (");
		if (s->line) {
			fw_text_str(t, "line ");
			fw_text_dec(t, s->line(s->ctx, f->list, other));
		}
		if (s->line && f->kind == FINDING_DEAD)
			fw_text_str(t, ", ");
		if (f->kind == FINDING_DEAD)
			fw_text_str(t, action_name(f->list,
						   &fw_list_rule(&s->rules->list[f->list],
								 other)->match));
		else if (!s->line)
			t->len -= 2;	/* " (" */
		if (s->line || f->kind == FINDING_DEAD)
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

static void device_show(struct fw_text *t, const struct finding_source *s, const struct finding *f)
{
	const struct fw_rule *r = fw_list_rule(&s->rules->list[f->list], (__u32)f->rule);

	if (f->kind == FINDING_NAME) {
		fw_text_str(t, ": no interface can have the name '");
		fw_text_strn(t, r->vianame, FW_IFNAMSIZ);
		fw_text_char(t, '\'');
	} else {
		fw_text_str(t, ": no interface has the address ");
		fw_text_addr(t, r->via);
	}
}

void finding_show(struct fw_text *t, const struct finding_source *s, const struct finding *f)
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
		device_show(t, s, f);
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
		others_show(t, s, f);
	if (f->kind == FINDING_DEAD)
		fw_text_str(t, " before it");
}

struct warner {
	const struct app *app;
	const struct fw_ruleset *rules, *before;
};

static bool is_new(const struct warner *w, enum fw_list_id list, __u32 rule)
{
	const struct fw_rule *r = fw_list_rule(&w->rules->list[list], rule);
	const struct fw_list *l = w->before ? &w->before->list[list] : NULL;
	__u32 i = 0;

	while (l && i < l->count && !fw_rule_equal(fw_list_rule(l, i), r))
		i++;
	return !l || i == l->count;
}

/* Has a new rule to do with it? */
static bool finding_is_new(const struct warner *w, const struct finding *f)
{
	__u32 i = 0;

	while (i < f->nothers && !is_new(w, f->list, f->others[i]))
		i++;
	return i < f->nothers || f->rule < 0 || is_new(w, f->list, (__u32)f->rule);
}

static void finding_warn(void *ctx, const struct finding *f)
{
	const struct warner *w = ctx;
	const struct finding_source source = { .rules = w->rules };
	char buf[1024], rule[PRINT_RULE_MAX];
	struct fw_text t;

	if (finding_severity(f) != FINDING_WARNING || !finding_is_new(w, f))
		return;
	fw_text_init(&t, buf, sizeof(buf));
	finding_show(&t, &source, f);
	if (w->app)
		app_warn(w->app, "%s", buf);
	else
		fprintf(stderr, "warning: %s\n", buf);
	if (f->rule >= 0)
		fprintf(stderr, "  ipfwadm %s\n",
			print_rule_text(rule, f->list, fw_list_rule(&w->rules->list[f->list],
								    (__u32)f->rule)));
}

void findings_warn(const struct app *app, const struct fw_ruleset *rules,
		   const struct fw_ruleset *before, const struct fw_interfaces *ifs)
{
	struct warner w = { app, rules, before };
	const struct lint_options o = {
		.ifs = ifs && ifs->count ? ifs : NULL, .budget = WARN_BUDGET,
	};

	if (lint_rules(rules, &o, finding_warn, &w) == -EBADE)
		fputs("internal error: the core contradicts the analysis\n", stderr);
}
