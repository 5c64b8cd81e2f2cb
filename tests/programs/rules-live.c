// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * rules-live BACKEND load|edit|both COUNT [SEED]	random rule sets in a running kernel
 *
 * In a network namespace of its own.  load: what is loaded is read back, member
 * by member, and lists exactly as what `dump' writes, loaded by the kernel's usual
 * tool.  edit: random edits have the same result there as in memory, and with xtables
 * what is in force after them is what their result lowers to.
 */
#include <errno.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "backend/plan/plan_commands.h"
#include "backend/backend.h"
#include "backend/text/emit.h"
#include "backend/interfaces.h"
#include "backend/nft/nft.h"
#include "backend/ruleset.h"
#include "backend/xtables/xtables.h"
#include "parser/print.h"
#include "tests/lib/recorded.h"
#include "tests/lib/edits.h"
#include "tests/lib/plan_random.h"

#define EDITS 40	/* of one sequence */

#define IPTABLES "iptables-legacy -t $t "
#define EACH_TABLE "for t in raw mangle nat filter; do "
#define SAVE "iptables-legacy-save -c | sed '/^#/d' | awk -f \"$CHAINS\""
/* without the record of how rules came, which a dump does not have */
#define LIST "nft list ruleset | sed '/^\tchain record {/,/^\t}/d' | grep -v '^$'"
#define RECORD_OF(kind, name) \
	" -e 's/, {\"" kind "\": {\"family\": \"ip\", \"table\": \"ipfwadm\", \"" name \
	"\": \"record\""
#define JSON \
	"nft -j list ruleset | sed -e 's/\"handle\": [0-9]*//g'" \
	RECORD_OF("chain", "name") "[^}]*}}//g'" \
	RECORD_OF("rule", "chain") "[^]]*\\]}}//g'"

/* a backend, and the tools that are usual there */
struct kind {
	const char *name;
	const struct backend_ops *ops;
	struct plan *(*lower)(const struct fw_ruleset *rs, const struct plan_options *o);
	int (*emit)(FILE *out, const struct plan *p, const struct emit_options *o);
	const char *flush;
	/* lists what is in force into "ours", loads "dump" instead: "theirs" */
	const char *exchange;
	const char *list_again;	/* into "ours", more exactly; NULL: no need */
	bool canonical;		/* edits leave no traces */
};

static const struct kind kinds[] = {
	{
		.name = "nft",
		.ops = &nft_ops,
		.lower = plan_lower_nft,
		.emit = emit_nft,
		.flush = "nft flush ruleset",
		.exchange = LIST " >ours && nft -f dump && "
			    LIST " >theirs && cmp ours theirs && " JSON " >theirs",
		.list_again = JSON " >ours",
	}, {
		.name = "xtables",
		.ops = &xtables_ops,
		.lower = plan_lower_xtables,
		.emit = emit_iptables,
		.flush = EACH_TABLE IPTABLES "-F && " IPTABLES "-X || exit; done",
		.exchange = EACH_TABLE IPTABLES "-S >/dev/null || exit; done; " SAVE " >ours && "
			    EACH_TABLE IPTABLES "-F && " IPTABLES "-X || exit; done; "
			    "iptables-legacy-restore -c dump && " SAVE " >theirs && "
			    "diff ours theirs >difference || { head difference; exit 1; }",
		.canonical = true,
	},
};

static const struct kind *kind;

static unsigned int passed, failed;
static unsigned int warnings;
static char last_warning[256];

static void describe(struct fw_text *t, enum fw_list_id list, const struct fw_rule *r)
{
	print_rule(t, FW_OP_APPEND, list, r);
}

/* What the comments of a restored table say. */
static int commands_read(const char *name, const char *text, size_t len,
			 struct fw_ruleset *rs, struct fw_interfaces *ifs, struct fw_error *e)
{
	char *copy = strndup(text, len);
	int err = copy ? -recorded_command(rs, copy) : -ENOMEM;

	(void)name;
	(void)ifs;
	free(copy);
	return err ? fw_error_set(e, EINVAL, "the commands cannot be read") : 0;
}

static void warn(const char *text)
{
	warnings++;
	snprintf(last_warning, sizeof(last_warning), "%s", text);
}

static const struct ruleset_format format = {
	.read = commands_read, .describe = describe, .warn = warn,
};

static bool check(bool ok, unsigned long long seed, const char *what, const char *detail)
{
	if (ok) {
		passed++;
	} else {
		failed++;
		printf("FAIL seed %llu: %s: %s\n", seed, what, detail);
	}
	return ok;
}

static void decorate(struct fw_rule *rule, struct random *r)
{
	__u32 n = random_chance(r, 30) ? random_below(r, FW_COMMENT_MAX + 1) : 0, i;

	for (i = 0; i < n; i++)
		rule->comment[i] = (char)(' ' + random_below(r, '~' - ' ' + 1u));
	rule->comment[n] = '\0';
	rule->pcnt = random_below(r, 1000);
	rule->bcnt = rule->pcnt * 40;
}

static void set_make(struct random_set *s, struct random *r)
{
	__u32 list, i;

	random_set_make(s, r);
	for (list = 0; list < FW_LISTS; list++)
		for (i = 0; i < s->rules.list[list].count; i++)
			decorate(fw_list_rule(&s->rules.list[list], i), r);
}

/* "" if a and b hold the same */
static const char *rulesets_differ(const struct fw_ruleset *a, const struct fw_ruleset *b)
{
	static char text[80];
	__u32 list, i;

	if (memcmp(&a->timeouts, &b->timeouts, sizeof(a->timeouts)) != 0)
		return "timeouts";
	for (list = 0; list < FW_LISTS; list++) {
		const struct fw_list *x = &a->list[list], *y = &b->list[list];

		snprintf(text, sizeof(text),
			 "list %u: %u rules, policy %u; %u rules, policy %u", list,
			 x->count, x->policy, y->count, y->policy);
		if (x->count != y->count || x->policy != y->policy)
			return text;
		for (i = 0; i < x->count; i++) {
			const struct fw_rule *p = fw_list_rule(x, i),
					     *q = fw_list_rule(y, i);

			snprintf(text, sizeof(text),
				 "list %u, rule %u: counted %llu, %llu", list, i,
				 (unsigned long long)p->pcnt,
				 (unsigned long long)q->pcnt);
			if (!rules_same(p, q))
				return text;
		}
	}
	return "";
}

/* Reads the rules and compares them with what they should be. */
static bool loads_as(struct backend *b, const struct fw_ruleset *rs,
		     unsigned long long seed, const char *what)
{
	struct fw_ruleset got;
	struct fw_error e = { .text = "" };
	const char *differ;
	bool ok;

	fw_ruleset_init(&got);
	warnings = 0;
	ok = check(!b->ops->load(b, &got, &e), seed, what, e.text);
	if (ok) {
		differ = rulesets_differ(rs, &got);
		ok = check(!*differ, seed, what, differ);
		ok = check(!warnings, seed, what, last_warning) && ok;
	}
	fw_ruleset_free(&got);
	return ok;
}

static bool dump(const char *path, const struct fw_ruleset *rs)
{
	struct emit_options emit = { .rules = rs, .describe = describe, .counters = true };
	struct plan_options o = { .mark_mask = BACKEND_MARK_MASK };
	struct fw_interfaces ifs;
	struct plan *p;
	FILE *out;
	bool ok;

	if (interfaces_system(&ifs, NULL))
		return false;
	o.devs = ifs.dev;
	o.ndevs = ifs.count;
	p = kind->lower(rs, &o);
	out = fopen(path, "w");
	ok = p && out && !plan_commands_add(p, rs, &format) && !kind->emit(out, p, &emit);
	ok = out && !fclose(out) && ok;
	plan_free(p);
	free(ifs.dev);
	return ok;
}

static bool shell(const char *command)
{
	fflush(stdout);
	return system(command) == 0;
}

static bool dump_agrees(const struct fw_ruleset *rs, unsigned long long seed)
{
	return check(dump("dump", rs) && shell(kind->exchange), seed, "dump",
		     "lists otherwise");
}

/* Rule sets with rules that netfilter has no words for are refused, and left out here. */
static void load_one(struct backend *b, unsigned long long seed)
{
	static struct random_set set;
	struct fw_error e = { .text = "" };
	struct random r;
	int err;

	random_seed(&r, seed);
	set_make(&set, &r);
	err = b->ops->replace(b, &set.rules, &e);
	if (err == -EOPNOTSUPP)
		return;
	if (!check(!err, seed, "replace", e.text) ||
	    !loads_as(b, &set.rules, seed, "load after replace"))
		return;
	if (!dump_agrees(&set.rules, seed) || !kind->list_again)
		return;
	err = b->ops->replace(b, &set.rules, &e);
	check(!err && shell(kind->list_again) && shell("cmp ours theirs"), seed, "dump",
	      "lists otherwise in JSON");
}

static void edit_make(struct fw_edit *e, const struct fw_ruleset *rs,
		      const struct random_set *set, struct random *r)
{
	const struct fw_list *l, *from;
	__u32 what = random_below(r, 100);

	memset(e, 0, sizeof(*e));
	e->list = random_below(r, FW_LISTS);
	l = &rs->list[e->list];
	from = &set->rules.list[e->list];
	if (what < 55 && from->count) {
		e->op = what < 30 ? FW_OP_APPEND : FW_OP_INSERT;
		e->rule = *fw_list_rule(from, random_below(r, from->count));
		e->counters = random_chance(r, 50);
	} else if (what < 80 && l->count) {
		e->op = FW_OP_DELETE;
		e->rule = *fw_list_rule(l, random_below(r, l->count));
	} else if (what < 84) {
		e->op = FW_OP_FLUSH;
	} else if (what < 88) {
		e->op = FW_OP_ZERO;
	} else if (what < 94) {
		e->op = FW_OP_POLICY;
		e->policy = set->rules.list[e->list].policy;
	} else if (what < 97) {
		e->op = FW_OP_TIMEOUTS;
		e->timeouts.tcp = random_below(r, 3) * 100;
		e->timeouts.udp = random_below(r, 3) * 100;
	} else {
		e->op = FW_OP_DELETE;
		e->rule.src = e->rule.smsk = random_word(r);
	}
}

/* Edits that cannot be expressed must change nothing; all others must agree. */
static bool edits_agree(struct backend *b, struct fw_ruleset *model,
			const struct fw_edit *edit, __u32 n, unsigned long long seed)
{
	struct fw_error e = { .text = "" }, f = { .text = "" };
	struct fw_ruleset next;
	int err = b->ops->edit(b, edit, n, &e), want;

	if (fw_ruleset_copy(&next, model))
		return false;
	want = fw_ruleset_edit_all(&next, edit, n, &f);
	if (want || err == -EOPNOTSUPP) {
		fw_ruleset_free(&next);
	} else {
		fw_ruleset_free(model);
		*model = next;
	}
	if (err == -EOPNOTSUPP)
		return loads_as(b, model, seed, "nothing changed");
	return check(err == want && (!err || e.edit == f.edit), seed, "edit", e.text) &&
	       loads_as(b, model, seed, "load after edit");
}

/* Listing with -z: what had been counted is told, and is 0 afterwards. */
static bool zero_agrees(struct backend *b, struct fw_ruleset *model, enum fw_list_id list,
			unsigned long long seed)
{
	struct fw_error e = { .text = "" };
	struct fw_ruleset got;
	const char *differ;
	bool ok;

	fw_ruleset_init(&got);
	ok = check(!b->ops->load_zero(b, list, &got, &e), seed, "zero", e.text);
	differ = ok ? rulesets_differ(model, &got) : "";
	ok = ok && check(!*differ, seed, "zero", differ);
	fw_ruleset_free(&got);
	fw_list_zero(&model->list[list]);
	return ok && loads_as(b, model, seed, "load after zero");
}

/* Addresses come, go and move to another interface; the rules are the same still. */
static bool move_agrees(struct backend *b, const struct fw_ruleset *model, struct random *r,
			unsigned long long seed)
{
	static const char *const moves[] = {
		"ip addr del 203.0.113.5/32 dev ppp0; ip addr replace 203.0.113.5/32 dev eth1",
		"ip addr del 203.0.113.5/32 dev eth1; ip addr replace 203.0.113.5/32 dev ppp0",
		"ip addr del 10.0.0.255/24 dev eth0",
		"ip addr replace 10.0.0.255/24 dev eth0 label eth0:1",
	};
	struct fw_error e = { .text = "" };
	char command[256];

	snprintf(command, sizeof(command), "{ %s; true; } 2>/dev/null",
		 moves[random_below(r, FW_COUNT(moves))]);
	if (!shell(command) || !loads_as(b, model, seed, "load after a move"))
		return false;
	return random_chance(r, 50) ||
	       (check(!b->ops->refresh(b, &e), seed, "refresh", e.text) &&
		loads_as(b, model, seed, "load after refresh"));
}

static void edit_one(struct backend *b, unsigned long long seed)
{
	static struct random_set set;
	struct fw_edit edit[4];
	struct fw_ruleset model;
	struct fw_error e = { .text = "" };
	struct random r;
	__u32 i, j, n;

	random_seed(&r, seed);
	set_make(&set, &r);
	fw_ruleset_init(&model);
	if (!shell(kind->flush) ||
	    (random_chance(&r, 30) && !b->ops->replace(b, &set.rules, &e) &&
	     fw_ruleset_copy(&model, &set.rules)))
		return;
	for (i = 0; i < EDITS; i++) {
		n = random_chance(&r, 80) ? 1 : 1 + random_below(&r, FW_COUNT(edit));
		for (j = 0; j < n; j++)
			edit_make(&edit[j], &model, &set, &r);
		if (!edits_agree(b, &model, edit, n, seed))
			break;
		if (random_chance(&r, 20) && !move_agrees(b, &model, &r, seed))
			break;
		if (random_chance(&r, 5) &&
		    !zero_agrees(b, &model, random_below(&r, FW_LISTS), seed))
			break;
	}
	/* an edit of one rule leaves it to a refresh that others follow an address */
	if (kind->canonical && i == EDITS &&
	    check(!b->ops->refresh(b, &e), seed, "refresh", e.text))
		dump_agrees(&model, seed);
	fw_ruleset_free(&model);
}

/* with interfaces, and a directory to work in */
static bool namespace_make(char *dir)
{
	char chains[PATH_MAX];

	return realpath("tests/lib/iptables_chains.awk", chains) &&
	       !setenv("CHAINS", chains, 1) && !unshare(CLONE_NEWNET) && mkdtemp(dir) &&
	       !chdir(dir) &&
	       !setenv("XTABLES_LOCKFILE", "lock", 1) &&
	       shell("ip link set lo up && ip link add eth0 type bridge && "
		     "ip addr add 10.0.0.1/24 dev eth0 && "
		     "ip addr add 10.0.0.255/24 dev eth0 label eth0:1 && "
		     "ip link add eth1 type bridge && ip addr add 192.168.1.1/16 dev "
		     "eth1 && "
		     "ip link add ppp0 type bridge && ip addr add 203.0.113.5/32 dev "
		     "ppp0");
}

static const struct kind *kind_find(const char *name)
{
	const struct kind *k = kinds;

	for (; k < kinds + FW_COUNT(kinds); k++)
		if (!strcmp(k->name, name))
			return k;
	return NULL;
}

int main(int argc, char **argv)
{
	unsigned long long seed, first = argc > 4 ? strtoull(argv[4], NULL, 0) : 1;
	unsigned long long count = argc > 3 ? strtoull(argv[3], NULL, 0) : 0;
	bool both = argc > 3 && !strcmp(argv[2], "both");
	char dir[] = "/tmp/rules-live.XXXXXX";
	struct fw_error e = { .text = "" };
	struct backend b = { .format = &format, .mark_mask = BACKEND_MARK_MASK };

	kind = count ? kind_find(argv[1]) : NULL;
	if (!kind) {
		fputs("usage: rules-live nft|xtables load|edit|both COUNT [SEED]\n", stderr);
		return 2;
	}
	b.ops = kind->ops;
	if (!namespace_make(dir) || b.ops->open(&b, NULL, &e)) {
		rmdir(dir);
		printf("SKIP no network namespace with %s here: %s\n", kind->name, e.text);
		return 77;
	}
	for (seed = first; seed < first + count; seed++) {
		if (both || !strcmp(argv[2], "load"))
			load_one(&b, seed);
		if (both || !strcmp(argv[2], "edit"))
			edit_one(&b, seed);
	}
	b.ops->close(&b);
	shell("rm -rf \"$PWD\"");
	printf("%u passed, %u failed\n", passed, failed);
	return failed != 0;
}
