// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * emit.c - unit tests of the text emitters, on plans made by hand.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "backend/rule_tag.h"
#include "tests/lib/emit_cases.h"

/* the first line of text that holds mark, without what stands up to its end */
static char *line_after(const char *text, const char *mark)
{
	const char *line = strstr(text, mark);

	if (!line)
		return strdup("(none)");
	line += strlen(mark);
	return strndup(line, strcspn(line, "\n"));
}

/* the rule stands behind the blank line of its chain, perhaps below a remark */
static char *nft_rule(const char *text)
{
	text = strstr(text, "\n\n\t\t");
	if (text && text[4] == '#')
		text = strchr(text + 4, '\n');
	return line_after(text ? text : "", "\n\t\t");
}

/* what follows the chain's name */
static char *iptables_rule(const char *text)
{
	char *line = line_after(text, "\n-A ");
	char *rest = strdup(line + strcspn(line, " "));

	free(line);
	if (*rest)
		memmove(rest, rest + 1, strlen(rest));
	return rest;
}

static void check(const struct emit_case *k, const char *what, const char *want,
		  char *(*rule)(const char *), emit_fn emit, enum plan_target target)
{
	static const struct emit_options plain;
	const struct plan *p = emit_case_plan(k, target);
	char *text, *line;
	int error;

	text = emit_to_text(emit, p, &plain, &error);
	if (!want) {
		if (error != -EINVAL)
			fail_msg("%s, %s: not refused: %s", k->name, what, text);
		return;
	}
	if (error)
		fail_msg("%s, %s: error %d", k->name, what, error);
	line = rule(text);
	if (strcmp(line, want) != 0)
		fail_msg("%s, %s:\n  got  %s\n  want %s", k->name, what, line, want);
	free(line);
	free(text);
}

static void every_case_as_nft(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < emit_cases_count; i++)
		check(&emit_cases[i], "nft", emit_cases[i].nft, nft_rule, emit_nft,
		      PLAN_NFT);
}

static void every_case_as_iptables(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < emit_cases_count; i++)
		check(&emit_cases[i], "iptables", emit_cases[i].iptables, iptables_rule,
		      emit_iptables, PLAN_XTABLES);
}

/* one rule of each kind, in a chain and in one that it calls */
static struct fw_rule fw_rules[2] = { { .src = 1 }, { .src = 2 } };
static const struct fw_ruleset rules = {
	.list[FW_INPUT] = { .slots = fw_rules, .cap = 2, .count = 2 },
};
static const struct plan_action count_and_drop[] = {
	{ .type = PLAN_A_COUNTER }, { .type = PLAN_A_DROP },
};
static struct plan_rule two[2] = {
	{ .next = &two[1], .action = count_and_drop, .nactions = 2, .list = FW_INPUT,
	  .origin = 1, .packets = 18446744073709551615u, .bytes = 3 },
	{ .action = count_and_drop, .nactions = 2, .list = FW_INPUT,
	  .origin = PLAN_ORIGIN_POLICY, .comment = "policy" },
};
static struct plan_chain called = {
	.name = "called", .table = "mangle", .hook = PLAN_HOOKS, .rules = two,
};
static struct plan_chain base = {
	.next = &called, .name = "in", .table = "mangle", .type = "filter",
	.hook = PLAN_PREROUTING, .priority = -150,
};
static const struct plan whole = {
	.chains = &base, .nchains = 2, .nhelpers = 1,
	.helpers = { { FW_HELPER_SIP, FW_PROTO_UDP, "sip-udp", "sip" } },
	.ntimeouts = 1,
	.timeouts = { { FW_PROTO_UDP, "udp-1-2", { 1, 2, 3 } } },
};

static unsigned int described;

static void describe(struct fw_text *t, enum fw_list_id list, const struct fw_rule *r)
{
	described++;
	fw_text_str(t, list == FW_INPUT ? "-I -a deny " : "? ");
	fw_text_dec(t, r->src);
}

static void a_whole_file(void **state)
{
	struct emit_options o = { .rules = &rules, .describe = describe, .counters = true };
	char *text;
	int error;

	(void)state;
	text = emit_to_text(emit_nft, &whole, &o, &error);
	assert_non_null(text);
	assert_non_null(strstr(text, "\n"
		"table ip ipfwadm\n"
		"delete table ip ipfwadm\n"
		"\n"
		"table ip ipfwadm {\n"
		"\tct helper sip-udp {\n"
		"\t\ttype \"sip\" protocol udp;\n"
		"\t}\n"
		"\n"
		"\tct timeout udp-1-2 {\n"
		"\t\tprotocol udp;\n"
		"\t\tl3proto ip;\n"
		"\t\tpolicy = { unreplied : 1, replied : 2 };\n"
		"\t}\n"
		"\n"
		"\tchain in {\n"
		"\t\ttype filter hook prerouting priority -150; policy accept;\n"
		"\t}\n"
		"\n"
		"\tchain called {\n"
		"\t\tcounter packets 18446744073709551615 bytes 3 drop"
		" comment \"-I -a deny 2\"\n"
		"\t\tcounter packets 0 bytes 0 drop comment \"policy\"\n"
		"\t}\n"
		"}\n"));
	free(text);
	text = emit_to_text(emit_iptables, &whole, &o, &error);
	assert_non_null(text);
	assert_non_null(strstr(text, "\n"
		"*mangle\n"
				"-N called\n"
		"[18446744073709551615:3] -A called"
		" -m comment --comment \"-I -a deny 2\" -j DROP\n"
		"[0:0] -A called -m comment --comment policy -j DROP\n"
		"COMMIT\n"));
	free(text);
}

static void counters_only_when_wanted(void **state)
{
	struct emit_options o = { .rules = &rules, .describe = describe };
	char *text;
	int error;

	(void)state;
	text = emit_to_text(emit_nft, &whole, &o, &error);
	assert_non_null(strstr(text, "\t\tcounter drop comment \"-I -a deny 2\"\n"));
	free(text);
	text = emit_to_text(emit_iptables, &whole, &o, &error);
	assert_non_null(strstr(text, "\n-A called -m comment"));
	free(text);
}

/* What a comment cannot hold stands above its rule, on one line. */
static void describe_badly(struct fw_text *t, enum fw_list_id list,
			   const struct fw_rule *r)
{
	unsigned int i;

	(void)list;
	(void)r;
	fw_text_str(t, "say \"a\nb\"");
	for (i = 0; i < 300; i++)
		fw_text_char(t, 'x');
	fw_text_char(t, '\\');
}

/* the end of a command that a comment cannot hold: dots, and its hash in eight digits */
static bool is_cut(const char *end)
{
	return !strncmp(end, "...", 3) && strspn(end + 3, "0123456789abcdef") == 8 &&
	       end[11] == '"';
}

static void long_origins_stand_above(void **state)
{
	struct emit_options o = { .rules = &rules, .describe = describe_badly };
	char *text, *line;
	int error;

	(void)state;
	text = emit_to_text(emit_nft, &whole, &o, &error);
	line = line_after(text, "\t\t# say \"a?b\"");
	assert_int_equal(strspn(line, "x"), 300);
	assert_string_equal(line + 300, "\\");
	free(line);
	line = line_after(text, "\t\tcounter drop comment \"say 'a?b'");
	assert_int_equal(strspn(line, "x"), 116 - strlen("say 'a?b'"));
	assert_true(is_cut(line + strspn(line, "x")));
	free(line);
	free(text);
	text = emit_to_text(emit_iptables, &whole, &o, &error);
	line = line_after(text, "\n# say \"a?b\"");
	assert_int_equal(strspn(line, "x"), 300);
	free(line);
	line = line_after(text, "-m comment --comment \"say \\\"a?b\\\"");
	assert_int_equal(strspn(line, "x"), 244 - rule_tag_size(&fw_rules[0]) -
					    strlen("say \"a?b\""));
	assert_true(is_cut(line + strspn(line, "x")));
	assert_string_equal(line + strspn(line, "x") + 11, "\" -j DROP");
	free(line);
	free(text);
}

/* Plan rules of one ipfwadm rule share its description. */
static void described_once(void **state)
{
	struct emit_options o = { .rules = &rules, .describe = describe };
	struct plan_rule many[3];
	struct plan_chain c = called;
	struct plan p = { .chains = &c };
	char *text;
	int error;

	(void)state;
	many[0] = many[1] = many[2] = two[0];
	many[0].next = &many[1];
	many[1].next = &many[2];
	many[2].next = NULL;
	many[2].origin = 0;
	c.rules = many;
	described = 0;
	text = emit_to_text(emit_nft, &p, &o, &error);
	assert_non_null(strstr(text, "\"-I -a deny 1\""));
	assert_int_equal(described, 2);
	free(text);
}

/* The most that a rule can hold, in each of many rules. */
static void long_rules(void **state)
{
	enum { MATCHES = 30, RULES = 40 };
	static const struct emit_options o;
	struct plan_match m[MATCHES];
	struct plan_rule many[RULES];
	struct plan_chain c = called;
	struct plan p = { .chains = &c };
	char *text, *at;
	int error, i;

	(void)state;
	for (i = 0; i < MATCHES; i++)
		m[i] = (struct plan_match){ .type = PLAN_M_SHORT, .bits = { 1000, 0 } };
	for (i = 0; i < RULES; i++)
		many[i] = (struct plan_rule){ .next = i + 1 < RULES ? &many[i + 1] : NULL,
					      .match = m, .nmatches = MATCHES,
					      .origin = PLAN_ORIGIN_GLUE };
	c.rules = many;
	text = emit_to_text(emit_nft, &p, &o, &error);
	for (i = 0, at = text; (at = strstr(at, "15 . 0-1059 }")); at++)
		i++;
	assert_int_equal(i, RULES * MATCHES);
	free(text);
	text = emit_to_text(emit_iptables, &p, &o, &error);
	for (i = 0, at = text; (at = strstr(at, "0xf000424:0xfffffff\"")); at++)
		i++;
	assert_int_equal(i, RULES * MATCHES);
	free(text);
}

static void describe_endlessly(struct fw_text *t, enum fw_list_id list,
			       const struct fw_rule *r)
{
	unsigned int i;

	(void)list;
	(void)r;
	for (i = 0; i < 200000; i++)
		fw_text_char(t, 'x');
}

static void endless_origins_are_cut(void **state)
{
	struct emit_options o = { .rules = &rules, .describe = describe_endlessly };
	char *text, *at;
	int error;

	(void)state;
	text = emit_to_text(emit_nft, &whole, &o, &error);
	at = strstr(text, "xxx...");
	assert_non_null(at);
	assert_true(is_cut(at + 3));
	assert_true(strlen(text) < 4000);
	free(text);
}

/* More than fits into the buffer arrives whole. */
static void a_long_file(void **state)
{
	enum { RULES = 5000 };
	struct emit_options o = { .rules = &rules, .describe = describe, .counters = true };
	struct plan_rule *many = calloc(RULES, sizeof(*many));
	struct plan_chain c = called;
	struct plan p = { .chains = &c };
	char *text, *at;
	int error, i;

	(void)state;
	for (i = 0; i < RULES; i++) {
		many[i] = two[0];
		many[i].packets = (__u64)i;
		many[i].next = i + 1 < RULES ? &many[i + 1] : NULL;
	}
	c.rules = many;
	text = emit_to_text(emit_nft, &p, &o, &error);
	for (i = 0, at = text; i < RULES; i++) {
		char want[128];
		int n = snprintf(want, sizeof(want), "\t\tcounter packets %d bytes 3 drop"
				 " comment \"-I -a deny 2\"\n", i);

		at = strstr(at, "\t\tcounter");
		assert_non_null(at);
		assert_memory_equal(at, want, n);
		at += n;
	}
	assert_string_equal(at, "\t}\n}\n");
	free(text);
	free(many);
}

static void write_errors_are_told(void **state)
{
	struct emit_options o = { .rules = &rules, .describe = describe };
	FILE *full = fopen("/dev/full", "w");

	(void)state;
	assert_non_null(full);
	assert_int_equal(emit_nft(full, &whole, &o), -EIO);
	clearerr(full);
	assert_int_equal(emit_iptables(full, &whole, &o), -EIO);
	fclose(full);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_case_as_nft),
		cmocka_unit_test(every_case_as_iptables),
		cmocka_unit_test(a_whole_file),
		cmocka_unit_test(counters_only_when_wanted),
		cmocka_unit_test(long_origins_stand_above),
		cmocka_unit_test(described_once),
		cmocka_unit_test(long_rules),
		cmocka_unit_test(endless_origins_are_cut),
		cmocka_unit_test(a_long_file),
		cmocka_unit_test(write_errors_are_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
