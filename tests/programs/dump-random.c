// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * dump-random SEED nft|iptables	print a random rule set as `ipfwadm dump' would
 *
 * The sets are those of plan-property, with counters and comments on top.
 */
#include <stdlib.h>
#include <string.h>

#include "backend/backend.h"
#include "backend/plan/plan_commands.h"
#include "backend/text/emit.h"
#include "parser/print.h"
#include "tests/lib/plan_random.h"

static void comment_make(char *comment, struct random *r)
{
	__u32 n = random_below(r, FW_COMMENT_MAX + 1), i;

	for (i = 0; i < n; i++)
		comment[i] = (char)(' ' + random_below(r, '~' - ' ' + 1u));
	comment[n] = '\0';
}

static void rule_decorate(struct fw_rule *rule, struct random *r)
{
	if (random_chance(r, 20))
		comment_make(rule->comment, r);
	if (random_chance(r, 50)) {
		rule->pcnt = random_below(r, ~0u);
		rule->bcnt = rule->pcnt * 40;
	}
}

static void set_decorate(struct random_set *s, struct random *r)
{
	__u32 list, i;

	for (list = 0; list < FW_LISTS; list++)
		for (i = 0; i < s->rules.list[list].count; i++)
			rule_decorate(fw_list_rule(&s->rules.list[list], i), r);
}

static void describe(struct fw_text *t, enum fw_list_id list, const struct fw_rule *r)
{
	print_rule(t, FW_OP_APPEND, list, r);
}

/* the saved form */
static void saved_write(const struct fw_ruleset *rs)
{
	char buf[PRINT_RULE_MAX + 64];
	struct fw_edit edit;
	struct fw_text t;
	__u32 list, i;

	for (list = 0; list < FW_LISTS; list++) {
		edit = (struct fw_edit){.op = FW_OP_POLICY, .list = list,
					.policy = rs->list[list].policy};
		fw_text_init(&t, buf, sizeof(buf));
		print_edit(&t, &edit);
		if (list != FW_ACCT)
			puts(buf);
		for (i = 0; i < rs->list[list].count; i++) {
			edit = (struct fw_edit){.op = FW_OP_APPEND, .list = list,
						.rule = *fw_list_rule(&rs->list[list], i),
						.counters = true};
			fw_text_init(&t, buf, sizeof(buf));
			print_edit(&t, &edit);
			puts(buf);
		}
	}
}

int main(int argc, char **argv)
{
	static struct random_set set;
	const struct ruleset_format format = { .describe = describe };
	struct emit_options emit = { .rules = &set.rules, .describe = describe,
				     .counters = true };
	struct plan_options options = { .devs = set.dev, .mark_mask = BACKEND_MARK_MASK };
	bool nft = argc == 3 && strcmp(argv[2], "nft") == 0;
	struct random r;
	struct plan *p;
	int err;
	bool saved = argc == 3 && strcmp(argv[2], "saved") == 0;

	if (argc != 3 || (!nft && !saved && strcmp(argv[2], "iptables") != 0)) {
		fputs("usage: dump-random SEED nft|iptables|saved\n", stderr);
		return 2;
	}
	random_seed(&r, strtoull(argv[1], NULL, 0));
	random_set_make(&set, &r);
	set_decorate(&set, &r);
	if (saved) {
		saved_write(&set.rules);
		return ferror(stdout) || fflush(stdout);
	}
	options.ndevs = set.ndevs;
	p = nft ? plan_lower_nft(&set.rules, &options) :
		  plan_lower_xtables(&set.rules, &options);
	if (!p || plan_commands_add(p, &set.rules, &format)) {
		fputs("dump-random: out of memory\n", stderr);
		return 1;
	}
	err = nft ? emit_nft(stdout, p, &emit) : emit_iptables(stdout, p, &emit);
	plan_free(p);
	if (err)
		fprintf(stderr, "dump-random: %s\n", strerror(-err));
	return err != 0;
}
