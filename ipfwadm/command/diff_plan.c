// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * diff_plan.c - rules compared with what their own translation has become.
 */
#include "ipfwadm/command/diff_plan.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "ipfwadm/command/proof_text.h"
#include "ipfwadm/command/subcommands.h"
#include "ipfwadm/format/exactness.h"
#include "ipfwadm/format/json.h"
#include "kmod/core/names.h"
#include "parser/print.h"

struct plan_diff {
	const struct app *app;
	const struct placed *side;
	int rules;		/* which side is rules */
	enum effect_level level;
	enum plan_target target;
	struct proof proof;
	int answer;		/* of the proof */
	unsigned long inexact;
};

static enum filter_path path_of(const struct traversal_packet *p)
{
	return path_is_local(p->path) ? FILTER_OUT : p->out ? FILTER_FORWARD : FILTER_IN;
}

/* Does the level include what differs? */
static bool level_includes(const struct plan_diff *d)
{
	const struct traversal_end *a = &d->proof.core, *b = &d->proof.plan;

	if (d->level == EFFECT_COUNTERS || a->verdict != b->verdict ||
	    a->redirected != b->redirected || a->masqueraded != b->masqueraded ||
	    a->reject_code != b->reject_code)
		return true;
	if (d->level >= EFFECT_LOG && memcmp(a->logged, b->logged, sizeof(a->logged)) != 0)
		return true;
	return d->level >= EFFECT_PACKET &&
	       (a->redirport != b->redirport || a->kept != b->kept || a->helped != b->helped ||
		(a->verdict == PLAN_V_ACCEPT && a->tos != b->tos));
}

static bool differs(const struct plan_diff *d)
{
	return d->answer == PROVE_DIFFERS && level_includes(d);
}

static const struct traversal_end *end_of(const struct plan_diff *d, int side)
{
	return side == d->rules ? &d->proof.core : &d->proof.plan;
}

static void difference_print(const struct plan_diff *d)
{
	const struct traversal_packet *p = &d->proof.packet;
	char buf[1024];
	struct fw_text t;

	fw_text_init(&t, buf, sizeof(buf));
	proof_packet_show(&t, p);
	printf("%s: differs: %s\n  %s\n", diff_path_names[path_of(p)], d->proof.what, buf);
	for (int s = 0; s < 2; s++) {
		fw_text_init(&t, buf, sizeof(buf));
		proof_end_show(&t, end_of(d, s), p->pkt.tos);
		printf("    %s: %s\n", d->side[s].name, buf);
	}
}

static void reason_print(const struct plan_diff *d)
{
	const struct proof *proof = &d->proof;
	char rule[PRINT_RULE_MAX];

	if (d->answer == PROVE_DIFFERS)
		printf("undecided: with %s compared, too, it differs\n", proof->what);
	else if (d->answer == PROVE_SAME)
		printf("undecided: packets of %lu inexact rule%s\n", d->inexact,
		       d->inexact == 1 ? "" : "s");
	else
		printf("undecided: %s\n", proof->reason);
	if (d->answer != PROVE_UNDECIDED || proof->rule < 0)
		return;
	printf("  %s rule %d: ipfwadm %s\n", fw_list_names[proof->list], proof->rule + 1,
	       print_rule_text(rule, proof->list,
			       fw_list_rule(&d->side[d->rules].rules.list[proof->list],
					    (__u32)proof->rule)));
}

static json_t *path_json(const struct plan_diff *d, enum filter_path path)
{
	const struct traversal_packet *p = &d->proof.packet;
	bool is_here = differs(d) && path_of(p) == path;
	json_t *o = json_object(), *decisions;

	json_object_set_new(o, "result",
			    json_string(is_here ? "differs" : d->answer == PROVE_SAME &&
					!d->inexact ? "alike" : "undecided"));
	if (!is_here)
		return o;
	decisions = json_array();
	for (int s = 0; s < 2; s++) {
		json_t *one = json_object();

		json_object_set_new(one, "verdict",
				    json_string(proof_verdict_name(end_of(d, s))));
		json_object_set_new(one, "tos_after", json_integer(end_of(d, s)->tos));
		json_array_append_new(decisions, one);
	}
	json_object_set_new(o, "packet", json_packet(&p->pkt));
	json_object_set_new(o, "state",
			    json_string(fw_state_names[__builtin_ctz(p->pkt.state)]));
	json_object_set_new(o, "decisions", decisions);
	return o;
}

static int answer_write(const struct plan_diff *d)
{
	bool is_alike = d->answer == PROVE_SAME && !d->inexact;
	json_t *json = d->app->json ? json_object() : NULL;

	for (int path = 0; path < FILTER_PATHS; path++) {
		if (json)
			json_object_set_new(json, diff_path_names[path],
					    path_json(d, (enum filter_path)path));
		else if (is_alike)
			printf("%s: alike for every packet\n", diff_path_names[path]);
	}
	if (json)
		document_add(d->app->document, json);
	else if (differs(d))
		difference_print(d);
	else if (!is_alike)
		reason_print(d);
	return is_alike ? DIFF_ALIKE : differs(d) ? DIFF_DIFFERS : STATUS_UNDECIDED;
}

/* The text as a plan, and the proof about it; -1: it is not, or not only, ours. */
static int text_prove(struct plan_diff *d, const struct plan *wanted, __u64 budget)
{
	const struct placed *rules = &d->side[d->rules], *text = &d->side[!d->rules];
	struct plan_read read;
	int err = proof_targets[d->target].read(&read, wanted, text->source.text,
						text->source.len);

	if (!err && (read.nothers || !read.plan->nchains))
		err = -EINVAL;
	if (!err)
		err = prove_plan(&rules->rules, read.plan, rules->ifs.dev, rules->ifs.count,
				 budget, &d->proof);
	plan_read_altered(&read, &err, &d->proof);
	plan_free(read.plan);
	d->answer = err;
	return err == -EINVAL ? -1 : err < 0 ? err : 0;
}

int plan_diff(const struct app *app, const struct placed side[2], enum effect_level level,
	      __u64 budget)
{
	struct plan_diff d = {
		.app = app, .side = side, .rules = side[0].foreign != NULL, .level = level,
		.target = (side[0].foreign ? side[0].foreign : side[1].foreign) ==
			  filter_nft_read ? PLAN_NFT : PLAN_XTABLES,
	};
	const struct placed *rules = &side[d.rules];
	const struct plan_options options = {
		.devs = rules->ifs.dev, .ndevs = rules->ifs.count,
		.mark_mask = app->mark_mask, .log_group = app->log_group, .is_text = true,
	};
	struct plan *wanted;
	int status;

	if (side[0].foreign && side[1].foreign)
		return -1;
	wanted = proof_targets[d.target].lower(&rules->rules, &options);
	status = wanted ? text_prove(&d, wanted, budget) : -ENOMEM;
	if (!status) {
		d.inexact = proof_inexact_count(wanted);
		exactness_report(app, &rules->rules, wanted, false);
		status = answer_write(&d);
	} else if (status != -1) {
		app_error(app, "cannot compare: %s", strerror(-status));
		status = DIFF_TROUBLE;
	}
	plan_free(wanted);
	return status;
}
