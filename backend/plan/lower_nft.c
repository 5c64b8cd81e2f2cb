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
	PRIORITY_KEEP = 310,
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
	REDIRECTING,
	REDIRECTING_0,
	INPUT_HOOK,
	PORT_FORWARDS,
	REDIRECTED,
	UNREDIRECTED,
	MASQUERADING,
	PORT_FORWARDED,
	FORWARD_HOOK,
	OUTPUT_HOOK,
	LOCAL_OUTPUT,
	FORWARDED_OUTPUT,
	MASQUERADED,
	TRANSLATED_OUTPUT,
	KEEP_LOCAL,
	KEEP_LEAVING,
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
	[REDIRECTING] = { .name = "redirecting", REDIRECTS },
	[REDIRECTING_0] = { .name = "redirecting-0", REDIRECTS },
	[INPUT_HOOK] = { .name = "input-hook", ALWAYS, BASE("filter", PREROUTING, INPUT) },
	[PORT_FORWARDS] = { .name = "port-forwards", PORTFW },
	[REDIRECTED] = { .name = "redirected", REDIRECTS | PORTFW,
			 BASE("nat", PREROUTING, REDIRECT) },
	[UNREDIRECTED] = { .name = "unredirected", REDIRECTS },
	[MASQUERADING] = { .name = "masquerading", MASQUERADES },
	[PORT_FORWARDED] = { .name = "port-forwarded", PORTFW },
	[FORWARD_HOOK] = { .name = "forward-hook", ALWAYS, BASE("filter", FORWARD, FILTER) },
	[OUTPUT_HOOK] = { .name = "output-hook" },
	[LOCAL_OUTPUT] = { .name = PLAN_LOCAL_OUTPUT, ALWAYS, BASE("filter", OUTPUT, FILTER) },
	[FORWARDED_OUTPUT] = { .name = "forwarded-output", ALWAYS,
			       BASE("filter", FORWARD, FORWARDED) },
	[MASQUERADED] = { .name = "masqueraded", MASQUERADES,
			  BASE("nat", POSTROUTING, MASQUERADE) },
	[TRANSLATED_OUTPUT] = { .name = "translated-output", MASQUERADES | REDIRECTS | PORTFW,
				BASE("filter", POSTROUTING, TRANSLATED) },
	[KEEP_LOCAL] = { .name = "keep-local", KEEPS, BASE("filter", INPUT, KEEP) },
	[KEEP_LEAVING] = { .name = "keep-leaving", KEEPS, BASE("filter", POSTROUTING, KEEP) },
};

/* clang-format on */

/* end: what accepts, NULL: plainly */
static void act_accept(struct lower *l, struct lower_actions *as, const struct fw_rule *r,
		       enum fw_list_id list, const struct plan_chain *end)
{
	if (lower_rule_alters_tos(r, list))
		lower_tos_accept(l, as, r, end);
	else if (end)
		lower_act_chain(as, PLAN_A_GOTO, end);
	else
		lower_act(as, PLAN_A_ACCEPT);
}

static void act_reject(struct lower *l, struct lower_actions *as, enum fw_list_id list)
{
	if (list != FW_OUTPUT) {
		lower_act_bits(as, PLAN_A_REJECT, list == FW_INPUT ? 3 : 1, 0);
		return;
	}
	if (l->needs & (MASQUERADES | PORTFW))
		lower_report(l, PLAN_APPROXIMATE,
			     "a masqueraded packet is dropped without an answer, because "
			     "nft cannot reject where its new source is known");
	lower_act_bits(as, PLAN_A_MARK, l->plan->marks.reject, l->plan->mark_mask);
	lower_act(as, PLAN_A_RETURN);
}

/* r: for a policy a rule that changes nothing */
static void act_verdict(struct lower *l, struct lower_actions *as, enum lower_verdict v,
			const struct fw_rule *r, enum fw_list_id list)
{
	__u16 port = fw_rule_redirect_port(r);
	const struct plan_chain *end = NULL;

	switch (v) {
	case LOWER_DROP:
		lower_act(as, PLAN_A_DROP);
		return;
	case LOWER_REJECT:
		act_reject(l, as, list);
		return;
	case LOWER_MASQUERADE:
		lower_masq_report(l);
		end = l->chain[MASQUERADING];
		break;
	case LOWER_REDIRECT:
		end = glue_chain(l, port ? REDIRECTING : REDIRECTING_0);
		break;
	case LOWER_ACCEPT:
		break;
	}
	act_accept(l, as, r, list, end);
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
	lower_act_log(l, as, r, list, list != FW_INPUT);
	if (v >= LOWER_ACCEPT)
		act_helpers(l, as, r);
}

/*
 * What a rule does to the mark of the connection.  That is a rule of its own, because
 * one that reads a mark does nothing more where there is no connection.
 */
static void act_connection(struct lower *l, struct lower_actions *as, const struct fw_rule *r,
			   enum fw_list_id list)
{
	enum lower_verdict v = lower_rule_verdict(r, list);
	const __u32 pending = r->keep_state ? l->plan->marks.pending : 0;
	struct plan_action number = { .type = PLAN_A_CT_MARK };

	if (v == LOWER_REDIRECT)
		number = lower_redirect_mark(l, lower_redirect_number(l, fw_rule_redirect_port(r)));
	if (v >= LOWER_ACCEPT && (pending || number.bits.mask))
		lower_act_bits(as, PLAN_A_CT_MARK, number.bits.value | pending,
			       number.bits.mask | pending);
}

static void rule_lower(struct lower *l, enum fw_list_id list, __u32 index)
{
	const struct fw_rule *r = lower_rule_begin(l, list, index);
	const struct lower_view view = {
		.list = list, .out = list != FW_INPUT, .alias = list == FW_INPUT,
	};
	struct lower_actions as = { .n = 0 }, connection = { .n = 0 }, hit = { .n = 0 };
	struct plan_chain *c;

	lower_conditions(l, r, &view);
	if (!lower_rule_is_possible(l, r, list))
		return;
	act_rule(l, &as, r, list);
	act_connection(l, &connection, r, list);
	if (l->nconjuncts == 1 && !connection.n) {
		act_verdict(l, &as, lower_rule_verdict(r, list), r, list);
		lower_add_conjuncts(l, l->list[list], list, index, &as);
		return;
	}
	c = lower_chain_add(l, list, index, "");
	if (connection.n) {
		lower_add_tail(l, c, list, index, &as);
		lower_add_tail(l, c, list, index, &connection);
		as.n = 0;
	}
	act_verdict(l, &as, lower_rule_verdict(r, list), r, list);
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
	const struct plan_match undecided = match_not(
		match_bits(PLAN_M_MARK, l->plan->marks.reject, l->plan->mark_mask));
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
	struct lower_masq_helper helper = { .is = NULL };

	while (lower_masq_helper_next(l, &helper)) {
		const struct plan_match control[] = {
			match_proto(FW_PROTO_TCP),
			match_ranges(PLAN_M_DPORT, helper.range, 1),
		};
		struct lower_actions as = { .n = 0 };

		lower_act_text(&as, PLAN_A_HELPER, helper.is->name);
		if (helper.lasts)
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
#define ENTERS .chains = 1u << INPUT_HOOK | 1u << LOCAL_OUTPUT
/* whose source is translated: of the connection, of one that a helper expected, an error */
#define MASQUERADED_WAY CT_MARKED(MASQUERADE), NOT(CT_REPLY), NOT(CT_STATUS_DNAT)
#define MASQUERADED_DATA CT_MARKED(MASQUERADE), IS(CT_REPLY), IS(CT_STATUS_DNAT)
#define MASQUERADED_ERROR CT_MARKED(MASQUERADE), STATE(RELATED), ICMP, ICMP_ERROR
/* of a connection to a forwarded port: what the client sends, and what comes back */
#define FORWARDED_WAY CT_MARKED(FORWARDED), IS(CT_STATUS_DNAT), NOT(CT_REPLY)
#define FORWARDED_ANSWER CT_MARKED(FORWARDED), IS(CT_STATUS_DNAT), IS(CT_REPLY)
#define PROXY_REPLY CT_ANY(REDIRECT), IS(CT_STATUS_DNAT), IS(CT_REPLY)

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

	/* a packet that is not tracked cannot be redirected; port 0 is not */
	{ IN(REDIRECTING), ALWAYS, { UNTRACKED }, { DROP }, "cannot be redirected" },
	{ IN(REDIRECTING), ALWAYS, { }, { ACCEPT } },
	{ IN(REDIRECTING_0), ALWAYS, { TCP_UDP, TO_PORT_0 }, { ACCEPT } },
	{ IN(REDIRECTING_0), ALWAYS, { }, { GOTO(REDIRECTING) } },

	{ ENTERS, ALWAYS, { }, { JUMP(FRAGMENTS) } },
	/* what the lists decided of an earlier packet and what came to nothing */
	{ ENTERS, KEEPS, { CT_MARKED(PENDING) }, { CT_CLEAR(PENDING) } },
	{ ENTERS, TRANSLATES, { NOT(CT_STATUS_SNAT), NOT(CT_STATUS_DNAT), CT_ANY(TRANSLATE) },
	  { CT_CLEAR(TRANSLATE) } },
	{ IN(INPUT_HOOK), HONOURS, { REMEMBERED }, { ACCEPT }, "remembered by --keep-state" },
	{ IN(INPUT_HOOK), ALWAYS, LIST(FW_INPUT) },

	/* what is for this host, or redirected to it */
	{ IN(PORT_FORWARDS), ALWAYS, .fill = lower_portfw },
	{ IN(REDIRECTED), PORTFW, { LOCAL_ADDRESS }, { JUMP(PORT_FORWARDS) } },
	{ IN(REDIRECTED), PORTFW | REDIRECTS, { CT_ANY(REDIRECT) }, { JUMP(PORT_FORWARDS) } },
	{ IN(REDIRECTED), REDIRECTS, .fill = lower_redirect_ports },
	{ IN(REDIRECTED), REDIRECTS, { CT_ANY(REDIRECT) }, { REDIRECT } },
	{ IN(UNREDIRECTED), ALWAYS, .fill = lower_redirect_port_0 },
	{ IN(UNREDIRECTED), ALWAYS, { }, { DROP }, "cannot be redirected" },

	/*
	 * What the forward list masquerades.  New connections are marked, which those inherit
	 * that a helper expects.  The helper must be attached before the address is
	 * translated, because it changes lengths.  A packet that is not tracked would show
	 * the address that is to be hidden.
	 */
	{ IN(MASQUERADING), PORTFW, { FORWARDED_ANSWER }, { ACCEPT }, "translated as it came" },
	{ IN(MASQUERADING), ALWAYS, { NOT_ICMP_TCP_UDP }, { DROP }, "cannot be masqueraded" },
	{ IN(MASQUERADING), ALWAYS, { ICMP, NOT_ICMP_REQUEST },
	  { ACCEPT }, "leaves as it is: no request" },
	{ IN(MASQUERADING), ALWAYS, { UNTRACKED }, { DROP }, "no connection to masquerade" },
	{ IN(MASQUERADING), ALWAYS, { }, { CT_SET(MASQUERADE) }, "a masqueraded connection" },
	{ IN(MASQUERADING), ALWAYS, { STATE(ESTABLISHED) }, { ACCEPT } },
	{ IN(MASQUERADING), ALWAYS, .fill = masq_helpers_fill },
	{ IN(MASQUERADING), ALWAYS, { TCP }, { TIMEOUT(FW_PROTO_TCP) } },
	{ IN(MASQUERADING), ALWAYS, { UDP }, { TIMEOUT(FW_PROTO_UDP) } },
	{ IN(MASQUERADING), ALWAYS, { }, { ACCEPT } },

	/* who may connect to a forwarded port is not decided by the forward list */
	{ IN(PORT_FORWARDED), ALWAYS, { STATE(ESTABLISHED) }, { ACCEPT } },
	{ IN(PORT_FORWARDED), ALWAYS, { TCP }, { TIMEOUT(FW_PROTO_TCP) } },
	{ IN(PORT_FORWARDED), ALWAYS, { UDP }, { TIMEOUT(FW_PROTO_UDP) } },
	{ IN(PORT_FORWARDED), ALWAYS, { }, { ACCEPT } },

	/*
	 * The forward list is not asked about replies to masqueraded connections, nor about
	 * what a helper expects for the inside; it is about replies to the latter.
	 */
	{ IN(FORWARD_HOOK), ALWAYS, { IS(FRAGMENT), ICMP_TCP_UDP },
	  { ACCEPT }, "later fragments pass" },
	{ IN(FORWARD_HOOK), PORTFW | REDIRECTS, { CT_MARKED(FORWARDED), CT_ANY(REDIRECT) },
	  { CT_CLEAR(REDIRECT) } },
	{ IN(FORWARD_HOOK), PORTFW, { FORWARDED_WAY }, { GOTO(PORT_FORWARDED) } },
	{ IN(FORWARD_HOOK), PORTFW, { CT_MARKED(FORWARDED), STATE(RELATED), ICMP, ICMP_ERROR },
	  { ACCEPT }, "error about a forwarded connection" },
	{ IN(FORWARD_HOOK), MASQUERADES,
	  { IS(CT_STATUS_SNAT), IS(CT_REPLY), NOT(CT_STATUS_EXPECTED) },
	  { ACCEPT }, "reply to a masqueraded connection" },
	{ IN(FORWARD_HOOK), MASQUERADES,
	  { IS(CT_STATUS_EXPECTED), IS(CT_STATUS_SNAT), IS(CT_REPLY), NOT(CT_STATUS_DNAT) },
	  { ACCEPT }, "reply to an expected connection" },
	{ IN(FORWARD_HOOK), MASQUERADES,
	  { IS(CT_STATUS_EXPECTED), IS(CT_STATUS_DNAT), NOT(CT_REPLY), CT_MARKED(MASQUERADE) },
	  { GOTO(MASQUERADING) } },
	/* passed over by NAT: their connection is older than the rule */
	{ IN(FORWARD_HOOK), REDIRECTS, { CT_ANY(REDIRECT), NOT(CT_STATUS_DNAT) },
	  { JUMP(UNREDIRECTED) } },
	{ IN(FORWARD_HOOK), REDIRECTS, { CT_ANY(REDIRECT), NOT(CT_REPLY) },
	  { JUMP(UNREDIRECTED) } },
	{ IN(FORWARD_HOOK), MASQUERADES,
	  { IS(CT_STATUS_SNAT), STATE(RELATED), ICMP, ICMP_ERROR },
	  { ACCEPT }, "error about a masqueraded connection" },
	{ IN(FORWARD_HOOK), HONOURS, { REMEMBERED }, { ACCEPT }, "remembered by --keep-state" },
	{ IN(FORWARD_HOOK), ALWAYS, LIST(FW_FORWARD) },

	{ IN(OUTPUT_HOOK), HONOURS, { REMEMBERED }, { ACCEPT }, "remembered by --keep-state" },
	{ IN(OUTPUT_HOOK), ALWAYS, LIST(FW_OUTPUT) },

	/* the output list is asked where packets are as they leave, but for local replies */
	{ IN(LOCAL_OUTPUT), MASQUERADES, { MASQUERADED_ERROR },
	  { ACCEPT }, "see translated-output" },
	{ IN(LOCAL_OUTPUT), REDIRECTS, { PROXY_REPLY }, { ACCEPT }, "see translated-output" },
	{ IN(LOCAL_OUTPUT), ALWAYS, { }, { JUMP(OUTPUT_HOOK) } },
	{ IN(LOCAL_OUTPUT), OUTPUT_REJECTS, { MARKED(REJECT) }, { DROP } },

	{ IN(FORWARDED_OUTPUT), ALWAYS, { IS(FRAGMENT), ICMP_TCP_UDP },
	  { ACCEPT }, "later fragments pass" },
	{ IN(FORWARDED_OUTPUT), PORTFW, { FORWARDED_ANSWER },
	  { ACCEPT }, "see translated-output" },
	{ IN(FORWARDED_OUTPUT), MASQUERADES, { MASQUERADED_WAY },
	  { ACCEPT }, "see translated-output" },
	{ IN(FORWARDED_OUTPUT), MASQUERADES, { MASQUERADED_DATA },
	  { ACCEPT }, "see translated-output" },
	{ IN(FORWARDED_OUTPUT), MASQUERADES, { MASQUERADED_ERROR },
	  { ACCEPT }, "see translated-output" },
	{ IN(FORWARDED_OUTPUT), ALWAYS, { }, { JUMP(OUTPUT_HOOK) } },
	{ IN(FORWARDED_OUTPUT), OUTPUT_REJECTS, { MARKED(REJECT) }, { REJECT(1) } },

	{ IN(MASQUERADED), ALWAYS, { CT_MARKED(MASQUERADE), ICMP, ICMP_REQUEST },
	  { MASQUERADE } },
	{ IN(MASQUERADED), ALWAYS, { CT_MARKED(MASQUERADE), TCP_UDP }, { MASQUERADE_PORTS } },

	/* their new source is known by now */
	{ IN(TRANSLATED_OUTPUT), MASQUERADES,
	  { CT_MARKED(MASQUERADE), NOT(CT_STATUS_SNAT), NOT(CT_STATUS_DNAT) },
	  { DROP }, "its connection began untranslated" },
	{ IN(TRANSLATED_OUTPUT), MASQUERADES, { MASQUERADED_WAY }, { JUMP(OUTPUT_HOOK) } },
	{ IN(TRANSLATED_OUTPUT), MASQUERADES, { MASQUERADED_DATA }, { JUMP(OUTPUT_HOOK) } },
	{ IN(TRANSLATED_OUTPUT), MASQUERADES, { MASQUERADED_ERROR, IS(CT_REPLY) },
	  { JUMP(OUTPUT_HOOK) } },
	{ IN(TRANSLATED_OUTPUT), PORTFW, { FORWARDED_ANSWER }, { JUMP(OUTPUT_HOOK) } },
	{ IN(TRANSLATED_OUTPUT), REDIRECTS, { PROXY_REPLY }, { JUMP(OUTPUT_HOOK) } },
	{ IN(TRANSLATED_OUTPUT), OUTPUT_REJECTS, { MARKED(REJECT) }, { DROP } },

	/* a connection is remembered after a packet of it has passed every list */
	{ IN(KEEP_LOCAL), ALWAYS, { CT_MARKED(PENDING) }, { CT_SET(REMEMBER) }, "--keep-state" },
	{ IN(KEEP_LEAVING), ALWAYS, { CT_MARKED(PENDING) }, { CT_SET(REMEMBER) }, "--keep-state" },
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
