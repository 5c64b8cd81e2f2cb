// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * exactness.c - reports of what a translation cannot express exactly.
 */
#include "ipfwadm/format/exactness.h"

#include <stdio.h>
#include <stdlib.h>

#include "backend/interfaces.h"
#include "kmod/core/names.h"
#include "parser/print.h"

static const char *const word[] = {
	[PLAN_EXACT] = "exact",
	[PLAN_APPROXIMATE] = "approximate",
	[PLAN_IMPOSSIBLE] = "left out",
};

void exactness_document(const struct app *app, enum plan_exactness exactness)
{
	document_exactness(app->document, exactness, word[exactness]);
}

static void rule_print(const struct app *app, const char *kind, enum fw_list_id list,
		       __u32 index, const struct fw_rule *r, const char *sentence)
{
	char buf[PRINT_RULE_MAX];

	fprintf(stderr, "%s: %s: -%c rule %u, '%s': %s\n", app->name, kind, fw_list_letter(list),
		index + 1, print_rule_text(buf, list, r), sentence);
	document_report_rule(app->document, kind, buf, sentence);
}

static enum plan_exactness rule_report(const struct app *app, const struct fw_ruleset *rs,
				       const struct plan *p, enum fw_list_id list, __u32 index,
				       bool notes)
{
	const struct fw_rule *r = fw_list_rule(&rs->list[list], index);
	const struct plan_report *report = &p->report[list][index];
	const char *note;

	for (unsigned int n = 0; notes && (note = plan_note(r, n)); n++)
		rule_print(app, "note", list, index, r, note);
	if (report->exactness != PLAN_EXACT)
		rule_print(app, word[report->exactness], list, index, r, report->reason);
	return report->exactness;
}

static enum plan_exactness policy_report(const struct app *app, const struct fw_ruleset *rs,
					 const struct plan *p, enum fw_list_id list)
{
	const struct plan_report *report = &p->policy_report[list];

	char command[32];

	if (report->exactness == PLAN_EXACT)
		return PLAN_EXACT;
	fprintf(stderr, "%s: %s: -%c policy %s: %s\n", app->name, word[report->exactness],
		fw_list_letter(list), fw_policy_name(rs->list[list].policy), report->reason);
	snprintf(command, sizeof(command), "-%c -p %s", fw_list_letter(list),
		 fw_policy_name(rs->list[list].policy));
	document_report_rule(app->document, word[report->exactness], command, report->reason);
	return report->exactness;
}

static enum plan_exactness forwards_report(const struct app *app, const struct fw_ruleset *rs,
					   const struct plan *p)
{
	enum plan_exactness worst = PLAN_EXACT;
	struct fw_edit edit = { .op = FW_OP_PORTFW, .portfw.op = FW_PORTFW_APPEND };
	char buf[PRINT_RULE_MAX];
	struct fw_text t;
	__u32 i;

	for (i = 0; i < rs->portfw.count; i++) {
		const struct plan_report *report = &p->portfw_report[i];

		if (report->exactness == PLAN_EXACT)
			continue;
		edit.portfw.forward = rs->portfw.entry[i];
		fw_text_init(&t, buf, sizeof(buf));
		print_edit(&t, &edit);
		fprintf(stderr, "%s: %s: '%s': %s\n", app->name, word[report->exactness], buf,
			report->reason);
		document_report_rule(app->document, word[report->exactness], buf, report->reason);
		worst = report->exactness > worst ? report->exactness : worst;
	}
	return worst;
}

enum plan_exactness exactness_report(const struct app *app, const struct fw_ruleset *rs,
				     const struct plan *p, bool notes)
{
	enum plan_exactness worst = forwards_report(app, rs, p), e;
	unsigned int list;
	__u32 i;

	for (list = 0; list < FW_LISTS; list++) {
		e = policy_report(app, rs, p, list);
		worst = e > worst ? e : worst;
		for (i = 0; i < p->nreports[list]; i++) {
			e = rule_report(app, rs, p, list, i, notes);
			worst = e > worst ? e : worst;
		}
	}
	exactness_document(app, worst);
	return worst;
}

static enum plan_exactness edit_report(const struct app *app, const struct fw_ruleset *rs,
				       const struct plan *p, const struct fw_edit *edit)
{
	__u32 i = rs->list[edit->list].count;

	if (edit->op == FW_OP_POLICY)
		return policy_report(app, rs, p, edit->list);
	if (edit->op != FW_OP_APPEND && edit->op != FW_OP_INSERT)
		return PLAN_EXACT;
	while (i-- > 0)
		if (fw_rule_equal(fw_list_rule(&rs->list[edit->list], i), &edit->rule))
			return rule_report(app, rs, p, edit->list, i, false);
	return PLAN_EXACT;
}

enum plan_exactness exactness_report_backend(const struct app *app, struct backend *b,
					     const struct fw_ruleset *rs,
					     const struct fw_edit *edit)
{
	enum plan_exactness worst = PLAN_EXACT;
	struct fw_interfaces ifs = { 0 };
	struct plan_options o = {
		.mark_mask = b->mark_mask, .log_group = b->log_group,
		.helpers_missing = b->helpers_missing,
	};
	struct plan *p = NULL;
	struct fw_error e;

	if (b->ops->lower && b->ops->interfaces(b, &ifs, &e) == 0) {
		o.devs = ifs.dev;
		o.ndevs = ifs.count;
		p = b->ops->lower(rs, &o);
	}
	if (p)
		worst = edit ? edit_report(app, rs, p, edit) :
			       exactness_report(app, rs, p, false);
	else if (!edit)
		exactness_document(app, PLAN_EXACT);
	plan_free(p);
	free(ifs.dev);
	return worst;
}
