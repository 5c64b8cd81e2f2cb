// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * fwchk_core.c - the core decides about recorded packets.
 */
#include <stdlib.h>
#include <string.h>

#include "kmod/core/show.h"
#include "tests/programs/fwchk/fwchk.h"
#include "tests/lib/jsonl.h"

const char *fwchk_verdict_word(enum fw_verdict verdict)
{
	static const char *const word[] = {
		[FW_V_DENY] = "deny",	      [FW_V_ACCEPT] = "accept",
		[FW_V_REJECT] = "reject",     [FW_V_REDIRECT] = "redirect",
		[FW_V_MASQUERADE] = "masquerade",
	};

	return word[verdict];
}

const char *fwchk_by_word(enum fw_by by)
{
	static const char *const word[] = {
		[FW_BY_NONE] = "none", [FW_BY_EARLY] = "early",	  [FW_BY_STATE] = "state",
		[FW_BY_RULE] = "rule", [FW_BY_POLICY] = "policy",
	};

	return word[by];
}

/* what happened while a list was walked */
struct seen {
	struct fw_walk walk;
	json_t *matched;	/* indices of the rules */
	char log[4096];
	size_t loglen;
};

static void rule_seen(void *ctx, const struct fw_match *m, __u32 index,
		      const struct fw_packet *pkt)
{
	struct seen *seen = ctx;
	char line[512];
	struct fw_text text;

	json_array_append_new(seen->matched, json_integer(index));
	if (!(m->flags & FW_PRN))
		return;
	fw_text_init(&text, line, sizeof(line));
	fw_text_str(&text, "<6>");
	fw_show_log(&text, m, &seen->walk, pkt);
	fw_text_char(&text, '\n');
	if (text.len >= sizeof(line) || seen->loglen + text.len >= sizeof(seen->log))
		abort();
	memcpy(seen->log + seen->loglen, line, text.len + 1);
	seen->loglen += text.len;
}

/* The decision in the words of a recording, members in its order. */
static json_t *decision_json(const struct fwchk_packet *p, const struct fw_decision *d,
			     json_t *matched, const char *log)
{
	json_t *got = json_object();

	json_object_set_new(got, "verdict",
			    json_string(p->list == FW_ACCT ?
						"acct" :
						fwchk_verdict_word(d->verdict)));
	json_object_set_new(got, "by", json_string(fwchk_by_word(d->by)));
	json_object_set_new(got, "rule", json_integer(d->rule));
	json_object_set_new(got, "matched", matched);
	json_object_set_new(got, "tos", json_integer(d->tos));
	if (d->verdict == FW_V_REDIRECT)
		json_object_set_new(got, "redirport", json_integer(d->redirport));
	if (*log)
		json_object_set_new(got, "log", json_string(log));
	return got;
}

/* only the results of what is recorded, not the packet itself */
static json_t *expected_json(const json_t *recorded)
{
	static const char *const input[] = { "chain", "class", "tags", "packet" };
	json_t *expected = json_copy((json_t *)recorded);
	size_t i;

	for (i = 0; i < FW_COUNT(input); i++)
		json_object_del(expected, input[i]);
	return expected;
}

/* the sum of all counters, which tells what the walk counted */
static __u64 list_packets(const struct fw_list *l)
{
	__u64 sum = 0;
	__u32 i;

	for (i = 0; i < l->count; i++)
		sum += fw_list_rule(l, i)->pcnt;
	return sum;
}

/* the numbers of rules that they have in the recording */
static void numbers_shift(struct fw_decision *d, json_t *matched, __u32 padding)
{
	json_t *rule;
	size_t i;

	if (d->rule >= 0)
		d->rule -= (__s32)padding;
	json_array_foreach(matched, i, rule)
		json_integer_set(rule, json_integer_value(rule) - padding);
}

void fwchk_compare(struct tally *t, const struct fwchk_set *set,
		   const struct fwchk_packet *p, const struct fw_decision *decision,
		   json_t *matched, const char *log)
{
	struct fw_decision d = *decision;
	json_t *expected = expected_json(p->expected), *got;

	numbers_shift(&d, matched, set->padding);
	got = decision_json(p, &d, matched, log);

	if (json_equal(expected, got)) {
		tally_packet(t);
	} else {
		char *want = json_dumps(expected, 0), *have = json_dumps(got, 0);

		tally_fail(t, "rule set %lld packet %zu: expected %s, got %s",
			   set->number, p->index, want, have);
		free(want);
		free(have);
	}
	json_decref(expected);
	json_decref(got);
}

static void core_packet(struct tally *t, struct fwchk_set *set,
			const struct fwchk_packet *p)
{
	struct fw_list *l = &set->rules.list[p->list];
	struct seen seen = {
		.walk = {
			.list = p->list, .direction = p->direction, .count = true,
			.dev = p->dev, .on_match = rule_seen, .ctx = &seen,
		},
		.matched = json_array(),
	};
	__u64 before = list_packets(l), counted;
	struct fw_decision d;

	fw_list_walk(l, &seen.walk, &p->pkt, &d);
	counted = list_packets(l) - before;
	if (counted != json_array_size(seen.matched))
		tally_fail(t, "rule set %lld packet %zu: counted %llu", set->number,
			   p->index, (unsigned long long)counted);
	fwchk_compare(t, set, p, &d, seen.matched, seen.log);
}

const struct fwchk_judge fwchk_core = {
	.name = "core",
	.packet = core_packet,
};
