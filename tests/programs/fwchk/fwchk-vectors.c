// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * fwchk-vectors - recorded packets decided anew: by the core, by a plan, or by the
 * module of the running kernel.
 *
 *	fwchk-vectors [--plan NAME | --backend NAME] [--padding EVERY] FILE...
 *
 * With --padding, of every EVERY-th rule set alone, whose lists get so many rules first
 * which match nothing that they have classifiers.
 *
 * A line of a FILE is a rule set with its packets; see fwchk in
 * tests/recorded/README.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kmod/core/show.h"
#include "tests/programs/fwchk/fwchk.h"
#include "tests/lib/jsonl.h"

#define PADDING 200

static const struct fwchk_judge *const judges[] = {
	&fwchk_core, &fwchk_nft, &fwchk_xtables, &fwchk_kmod,
};

static const struct fwchk_judge *judge_find(const char *name)
{
	size_t i;

	for (i = 0; i < FW_COUNT(judges); i++)
		if (!strcmp(judges[i]->name, name))
			return judges[i];
	return NULL;
}

/* Carries out the recorded commands, each with its recorded outcome. */
static void rules_load(struct tally *t, struct fwchk_set *set, const json_t *recorded)
{
	const json_t *errnos = json_object_get(recorded, "rule_errnos");
	json_t *line;
	size_t i;

	json_array_foreach(json_object_get(recorded, "rules"), i, line) {
		long long expected = json_integer_value(json_array_get(errnos, i));
		int got = recorded_command(&set->rules, json_string_value(line));

		if (got != expected)
			tally_fail(t, "rule set %lld, %s: expected errno %lld, got %d",
				   set->number, json_string_value(line), expected, got);
	}
}

/* A list as /proc shows it; malloc'ed. */
static char *list_show(const struct fw_list *l, enum fw_list_id id)
{
	__u32 size = (l->count + 1) * FW_SHOW_RULE_MAX, i;
	char *buf = malloc(size);
	struct fw_text text;

	if (!buf)
		abort();
	fw_text_init(&text, buf, size);
	fw_show_header(&text, id, l->policy);
	for (i = 0; i < l->count; i++)
		fw_show_rule(&text, fw_list_rule(l, i));
	return buf;
}

/* The recording holds the lists that its packets meet, one behind the other. */
static void proc_compare(struct tally *t, const struct fwchk_set *set, const char *proc)
{
	const char *rest = proc;
	bool found = true;

	while (found && *rest) {
		int id;

		found = false;
		for (id = 0; id < FW_LISTS && !found; id++) {
			char *text = list_show(&set->rules.list[id], (enum fw_list_id)id);
			size_t n = strlen(text);

			found = !strncmp(rest, text, n);
			if (found)
				rest += n;
			free(text);
		}
	}
	if (!found)
		tally_fail(t, "rule set %lld: no list is shown as\n%s", set->number, rest);
}

static enum fw_list_id list_of(const char *chain)
{
	if (!strcmp(chain, "in"))
		return FW_INPUT;
	if (!strcmp(chain, "out"))
		return FW_OUTPUT;
	return strcmp(chain, "fwd") ? FW_ACCT : FW_FORWARD;
}

static enum fw_direction direction_of(enum fw_list_id list, const json_t *packet)
{
	return list == FW_ACCT && strcmp(jsonl_str(packet, "dir"), "in") ? FW_DIR_OUT :
									   FW_DIR_IN;
}

static void packet_judge(const struct fwchk_judge *judge, struct tally *t,
			 struct fwchk_set *set, size_t index, const json_t *recorded)
{
	const json_t *packet = json_object_get(recorded, "packet");
	struct fwchk_packet p = {
		.index = index,
		.list = list_of(jsonl_str(recorded, "chain")),
		.dev = recorded_dev(&set->devs, jsonl_str(packet, "iface")),
		.expected = recorded,
	};

	p.direction = direction_of(p.list, packet);
	recorded_packet(&p.pkt, packet);
	judge->packet(t, set, &p);
}

/* A bit of the source that the mask does not have makes a rule match nothing. */
static void padding_insert(struct tally *t, struct fwchk_set *set)
{
	struct fw_edit e = { .op = FW_OP_INSERT };
	unsigned int list;
	__u32 i;

	set->padding = PADDING;
	for (list = 0; list < FW_LISTS; list++) {
		e.list = (enum fw_list_id)list;
		for (i = 0; i < PADDING && set->rules.list[list].count; i++) {
			e.rule = (struct fw_rule){
				.flags = FW_KIND_TCP, .smsk = ~1u, .ndp = 1, .tosand = 0xff,
				.src = 0x0a000001 + (i << 9), .pts = { (__u16)i },
			};
			if (fw_ruleset_edit(&set->rules, &e))
				tally_fail(t, "rule set %lld: no padding", set->number);
		}
	}
	fw_ruleset_classify(&set->rules);
}

static void set_judge(const struct fwchk_judge *judge, struct tally *t, bool padded,
		      const json_t *recorded)
{
	struct fwchk_set set = { .number = jsonl_int(recorded, "ruleset", -1) };
	json_t *packet;
	size_t i;

	fw_ruleset_init(&set.rules);
	recorded_devs(&set.devs, json_object_get(recorded, "ifaces"));
	rules_load(t, &set, recorded);
	proc_compare(t, &set, jsonl_str(recorded, "proc"));
	if (padded)
		padding_insert(t, &set);
	if (judge->begin)
		judge->begin(t, &set);
	json_array_foreach(json_object_get(recorded, "packets"), i, packet)
		packet_judge(judge, t, &set, i, packet);
	if (judge->end)
		judge->end(t, &set);
	tally_case_end(t);
	fw_ruleset_free(&set.rules);
}

/* every: 0 or of --padding */
static void file_judge(const struct fwchk_judge *judge, struct tally *t, unsigned long every,
		       const char *path)
{
	unsigned long n = 0;
	struct jsonl *in = jsonl_open(path);
	json_t *recorded;

	if (!in) {
		tally_fail(t, "%s: cannot be read", path);
		return;
	}
	while ((recorded = jsonl_next(in))) {
		if (!every || n++ % every == 0)
			set_judge(judge, t, every, recorded);
		json_decref(recorded);
	}
	if (jsonl_close(in))
		tally_fail(t, "%s: cannot be read to its end", path);
}

int main(int argc, char **argv)
{
	const struct fwchk_judge *judge = &fwchk_core;
	unsigned long every = 0;
	struct tally t = { 0 };
	int i = 1;

	if (argc > 2 && (!strcmp(argv[1], "--plan") || !strcmp(argv[1], "--backend"))) {
		judge = judge_find(argv[2]);
		i = 3;
	}
	if (i + 1 < argc && !strcmp(argv[i], "--padding")) {
		every = strtoul(argv[i + 1], NULL, 0);
		i += 2;
	}
	if (!judge || i >= argc) {
		fprintf(stderr, "usage: %s [--plan NAME | --backend NAME] [--padding EVERY] "
			"FILE...\n", argv[0]);
		return 2;
	}
	for (; i < argc; i++)
		file_judge(judge, &t, every, argv[i]);
	if (judge->report)
		judge->report(&t);
	return tally_end(&t);
}
