// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * shell_rules.c - rules of the engine: parsed, and shown with their numbers.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ipfwadm/shell/shell.h"
#include "kmod/core/names.h"
#include "parser/print.h"

#define BOLD "\033[1m"
#define DIM "\033[2m"
#define RED "\033[31m"
#define GREEN "\033[32m"
#define YELLOW "\033[33m"
#define OFF "\033[m"

int shell_rules_read(struct rules *r, const json_t *text)
{
	struct source source = { .name = "rules" };
	char *bytes = engine_wire_text_bytes(text, &source.len);
	struct diags diags;
	int err;

	*r = (struct rules){ .program = { 0 } };
	if (!bytes)
		return -ENOMEM;
	source.text = bytes;
	err = program_parse_text(&r->program, &source, &diags);
	if (err)
		diags_print(stderr, &diags, false);
	diags_free(&diags);
	free(bytes);
	for (int i = 0; i < FW_LISTS && !err; i++) {
		r->policy[i] = FW_POLICY_ACCEPT;
		r->rule[i] = calloc(r->program.nedits + 1, sizeof(*r->rule[i]));
		err = r->rule[i] ? 0 : -ENOMEM;
	}
	for (unsigned int i = 0; i < r->program.nedits && !err; i++) {
		const struct fw_edit *edit = &r->program.edit[i];

		if (edit->op == FW_OP_POLICY)
			r->policy[edit->list] = edit->policy;
		else if (edit->op == FW_OP_APPEND)
			r->rule[edit->list][r->count[edit->list]++] = i;
	}
	if (err)
		shell_rules_free(r);
	return err;
}

void shell_rules_free(struct rules *r)
{
	for (int i = 0; i < FW_LISTS; i++)
		free(r->rule[i]);
	program_free(&r->program);
	*r = (struct rules){ .program = { 0 } };
}

const struct fw_rule *shell_rules_rule(const struct rules *r, enum fw_list_id list,
				       unsigned int number)
{
	return &r->program.edit[r->rule[list][number - 1]].rule;
}

json_t *shell_rules_ask(struct shell *sh)
{
	json_t *answer;

	if (shell_client_ask(sh, json_pack("{s:s, s:O*}", "do", "rules", "edits", sh->staged.edits),
			     &answer)) {
		json_decref(answer);
		return NULL;
	}
	return answer;
}

const json_t *shell_rules_text(const json_t *answer)
{
	const json_t *staged = json_object_get(answer, "staged");

	return staged ? staged : json_object_get(answer, "text");
}

static const char list_order[] = "AIFO";

static bool put(const char *text)
{
	return shell_page_write(text, strlen(text));
}

static const char *paint(const struct shell *sh, const char *color)
{
	return sh->color ? color : "";
}

static const char *policy_color(__u32 policy)
{
	if (!(policy & FW_ACCEPT))
		return RED;
	return policy & FW_MASQ ? YELLOW : GREEN;
}

static bool rule_show(struct shell *sh, const struct rules *r, enum fw_list_id id,
		      unsigned int number)
{
	const struct fw_rule *rule = shell_rules_rule(r, id, number);
	char buf[PRINT_RULE_MAX + 160], text[PRINT_RULE_MAX];

	snprintf(buf, sizeof(buf), "%s%5u%s %s%8llu %10llu%s  %s%s%s\n",
		 paint(sh, BOLD), number, paint(sh, OFF), paint(sh, DIM),
		 (unsigned long long)rule->pcnt, (unsigned long long)rule->bcnt, paint(sh, OFF),
		 paint(sh, id == FW_ACCT ? "" : policy_color(rule->flags)),
		 print_rule_text(text, id, rule),
		 paint(sh, OFF));
	return put(buf);
}

static bool list_show(struct shell *sh, const struct rules *r, char list)
{
	enum fw_list_id id = fw_list_by_letter(list);
	char buf[160];
	bool more;

	if (list == 'A')
		snprintf(buf, sizeof(buf), "%s-A accounting%s\n", paint(sh, BOLD),
			 paint(sh, OFF));
	else
		snprintf(buf, sizeof(buf), "%s-%c %s, default policy %s%s%s\n",
			 paint(sh, BOLD), list, fw_list_names[id],
			 paint(sh, policy_color(r->policy[id])),
			 fw_policy_name(r->policy[id]), paint(sh, OFF));
	more = put(buf);
	for (unsigned int i = 1; more && i <= r->count[id]; i++)
		more = rule_show(sh, r, id, i);
	return more;
}

int shell_show_run(struct shell *sh, const struct line *line)
{
	const struct words *w = &line->words;
	const char *list = w->count > 1 ? w->text[1] : "";
	struct rules rules;
	json_t *answer;
	unsigned int total = 0;
	bool more = true;

	if (w->count > 2 || (w->count == 2 && (list[0] != '-' || !list[1] || list[2] ||
					       !strchr(list_order, list[1]))))
		return shell_line_refuse(sh, line->source, w->loc[1], "-A, -F, -I or -O",
					 "no such list");
	answer = shell_rules_ask(sh);
	if (!answer || shell_rules_read(&rules, shell_rules_text(answer)) < 0) {
		json_decref(answer);
		return SHELL_FAILED;
	}
	snprintf(sh->shown, sizeof(sh->shown), "%s", shell_answer_text(answer, "state"));
	shell_page_begin(sh);
	for (const char *l = list_order; *l && more; l++)
		if (w->count == 1 || *l == list[1])
			more = list_show(sh, &rules, *l);
	shell_page_end();
	for (unsigned int id = 0; id < FW_LISTS; id++)
		total += rules.count[id];
	if (!total && sh->interactive)
		puts("no rules yet; -I -a deny -S 192.0.2.0/24 would add one");
	shell_rules_free(&rules);
	json_decref(answer);
	return SHELL_OK;
}
