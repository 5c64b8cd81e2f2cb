// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * lower_xtables.c - a rule set as chains of iptables.
 *
 * The lists stand in table mangle, where TOS can be changed and all forwarded
 * packets pass.  Accepting in a list is a return from its chain, for other
 * lists, and other people's rules, come behind it.  What mangle cannot do
 * travels in the packet mark to the tables filter and nat.
 *
 * There is no hook behind source translation.  So the output list and outgoing
 * accounting have a second chain for packets that will be masqueraded, whose
 * rules are decided by the address that the outgoing interface will lend.
 */
#include <string.h>

#include "backend/plan/lower.h"

struct xtables {
	struct lower *l;
	const struct plan_marks *mark;
	struct plan_chain *list[FW_LISTS];
	struct plan_chain *output_masq;		/* NULL: nothing is masqueraded */
	struct plan_chain *acct_in, *acct_out, *acct_out_masq, *acct;
	struct plan_chain *broken, *reject, *reject_port, *masquerade, *helpers;
	struct plan_chain *unredirected;	/* NULL: nothing is redirected */
	struct plan_chain **redirect;		/* by number */
};

static struct plan_chain *chain_add(struct xtables *x, const char *table,
				    const char *name)
{
	return plan_chain_add(x->l->plan, table, name);
}

/* Calls our chain from the built-in chain of a table. */
static void hook_add(struct xtables *x, const char *table,
				   const char *builtin, enum plan_hook hook, int priority,
				   struct plan_chain *ours)
{
	struct plan_chain *c = chain_add(x, table, builtin);

	plan_chain_hook(x->l->plan, c, NULL, hook, priority);
	glue_jump(x->l, c, NULL, 0, ours);

}

enum { PRIORITY_RAW = -300, PRIORITY_MANGLE = -150, PRIORITY_DNAT = -100,
       PRIORITY_FILTER = 0, PRIORITY_SNAT = 100 };

/* a chain that only marks */
static struct plan_chain *mark_add(struct xtables *x, const char *name, __u32 value,
				   __u32 mask)
{
	struct plan_chain *c = chain_add(x, "mangle", name);

	glue_bits(x->l, c, NULL, 0, PLAN_A_MARK, value, mask, NULL);
	return c;
}

static void broken_fill(struct xtables *x)
{
	const struct plan_match overlap[] = {
		match_proto(FW_PROTO_TCP), match_is(PLAN_M_FRAGMENT_AT_1),
	}, tcp[] = {
		match_proto(FW_PROTO_TCP), match_not(match_is(PLAN_M_FRAGMENT)),
		match_short(16),
	}, udp[] = {
		match_proto(FW_PROTO_UDP), match_not(match_is(PLAN_M_FRAGMENT)),
		match_short(8),
	};

	x->broken = chain_add(x, "mangle", "ipfw-broken");
	glue(x->l, x->broken, overlap, 2, PLAN_A_DROP, "overlaps the TCP header");
	glue(x->l, x->broken, tcp, 3, PLAN_A_DROP, "truncated");
	glue(x->l, x->broken, udp, 3, PLAN_A_DROP, "truncated");
}

/* what 2.0 decided before any rule */
static void head_add(struct xtables *x, struct plan_chain *c)
{
	unsigned int i;

	glue_jump(x->l, c, NULL, 0, x->broken);
	for (i = 0; i < FW_COUNT(lower_protocols); i++) {
		const struct plan_match later[] = {
			match_proto((__u8)lower_protocols[i].lo),
			match_is(PLAN_M_FRAGMENT),
		};

		glue(x->l, c, later, 2, PLAN_A_RETURN, "later fragments pass");
	}
}

/* what 2.0 did not count */
static void account_head_add(struct xtables *x, struct plan_chain *c)
{
	const struct plan_match overlap[] = {
		match_proto(FW_PROTO_TCP), match_is(PLAN_M_FRAGMENT_AT_1),
	}, tcp[] = {
		match_proto(FW_PROTO_TCP), match_short(16),
	}, udp[] = {
		match_proto(FW_PROTO_UDP), match_short(8),
	};

	glue(x->l, c, overlap, 2, PLAN_A_RETURN, "overlaps the TCP header");
	glue(x->l, c, tcp, 2, PLAN_A_RETURN, "truncated");
	glue(x->l, c, udp, 2, PLAN_A_RETURN, "truncated");
}

static void kept_add(struct xtables *x, struct plan_chain *c, enum fw_list_id list)
{
	const struct plan_match kept[] = {
		match_bits(PLAN_M_CT_MARK, x->mark->keep, x->mark->keep),
		match_not(match_bits(PLAN_M_CT_STATE, FW_STATE_INVALID, FW_STATES)),
		match_is(PLAN_M_CT_STATUS_SNAT), match_not(match_is(PLAN_M_CT_REPLY)),
	};

	if (!x->l->honours)
		return;
	if (list == FW_FORWARD && x->l->masquerades)
		glue_goto(x->l, c, kept, 4, x->masquerade);
	glue(x->l, c, kept, 2, PLAN_A_RETURN, "remembered by --keep-state");
}

/*
 * Replies to masqueraded connections are not asked, nor is what comes for the
 * inside because a helper expects it.  Its answers are.
 */
static void reply_skip_add(struct xtables *x, struct plan_chain *c)
{
	const struct plan_match snat = match_is(PLAN_M_CT_STATUS_SNAT);
	const struct plan_match dnat = match_is(PLAN_M_CT_STATUS_DNAT);
	const struct plan_match reply = match_is(PLAN_M_CT_REPLY);
	const struct plan_match expected = match_is(PLAN_M_CT_STATUS_EXPECTED);
	const struct plan_match plain[] = {
		snat, reply, match_not(expected),
	}, asked[] = {
		expected, snat, reply, match_not(dnat),
	}, data[] = {
		expected, dnat, match_not(reply),
		match_bits(PLAN_M_CT_MARK, x->mark->masquerade, x->mark->masquerade),
	};

	glue(x->l, c, plain, 3, PLAN_A_RETURN, "reply to a masqueraded connection");
	glue(x->l, c, asked, 4, PLAN_A_RETURN, "reply to an expected connection");
	glue(x->l, c, data, 4, PLAN_A_RETURN, "expected for the inside");
}

/* Nor are errors about them, but the output list sees those translated. */
static void error_skip_add(struct xtables *x, struct plan_chain *c)
{
	unsigned int i;

	for (i = 0; i < FW_COUNT(lower_icmp_errors); i++) {
		const struct plan_match error[] = {
			match_is(PLAN_M_CT_STATUS_SNAT),
			match_bits(PLAN_M_CT_STATE, FW_STATE_RELATED, FW_STATES),
			match_proto(FW_PROTO_ICMP),
			match_ranges(PLAN_M_ICMP_TYPE, &lower_icmp_errors[i], 1),
		};

		glue_goto(x->l, c, error, 4, x->masquerade);
	}
}

/* what comes before the forward list */
static void forward_head_add(struct xtables *x, struct plan_chain *c)
{
	const struct plan_match redirected = lower_redirect_match(x->l);

	if (x->l->masquerades)
		reply_skip_add(x, c);
	if (x->l->redirects)
		glue_jump(x->l, c, &redirected, 1, x->unredirected);
	if (x->l->masquerades)
		error_skip_add(x, c);
}

static struct plan_chain *redirect_chain(struct xtables *x, __u16 number)
{
	struct lower *l = x->l;
	struct plan_action mark = lower_redirect_mark(l, number);

	if (!x->redirect)
		x->redirect = plan_alloc(l->plan, (lower_redirect_most(l) + 1u) *
						      sizeof(*x->redirect));
	if (!x->redirect[number])
		x->redirect[number] =
			mark_add(x, plan_text(l->plan, "ipfw-redirect-%u",
					      l->redirect_port[number]),
				 mark.bits.value, mark.bits.mask);
	return x->redirect[number];
}

/* the last target of a rule; r: for a policy a rule that changes nothing */
static void act_verdict(struct xtables *x, struct lower_actions *as, enum lower_verdict v,
			const struct fw_rule *r, enum fw_list_id list)
{
	__u16 port = r ? fw_rule_redirect_port(r) : 0;

	switch (v) {
	case LOWER_DROP:
		lower_act(as, PLAN_A_DROP);
		break;
	case LOWER_REJECT:
		lower_act_chain(as, PLAN_A_GOTO,
				list == FW_INPUT ? x->reject_port : x->reject);
		break;
	case LOWER_ACCEPT:
		lower_act(as, PLAN_A_RETURN);
		break;
	case LOWER_MASQUERADE:
		lower_act_chain(as, PLAN_A_GOTO, x->masquerade);
		break;
	case LOWER_REDIRECT:
		lower_act_chain(as, PLAN_A_GOTO,
				redirect_chain(x, lower_redirect_number(x->l, port)));
		break;
	}
}

/* all targets of a rule, each of which needs a rule of its own */
static void act_rule(struct xtables *x, struct lower_actions *as, const struct fw_rule *r,
		     enum fw_list_id list)
{
	if (r->flags & FW_PRN)
		lower_act_text(as, PLAN_A_LOG, lower_log_prefix(x->l, r, list, false));
	if (lower_rule_alters_tos(r, list))
		lower_act_bits(as, PLAN_A_TOS, r->tosxor & 0xfe, r->tosand | 1);
	if (r->keep_state)
		lower_act_bits(as, PLAN_A_MARK, x->mark->keep, x->mark->keep);
	act_verdict(x, as, lower_rule_verdict(r, list), r, list);
}

/* Does the rule ask where a packet comes from? */
static bool rule_asks_source(const struct fw_rule *r)
{
	__u16 kind = r->flags & FW_KIND_MASK;
	bool ports = kind == FW_KIND_TCP || kind == FW_KIND_UDP;

	return r->smsk || (ports && r->nsp) ||
	       (r->flags & FW_BIDIR && (r->dmsk || (ports && r->ndp)));
}

/* for the lists that packets meet as they leave */
static void redirected_report(struct xtables *x, const struct fw_rule *r)
{
	if (x->l->redirects && rule_asks_source(r))
		lower_report(x->l, PLAN_APPROXIMATE,
			     "answers from redirected connections match by the address and "
			     "port of the proxy, not by those that the client asked for");
}

static bool rule_is_possible(struct xtables *x, const struct fw_rule *r,
			     enum fw_list_id list)
{
	if (lower_rule_verdict(r, list) == LOWER_REDIRECT &&
	    !lower_redirect_number(x->l, fw_rule_redirect_port(r)))
		lower_report(x->l, PLAN_IMPOSSIBLE,
			     "there are more redirect ports than the packet mark has "
			     "numbers for");
	return x->l->report->exactness != PLAN_IMPOSSIBLE;
}

/* The rule's own chain: a rule for each target, the first of which counts. */
static struct plan_chain *own_add(struct xtables *x, enum fw_list_id list, __u32 index,
				  const struct lower_actions *targets)
{
	struct plan_chain *c = lower_chain_add(x->l, list, index, "");
	unsigned int i;

	for (i = 0; i < targets->n; i++) {
		struct lower_actions one = { .n = 0 };

		if (!i)
			lower_act(&one, PLAN_A_COUNTER);
		one.a[one.n++] = targets->a[i];
		lower_add_tail(x->l, c, list, index, &one);
	}
	return c;
}

/* The rule for packets that will be masqueraded, if it can match any. */
static struct plan_chain *masqueraded_lower(struct xtables *x, const struct fw_rule *r,
					    enum fw_list_id list, __u32 index,
					    const struct lower_actions *targets)
{
	const struct lower_view view = {
		.list = list, .out = true, .masqueraded = true, .single = true,
	};
	struct lower_actions hit = { .n = 0 };
	struct plan_chain *own;

	lower_conditions(x->l, r, &view);
	if (lower_is_never(x->l))
		return NULL;
	own = own_add(x, list, index, targets);
	lower_act_chain(&hit, PLAN_A_GOTO, own);
	lower_add_conjuncts(x->l, x->output_masq, list, index, &hit);
	return own;
}

static void rule_add(struct xtables *x, enum fw_list_id list, __u32 index,
		     struct plan_chain *own, const struct lower_actions *targets)
{
	struct lower_actions as = { .n = 0 };

	if (!own && x->l->nconjuncts == 1 && targets->n == 1) {
		lower_act(&as, PLAN_A_COUNTER);
		as.a[as.n++] = targets->a[0];
	} else {
		if (!own)
			own = own_add(x, list, index, targets);
		lower_act_chain(&as, PLAN_A_GOTO, own);
	}
	lower_add_conjuncts(x->l, x->list[list], list, index, &as);
}

static void rule_lower(struct xtables *x, enum fw_list_id list, __u32 index)
{
	const struct fw_rule *r = lower_rule_begin(x->l, list, index);
	const struct lower_view view = {
		.list = list, .out = list != FW_INPUT, .alias = list == FW_INPUT,
		.single = true,
	};
	struct lower_actions targets = { .n = 0 };
	bool masqueraded = list == FW_OUTPUT && x->output_masq;
	struct plan_chain *own = NULL;

	lower_conditions(x->l, r, &view);
	if (!rule_is_possible(x, r, list))
		return;
	if (list == FW_OUTPUT)
		redirected_report(x, r);
	act_rule(x, &targets, r, list);
	if (r->helper && lower_rule_verdict(r, list) >= LOWER_ACCEPT)
		lower_helpers_early(x->l, x->helpers, list, index);
	if (masqueraded)
		own = masqueraded_lower(x, r, list, index, &targets);
	if (r->helper || masqueraded)
		lower_conditions(x->l, r, &view);
	rule_add(x, list, index, own, &targets);
}

static void policy_add(struct xtables *x, enum fw_list_id list, struct plan_chain *c)
{
	static const struct fw_rule no_rule;
	enum lower_verdict v = lower_policy_verdict(x->l->rules->list[list].policy, list);
	struct lower_actions as = { .n = 0 };
	struct plan_rule *p;

	if (v == LOWER_ACCEPT)
		return;
	act_verdict(x, &as, v, &no_rule, list);
	p = lower_add(x->l, c, NULL, 0, &as);
	p->list = (__u8)list;
	p->origin = PLAN_ORIGIN_POLICY;
	p->comment = "default policy";
}

static void list_lower(struct xtables *x, enum fw_list_id list)
{
	struct plan_chain *chain[] = {
		x->list[list], list == FW_OUTPUT ? x->output_masq : NULL,
	};
	unsigned int k;
	__u32 i;

	for (k = 0; k < FW_COUNT(chain) && chain[k]; k++) {
		head_add(x, chain[k]);
		kept_add(x, chain[k], list);
		if (list == FW_FORWARD)
			forward_head_add(x, chain[k]);
	}
	for (i = 0; i < x->l->rules->list[list].count; i++)
		rule_lower(x, list, i);
	for (k = 0; k < FW_COUNT(chain) && chain[k]; k++)
		policy_add(x, list, chain[k]);
}

/* Does a rule mean the same for both directions, and for masqueraded packets? */
static bool account_is_common(const struct xtables *x, const struct fw_rule *r)
{
	if (r->flags & FW_ACCTIN && r->flags & FW_ACCTOUT)
		return true;	/* matches nothing, anywhere */
	return !(r->flags & (FW_ACCTIN | FW_ACCTOUT | FW_PRN)) && !r->via &&
	       !r->vianame[0] && !x->l->masquerades;
}

static void account_lower(struct xtables *x, __u32 index)
{
	const struct fw_rule *r = fw_list_rule(&x->l->rules->list[FW_ACCT], index);
	const struct lower_account common = {
		{ .list = FW_ACCT, .single = true }, x->acct, "-any",
	}, place[] = {
		{ { .list = FW_ACCT, .single = true }, x->acct_in, "-in" },
		{ { .list = FW_ACCT, .single = true, .out = true }, x->acct_out, "-out" },
		{ { .list = FW_ACCT, .single = true, .out = true, .masqueraded = true },
		  x->acct_out_masq, "-masq" },
	};
	unsigned int outs = x->acct_out_masq ? 2 : 1;

	if (account_is_common(x, r))
		lower_account(x->l, index, &common, 1);
	else if (r->flags & FW_ACCTIN)
		lower_account(x->l, index, &place[0], 1);
	else if (r->flags & FW_ACCTOUT)
		lower_account(x->l, index, &place[1], outs);
	else
		lower_account(x->l, index, &place[0], 1 + outs);
	if (!(r->flags & FW_ACCTIN))
		redirected_report(x, r);
}

static void accounting_lower(struct xtables *x)
{
	struct plan_chain *head[3] = { 0 };
	unsigned int k;
	__u32 i;

	if (!x->l->rules->list[FW_ACCT].count)
		return;
	x->acct = chain_add(x, "mangle", "ipfw-acct");
	x->acct_in = head[0] = chain_add(x, "mangle", "ipfw-acct-in");
	x->acct_out = head[1] = chain_add(x, "mangle", "ipfw-acct-out");
	if (x->l->masquerades)
		x->acct_out_masq = head[2] = chain_add(x, "mangle", "ipfw-acct-out-masq");
	for (k = 0; k < FW_COUNT(head) && head[k]; k++) {
		account_head_add(x, head[k]);
		glue_jump(x->l, head[k], NULL, 0, x->acct);
	}
	for (i = 0; i < x->l->rules->list[FW_ACCT].count; i++)
		account_lower(x, i);
}

static void prerouting_fill(struct xtables *x)
{
	struct plan_chain *c = chain_add(x, "mangle", "ipfw-prerouting");

	hook_add(x, "mangle", "PREROUTING", PLAN_PREROUTING, PRIORITY_MANGLE, c);
	if (x->acct_in)
		glue_jump(x->l, c, NULL, 0, x->acct_in);
	glue_jump(x->l, c, NULL, 0, x->list[FW_INPUT]);
}

/* What is masqueraded, unless its connection is older. */
static struct plan_chain *translating_fill(struct xtables *x)
{
	struct plan_chain *c = chain_add(x, "mangle", "ipfw-translating");
	const struct plan_match untranslated[] = {
		match_is(PLAN_M_CT_STATUS_CONFIRMED),
		match_not(match_is(PLAN_M_CT_STATUS_SNAT)),
		match_not(match_is(PLAN_M_CT_STATUS_DNAT)),
	};

	glue(x->l, c, untranslated, 3, PLAN_A_DROP, "its connection began untranslated");
	glue_goto(x->l, c, NULL, 0, x->output_masq);
	return c;
}

/* Decides which form of the output list a packet to be masqueraded meets. */
static struct plan_chain *masquerading_fill(struct xtables *x)
{
	struct plan_chain *translating = translating_fill(x);
	struct plan_chain *c = chain_add(x, "mangle", "ipfw-masquerading");
	const struct plan_match tcp = match_proto(FW_PROTO_TCP);
	const struct plan_match udp = match_proto(FW_PROTO_UDP);
	const struct plan_match other = match_not(match_proto(FW_PROTO_ICMP));
	const struct plan_match translated = match_is(PLAN_M_CT_STATUS_SNAT);
	const struct plan_match untracked[] = {
		other, match_bits(PLAN_M_CT_STATE, FW_STATE_INVALID, FW_STATES),
	};
	unsigned int i;

	/* or it would tell the address that is to be hidden */
	glue(x->l, c, untracked, 2, PLAN_A_DROP, "no connection to masquerade");
	glue_goto(x->l, c, &tcp, 1, translating);
	glue_goto(x->l, c, &udp, 1, translating);
	glue(x->l, c, &other, 1, PLAN_A_DROP, "cannot be masqueraded");
	for (i = 0; i < FW_COUNT(lower_icmp_requests); i++) {
		const struct plan_match request[] = {
			match_proto(FW_PROTO_ICMP),
			match_ranges(PLAN_M_ICMP_TYPE, &lower_icmp_requests[i], 1),
		};

		glue_goto(x->l, c, request, 2, translating);
	}
	glue_goto(x->l, c, &translated, 1, x->output_masq);
	glue_bits(x->l, c, NULL, 0, PLAN_A_MARK, 0, x->mark->masquerade,
		  "leaves as it is: no request");
	glue_goto(x->l, c, NULL, 0, x->list[FW_OUTPUT]);
	return c;
}

static void forward_fill(struct xtables *x)
{
	struct plan_chain *c = chain_add(x, "mangle", "ipfw-forwarding");
	const struct plan_match port = match_mark(x->mark->reject_port);
	const struct plan_match host = match_mark(x->mark->reject);
	const struct plan_match masquerade = match_mark(x->mark->masquerade);

	hook_add(x, "mangle", "FORWARD", PLAN_FORWARD, PRIORITY_MANGLE, c);
	if (x->l->rejects[FW_INPUT])
		glue(x->l, c, &port, 1, PLAN_A_RETURN, "rejected by the input list");
	glue_jump(x->l, c, NULL, 0, x->list[FW_FORWARD]);
	if (x->l->rejects[FW_FORWARD])
		glue(x->l, c, &host, 1, PLAN_A_RETURN, "rejected by the forward list");
	if (x->l->masquerades)
		glue_goto(x->l, c, &masquerade, 1, masquerading_fill(x));
	glue_jump(x->l, c, NULL, 0, x->list[FW_OUTPUT]);
}

/* A local sender sees a dropped packet as EPERM, as it did a rejected one. */
static void local_fill(struct xtables *x)
{
	struct plan_chain *c = chain_add(x, "mangle", "ipfw-local");
	const struct plan_match rejected = match_mark(x->mark->reject);

	hook_add(x, "mangle", "OUTPUT", PLAN_OUTPUT, PRIORITY_MANGLE, c);
	glue_jump(x->l, c, NULL, 0, x->list[FW_OUTPUT]);
	if (x->l->rejects[FW_OUTPUT])
		glue(x->l, c, &rejected, 1, PLAN_A_DROP, NULL);
}

/*
 * Only when a packet leaves us is its connection remembered, so that the packet
 * itself is asked in every list.
 */
static void unmark_add(struct xtables *x, struct plan_chain *c, __u32 mask)
{
	const struct plan_match kept = match_mark(x->mark->keep);
	const struct plan_match marked = match_not(match_bits(PLAN_M_MARK, 0, mask));

	if (x->l->keeps)
		glue_bits(x->l, c, &kept, 1, PLAN_A_CT_MARK, x->mark->keep,
			  x->mark->keep, "--keep-state");
	glue_bits(x->l, c, &marked, 1, PLAN_A_MARK, 0, mask, "our marks end here");
}

/* our marks that a delivered packet may bear */
static __u32 marks_delivered(const struct xtables *x)
{
	return (x->l->redirects ? x->mark->redirect : 0) |
	       (x->l->keeps ? x->mark->keep : 0);
}

static void delivered_fill(struct xtables *x)
{
	const struct plan_match invalid[] = {
		lower_redirect_match(x->l),
		match_bits(PLAN_M_CT_STATE, FW_STATE_INVALID, FW_STATES),
	};
	struct plan_chain *c;

	if (!marks_delivered(x))
		return;
	c = chain_add(x, "mangle", "ipfw-delivered");
	hook_add(x, "mangle", "INPUT", PLAN_INPUT, PRIORITY_MANGLE, c);
	if (x->l->redirects)
		glue_jump(x->l, c, invalid, 2, x->unredirected);
	unmark_add(x, c, marks_delivered(x));
}

/*
 * Table nat comes last, so that what is to be masqueraded is told to it by the
 * connection's mark and no mark leaves the host.
 */
static void postrouting_fill(struct xtables *x)
{
	__u32 bit = x->l->masquerades ? x->mark->masquerade : 0;
	__u32 mask = bit | marks_delivered(x);
	const struct plan_match marked = match_mark(bit), plain = match_not(marked);
	struct plan_chain *c;

	if (!x->acct_out && !mask)
		return;
	c = chain_add(x, "mangle", "ipfw-postrouting");
	hook_add(x, "mangle", "POSTROUTING", PLAN_POSTROUTING, PRIORITY_MANGLE, c);
	if (x->acct_out_masq)
		glue_jump(x->l, c, &marked, 1, x->acct_out_masq);
	if (x->acct_out)
		glue_jump(x->l, c, &plain, bit != 0, x->acct_out);
	if (bit)
		glue_bits(x->l, c, &marked, 1, PLAN_A_CT_MARK, bit, bit, "see table nat");
	if (mask)
		unmark_add(x, c, mask);
}

static void masquerade_fill(struct xtables *x)
{
	struct plan_chain *c = chain_add(x, "nat", "ipfw-masqueraded");
	const struct plan_match marked = match_bits(PLAN_M_CT_MARK, x->mark->masquerade,
						    x->mark->masquerade);
	struct lower_actions as = { .n = 0 };
	unsigned int i;

	hook_add(x, "nat", "POSTROUTING", PLAN_POSTROUTING, PRIORITY_SNAT, c);
	lower_act(&as, PLAN_A_MASQUERADE);
	for (i = 0; i < FW_COUNT(lower_icmp_requests); i++) {
		const struct plan_match request[] = {
			marked, match_proto(FW_PROTO_ICMP),
			match_ranges(PLAN_M_ICMP_TYPE, &lower_icmp_requests[i], 1),
		};

		lower_glue(x->l, c, request, 3, &as, NULL);
	}
	as.a[0].range = (struct plan_range){ FW_MASQ_PORT_FIRST, FW_MASQ_PORT_END - 1 };
	for (i = 1; i < FW_COUNT(lower_protocols); i++) {
		const struct plan_match ports[] = {
			marked, match_proto((__u8)lower_protocols[i].lo),
		};

		lower_glue(x->l, c, ports, 2, &as, NULL);
	}
}

static void redirect_port_add(struct xtables *x, struct plan_chain *c, __u16 number,
			      __u8 proto)
{
	static const struct plan_range zero = { 0, 0 };
	struct plan_action mark = lower_redirect_mark(x->l, number);
	__u16 port = x->l->redirect_port[number];
	const struct plan_match match[] = {
		match_bits(PLAN_M_MARK, mark.bits.value, mark.bits.mask),
		match_proto(proto), match_ranges(PLAN_M_DPORT, &zero, 1),
	};

	if (port)
		glue_bits(x->l, c, match, 2, PLAN_A_REDIRECT, port, 0, NULL);
	else
		glue(x->l, c, match, 3, PLAN_A_RETURN, "port 0 is not redirected");
}

static void redirect_fill(struct xtables *x)
{
	struct plan_chain *c = chain_add(x, "nat", "ipfw-redirected");
	const struct plan_match marked = lower_redirect_match(x->l);
	__u16 i;

	hook_add(x, "nat", "PREROUTING", PLAN_PREROUTING, PRIORITY_DNAT, c);
	for (i = 1; i <= x->l->nredirects; i++) {
		redirect_port_add(x, c, i, FW_PROTO_TCP);
		redirect_port_add(x, c, i, FW_PROTO_UDP);
	}
	glue_bits(x->l, c, &marked, 1, PLAN_A_REDIRECT, 0, 0, NULL);
}

static void reject_fill(struct xtables *x)
{
	const bool *rejects = x->l->rejects;
	const struct plan_match port = match_mark(x->mark->reject_port);
	const struct plan_match host = match_mark(x->mark->reject);
	struct plan_chain *c;

	if (!rejects[FW_INPUT] && !rejects[FW_FORWARD] && !rejects[FW_OUTPUT])
		return;
	c = chain_add(x, "filter", "ipfw-rejected");
	hook_add(x, "filter", "INPUT", PLAN_INPUT, PRIORITY_FILTER, c);
	hook_add(x, "filter", "FORWARD", PLAN_FORWARD, PRIORITY_FILTER, c);
	glue_bits(x->l, c, &port, 1, PLAN_A_REJECT, 3, 0, NULL);
	glue_bits(x->l, c, &host, 1, PLAN_A_REJECT, 1, 0, NULL);
}

/* chains that mark, as far as rules or policies go there */
static void marks_fill(struct xtables *x)
{
	const struct plan_marks *m = x->mark;

	if (x->l->rejects[FW_INPUT])
		x->reject_port = mark_add(x, "ipfw-reject-port", m->reject_port,
					  m->reject_port);
	if (x->l->rejects[FW_FORWARD] || x->l->rejects[FW_OUTPUT])
		x->reject = mark_add(x, "ipfw-reject-host", m->reject, m->reject);
	if (x->l->masquerades)
		x->masquerade = mark_add(x, "ipfw-masquerade", m->masquerade,
					 m->masquerade);
}

static bool input_has_helpers(const struct xtables *x)
{
	const struct fw_list *input = &x->l->rules->list[FW_INPUT];
	__u32 i;

	for (i = 0; i < input->count; i++)
		if (fw_list_rule(input, i)->helper)
			return true;
	return false;
}

static void lists_add(struct xtables *x)
{
	x->list[FW_INPUT] = chain_add(x, "mangle", "ipfw-input");
	x->list[FW_FORWARD] = chain_add(x, "mangle", "ipfw-forward");
	x->list[FW_OUTPUT] = chain_add(x, "mangle", "ipfw-output");
	if (x->l->masquerades)
		x->output_masq = chain_add(x, "mangle", "ipfw-output-masq");
	if (!x->l->masquerades && !input_has_helpers(x))
		return;
	x->helpers = chain_add(x, "raw", "ipfw-helpers");
	hook_add(x, "raw", "PREROUTING", PLAN_PREROUTING, PRIORITY_RAW, x->helpers);
}

static void xtables_fill(struct lower *l)
{
	struct xtables x = { .l = l, .mark = &l->plan->marks };

	accounting_lower(&x);
	marks_fill(&x);
	broken_fill(&x);
	lists_add(&x);
	list_lower(&x, FW_INPUT);
	if (l->redirects) {
		x.unredirected = chain_add(&x, "mangle", "ipfw-unredirected");
		lower_unredirected_fill(l, x.unredirected);
	}
	if (l->masquerades)
		lower_masq_helpers_early(l, x.helpers);
	list_lower(&x, FW_FORWARD);
	list_lower(&x, FW_OUTPUT);
	prerouting_fill(&x);
	forward_fill(&x);
	local_fill(&x);
	delivered_fill(&x);
	postrouting_fill(&x);
	if (l->masquerades)
		masquerade_fill(&x);
	if (l->redirects)
		redirect_fill(&x);
	reject_fill(&x);
}

struct plan *plan_lower_xtables(const struct fw_ruleset *rs, const struct plan_options *o)
{
	return lower_run(PLAN_XTABLES, rs, o, xtables_fill);
}
