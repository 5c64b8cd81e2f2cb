// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * live_nft_text.c - rules in force by way of the text that nft loads.
 */
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/text/emit.h"
#include "parser/print.h"
#include "tests/programs/paths/live.h"
#include "tests/lib/namespace.h"

static struct plan *plan;

static void rule_describe(struct fw_text *t, enum fw_list_id list, const struct fw_rule *r)
{
	print_rule(t, FW_OP_APPEND, list, r);
}

static char *plan_text(const struct fw_ruleset *rs)
{
	const struct emit_options options = { .rules = rs, .describe = rule_describe };
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);
	int err;

	if (!out)
		return NULL;
	err = emit_nft(out, plan, &options);
	if (fclose(out) || err) {
		free(text);
		return NULL;
	}
	return text;
}

static int text_load(const struct fw_ruleset *rs, const struct fw_dev *devs, __u32 ndevs)
{
	const struct plan_options options = {
		.devs = devs, .ndevs = ndevs, .mark_mask = BACKEND_MARK_MASK,
	};
	char *text;
	int err;

	plan = plan_lower_nft(rs, &options);
	if (!plan)
		return -ENOMEM;
	text = plan_text(rs);
	err = text ? namespace_run("nft -f -", text) : -EIO;
	free(text);
	return err;
}

static void text_unload(void)
{
	plan_free(plan);
	plan = NULL;
}

/* the rule behind which a chain has been read, by the order of the listing */
struct reader {
	const struct plan_chain *chain;
	const struct plan_rule *rule;
};

static const struct plan_rule *rule_next(struct reader *at, const char *chain)
{
	const struct plan_chain *c;

	if (!at->chain || strcmp(at->chain->name, chain)) {
		for (c = plan->chains; c && strcmp(c->name, chain); c = c->next)
			;
		at->chain = c;
		at->rule = c ? c->rules : NULL;
	} else if (at->rule) {
		at->rule = at->rule->next;
	}
	return at->rule;
}

static int rule_read(struct reader *at, const json_t *rule, struct fw_ruleset *rs)
{
	const struct plan_rule *p =
		rule_next(at, json_string_value(json_object_get(rule, "chain")));
	const json_t *e, *counter;
	struct fw_rule *r;
	size_t i;

	if (!p)
		return -EPROTO;
	if (p->origin < 0)
		return 0;
	r = fw_list_rule(&rs->list[p->list], p->origin);
	json_array_foreach(json_object_get(rule, "expr"), i, e) {
		counter = json_object_get(e, "counter");
		r->pcnt += json_integer_value(json_object_get(counter, "packets"));
		r->bcnt += json_integer_value(json_object_get(counter, "bytes"));
	}
	return 0;
}

static int listing_read(const json_t *listing, struct fw_ruleset *rs)
{
	struct reader at = { NULL, NULL };
	const json_t *entry, *rule;
	size_t i;
	int err = 0;

	json_array_foreach(json_object_get(listing, "nftables"), i, entry) {
		rule = json_object_get(entry, "rule");
		if (rule && !err)
			err = rule_read(&at, rule, rs);
	}
	return err;
}

static int text_counters(struct fw_ruleset *rs)
{
	FILE *in = popen("nft -j list table ip ipfwadm", "re"); /* NOLINT: fixed words */
	json_t *listing = in ? json_loadf(in, 0, NULL) : NULL;
	int list, err = listing ? 0 : -EIO;

	for (list = 0; list < FW_LISTS; list++)
		fw_list_zero(&rs->list[list]);
	if (!err)
		err = listing_read(listing, rs);
	json_decref(listing);
	if (in && pclose(in))
		return -EIO;
	return err;
}

const struct live live_nft_text = {
	.name = "nft-text",
	.conntrack = true,
	.load = text_load,
	.counters = text_counters,
	.unload = text_unload,
};
