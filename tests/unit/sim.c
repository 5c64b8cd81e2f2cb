// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * sim.c - the simulator through its ops: edits, what the file keeps, what is
 * refused, and that the trace wrapper changes nothing.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "backend/choose.h"
#include "backend/backend.h"
#include "backend/ruleset.h"
#include "tests/lib/mini_format.h"

#define INTERFACES                                                             \
	"interface eth0 167772161 4294967040\n"                                 \
	"interface ppp0 16909060 4294967295\n"

/* every test has a directory of its own, with a file or none */
struct place {
	char dir[64], file[80], spec[96], temporary[96];
};

static int place_make(void **state)
{
	struct place *p = calloc(1, sizeof(*p));

	assert_non_null(p);
	strcpy(p->dir, "/tmp/sim-unit-XXXXXX");
	assert_non_null(mkdtemp(p->dir));
	snprintf(p->file, sizeof(p->file), "%s/state", p->dir);
	snprintf(p->spec, sizeof(p->spec), "sim:%s", p->file);
	snprintf(p->temporary, sizeof(p->temporary), "%s/.state.new", p->dir);
	*state = p;
	return 0;
}

/* nothing but the state file may be there */
static int place_remove(void **state)
{
	struct place *p = *state;

	unlink(p->file);
	assert_int_equal(rmdir(p->dir), 0);
	free(p);
	return 0;
}

static void text_put(const char *file, const char *text)
{
	FILE *f = fopen(file, "w");

	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

static const char *text_get(const char *file)
{
	static char text[4096];
	FILE *f = fopen(file, "r");
	size_t n;

	assert_non_null(f);
	n = fread(text, 1, sizeof(text) - 1, f);
	text[n] = '\0';
	fclose(f);
	return text;
}

static struct backend sim_of(const struct place *p)
{
	struct fw_error e;
	struct backend b;

	assert_int_equal(backend_open(&b, p->spec, &mini_format, false, &e), 0);
	return b;
}

static struct fw_edit edit_of(enum fw_op op, __u32 src)
{
	return (struct fw_edit){ .op = op, .list = FW_INPUT, .rule = mini_rule(src) };
}

static int edit_one(struct backend *b, enum fw_op op, __u32 src, struct fw_error *e)
{
	struct fw_edit edit = edit_of(op, src);

	return b->ops->edit(b, &edit, 1, e);
}

/* the sources of the input list, as a text */
static const char *rules_of(struct backend *b)
{
	static char text[256];
	struct fw_ruleset rs;
	struct fw_error e;
	int n = 0;
	__u32 i;

	fw_ruleset_init(&rs);
	assert_int_equal(b->ops->load(b, &rs, &e), 0);
	text[0] = '\0';
	for (i = 0; i < rs.list[FW_INPUT].count; i++)
		n += snprintf(text + n, sizeof(text) - n, "%u ",
			      fw_list_rule(&rs.list[FW_INPUT], i)->src);
	fw_ruleset_free(&rs);
	return text;
}

static void missing_file_is_empty(void **state)
{
	struct place *p = *state;
	struct backend b = sim_of(p);
	struct fw_error e;

	assert_int_equal(b.ops->probe(p->file, &e), 0);
	assert_string_equal(rules_of(&b), "");
	assert_int_equal(access(p->file, F_OK), -1);
	assert_int_equal(edit_one(&b, FW_OP_DELETE, 1, &e), -EINVAL);
	assert_int_equal(access(p->file, F_OK), -1);
	assert_int_equal(edit_one(&b, FW_OP_APPEND, 1, &e), 0);
	assert_string_equal(rules_of(&b), "1 ");
	backend_close(&b);
}

static void edits_in_order(void **state)
{
	struct backend b = sim_of(*state);
	struct fw_edit edits[] = {
		edit_of(FW_OP_APPEND, 1), edit_of(FW_OP_APPEND, 2),
		edit_of(FW_OP_INSERT, 3), edit_of(FW_OP_DELETE, 1),
		edit_of(FW_OP_APPEND, 4),
	};
	struct fw_error e;

	assert_int_equal(b.ops->edit(&b, edits, FW_COUNT(edits), &e), 0);
	assert_string_equal(rules_of(&b), "3 2 4 ");
	assert_int_equal(edit_one(&b, FW_OP_FLUSH, 0, &e), 0);
	assert_string_equal(rules_of(&b), "");
	backend_close(&b);
}

static void edits_are_all_or_nothing(void **state)
{
	struct place *p = *state;
	struct backend b = sim_of(p);
	struct fw_edit edits[] = {
		edit_of(FW_OP_APPEND, 2), edit_of(FW_OP_FLUSH, 0),
		edit_of(FW_OP_DELETE, 1), edit_of(FW_OP_APPEND, 4),
	};
	struct fw_error e;
	char *before;

	assert_int_equal(edit_one(&b, FW_OP_APPEND, 1, &e), 0);
	before = strdup(text_get(p->file));
	assert_int_equal(b.ops->edit(&b, edits, FW_COUNT(edits), &e), -EINVAL);
	assert_int_equal(e.code, EINVAL);
	assert_int_equal(e.edit, 2);
	assert_string_equal(e.text, "no such rule");
	assert_string_equal(text_get(p->file), before);

	edits[2] = edit_of(FW_OP_APPEND, 1);
	edits[2].rule.nsp = 200;
	assert_int_equal(b.ops->edit(&b, edits, FW_COUNT(edits), NULL), -EINVAL);
	assert_int_equal(b.ops->edit(&b, edits, FW_COUNT(edits), &e), -EINVAL);
	assert_int_equal(e.edit, 2);
	assert_string_equal(e.text, "invalid rule");
	assert_int_not_equal(e.field, FW_FIELD_NONE);
	assert_string_equal(text_get(p->file), before);
	free(before);
	backend_close(&b);
}

static void interface_lines_are_kept(void **state)
{
	struct place *p = *state;
	struct backend b = sim_of(p);
	struct fw_interfaces ifs = { 0 };
	struct fw_error e;

	text_put(p->file, INTERFACES);
	assert_int_equal(edit_one(&b, FW_OP_APPEND, 1, &e), 0);
	assert_int_equal(edit_one(&b, FW_OP_FLUSH, 1, &e), 0);
	assert_non_null(strstr(text_get(p->file), INTERFACES));
	assert_int_equal(b.ops->interfaces(&b, &ifs, &e), 0);
	assert_int_equal(ifs.count, 2);
	assert_string_equal(ifs.dev[1].name, "ppp0");
	free(ifs.dev);
	backend_close(&b);
}

static bool has_loopback(const struct fw_interfaces *ifs)
{
	__u32 i;

	for (i = 0; i < ifs->count; i++)
		if (!strcmp(ifs->dev[i].name, "lo"))
			return ifs->dev[i].addr == 0x7f000001 &&
			       ifs->dev[i].mask == 0xff000000;
	return false;
}

/* without interface lines, the running system's count, and are not written */
static void interfaces_of_the_system(void **state)
{
	struct place *p = *state;
	struct backend b = sim_of(p);
	struct fw_interfaces ifs = { 0 };
	struct fw_error e;

	assert_int_equal(edit_one(&b, FW_OP_APPEND, 1, &e), 0);
	assert_null(strstr(text_get(p->file), "interface"));
	assert_int_equal(b.ops->interfaces(&b, &ifs, &e), 0);
	if (!ifs.count)
		skip();
	assert_true(has_loopback(&ifs));
	free(ifs.dev);
	backend_close(&b);
}

static void zero_returns_the_old_counters(void **state)
{
	struct place *p = *state;
	struct backend b = sim_of(p);
	struct fw_ruleset rs;
	struct fw_error e;

	text_put(p->file, "rule 1 4 10 7 420\nrule 3 0 10 1 40\n");
	fw_ruleset_init(&rs);
	assert_int_equal(b.ops->load_zero(&b, FW_INPUT, &rs, &e), 0);
	assert_int_equal(fw_list_rule(&rs.list[FW_INPUT], 0)->pcnt, 7);
	assert_int_equal(fw_list_rule(&rs.list[FW_INPUT], 0)->bcnt, 420);
	fw_ruleset_free(&rs);
	assert_int_equal(b.ops->load(&b, &rs, &e), 0);
	assert_int_equal(fw_list_rule(&rs.list[FW_INPUT], 0)->pcnt, 0);
	assert_int_equal(fw_list_rule(&rs.list[FW_ACCT], 0)->bcnt, 40);
	fw_ruleset_free(&rs);
	backend_close(&b);
}

static void replace_takes_all_but_interfaces(void **state)
{
	struct place *p = *state;
	struct fw_edit edit = edit_of(FW_OP_APPEND, 9);
	struct backend b = sim_of(p);
	struct fw_ruleset rs;
	struct fw_error e;

	text_put(p->file, INTERFACES "policy 1 0\nrule 1 4 10 7 420\n");
	edit.counters = true;
	edit.rule.pcnt = 5;
	fw_ruleset_init(&rs);
	rs.timeouts.udp = 33;
	assert_int_equal(fw_ruleset_edit(&rs, &edit), 0);
	assert_int_equal(b.ops->replace(&b, &rs, &e), 0);
	fw_ruleset_free(&rs);
	assert_non_null(strstr(text_get(p->file), INTERFACES));
	assert_string_equal(rules_of(&b), "9 ");
	assert_int_equal(b.ops->load(&b, &rs, &e), 0);
	assert_int_equal(fw_list_rule(&rs.list[FW_INPUT], 0)->pcnt, 5);
	assert_int_equal(rs.list[FW_INPUT].policy, FW_POLICY_ACCEPT);
	assert_int_equal(rs.timeouts.udp, 33);
	fw_ruleset_free(&rs);
	backend_close(&b);
}

static void check_asks_for_the_device(void **state)
{
	struct place *p = *state;
	struct backend b = sim_of(p);
	struct fw_packet pkt = { .saddr = 10, .daddr = 1, .proto = FW_PROTO_TCP, .len = 40 };
	struct fw_dev dev = { .name = "eth0", .addr = 0x0a000001 };
	struct fw_decision d;
	struct fw_error e;

	text_put(p->file, INTERFACES "policy 1 0\nrule 1 4 10 7 420\n");
	assert_int_equal(b.ops->check(&b, FW_INPUT, &pkt, &dev, &d, &e), 0);
	assert_int_equal(d.verdict, FW_V_ACCEPT);
	assert_int_equal(d.rule, 0);
	pkt.saddr = 11;
	assert_int_equal(b.ops->check(&b, FW_INPUT, &pkt, &dev, &d, &e), 0);
	assert_int_equal(d.verdict, FW_V_DENY);
	dev.addr++;
	assert_int_equal(b.ops->check(&b, FW_INPUT, &pkt, &dev, &d, &e), -EINVAL);
	assert_int_equal(e.field, FW_FIELD_VIA);
	strcpy(dev.name, "eth9");
	assert_int_equal(b.ops->check(&b, FW_INPUT, &pkt, &dev, &d, &e), -EINVAL);
	assert_int_equal(e.field, FW_FIELD_INTERFACE);
	assert_non_null(strstr(text_get(p->file), "rule 1 4 10 7 420\n"));
	backend_close(&b);
}

static void no_connections(void **state)
{
	struct backend b = sim_of(*state);
	struct fw_conn *conns;
	struct fw_error e;
	size_t n = 1;

	assert_int_equal(b.ops->connections(&b, &conns, &n, &e), 0);
	assert_int_equal(n, 0);
	free(conns);
	backend_close(&b);
}

static void mode_is_kept(void **state)
{
	struct place *p = *state;
	struct backend b = sim_of(p);
	struct fw_error e;
	struct stat st;

	text_put(p->file, "");
	assert_int_equal(chmod(p->file, 0606), 0);
	assert_int_equal(edit_one(&b, FW_OP_APPEND, 1, &e), 0);
	assert_int_equal(stat(p->file, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0606);
	backend_close(&b);
}

static void link_stays_a_link(void **state)
{
	struct place *p = *state;
	char target[96], link[96];
	struct backend b;
	struct fw_error e;
	struct stat st;

	snprintf(target, sizeof(target), "%s/target", p->dir);
	snprintf(link, sizeof(link), "%s/link", p->dir);
	assert_int_equal(symlink("target", link), 0);
	assert_int_equal(symlink(link, p->file), 0);
	b = sim_of(p);
	assert_string_equal(rules_of(&b), "");
	assert_int_equal(edit_one(&b, FW_OP_APPEND, 1, &e), 0);
	assert_int_equal(edit_one(&b, FW_OP_APPEND, 2, &e), 0);
	assert_string_equal(rules_of(&b), "1 2 ");
	assert_int_equal(lstat(p->file, &st), 0);
	assert_true(S_ISLNK(st.st_mode));
	assert_int_equal(lstat(target, &st), 0);
	assert_true(S_ISREG(st.st_mode));
	unlink(target);
	unlink(link);
	backend_close(&b);
}

static void leftover_is_removed(void **state)
{
	struct place *p = *state;
	struct backend b = sim_of(p);
	struct fw_error e;

	text_put(p->temporary, "rule 1 4 99 0 0\nru");
	assert_int_equal(edit_one(&b, FW_OP_APPEND, 1, &e), 0);
	assert_string_equal(rules_of(&b), "1 ");
	assert_int_equal(access(p->temporary, F_OK), -1);
	backend_close(&b);
}

static void rubbish_is_told_and_kept(void **state)
{
	struct place *p = *state;
	struct backend b = sim_of(p);
	struct fw_ruleset rs;
	struct fw_error e;

	text_put(p->file, "policy 1 0\nrubbish\n");
	fw_ruleset_init(&rs);
	assert_int_equal(b.ops->load(&b, &rs, &e), -EINVAL);
	assert_non_null(strstr(e.text, "state:2:"));
	assert_int_equal(b.ops->load_zero(&b, FW_INPUT, &rs, &e), -EINVAL);
	assert_int_equal(b.ops->replace(&b, &rs, &e), -EINVAL);
	assert_int_equal(edit_one(&b, FW_OP_APPEND, 1, &e), -EINVAL);
	assert_string_equal(text_get(p->file), "policy 1 0\nrubbish\n");
	backend_close(&b);
}

static void names_of_backends(void **state)
{
	struct fw_error e;
	struct backend b;

	(void)state;
	assert_int_equal(backend_open(&b, "simulator", &mini_format, false, &e), -EINVAL);
	assert_string_equal(e.text, "unknown backend 'simulator'");
	backend_close(&b);
	assert_int_equal(backend_open(&b, "", &mini_format, false, &e), -EINVAL);
	assert_int_equal(backend_open(&b, "sim:", &mini_format, false, &e), -EINVAL);
	backend_close(&b);
}

/* stderr into a file while the function runs */
static char *stderr_of(const struct place *p, void (*run)(const struct place *))
{
	FILE *told = tmpfile();
	int saved = dup(2);
	char *text = NULL;
	size_t size = 0;

	assert_non_null(told);
	dup2(fileno(told), 2);
	run(p);
	dup2(saved, 2);
	close(saved);
	rewind(told);
	assert_true(getdelim(&text, &size, '\0', told) > 0);
	fclose(told);
	return text;
}

static void run_traced(const struct place *p)
{
	struct fw_interfaces ifs = { 0 };
	struct fw_error e;
	struct backend b;

	assert_int_equal(backend_open(&b, "sim:", &mini_format, true, &e), -EINVAL);
	assert_int_equal(backend_open(&b, p->spec, &mini_format, true, &e), 0);
	assert_string_equal(b.ops->name, "sim");
	assert_int_equal(edit_one(&b, FW_OP_APPEND, 1, &e), 0);
	assert_int_equal(edit_one(&b, FW_OP_DELETE, 2, &e), -EINVAL);
	assert_string_equal(e.text, "no such rule");
	assert_string_equal(rules_of(&b), "1 ");
	assert_int_equal(b.ops->interfaces(&b, &ifs, &e), 0);
	free(ifs.dev);
	backend_close(&b);
}

static void trace_tells_and_changes_nothing(void **state)
{
	static const char *const wanted[] = {
		"trace: sim open: EINVAL (no file behind 'sim:'), ",
		"trace: sim open: ok, ",
		"trace: sim edit 1 edits: ok, ",
		"trace: sim edit 1 edits: EINVAL (no such rule), ",
		"trace: sim load 1 rules: ok, ",
		"trace: sim interfaces 1 devices: ok, ",
		"trace: sim close: ok, ",
	};
	struct place *p = *state;
	char *text, *rest, *line;
	size_t i;

	text_put(p->file, "interface eth0 1 2\n");
	rest = text = stderr_of(p, run_traced);
	for (i = 0; i < FW_COUNT(wanted); i++) {
		line = strsep(&rest, "\n");
		assert_non_null(line);
		assert_memory_equal(line, wanted[i], strlen(wanted[i]));
		assert_non_null(strstr(line, " us"));
	}
	assert_string_equal(rest, "");
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(missing_file_is_empty),
		cmocka_unit_test(edits_in_order),
		cmocka_unit_test(edits_are_all_or_nothing),
		cmocka_unit_test(interface_lines_are_kept),
		cmocka_unit_test(interfaces_of_the_system),
		cmocka_unit_test(zero_returns_the_old_counters),
		cmocka_unit_test(replace_takes_all_but_interfaces),
		cmocka_unit_test(check_asks_for_the_device),
		cmocka_unit_test(no_connections),
		cmocka_unit_test(mode_is_kept),
		cmocka_unit_test(link_stays_a_link),
		cmocka_unit_test(leftover_is_removed),
		cmocka_unit_test(rubbish_is_told_and_kept),
		cmocka_unit_test(names_of_backends),
		cmocka_unit_test(trace_tells_and_changes_nothing),
	};
	struct CMUnitTest placed[FW_COUNT(tests)];
	size_t i;

	memcpy(placed, tests, sizeof(tests));
	for (i = 0; i < FW_COUNT(tests); i++) {
		placed[i].setup_func = place_make;
		placed[i].teardown_func = place_remove;
	}
	return cmocka_run_group_tests(placed, NULL, NULL);
}
