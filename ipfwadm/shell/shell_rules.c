// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * shell_rules.c - rules as the engine tells them.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ipfwadm/shell/shell_rules.h"

int rules_read(struct rules *r, const char *text)
{
	struct source source = { .name = "rules", .text = text, .len = strlen(text) };
	struct diags diags;
	int err;

	*r = (struct rules){ .program = { 0 } };
	err = program_parse_text(&r->program, &source, &diags);
	if (err)
		diags_print(stderr, &diags, false);
	diags_free(&diags);
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
		rules_free(r);
	return err;
}

void rules_free(struct rules *r)
{
	for (int i = 0; i < FW_LISTS; i++)
		free(r->rule[i]);
	program_free(&r->program);
	*r = (struct rules){ .program = { 0 } };
}
