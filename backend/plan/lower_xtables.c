// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * lower_xtables.c - a rule set as chains of iptables.
 *
 * The lists are in table mangle, where TOS can be changed and which all forwarded
 * packets pass.  Accept in a list is a return from its chain, because other lists and
 * rules of other programs follow.  What mangle cannot do is carried by the packet
 * mark to the tables filter and nat.
 *
 * There is no hook after source translation.  So the output list and outgoing
 * accounting have a second chain for packets that will be masqueraded, whose
 * rules are decided by the address that the outgoing interface will lend.
 */
#include "backend/plan/glue.h"
#include "backend/plan/lower.h"
#include "backend/plan/plan_same.h"

enum {
	PRIORITY_RAW = -300,
	PRIORITY_MANGLE = -150,
	PRIORITY_DNAT = -100,
	PRIORITY_FILTER = 0,
	PRIORITY_SNAT = 100,
};

enum {
	ACCT_COMMON,
	ACCT_IN_LIST,
	ACCT_OUT_LIST,
	ACCT_OUT_MASQ,
	ACCT_OUT_ANSWERS,
	REJECT_PORT,
	REJECT_HOST,
	REDIRECTING,
	REDIRECTING_0,
	BROKEN,
	INPUT,
	FORWARD,
	OUTPUT,
	OUTPUT_MASQ,
	OUTPUT_ANSWERS,
	HELPERS,
	HELPERS_LOCAL,
	UNREDIRECTED,
	PREROUTING,
	FORWARDING,
	TRANSLATING,
	MASQUERADING,
	LOCAL,
	DELIVERED,
	POSTROUTING,
	MASQUERADED,
	PORT_FORWARDS,
	REDIRECTED,
	REJECTED,
};

/* clang-format off */
#define HOOK(table, hooks, priority) table, NULL, hooks, PRIORITY_##priority

static const struct glue_chain xt_chains[GLUE_CHAINS] = {
	[ACCT_COMMON] = { .name = "ipfw-acct", ACCT_IN },
	[ACCT_IN_LIST] = { .name = "ipfw-acct-in", ACCT_IN },
	[ACCT_OUT_LIST] = { .name = "ipfw-acct-out", ACCT_OUT },
	[ACCT_OUT_MASQ] = { .name = "ipfw-acct-out-masq", ACCT_MASQ },
	[ACCT_OUT_ANSWERS] = { .name = "ipfw-acct-out-answers", ACCT_ANSWERS },
	[REJECT_PORT] = { .name = "ipfw-reject-port", INPUT_REJECTS },
	[REJECT_HOST] = { .name = "ipfw-reject-host", FORWARD_REJECTS | OUTPUT_REJECTS },
	[REDIRECTING] = { .name = "ipfw-redirecting", REDIRECTS },
	[REDIRECTING_0] = { .name = "ipfw-redirecting-0", REDIRECTS },
	[BROKEN] = { .name = "ipfw-broken" },
	[INPUT] = { .name = "ipfw-input" },
	[FORWARD] = { .name = "ipfw-forward" },
	[OUTPUT] = { .name = "ipfw-output" },
	[OUTPUT_MASQ] = { .name = "ipfw-output-masq", MASQUERADES },
	[OUTPUT_ANSWERS] = { .name = "ipfw-output-answers", PORTFW },
	[HELPERS] = { .name = "ipfw-helpers", MASQUERADES | HAS_HELPERS,
		      HOOK("raw", AT(PREROUTING), RAW) },
	[HELPERS_LOCAL] = { .name = "ipfw-helpers-local", OUTPUT_HELPERS,
			    HOOK("raw", AT(OUTPUT), RAW) },
	[UNREDIRECTED] = { .name = "ipfw-unredirected", REDIRECTS },
	[PREROUTING] = { .name = "ipfw-prerouting", ALWAYS,
			 HOOK(NULL, AT(PREROUTING), MANGLE) },
	[FORWARDING] = { .name = "ipfw-forwarding", ALWAYS, HOOK(NULL, AT(FORWARD), MANGLE) },
	[TRANSLATING] = { .name = "ipfw-translating", MASQUERADES },
	[MASQUERADING] = { .name = "ipfw-masquerading", MASQUERADES },
	[LOCAL] = { .name = "ipfw-local", ALWAYS, HOOK(NULL, AT(OUTPUT), MANGLE) },
	[DELIVERED] = { .name = "ipfw-delivered", KEEPS, HOOK(NULL, AT(INPUT), MANGLE) },
	[POSTROUTING] = { .name = "ipfw-postrouting", ACCT_OUT | KEEPS,
			  HOOK(NULL, AT(POSTROUTING), MANGLE) },
	[MASQUERADED] = { .name = "ipfw-masqueraded", MASQUERADES,
			  HOOK("nat", AT(POSTROUTING), SNAT) },
	[PORT_FORWARDS] = { .name = "ipfw-port-forwards", PORTFW, "nat" },
	[REDIRECTED] = { .name = "ipfw-redirected", REDIRECTS | PORTFW,
			 HOOK("nat", AT(PREROUTING), DNAT) },
	[REJECTED] = { .name = "ipfw-rejected", INPUT_REJECTS | FORWARD_REJECTS | OUTPUT_REJECTS,
		       HOOK("filter", AT(INPUT) | AT(FORWARD), FILTER) },
};
/* clang-format on */

static struct plan_chain *redirect_chain(struct lower *l, __u16 number)
{
	const struct plan_action mark = lower_redirect_mark(l, number);
	struct lower_actions set = { .a = { mark }, .n = 1 }, check = { .n = 0 };
	struct plan_chain **c;

	if (!l->redirect_chain)
		l->redirect_chain = plan_alloc(l->plan, (lower_redirect_most(l) + 1u) *
							sizeof(*c));
	c = &l->redirect_chain[number];
	if (!*c) {
		*c = plan_chain_add(l->plan, "mangle",
				    plan_text(l->plan, "ipfw-redirect-%u",
					      l->redirect_port[number]));
		lower_add(l, *c, NULL, 0, &set);
		lower_act_chain(&check, PLAN_A_GOTO,
				l->chain[l->redirect_port[number] ? REDIRECTING : REDIRECTING_0]);
		lower_add(l, *c, NULL, 0, &check);
	}
	return *c;
}

/* the last target of a rule; r: for a policy a rule that changes nothing */
static void act_verdict(struct lower *l, struct lower_actions *as, enum lower_verdict v,
			const struct fw_rule *r, enum fw_list_id list)
{
	__u16 port = fw_rule_redirect_port(r);

	switch (v) {
	case LOWER_DROP:
		lower_act(as, PLAN_A_DROP);
		break;
	case LOWER_REJECT:
		lower_act_chain(as, PLAN_A_GOTO,
				list == FW_INPUT ? l->chain[REJECT_PORT] : l->chain[REJECT_HOST]);
		break;
	case LOWER_ACCEPT:
		lower_act(as, PLAN_A_RETURN);
		break;
	case LOWER_MASQUERADE:
		lower_masq_report(l);
		lower_act_chain(as, PLAN_A_GOTO, l->chain[MASQUERADING]);
		break;
	case LOWER_REDIRECT:
		lower_act_chain(as, PLAN_A_GOTO,
				redirect_chain(l, lower_redirect_number(l, port)));
		break;
	}
}

/* all targets of a rule, each of which needs a rule of its own */
static void act_rule(struct lower *l, struct lower_actions *as, const struct fw_rule *r,
		     enum fw_list_id list)
{
	lower_act_log(l, as, r, list, false);
	if (lower_rule_alters_tos(r, list))
		lower_act_bits(as, PLAN_A_TOS, r->tosxor & 0xfe, r->tosand | 1);
	if (r->keep_state)
		lower_act_bits(as, PLAN_A_CT_MARK, l->plan->marks.pending,
			       l->plan->marks.pending);
	act_verdict(l, as, lower_rule_verdict(r, list), r, list);
}

/*
 * What most rules of a list that log do is a chain that these rules share: to the kernel,
 * a rule of two entries costs what two rules cost.
 */
static void targets_share(struct lower *l, struct lower_actions *targets, enum fw_list_id list,
			  enum lower_verdict v)
{
	static const char *const word[LOWER_VERDICTS] = {
		[LOWER_DROP] = "deny", [LOWER_REJECT] = "reject", [LOWER_ACCEPT] = "accept",
		[LOWER_MASQUERADE] = "masquerade",
	};
	struct plan_chain **c = &l->log_chain[list][v];
	unsigned int i;

	if (targets->n != 2 || targets->a[0].type != PLAN_A_LOG || !word[v])
		return;
	if (!*c) {
		*c = plan_chain_add(l->plan, "mangle",
				    plan_text(l->plan, "ipfw-%s-log-%s", lower_list_name[list],
					      word[v]));
		for (i = 0; i < targets->n; i++) {
			const struct lower_actions one = { .a = { targets->a[i] }, .n = 1 };

			lower_add(l, *c, NULL, 0, &one);
		}
	}
	/* a rule to redirect that the forward list denies is logged in other words */
	if (!plan_action_same(&(*c)->rules->action[0], &targets->a[0]))
		return;
	targets->n = 0;
	lower_act_chain(targets, PLAN_A_GOTO, *c);
}

/* Does the rule ask where a packet comes from? */
static bool rule_asks_source(const struct fw_rule *r)
{
	__u16 kind = r->flags & FW_KIND_MASK;
	bool ports = kind == FW_KIND_TCP || kind == FW_KIND_UDP;

	return r->smsk || (ports && r->nsp) ||
	       (r->flags & FW_BIDIR && (r->dmsk || (ports && r->ndp)));
}

/* for the lists of packets that leave */
static void redirected_report(struct lower *l, const struct fw_rule *r)
{
	if (l->needs & REDIRECTS && rule_asks_source(r)) {
		lower_report(l, PLAN_APPROXIMATE,
			     "answers from redirected connections match by the address and "
			     "port of the proxy, not by those that the client asked for");
		lower_report_matches(l, true, true);
	}
}

/* views of packets whose source will be translated */
static const struct lower_view masqueraded = {
	.list = FW_OUTPUT, .out = true, .masqueraded = true, .single = true,
}, answers = {
	.list = FW_OUTPUT, .out = true, .answers = true, .single = true,
};

/* The rule's form for such packets, if it can match any. */
static void translated_lower(struct lower *l, const struct fw_rule *r, __u32 index,
			     const struct lower_view *view, unsigned int chain,
			     const struct lower_actions *targets)
{
	if (!l->chain[chain])
		return;
	lower_conditions(l, r, view);
	if (!lower_is_never(l))
		lower_add_targets(l, l->chain[chain], FW_OUTPUT, index, targets);
}

static void rule_lower(struct lower *l, enum fw_list_id list, __u32 index)
{
	const struct fw_rule *r = lower_rule_begin(l, list, index);
	const struct lower_view view = {
		.list = list, .out = list != FW_INPUT, .alias = list == FW_INPUT,
		.single = true,
	};
	struct lower_actions targets = { .n = 0 };

	lower_conditions(l, r, &view);
	if (!lower_rule_is_possible(l, r, list))
		return;
	if (list == FW_OUTPUT)
		redirected_report(l, r);
	act_rule(l, &targets, r, list);
	targets_share(l, &targets, list, lower_rule_verdict(r, list));
	lower_add_targets(l, l->list[list], list, index, &targets);
	if (r->helper && lower_rule_verdict(r, list) >= LOWER_ACCEPT) {
		lower_helpers_early(l, l->chain[HELPERS], list, index);
		if (list == FW_OUTPUT)
			lower_helpers_early(l, l->chain[HELPERS_LOCAL], list, index);
	}
	if (list == FW_OUTPUT) {
		translated_lower(l, r, index, &masqueraded, OUTPUT_MASQ, &targets);
		translated_lower(l, r, index, &answers, OUTPUT_ANSWERS, &targets);
	}
}

static void policy_lower(struct lower *l, struct plan_chain *c, enum fw_list_id list)
{
	static const struct fw_rule no_rule;
	enum lower_verdict v = lower_policy_verdict(l->rules->list[list].policy, list);
	struct lower_actions as = { .n = 0 };

	l->report = &l->plan->policy_report[list];
	if (v == LOWER_ACCEPT)
		return;
	act_verdict(l, &as, v, &no_rule, list);
	lower_add_policy(l, c, NULL, 0, list, &as);
}

static void list_lower(struct lower *l, struct plan_chain *c, enum fw_list_id list)
{
	__u32 i;

	l->list[list] = c;
	for (i = 0; i < l->rules->list[list].count; i++)
		rule_lower(l, list, i);
	policy_lower(l, c, list);
	if (list == FW_OUTPUT && l->needs & MASQUERADES)
		policy_lower(l, l->chain[OUTPUT_MASQ], list);
	if (list == FW_OUTPUT && l->needs & PORTFW)
		policy_lower(l, l->chain[OUTPUT_ANSWERS], list);
}

/* Does a rule mean the same for both directions, and for translated packets? */
static bool account_is_common(const struct lower *l, const struct fw_rule *r)
{
	if (r->flags & FW_ACCTIN && r->flags & FW_ACCTOUT)
		return true;	/* matches nothing, anywhere */
	return !(r->flags & (FW_ACCTIN | FW_ACCTOUT | FW_PRN)) && !r->via &&
	       !r->vianame[0] && !(l->needs & (MASQUERADES | PORTFW));
}

static void account_lower(struct lower *l, __u32 index)
{
	const struct fw_rule *r = fw_list_rule(&l->rules->list[FW_ACCT], index);
	const struct lower_account common = {
		{ .list = FW_ACCT, .single = true }, l->chain[ACCT_COMMON], "-any",
	}, in = {
		{ .list = FW_ACCT, .single = true }, l->chain[ACCT_IN_LIST], "-in",
	}, out[] = {
		{ { .list = FW_ACCT, .single = true, .out = true },
		  l->chain[ACCT_OUT_LIST], "-out" },
		{ { .list = FW_ACCT, .single = true, .out = true, .masqueraded = true },
		  l->chain[ACCT_OUT_MASQ], "-masq" },
		{ { .list = FW_ACCT, .single = true, .out = true, .answers = true },
		  l->chain[ACCT_OUT_ANSWERS], "-answers" },
	};
	struct lower_account place[1 + FW_COUNT(out)];
	unsigned int i, n = 0;

	if (!(r->flags & FW_ACCTOUT))
		place[n++] = in;
	for (i = 0; i < FW_COUNT(out) && !(r->flags & FW_ACCTIN); i++)
		if (out[i].chain)
			place[n++] = out[i];
	if (account_is_common(l, r))
		lower_account(l, index, &common, 1);
	else
		lower_account(l, index, place, n);
	if (!(r->flags & FW_ACCTIN))
		redirected_report(l, r);
}

static bool list_has_helpers(const struct fw_list *list)
{
	__u32 i;

	for (i = 0; i < list->count; i++)
		if (fw_list_rule(list, i)->helper)
			return true;
	return false;
}

/* clang-format off */
#define ACCTS (1u << ACCT_IN_LIST | 1u << ACCT_OUT_LIST | 1u << ACCT_OUT_MASQ | \
	       1u << ACCT_OUT_ANSWERS)

/* Return here means: not counted.  Other broken packets do not reach these lists. */
static const struct glue acct_glue[] = {
	{ IN(ACCT_COMMON) },
	{ .chains = ACCTS, ALWAYS, { TCP, IS(FRAGMENT), SHORT(16) }, { RETURN }, "truncated" },
	{ .chains = ACCTS, ALWAYS, { UDP, IS(FRAGMENT), SHORT(8) }, { RETURN }, "truncated" },
	{ .chains = ACCTS, ALWAYS, { }, { JUMP(ACCT_COMMON) } },
};

#define LISTS (1u << INPUT | 1u << FORWARD | 1u << OUTPUT | 1u << OUTPUT_MASQ | \
	       1u << OUTPUT_ANSWERS)
#define ENTERS .chains = 1u << PREROUTING | 1u << LOCAL
#define REMEMBERED CT_MARKED(KEEP), NOT_STATE(INVALID)
/* whose source is translated: of the connection, of one that a helper expected, an error */
#define MASQUERADED_WAY CT_MARKED(MASQUERADE), NOT(CT_REPLY), NOT(CT_STATUS_DNAT)
#define MASQUERADED_DATA CT_MARKED(MASQUERADE), IS(CT_REPLY), IS(CT_STATUS_DNAT)
#define MASQUERADED_ERROR CT_MARKED(MASQUERADE), STATE(RELATED), ICMP, ICMP_ERROR
/* of a connection to a forwarded port: what the client sends, and what comes back */
#define FORWARDED_WAY CT_MARKED(FORWARDED), IS(CT_STATUS_DNAT), NOT(CT_REPLY)
#define FORWARDED_ANSWER CT_MARKED(FORWARDED), IS(CT_STATUS_DNAT), IS(CT_REPLY)

static const struct glue xt_glue[] = {
	{ IN(REJECT_PORT), ALWAYS, { }, { SET(REJECT_PORT) } },
	{ IN(REJECT_HOST), ALWAYS, { }, { SET(REJECT) } },

	/* a packet that is not tracked cannot be redirected; port 0 is not */
	{ IN(REDIRECTING), ALWAYS, { UNTRACKED }, { DROP }, "cannot be redirected" },
	{ IN(REDIRECTING_0), ALWAYS, { TCP_UDP, TO_PORT_0 }, { RETURN } },
	{ IN(REDIRECTING_0), ALWAYS, { }, { GOTO(REDIRECTING) } },

	/*
	 * What the forward list masquerades.  A packet that is not tracked would show the
	 * address that is to be hidden.
	 */
	{ IN(TRANSLATING), ALWAYS, { UNTRACKED }, { DROP }, "no connection to masquerade" },
	{ IN(TRANSLATING), ALWAYS,
	  { IS(CT_STATUS_CONFIRMED), NOT(CT_STATUS_SNAT), NOT(CT_STATUS_DNAT) },
	  { DROP }, "its connection began untranslated" },
	{ IN(TRANSLATING), ALWAYS, { }, { CT_SET(MASQUERADE) }, "see table nat" },
	{ IN(MASQUERADING), PORTFW, { FORWARDED_ANSWER }, { RETURN }, "translated as it came" },
	{ IN(MASQUERADING), ALWAYS, { TCP_UDP }, { GOTO(TRANSLATING) } },
	{ IN(MASQUERADING), ALWAYS, { NOT_ICMP }, { DROP }, "cannot be masqueraded" },
	{ IN(MASQUERADING), ALWAYS, { ICMP, ICMP_REQUEST }, { GOTO(TRANSLATING) } },
	{ IN(MASQUERADING), ALWAYS, { }, { RETURN }, "leaves as it is: no request" },

	/*
	 * What 2.0 decided before any rule: where a packet enters, because nothing makes it
	 * shorter on its way.  Later fragments pass every list.
	 */
	{ IN(BROKEN), ALWAYS, { NOT(FRAGMENT), PLAIN(16) }, { RETURN }, "ordinary" },
	{ IN(BROKEN), ALWAYS, { TCP, IS(FRAGMENT_AT_1) }, { DROP }, "overlaps the TCP header" },
	{ IN(BROKEN), ALWAYS, { TCP, NOT(FRAGMENT), SHORT(16) }, { DROP }, "truncated" },
	{ IN(BROKEN), ALWAYS, { UDP, NOT(FRAGMENT), SHORT(8) }, { DROP }, "truncated" },
	{ .chains = LISTS },
	{ .chains = LISTS, HONOURS, { REMEMBERED }, { RETURN }, "remembered by --keep-state" },
	{ IN(HELPERS) },
	{ IN(HELPERS_LOCAL) },
	{ IN(INPUT), ALWAYS, LIST(FW_INPUT) },

	{ IN(UNREDIRECTED), ALWAYS, .fill = lower_redirect_port_0 },
	{ IN(UNREDIRECTED), ALWAYS, { }, { DROP }, "cannot be redirected" },

	/*
	 * The forward list is not asked about replies to masqueraded connections, nor about
	 * what a helper expects for the inside; it is about replies to the latter.
	 */
	/* who may connect to a forwarded port is not decided by the forward list */
	{ IN(FORWARD), PORTFW, { FORWARDED_WAY }, { RETURN }, "to a forwarded port" },
	{ IN(FORWARD), PORTFW, { CT_MARKED(FORWARDED), STATE(RELATED), ICMP, ICMP_ERROR },
	  { RETURN }, "error about a forwarded connection" },
	{ IN(FORWARD), MASQUERADES,
	  { IS(CT_STATUS_SNAT), IS(CT_REPLY), NOT(CT_STATUS_EXPECTED) },
	  { RETURN }, "reply to a masqueraded connection" },
	{ IN(FORWARD), MASQUERADES,
	  { IS(CT_STATUS_EXPECTED), IS(CT_STATUS_SNAT), IS(CT_REPLY), NOT(CT_STATUS_DNAT) },
	  { RETURN }, "reply to an expected connection" },
	{ IN(FORWARD), MASQUERADES,
	  { IS(CT_STATUS_EXPECTED), IS(CT_STATUS_DNAT), NOT(CT_REPLY), CT_MARKED(MASQUERADE) },
	  { RETURN }, "expected for the inside" },
	/* passed over by NAT: their connection is older than the rule */
	{ IN(FORWARD), REDIRECTS, { CT_ANY(REDIRECT), NOT(CT_STATUS_DNAT) },
	  { JUMP(UNREDIRECTED) } },
	{ IN(FORWARD), REDIRECTS, { CT_ANY(REDIRECT), NOT(CT_REPLY) }, { JUMP(UNREDIRECTED) } },
	{ IN(FORWARD), MASQUERADES, { IS(CT_STATUS_SNAT), STATE(RELATED), ICMP, ICMP_ERROR },
	  { RETURN }, "error about a masqueraded connection" },
	{ IN(FORWARD), ALWAYS, LIST(FW_FORWARD) },
	{ IN(OUTPUT), ALWAYS, LIST(FW_OUTPUT) },
	/* after those that rules name: the first helper of a connection stays */
	{ IN(HELPERS), MASQUERADES, .fill = lower_masq_helpers_early },

	{ ENTERS, ALWAYS, { }, { JUMP(BROKEN) } },
	/* what the lists decided of an earlier packet and what came to nothing */
	{ ENTERS, KEEPS, { CT_MARKED(PENDING) }, { CT_CLEAR(PENDING) } },
	{ ENTERS, TRANSLATES, { NOT(CT_STATUS_SNAT), NOT(CT_STATUS_DNAT), CT_ANY(TRANSLATE) },
	  { CT_CLEAR(TRANSLATE) } },
	{ IN(PREROUTING), ACCT_IN, { }, { JUMP(ACCT_IN_LIST) } },
	{ ENTERS, ALWAYS, { ICMP_TCP_UDP, IS(FRAGMENT) }, { RETURN }, "later fragments pass" },
	{ IN(PREROUTING), ALWAYS, { }, { JUMP(INPUT) } },

	{ IN(FORWARDING), INPUT_REJECTS, { MARKED(REJECT_PORT) },
	  { RETURN }, "rejected by the input list" },
	{ IN(FORWARDING), ALWAYS, { ICMP_TCP_UDP, IS(FRAGMENT) },
	  { RETURN }, "later fragments pass" },
	{ IN(FORWARDING), ALWAYS, { }, { JUMP(FORWARD) } },
	{ IN(FORWARDING), FORWARD_REJECTS, { MARKED(REJECT) },
	  { RETURN }, "rejected by the forward list" },
	{ IN(FORWARDING), PORTFW, { FORWARDED_ANSWER }, { GOTO(OUTPUT_ANSWERS) } },
	{ IN(FORWARDING), MASQUERADES, { MASQUERADED_WAY }, { GOTO(OUTPUT_MASQ) } },
	{ IN(FORWARDING), MASQUERADES, { MASQUERADED_DATA }, { GOTO(OUTPUT_MASQ) } },
	{ IN(FORWARDING), MASQUERADES, { MASQUERADED_ERROR }, { GOTO(OUTPUT_MASQ) } },
	{ IN(FORWARDING), ALWAYS, { }, { JUMP(OUTPUT) } },

	/* a local sender sees a dropped packet as EPERM, as it did a rejected one */
	{ IN(LOCAL), ALWAYS, { }, { JUMP(OUTPUT) } },
	{ IN(LOCAL), OUTPUT_REJECTS, { MARKED(REJECT) }, { DROP } },

	/* a connection is remembered after a packet of it has passed every list */
	{ IN(DELIVERED), ALWAYS, { CT_MARKED(PENDING) }, { CT_SET(REMEMBER) }, "--keep-state" },
	{ IN(POSTROUTING), KEEPS, { CT_MARKED(PENDING) }, { CT_SET(REMEMBER) }, "--keep-state" },
	{ IN(POSTROUTING), ACCT_ANSWERS, { FORWARDED_ANSWER }, { GOTO(ACCT_OUT_ANSWERS) } },
	{ IN(POSTROUTING), ACCT_MASQ, { MASQUERADED_WAY }, { GOTO(ACCT_OUT_MASQ) } },
	{ IN(POSTROUTING), ACCT_MASQ, { MASQUERADED_DATA }, { GOTO(ACCT_OUT_MASQ) } },
	{ IN(POSTROUTING), ACCT_MASQ, { MASQUERADED_ERROR }, { GOTO(ACCT_OUT_MASQ) } },
	{ IN(POSTROUTING), ACCT_OUT, { }, { JUMP(ACCT_OUT_LIST) } },

	{ IN(MASQUERADED), ALWAYS, { CT_MARKED(MASQUERADE), ICMP, ICMP_REQUEST },
	  { MASQUERADE } },
	{ IN(MASQUERADED), ALWAYS, { CT_MARKED(MASQUERADE), TCP_UDP }, { MASQUERADE_PORTS } },
	/* what is for this host, or redirected to it */
	{ IN(PORT_FORWARDS), ALWAYS, .fill = lower_portfw },
	{ IN(REDIRECTED), PORTFW | INPUT_REJECTS, { MARKED(REJECT_PORT) },
	  { RETURN }, "rejected by the input list" },
	{ IN(REDIRECTED), PORTFW, { LOCAL_ADDRESS }, { JUMP(PORT_FORWARDS) } },
	{ IN(REDIRECTED), PORTFW | REDIRECTS, { CT_ANY(REDIRECT) }, { JUMP(PORT_FORWARDS) } },
	{ IN(REDIRECTED), REDIRECTS, .fill = lower_redirect_ports },
	{ IN(REDIRECTED), REDIRECTS, { CT_ANY(REDIRECT) }, { REDIRECT } },
	{ IN(REJECTED), ALWAYS, { MARKED(REJECT_PORT) }, { REJECT(3) } },
	{ IN(REJECTED), ALWAYS, { MARKED(REJECT) }, { REJECT(1) } },
};
/* clang-format on */

static void xtables_fill(struct lower *l)
{
	const struct fw_list *acct = &l->rules->list[FW_ACCT];
	__u32 i;

	if (acct->count)
		l->needs |= ACCT_IN | ACCT_OUT | (l->needs & MASQUERADES ? ACCT_MASQ : 0) |
			    (l->needs & PORTFW ? ACCT_ANSWERS : 0);
	for (i = 0; i < FW_ACCT; i++)
		if (list_has_helpers(&l->rules->list[i]))
			l->needs |= HAS_HELPERS | (i == FW_OUTPUT ? OUTPUT_HELPERS : 0);
	glue_fill(l, acct_glue, FW_COUNT(acct_glue));
	for (i = 0; i < acct->count; i++)
		account_lower(l, i);
	glue_fill(l, xt_glue, FW_COUNT(xt_glue));
}

struct plan *plan_lower_xtables(const struct fw_ruleset *rs, const struct plan_options *o)
{
	return lower_run(PLAN_XTABLES, xt_chains, rs, o, xtables_fill);
}
