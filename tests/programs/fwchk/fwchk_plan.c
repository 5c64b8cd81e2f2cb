// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * fwchk_plan.c - the plans of nft and xtables decide about recorded packets.
 *
 * A recording is about one list, so each list is lowered alone for its packets.
 * How exact the rules are is counted over the whole rule set.
 */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/plan/plan_eval.h"
#include "tests/programs/fwchk/fwchk.h"
#include "tests/lib/jsonl.h"

#define REASONS_MAX 32

struct plan_judge {
	const char *name;
	struct plan *(*lower)(const struct fw_ruleset *rs, const struct plan_options *o);
	unsigned int percent;	/* rules that may be inexact */
	struct plan *whole, *alone[FW_LISTS];
	struct plan *none;		/* no rules: what is decided where packets enter */
	struct totals { __u32 exact, approximate, impossible; } totals;
	struct {
		const char *text;	/* malloc'ed */
		unsigned int count;
	} reason[REASONS_MAX];
	unsigned int nreasons;
};

static void reason_count(struct plan_judge *j, const char *text)
{
	unsigned int i;

	for (i = 0; i < j->nreasons; i++) {
		if (!strcmp(j->reason[i].text, text)) {
			j->reason[i].count++;
			return;
		}
	}
	if (i == REASONS_MAX)
		return;
	j->reason[i].text = strdup(text);
	j->reason[i].count = 1;
	j->nreasons++;
}

static void reasons_count(struct plan_judge *j)
{
	unsigned int list;
	__u32 i;

	for (list = 0; list < FW_LISTS; list++)
		for (i = 0; i < j->whole->nreports[list]; i++)
			if (j->whole->report[list][i].exactness != PLAN_EXACT)
				reason_count(j, j->whole->report[list][i].reason);
}

/* rules only: a policy counts for nothing here */
static void totals_add(struct plan_judge *j)
{
	unsigned int list;
	__u32 i;

	for (list = 0; list < FW_LISTS; list++) {
		for (i = 0; i < j->whole->nreports[list]; i++) {
			switch (j->whole->report[list][i].exactness) {
			case PLAN_EXACT:
				j->totals.exact++;
				break;
			case PLAN_APPROXIMATE:
				j->totals.approximate++;
				break;
			case PLAN_IMPOSSIBLE:
				j->totals.impossible++;
				break;
			}
		}
	}
}

static struct plan *rules_lower(const struct plan_judge *j, const struct fw_ruleset *rs,
				const struct fwchk_set *set)
{
	const struct plan_options o = {
		.devs = set->devs.dev, .ndevs = set->devs.count,
		.mark_mask = BACKEND_MARK_MASK,
	};
	struct plan *p = j->lower(rs, &o);

	if (!p)
		abort();
	return p;
}

static void judge_begin(struct plan_judge *j, const struct fwchk_set *set)
{
	struct fw_ruleset none;
	unsigned int list, other;

	fw_ruleset_init(&none);
	j->none = rules_lower(j, &none, set);
	j->whole = rules_lower(j, &set->rules, set);
	for (list = 0; list < FW_LISTS; list++) {
		struct fw_ruleset alone = set->rules;

		for (other = 0; other < FW_LISTS; other++)
			if (other != list)
				alone.list[other] = (struct fw_list){
					.policy = FW_POLICY_ACCEPT
				};
		j->alone[list] = rules_lower(j, &alone, set);
	}
	totals_add(j);
	reasons_count(j);
}

static void judge_end(struct plan_judge *j)
{
	unsigned int list;

	plan_free(j->none);
	plan_free(j->whole);
	for (list = 0; list < FW_LISTS; list++)
		plan_free(j->alone[list]);
}

/* a packet on its way through a plan */
struct walk {
	const struct plan_judge *judge;
	const struct fwchk_packet *packet;
	struct plan_packet pp;
	json_t *matched;
};

/* In accounting the order in which rules count does not matter. */
static void rule_counted(void *ctx, const struct plan_rule *r)
{
	struct walk *w = ctx;
	size_t at = json_array_size(w->matched);

	while (at && json_integer_value(json_array_get(w->matched, at - 1)) > r->origin)
		at--;
	json_array_insert_new(w->matched, at, json_integer(r->origin));
}

static bool walk_plan_hook(struct walk *w, const struct plan *p, enum plan_hook hook)
{
	const struct plan_watch watch = { .counted = rule_counted, .ctx = w };

	plan_eval_hook(p, hook, INT_MIN, INT_MAX, &w->pp, &watch);
	return w->pp.verdict == PLAN_V_ACCEPT;
}

static bool walk_hook(struct walk *w, enum plan_hook hook)
{
	return walk_plan_hook(w, w->judge->alone[w->packet->list], hook);
}

/*
 * The hooks at which the list of the packet is asked, and its verdict done; before
 * these the one at which it entered.
 */
static void walk_run(struct walk *w)
{
	const struct fwchk_packet *p = w->packet;
	bool out = p->list == FW_OUTPUT || p->list == FW_FORWARD ||
		   p->direction == FW_DIR_OUT;

	w->pp.pkt = p->pkt;
	w->pp.in = out ? NULL : p->dev;
	w->pp.out = out ? p->dev : NULL;
	if (out && !walk_plan_hook(w, w->judge->none, PLAN_PREROUTING))
		return;
	if (p->direction == FW_DIR_OUT) {
		walk_hook(w, PLAN_POSTROUTING);
	} else if (out) {
		if (walk_hook(w, PLAN_FORWARD))
			walk_hook(w, PLAN_POSTROUTING);
	} else if (walk_hook(w, PLAN_PREROUTING)) {
		walk_hook(w, PLAN_INPUT);
	}
}

static bool packet_has_ports(const struct fw_packet *k)
{
	return k->proto == FW_PROTO_TCP || k->proto == FW_PROTO_UDP;
}

static bool packet_is_request(const struct fw_packet *k)
{
	return k->icmp_type == 8 || k->icmp_type == 13 || k->icmp_type == 15 ||
	       k->icmp_type == 17;
}

/* What 2.0 did with a verdict, where its callers made something else of it. */
static const char *verdict_carried_out(const struct fwchk_packet *p)
{
	const char *verdict = jsonl_str(p->expected, "verdict");
	const struct fw_packet *k = &p->pkt;

	if (!strcmp(verdict, "redirect")) {
		if (p->list == FW_FORWARD)
			return "deny";
		if (p->list != FW_INPUT || (packet_has_ports(k) &&
					    !jsonl_int(p->expected, "redirport", 0)))
			return "accept";
	}
	if (!strcmp(verdict, "masquerade")) {
		if (p->list != FW_FORWARD)
			return "accept";
		if (!packet_has_ports(k) && k->proto != FW_PROTO_ICMP)
			return "deny";
		if (k->proto == FW_PROTO_ICMP && !packet_is_request(k))
			return "accept";
	}
	return verdict;
}

static const char *walk_verdict(const struct walk *w)
{
	const struct plan_packet *pp = &w->pp;

	if (w->packet->list == FW_ACCT)
		return "acct";
	switch (pp->verdict) {
	case PLAN_V_DROP:
		return "deny";
	case PLAN_V_REJECT:
		return pp->reject_code == (w->packet->list == FW_INPUT ? 3 : 1)
			       ? "reject" : "reject with another code";
	case PLAN_V_ACCEPT:
		break;
	}
	if (pp->redirected)
		return "redirect";
	return pp->masqueraded ? "masquerade" : "accept";
}

static bool walk_port_agrees(const struct walk *w)
{
	const struct plan_packet *pp = &w->pp;
	__u16 port = pp->redirport ? pp->redirport : pp->pkt.dport;

	return !pp->redirected || !packet_has_ports(&pp->pkt) ||
	       port == jsonl_int(w->packet->expected, "redirport", 0);
}

/* TOS does not matter in a packet that is gone */
static bool walk_tos_agrees(const struct walk *w)
{
	return w->pp.verdict != PLAN_V_ACCEPT ||
	       w->pp.pkt.tos == jsonl_int(w->packet->expected, "tos", 0);
}

static bool walk_agrees(const struct walk *w)
{
	return !strcmp(walk_verdict(w), verdict_carried_out(w->packet)) &&
	       json_equal(w->matched, json_object_get(w->packet->expected, "matched")) &&
	       walk_port_agrees(w) && walk_tos_agrees(w);
}

/* Was a rule involved that is not exact? */
static bool rules_inexact(const struct plan_judge *j, enum fw_list_id list,
			  const json_t *rules)
{
	json_t *rule;
	size_t i;

	json_array_foreach((json_t *)rules, i, rule)
		if (j->whole->report[list][json_integer_value(rule)].exactness !=
		    PLAN_EXACT)
			return true;
	return false;
}

/* An alias receives what is sent to its address, and its interface nothing else. */
static bool device_agrees(const struct fwchk_set *set, const struct fwchk_packet *p)
{
	__u32 i;

	if (!p->dev || memchr(p->dev->name, ':', FW_IFNAMSIZ))
		return false;
	for (i = 0; i < set->devs.count && p->list == FW_INPUT; i++)
		if (memchr(set->devs.dev[i].name, ':', FW_IFNAMSIZ) &&
		    set->devs.dev[i].addr == p->pkt.daddr)
			return false;
	return true;
}

static void judge_packet(const struct plan_judge *j, struct tally *t,
			 const struct fwchk_set *set, const struct fwchk_packet *p)
{
	struct walk w = { .judge = j, .packet = p };
	char *text;

	if (!device_agrees(set, p)) {
		tally_packet_skip(t);
		return;
	}
	w.matched = json_array();
	walk_run(&w);
	if (rules_inexact(j, p->list, w.matched) ||
	    rules_inexact(j, p->list, json_object_get(p->expected, "matched"))) {
		tally_packet_skip(t);
	} else if (walk_agrees(&w)) {
		tally_packet(t);
	} else {
		text = json_dumps(w.matched, 0);
		tally_fail(t, "rule set %lld packet %zu: %s: expected %s, got %s, "
			   "matched %s, TOS 0x%02x", set->number, p->index, j->name,
			   verdict_carried_out(p), walk_verdict(&w), text,
			   w.pp.pkt.tos);
		free(text);
	}
	json_decref(w.matched);
}

static void judge_report(struct plan_judge *j, struct tally *t)
{
	const struct totals *n = &j->totals;
	unsigned int inexact = n->approximate + n->impossible, i;

	printf("%s: %u rules exact, %u approximate, %u impossible\n", j->name, n->exact,
	       n->approximate, n->impossible);
	for (i = 0; i < j->nreasons; i++) {
		printf("%6u %s\n", j->reason[i].count, j->reason[i].text);
		free((char *)j->reason[i].text);
	}
	if (100 * inexact > j->percent * (inexact + n->exact))
		tally_fail(t, "more than %u %% of the rules are not exact", j->percent);
}

static struct plan_judge nft = {
	.name = "nft", .lower = plan_lower_nft, .percent = 2,
};

static void nft_begin(struct tally *t, const struct fwchk_set *set)
{
	(void)t;
	judge_begin(&nft, set);
}

static void nft_packet(struct tally *t, struct fwchk_set *set,
		       const struct fwchk_packet *p)
{
	judge_packet(&nft, t, set, p);
}

static void nft_end(struct tally *t, const struct fwchk_set *set)
{
	(void)t;
	(void)set;
	judge_end(&nft);
}

static void nft_report(struct tally *t)
{
	judge_report(&nft, t);
}

const struct fwchk_judge fwchk_nft = {
	.name = "nft",
	.begin = nft_begin,
	.packet = nft_packet,
	.end = nft_end,
	.report = nft_report,
};

static struct plan_judge xtables = {
	.name = "xtables", .lower = plan_lower_xtables, .percent = 5,
};

static void xtables_begin(struct tally *t, const struct fwchk_set *set)
{
	(void)t;
	judge_begin(&xtables, set);
}

static void xtables_packet(struct tally *t, struct fwchk_set *set,
			   const struct fwchk_packet *p)
{
	judge_packet(&xtables, t, set, p);
}

static void xtables_end(struct tally *t, const struct fwchk_set *set)
{
	(void)t;
	(void)set;
	judge_end(&xtables);
}

static void xtables_report(struct tally *t)
{
	judge_report(&xtables, t);
}

const struct fwchk_judge fwchk_xtables = {
	.name = "xtables",
	.begin = xtables_begin,
	.packet = xtables_packet,
	.end = xtables_end,
	.report = xtables_report,
};
