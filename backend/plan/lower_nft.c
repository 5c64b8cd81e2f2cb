// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * lower_nft.c - a rule set as table ip ipfwadm of nftables.
 *
 * Each list is a chain that contains its rules and nothing else, so that an edit of
 * one rule is an edit of one rule there.  Base chains (input-hook and so on) jump to
 * it and contain the rest: what 2.0 decided before any rule, and the policy.
 * Accept ends a base chain only, as accept in a list of 2.0 ended that list only.
 * The output list is reached from three hooks, because it saw packets as they left:
 * local ones, forwarded ones, and after translation those that are masqueraded or
 * that a proxy sends in reply to redirected connections.
 */
#include "backend/plan/glue.h"
#include "backend/plan/lower.h"

enum {
	PRIORITY_ACCT_IN = -450,	/* before defragmentation */
	PRIORITY_ACCT_TRACKED = -195,	/* after connection tracking */
	PRIORITY_INPUT = -150,		/* before addresses are translated back */
	PRIORITY_REDIRECT = -100,
	PRIORITY_FILTER = 0,
	PRIORITY_FORWARDED = 1,		/* after the forward list */
	PRIORITY_MASQUERADE = 100,
	PRIORITY_TRANSLATED = 150,	/* after the source is translated */
	PRIORITY_ACCT_OUT = 300,
	PRIORITY_UNMARK = 310,
};

enum {
	UNCOUNTED,
	ACCT_COMMON,
	ACCT_IN_HOOK,
	ACCT_IN_LIST,
	ACCT_TRACKED_HOOK,
	ACCT_TRACKED_LIST,
	ACCT_OUT_HOOK,
	ACCT_OUT_LIST,
	FRAGMENTS,
	INPUT_HOOK,
	REDIRECTED,
	UNREDIRECTED,
	MASQUERADING,
	FORWARD_HOOK,
	OUTPUT_HOOK,
	LOCAL_OUTPUT,
	FORWARDED_OUTPUT,
	MASQUERADED,
	TRANSLATED_OUTPUT,
	UNMARK_LOCAL,
	UNMARK,
};

/* clang-format off */
#define BASE(type, hook, priority) NULL, type, AT(hook), PRIORITY_##priority

static const struct glue_chain nft_chains[GLUE_CHAINS] = {
	[UNCOUNTED] = { .name = "uncounted", ACCT_IN | ACCT_TRACKED | ACCT_OUT },
	[ACCT_COMMON] = { .name = "acct", ACCT_ANY },
	[ACCT_IN_HOOK] = { .name = "acct-in-hook", ACCT_IN,
			   BASE("filter", PREROUTING, ACCT_IN) },
	[ACCT_IN_LIST] = { .name = "acct-in", ACCT_IN },
	[ACCT_TRACKED_HOOK] = { .name = "acct-tracked-hook", ACCT_TRACKED,
				BASE("filter", PREROUTING, ACCT_TRACKED) },
	[ACCT_TRACKED_LIST] = { .name = "acct-tracked", ACCT_TRACKED },
	[ACCT_OUT_HOOK] = { .name = "acct-out-hook", ACCT_OUT,
			    BASE("filter", POSTROUTING, ACCT_OUT) },
	[ACCT_OUT_LIST] = { .name = "acct-out", ACCT_OUT },
	[FRAGMENTS] = { .name = "fragments" },
	[INPUT_HOOK] = { .name = "input-hook", ALWAYS, BASE("filter", PREROUTING, INPUT) },
	[REDIRECTED] = { .name = "redirected", REDIRECTS, BASE("nat", PREROUTING, REDIRECT) },
	[UNREDIRECTED] = { .name = "unredirected", REDIRECTS },
	[MASQUERADING] = { .name = "masquerading", MASQUERADES },
	[FORWARD_HOOK] = { .name = "forward-hook", ALWAYS, BASE("filter", FORWARD, FILTER) },
	[OUTPUT_HOOK] = { .name = "output-hook" },
	[LOCAL_OUTPUT] = { .name = PLAN_LOCAL_OUTPUT, ALWAYS, BASE("filter", OUTPUT, FILTER) },
	[FORWARDED_OUTPUT] = { .name = "forwarded-output", ALWAYS,
			       BASE("filter", FORWARD, FORWARDED) },
	[MASQUERADED] = { .name = "masqueraded", MASQUERADES,
			  BASE("nat", POSTROUTING, MASQUERADE) },
	[TRANSLATED_OUTPUT] = { .name = "translated-output", MASQUERADES | REDIRECTS,
				BASE("filter", POSTROUTING, TRANSLATED) },
	[UNMARK_LOCAL] = { .name = "unmark-local", REDIRECTS | KEEPS,
			   BASE("filter", INPUT, UNMARK) },
	[UNMARK] = { .name = "unmark", MASQUERADES | REDIRECTS | KEEPS,
		     BASE("filter", POSTROUTING, UNMARK) },
};

/* clang-format on */

static void act_accept(struct lower *l, struct lower_actions *as, const struct fw_rule *r,
		       enum fw_list_id list)
{
	if (lower_rule_alters_tos(r, list))
		lower_tos_accept(l, as, r);
	else
		lower_act(as, PLAN_A_ACCEPT);
}

static void act_reject(struct lower *l, struct lower_actions *as, enum fw_list_id list)
{
	if (list != FW_OUTPUT) {
		lower_act_bits(as, PLAN_A_REJECT, list == FW_INPUT ? 3 : 1, 0);
		return;
	}
	if (l->needs & MASQUERADES)
		lower_report(l, PLAN_APPROXIMATE,
			     "a masqueraded packet is dropped without an answer, because "
			     "nft cannot reject where its new source is known");
	lower_act_bits(as, PLAN_A_MARK, l->plan->marks.reject, l->plan->marks.reject);
	lower_act(as, PLAN_A_RETURN);
}

/* r: for a policy a rule that changes nothing */
static void act_verdict(struct lower *l, struct lower_actions *as, enum lower_verdict v,
			const struct fw_rule *r, enum fw_list_id list)
{
	__u16 port = r ? fw_rule_redirect_port(r) : 0;

	switch (v) {
	case LOWER_DROP:
		lower_act(as, PLAN_A_DROP);
		return;
	case LOWER_REJECT:
		act_reject(l, as, list);
		return;
	case LOWER_MASQUERADE:
		lower_masq_report(l);
		lower_act_bits(as, PLAN_A_MARK, l->plan->marks.masquerade,
			       l->plan->marks.masquerade);
		break;
	case LOWER_REDIRECT:
		as->a[as->n++] = lower_redirect_mark(l,
						     lower_redirect_number(l, port));
		break;
	case LOWER_ACCEPT:
		break;
	}
	act_accept(l, as, r, list);
}

static void act_helpers(struct lower *l, struct lower_actions *as, const struct fw_rule *r)
{
	const struct plan_helper *helper[LOWER_HELPERS];
	unsigned int i, count = lower_helpers(l, r, helper);

	for (i = 0; i < count; i++)
		lower_act_text(as, PLAN_A_HELPER, helper[i]->name);
}

static void act_rule(struct lower *l, struct lower_actions *as, const struct fw_rule *r,
		     enum fw_list_id list)
{
	enum lower_verdict v = lower_rule_verdict(r, list);

	lower_act(as, PLAN_A_COUNTER);
	if (r->flags & FW_PRN)
		lower_act_text(as, PLAN_A_LOG,
			       lower_log_prefix(l, r, list, list != FW_INPUT));
	if (v >= LOWER_ACCEPT)
		act_helpers(l, as, r);
	if (r->keep_state)
		lower_act_bits(as, PLAN_A_MARK, l->plan->marks.keep, l->plan->marks.keep);
	act_verdict(l, as, v, r, list);
}

static void rule_lower(struct lower *l, enum fw_list_id list, __u32 index)
{
	const struct fw_rule *r = lower_rule_begin(l, list, index);
	const struct lower_view view = {
		.list = list, .out = list != FW_INPUT, .alias = list == FW_INPUT,
	};
	struct lower_actions as = { .n = 0 }, hit = { .n = 0 };
	struct plan_chain *c;

	lower_conditions(l, r, &view);
	if (!lower_rule_is_possible(l, r, list))
		return;
	act_rule(l, &as, r, list);
	if (l->nconjuncts == 1) {
		lower_add_conjuncts(l, l->list[list], list, index, &as);
		return;
	}
	c = lower_chain_add(l, list, index, "");
	lower_add_tail(l, c, list, index, &as);
	lower_act_chain(&hit, PLAN_A_GOTO, c);
	lower_add_conjuncts(l, l->list[list], list, index, &hit);
}

/*
 * The last rule of the chain that jumps to the list.  The policy of a base chain
 * would not do: it changes a moment after the rules do, and begins as accept.
 */
static void policy_lower(struct lower *l, struct plan_chain *c, enum fw_list_id list)
{
	static const struct fw_rule no_rule;
	enum lower_verdict v = lower_policy_verdict(l->rules->list[list].policy, list);
	const struct plan_match undecided = match_not(match_mark(l->plan->marks.reject));
	bool marks = list == FW_OUTPUT && l->needs & OUTPUT_REJECTS;
	struct lower_actions as = { .n = 0 };

	l->report = &l->plan->policy_report[list];
	if (v == LOWER_ACCEPT)
		return;
	act_verdict(l, &as, v, &no_rule, list);
	lower_add_policy(l, c, &undecided, marks, list, &as);
}

/* c: jumps to the list, and ends with its policy */
static void list_lower(struct lower *l, struct plan_chain *c, enum fw_list_id list)
{
	struct lower_actions jump = { .n = 0 };
	__u32 i;

	l->list[list] = plan_chain_add(l->plan, NULL, lower_list_name[list]);
	lower_act_chain(&jump, PLAN_A_JUMP, l->list[list]);
	lower_add(l, c, NULL, 0, &jump);
	for (i = 0; i < l->rules->list[list].count; i++)
		rule_lower(l, list, i);
	policy_lower(l, c, list);
}

/* Does a rule mean the same for both directions, without a name for either? */
static bool account_is_common(const struct fw_rule *r)
{
	switch (r->flags & (FW_ACCTIN | FW_ACCTOUT)) {
	case FW_ACCTIN | FW_ACCTOUT:
		return true;	/* matches nothing, anywhere */
	case 0:
		return !r->state && !r->via && !r->vianame[0] && !(r->flags & FW_PRN);
	default:
		return false;
	}
}

static void account_lower(struct lower *l, __u32 index)
{
	const struct fw_rule *r = fw_list_rule(&l->rules->list[FW_ACCT], index);
	const struct lower_account common = {
		{ .list = FW_ACCT }, l->chain[ACCT_COMMON], "-any",
	};
	const struct lower_account both[] = {
		{ { .list = FW_ACCT }, r->state ? l->chain[ACCT_TRACKED_LIST] :
		  l->chain[ACCT_IN_LIST], "-in" },
		{ { .list = FW_ACCT, .out = true }, l->chain[ACCT_OUT_LIST], "-out" },
	};

	if (account_is_common(r))
		lower_account(l, index, &common, 1);
	else if (r->flags & FW_ACCTIN)
		lower_account(l, index, &both[0], 1);
	else if (r->flags & FW_ACCTOUT)
		lower_account(l, index, &both[1], 1);
	else
		lower_account(l, index, both, 2);
}

static __u32 acct_needs(const struct fw_list *acct)
{
	__u32 needs = 0, i;

	for (i = 0; i < acct->count; i++) {
		const struct fw_rule *r = fw_list_rule(acct, i);

		if (account_is_common(r)) {
			needs |= ACCT_ANY | ACCT_IN | ACCT_OUT;
			continue;
		}
		if (!(r->flags & FW_ACCTOUT))
			needs |= r->state ? ACCT_TRACKED : ACCT_IN;
		if (!(r->flags & FW_ACCTIN))
			needs |= ACCT_OUT;
	}
	return needs;
}

/*
 * A connection that lasts has the kernel's timeouts, which are long: 2.0 kept it
 * for as long as what it expected was there.
 */
static void masq_helpers_fill(struct lower *l, struct plan_chain *c)
{
	struct lower_masq_helper helper[LOWER_MASQ_HELPERS];
	unsigned int i, n = lower_masq_helpers(l, helper);

	for (i = 0; i < n; i++) {
		const struct plan_match control[] = {
			match_proto(FW_PROTO_TCP),
			match_ranges(PLAN_M_DPORT, helper[i].range, 1),
		};
		struct lower_actions as = { .n = 0 };

		lower_act_text(&as, PLAN_A_HELPER, helper[i].is->name);
		if (helper[i].lasts)
			lower_act(&as, PLAN_A_ACCEPT);
		lower_add(l, c, plan_copy(l->plan, control, sizeof(control)), 2, &as);
	}
}

/* clang-format off */
/* Accept here means: not counted.  Of what leaves, only later fragments can be broken. */
static const struct glue acct_glue[] = {
	{ IN(UNCOUNTED), ALWAYS, { NOT(FRAGMENT), PLAIN(16) }, { RETURN }, "ordinary" },
	{ IN(UNCOUNTED), ALWAYS, { TCP, IS(FRAGMENT_AT_1) },
	  { ACCEPT }, "overlaps the TCP header" },
	{ IN(UNCOUNTED), ALWAYS, { TCP, SHORT(16) }, { ACCEPT }, "truncated" },
	{ IN(UNCOUNTED), ALWAYS, { UDP, SHORT(8) }, { ACCEPT }, "truncated" },
	{ IN(ACCT_COMMON) },
	{ IN(ACCT_IN_HOOK), ALWAYS, { }, { JUMP(UNCOUNTED) } },
	{ IN(ACCT_IN_HOOK), ACCT_ANY, { }, { JUMP(ACCT_COMMON) } },
	{ IN(ACCT_IN_HOOK), ALWAYS, { }, { JUMP(ACCT_IN_LIST) } },
	{ IN(ACCT_TRACKED_HOOK), ALWAYS, { }, { JUMP(UNCOUNTED) } },
	{ IN(ACCT_TRACKED_HOOK), ALWAYS, { }, { JUMP(ACCT_TRACKED_LIST) } },
	{ IN(ACCT_OUT_HOOK), ALWAYS, { IS(FRAGMENT) }, { JUMP(UNCOUNTED) } },
	{ IN(ACCT_OUT_HOOK), ACCT_ANY, { }, { JUMP(ACCT_COMMON) } },
	{ IN(ACCT_OUT_HOOK), ALWAYS, { }, { JUMP(ACCT_OUT_LIST) } },
};

#define REMEMBERED CT_MARKED(KEEP), NOT_STATE(INVALID)

static const struct glue nft_glue[] = {
	/*
	 * What 2.0 decided before any rule: where a packet enters, because nothing makes it
	 * shorter on its way.  Later fragments pass every list.
	 */
	{ IN(FRAGMENTS), ALWAYS, { NOT(FRAGMENT), PLAIN(16) }, { RETURN }, "ordinary" },
	{ IN(FRAGMENTS), ALWAYS, { TCP, IS(FRAGMENT_AT_1) },
	  { DROP }, "overlaps the TCP header" },
	{ IN(FRAGMENTS), ALWAYS, { ICMP_TCP_UDP, IS(FRAGMENT) },
	  { ACCEPT }, "later fragments pass" },
	{ IN(FRAGMENTS), ALWAYS, { TCP, SHORT(16) }, { DROP }, "truncated" },
	{ IN(FRAGMENTS), ALWAYS, { UDP, SHORT(8) }, { DROP }, "truncated" },

	{ IN(INPUT_HOOK), ALWAYS, { }, { JUMP(FRAGMENTS) } },
	{ IN(INPUT_HOOK), HONOURS, { REMEMBERED }, { ACCEPT }, "remembered by --keep-state" },
	{ IN(INPUT_HOOK), ALWAYS, LIST(FW_INPUT) },

	{ IN(REDIRECTED), ALWAYS, .fill = lower_redirect_ports },
	{ IN(REDIRECTED), ALWAYS, { ANY_MARK(REDIRECT) }, { REDIRECT } },
	/* redirected, but passed over by NAT: invalid to tracking, or older than the rule */
	{ IN(UNREDIRECTED), ALWAYS, .fill = lower_redirect_port_0 },
	{ IN(UNREDIRECTED), ALWAYS, { }, { DROP }, "cannot be redirected" },

	/*
	 * New connections are marked, which those inherit that a helper expects.  The helper
	 * must be attached before the address is translated, because it changes lengths.
	 */
	{ IN(MASQUERADING), ALWAYS, { STATE(ESTABLISHED) }, { ACCEPT } },
	{ IN(MASQUERADING), ALWAYS, { }, { CT_SET(MASQUERADE) }, "a masqueraded connection" },
	{ IN(MASQUERADING), ALWAYS, .fill = masq_helpers_fill },
	{ IN(MASQUERADING), ALWAYS, { TCP }, { TIMEOUT(FW_PROTO_TCP) } },
	{ IN(MASQUERADING), ALWAYS, { UDP }, { TIMEOUT(FW_PROTO_UDP) } },
	{ IN(MASQUERADING), ALWAYS, { }, { ACCEPT } },

	/*
	 * The forward list is not asked about replies to masqueraded connections, nor about
	 * what a helper expects for the inside; it is about replies to the latter.
	 */
	{ IN(FORWARD_HOOK), ALWAYS, { IS(FRAGMENT), ICMP_TCP_UDP },
	  { ACCEPT }, "later fragments pass" },
	{ IN(FORWARD_HOOK), MASQUERADES,
	  { IS(CT_STATUS_SNAT), IS(CT_REPLY), NOT(CT_STATUS_EXPECTED) },
	  { ACCEPT }, "reply to a masqueraded connection" },
	{ IN(FORWARD_HOOK), MASQUERADES,
	  { IS(CT_STATUS_EXPECTED), IS(CT_STATUS_SNAT), IS(CT_REPLY), NOT(CT_STATUS_DNAT) },
	  { ACCEPT }, "reply to an expected connection" },
	{ IN(FORWARD_HOOK), MASQUERADES,
	  { IS(CT_STATUS_EXPECTED), IS(CT_STATUS_DNAT), NOT(CT_REPLY), CT_MARKED(MASQUERADE) },
	  { GOTO(MASQUERADING) } },
	{ IN(FORWARD_HOOK), REDIRECTS, { ANY_MARK(REDIRECT) }, { JUMP(UNREDIRECTED) } },
	/* the output list sees errors translated */
	{ IN(FORWARD_HOOK), MASQUERADES,
	  { IS(CT_STATUS_SNAT), STATE(RELATED), ICMP, ICMP_ERROR },
	  { SET(MASQUERADE), ACCEPT }, "error about a masqueraded connection" },
	{ IN(FORWARD_HOOK), HONOURS, { REMEMBERED }, { ACCEPT }, "remembered by --keep-state" },
	{ IN(FORWARD_HOOK), ALWAYS, LIST(FW_FORWARD) },

	{ IN(OUTPUT_HOOK), HONOURS, { REMEMBERED }, { ACCEPT }, "remembered by --keep-state" },
	{ IN(OUTPUT_HOOK), ALWAYS, LIST(FW_OUTPUT) },

	{ IN(LOCAL_OUTPUT), ALWAYS, { }, { JUMP(FRAGMENTS) } },
	/* the reply of a proxy has the address that the client asked for only later */
	{ IN(LOCAL_OUTPUT), REDIRECTS, { IS(CT_STATUS_DNAT), IS(CT_REPLY) },
	  { SET(MASQUERADE), ACCEPT }, "see translated-output" },
	{ IN(LOCAL_OUTPUT), ALWAYS, { }, { JUMP(OUTPUT_HOOK) } },
	{ IN(LOCAL_OUTPUT), OUTPUT_REJECTS, { MARKED(REJECT) }, { DROP } },

	/* forwarded packets; those to be masqueraded wait for their new source */
	{ IN(FORWARDED_OUTPUT), ALWAYS, { IS(FRAGMENT), ICMP_TCP_UDP },
	  { ACCEPT }, "later fragments pass" },
	{ IN(FORWARDED_OUTPUT), MASQUERADES, { MARKED(MASQUERADE), NOT_ICMP_TCP_UDP },
	  { DROP }, "cannot be masqueraded" },
	/* a packet that is not tracked has no status to compare */
	{ IN(FORWARDED_OUTPUT), MASQUERADES,
	  { MARKED(MASQUERADE), ICMP, NOT_ICMP_REQUEST, IS(CT_STATUS_SNAT) },
	  { ACCEPT }, "see translated-output" },
	{ IN(FORWARDED_OUTPUT), MASQUERADES, { MARKED(MASQUERADE), ICMP, NOT_ICMP_REQUEST },
	  { CLEAR(MASQUERADE) }, "leaves as it is: no request" },
	/* otherwise it would show the address that is to be hidden */
	{ IN(FORWARDED_OUTPUT), MASQUERADES, { MARKED(MASQUERADE), TCP_UDP, STATE(INVALID) },
	  { DROP }, "no connection to masquerade" },
	{ IN(FORWARDED_OUTPUT), MASQUERADES, { MARKED(MASQUERADE) }, { GOTO(MASQUERADING) } },
	{ IN(FORWARDED_OUTPUT), ALWAYS, { }, { JUMP(OUTPUT_HOOK) } },
	{ IN(FORWARDED_OUTPUT), OUTPUT_REJECTS, { MARKED(REJECT) }, { REJECT(1) } },

	{ IN(MASQUERADED), ALWAYS, { MARKED(MASQUERADE), ICMP, ICMP_REQUEST }, { MASQUERADE } },
	{ IN(MASQUERADED), ALWAYS, { MARKED(MASQUERADE), TCP_UDP }, { MASQUERADE_PORTS } },

	/* their new source is known by now */
	{ IN(TRANSLATED_OUTPUT), ALWAYS,
	  { MARKED(MASQUERADE), NOT(CT_STATUS_SNAT), NOT(CT_STATUS_DNAT) },
	  { DROP }, "its connection began untranslated" },
	{ IN(TRANSLATED_OUTPUT), ALWAYS, { MARKED(MASQUERADE) }, { JUMP(OUTPUT_HOOK) } },
	{ IN(TRANSLATED_OUTPUT), OUTPUT_REJECTS, { MARKED(REJECT) }, { DROP } },

	/* a connection is remembered after its first packet has passed every list */
	{ IN(UNMARK_LOCAL), REDIRECTS, { ANY_MARK(REDIRECT), STATE(INVALID) },
	  { JUMP(UNREDIRECTED) } },
	{ IN(UNMARK_LOCAL), KEEPS, { MARKED(KEEP) }, { CT_SET(KEEP) }, "--keep-state" },
	{ IN(UNMARK_LOCAL), ALWAYS, { ANY_MARK(DELIVERED) },
	  { CLEAR(DELIVERED) }, "our marks end here" },
	{ IN(UNMARK), KEEPS, { MARKED(KEEP) }, { CT_SET(KEEP) }, "--keep-state" },
	{ IN(UNMARK), ALWAYS, { ANY_MARK(OURS) }, { CLEAR(OURS) }, "our marks end here" },
};
/* clang-format on */

static void nft_fill(struct lower *l)
{
	const struct fw_list *acct = &l->rules->list[FW_ACCT];
	__u32 i;

	l->needs |= acct_needs(acct);
	glue_fill(l, acct_glue, FW_COUNT(acct_glue));
	for (i = 0; i < acct->count; i++)
		account_lower(l, i);
	glue_fill(l, nft_glue, FW_COUNT(nft_glue));
}

struct plan *plan_lower_nft(const struct fw_ruleset *rs, const struct plan_options *o)
{
	return lower_run(PLAN_NFT, nft_chains, rs, o, nft_fill);
}
