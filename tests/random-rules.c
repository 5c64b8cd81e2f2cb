// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * random-rules SEED MAX	print a random rule set in saved form
 *
 * MAX: the most rules in a list.
 */
#include <stdio.h>
#include <stdlib.h>

#include "backend/ruleset.h"
#include "parser/print.h"
#include "tests/lib/random_rules.h"

static void text_print(const struct fw_text *t)
{
	fwrite(t->buf, 1, t->len, stdout);
	putchar('\n');
}

static void edit_print(const struct fw_edit *e)
{
	char buf[PRINT_RULE_MAX + 64];
	struct fw_text t;

	fw_text_init(&t, buf, sizeof(buf));
	print_edit(&t, e);
	text_print(&t);
}

static void interfaces_print(void)
{
	char buf[64];
	struct fw_text t;
	__u32 i;

	for (i = 0; i < random_ndevs; i++) {
		fw_text_init(&t, buf, sizeof(buf));
		print_interface(&t, &random_devs[i]);
		text_print(&t);
	}
}

static void list_print(const struct fw_list *l, enum fw_list_id id)
{
	struct fw_edit e = { .op = FW_OP_POLICY, .list = id, .policy = l->policy };
	__u32 i;

	if (id != FW_ACCT)
		edit_print(&e);
	e.op = FW_OP_APPEND;
	e.counters = true;
	for (i = 0; i < l->count; i++) {
		e.rule = *fw_list_rule(l, i);
		edit_print(&e);
	}
}

int main(int argc, char **argv)
{
	struct fw_ruleset rs;
	struct random r;
	int list, err;

	if (argc != 3) {
		fputs("usage: random-rules SEED MAX\n", stderr);
		return 2;
	}
	random_seed(&r, strtoull(argv[1], NULL, 0));
	fw_ruleset_init(&rs);
	err = random_ruleset(&r, (__u32)strtoul(argv[2], NULL, 0), &rs);
	interfaces_print();
	for (list = 0; list < FW_LISTS; list++)
		list_print(&rs.list[list], (enum fw_list_id)list);
	fw_ruleset_free(&rs);
	return err || fflush(stdout) ? 1 : 0;
}
