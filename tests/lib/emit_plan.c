// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * emit_plan.c - plans put together by hand out of emit_cases[].
 */
#include <stdlib.h>
#include <string.h>

#include "tests/lib/emit_cases.h"

#define RULES_MAX 256

static struct {
	struct plan plan;
	struct plan_chain chain[EMIT_PLACES], called;
	struct plan_rule rule[RULES_MAX];
	size_t nrules;
} made;

static const struct plan_chain places[EMIT_PLACES] = {
	[EMIT_IN_MANGLE] = { .name = "mangle-in", .table = "mangle", .type = "filter",
			     .hook = PLAN_PREROUTING, .priority = -150 },
	[EMIT_IN_RAW] = { .name = "raw-in", .table = "raw", .type = "filter",
			  .hook = PLAN_PREROUTING, .priority = -140 },
	[EMIT_IN_FORWARD] = { .name = "forward-in", .table = "filter", .type = "filter",
			      .hook = PLAN_FORWARD },
	[EMIT_IN_REDIRECT] = { .name = "redirect-in", .table = "nat", .type = "nat",
			       .hook = PLAN_PREROUTING, .priority = -100 },
	[EMIT_IN_MASQUERADE] = { .name = "masquerade-out", .table = "nat", .type = "nat",
				 .hook = PLAN_POSTROUTING, .priority = 100 },
};

static void chain_add(struct plan_chain *c)
{
	c->tail = &c->rules;
	*made.plan.tail = c;
	made.plan.tail = &c->next;
	made.plan.nchains++;
}

static void rule_add(const struct emit_case *k)
{
	struct plan_chain *c = &made.chain[k->place];
	struct plan_rule *r = &made.rule[made.nrules++];

	*r = k->rule;
	if (!r->origin)
		r->origin = PLAN_ORIGIN_GLUE;
	*c->tail = r;
	c->tail = &r->next;
	c->nrules++;
}

static void plan_begin(enum plan_target target)
{
	static const struct plan_helper ftp = {
		.helper = FW_HELPER_FTP, .proto = FW_PROTO_TCP,
		.name = "ftp", .type = "ftp",
	};
	size_t i;

	memset(&made, 0, sizeof(made));
	made.plan.target = target;
	made.plan.tail = &made.plan.chains;
	made.plan.helpers[0] = ftp;
	made.plan.nhelpers = 1;
	/* what jumps and gotos of the cases lead to */
	made.called = (struct plan_chain){
		.name = "called", .table = "mangle", .hook = PLAN_HOOKS };
	chain_add(&made.called);
	for (i = 0; i < EMIT_PLACES; i++) {
		made.chain[i] = places[i];
		chain_add(&made.chain[i]);
	}
}

const struct plan *emit_case_plan(const struct emit_case *k, enum plan_target target)
{
	plan_begin(target);
	rule_add(k);
	return &made.plan;
}

const struct plan *emit_cases_plan(enum plan_target target)
{
	size_t i;

	plan_begin(target);
	for (i = 0; i < emit_cases_count && made.nrules < RULES_MAX; i++)
		if (target == PLAN_NFT ? emit_cases[i].nft : emit_cases[i].iptables)
			rule_add(&emit_cases[i]);
	return &made.plan;
}

char *emit_to_text(emit_fn emit, const struct plan *p, const struct emit_options *o,
		   int *error)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out) {
		*error = -ENOMEM;
		return NULL;
	}
	*error = emit(out, p, o);
	fclose(out);
	if (!*error)
		return text;
	free(text);
	return NULL;
}
