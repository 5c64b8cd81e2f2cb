// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * lower_nft.c - a rule set as table ip ipfwadm of nftables.
 *
 * Each list is a chain that holds its rules and nothing else, so that one more
 * rule is one more rule there.  Base chains (input-hook and so on) jump to it
 * and hold the rest: what 2.0 decided before any rule, and the policy.
 * Accepting ends a base chain only, as accepting in a list of 2.0 ended that
 * list only.  The output list is reached from three hooks, because it saw
 * packets as they left: local ones, forwarded ones, and after translation those
 * that are masqueraded or that a proxy answers to redirected connections.
 */
#include <string.h>

#include "backend/plan/lower.h"

enum {
	PRIORITY_ACCT_IN = -450,	/* before defragmentation */
	PRIORITY_ACCT_TRACKED = -195,	/* connections are known */
	PRIORITY_INPUT = -150,		/* addresses are as on the wire */
	PRIORITY_REDIRECT = -100,
	PRIORITY_FILTER = 0,
	PRIORITY_FORWARDED = 1,		/* behind the forward list */
	PRIORITY_MASQUERADE = 100,
	PRIORITY_TRANSLATED = 150,	/* addresses are as they leave */
	PRIORITY_ACCT_OUT = 300,
	PRIORITY_UNMARK = 310,
};

struct nft {
	struct lower *l;
	const struct plan_marks *mark;
	struct plan_chain *acct_in, *acct_tracked, *acct_out, *acct;
	struct plan_chain *list[FW_LISTS];	/* not of accounting */
	struct plan_chain *output_all;	/* the output list with its policy */
	struct plan_chain *fragments, *uncounted;
	struct plan_chain *masquerading;	/* NULL: nothing is masqueraded */
	struct plan_chain *unredirected;	/* NULL: nothing is redirected */
};

static struct plan_chain *base_add(struct nft *n, const char *name, const char *type,
				   enum plan_hook hook, int priority)
{
	struct plan_chain *c = plan_chain_add(n->l->plan, NULL, name);

	plan_chain_hook(n->l->plan, c, type, hook, priority);
	return c;
}

static struct plan_match match_protocols(void)
{
	return match_ranges(PLAN_M_PROTO, lower_protocols, 3);
}

/* tcp and udp stand together there */
static struct plan_match match_tcp_udp(void)
{
	return match_ranges(PLAN_M_PROTO, lower_protocols + 1, 2);
}

static struct plan_match match_requests(void)
{
	return match_ranges(PLAN_M_ICMP_TYPE, lower_icmp_requests,
			    FW_COUNT(lower_icmp_requests));
}

/* what 2.0 decided before any rule */
static struct plan_chain *fragments_fill(struct nft *n)
{
	struct plan_chain *c = plan_chain_add(n->l->plan, NULL, "fragments");
	const struct plan_match overlap[] = {
		match_proto(FW_PROTO_TCP), match_is(PLAN_M_FRAGMENT_AT_1),
	}, later[] = {
		match_protocols(), match_is(PLAN_M_FRAGMENT),
	}, tcp[] = {
		match_proto(FW_PROTO_TCP), match_short(16),
	}, udp[] = {
		match_proto(FW_PROTO_UDP), match_short(8),
	};

	glue(n->l, c, overlap, 2, PLAN_A_DROP, "overlaps the TCP header");
	glue(n->l, c, later, 2, PLAN_A_ACCEPT, "later fragments pass");
	glue(n->l, c, tcp, 2, PLAN_A_DROP, "truncated");
	glue(n->l, c, udp, 2, PLAN_A_DROP, "truncated");
	return c;
}

/* the same for accounting, where accepting means not to be counted */
static struct plan_chain *uncounted_fill(struct nft *n)
{
	struct plan_chain *c = plan_chain_add(n->l->plan, NULL, "uncounted");
	const struct plan_match overlap[] = {
		match_proto(FW_PROTO_TCP), match_is(PLAN_M_FRAGMENT_AT_1),
	}, tcp[] = {
		match_proto(FW_PROTO_TCP), match_short(16),
	}, udp[] = {
		match_proto(FW_PROTO_UDP), match_short(8),
	};

	glue(n->l, c, overlap, 2, PLAN_A_ACCEPT, "overlaps the TCP header");
	glue(n->l, c, tcp, 2, PLAN_A_ACCEPT, "truncated");
	glue(n->l, c, udp, 2, PLAN_A_ACCEPT, "truncated");
	return c;
}

static void kept_add(struct nft *n, struct plan_chain *c)
{
	const struct plan_match kept[] = {
		match_bits(PLAN_M_CT_MARK, n->mark->keep, n->mark->keep),
		match_not(match_bits(PLAN_M_CT_STATE, FW_STATE_INVALID, FW_STATES)),
	};

	if (n->l->honours)
		glue(n->l, c, kept, 2, PLAN_A_ACCEPT, "remembered by --keep-state");
}

/*
 * A connection that lasts has the kernel's timeouts, which are long: 2.0 kept it
 * for as long as what it expected was there.
 */
static void helper_add(struct nft *n, struct plan_chain *c, const struct lower_masq_helper *h)
{
	const struct plan_match control[] = {
		match_proto(FW_PROTO_TCP), match_ranges(PLAN_M_DPORT, h->range, 1),
	};
	struct lower_actions as = { .n = 0 };

	lower_act_text(&as, PLAN_A_HELPER, h->is->name);
	if (h->lasts)
		lower_act(&as, PLAN_A_ACCEPT);
	lower_glue(n->l, c, control, 2, &as, NULL);
}

/*
 * What packets of masqueraded connections meet on their way through the host: new
 * ones are marked, which those inherit that a helper expects, and get what 2.0
 * gave them.  It must be known before the address is translated that there is a
 * helper, or the lengths that it changes would not be made up for.
 */
static struct plan_chain *masquerading_fill(struct nft *n)
{
	struct plan_chain *c = plan_chain_add(n->l->plan, NULL, "masquerading");
	const struct plan_match known = match_bits(PLAN_M_CT_STATE, FW_STATE_ESTABLISHED,
						   FW_STATES);
	const struct plan_match tcp = match_proto(FW_PROTO_TCP);
	const struct plan_match udp = match_proto(FW_PROTO_UDP);
	struct lower_masq_helper helper[LOWER_MASQ_HELPERS];
	unsigned int i;

	glue(n->l, c, &known, 1, PLAN_A_ACCEPT, NULL);
	glue_bits(n->l, c, NULL, 0, PLAN_A_CT_MARK, n->mark->masquerade,
		  n->mark->masquerade, "a masqueraded connection");
	lower_masq_helpers(n->l, helper);
	for (i = 0; i < LOWER_MASQ_HELPERS; i++)
		helper_add(n, c, &helper[i]);
	glue_text(n->l, c, &tcp, 1, PLAN_A_TIMEOUT,
		  lower_masq_timeout(n->l, FW_PROTO_TCP)->name);
	glue_text(n->l, c, &udp, 1, PLAN_A_TIMEOUT,
		  lower_masq_timeout(n->l, FW_PROTO_UDP)->name);
	glue(n->l, c, NULL, 0, PLAN_A_ACCEPT, NULL);
	return c;
}

/*
 * Replies to masqueraded connections are not asked, nor is what comes for the
 * inside because a helper expects it.  Its answers are.
 */
static void reply_skip_add(struct nft *n, struct plan_chain *c)
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
		match_bits(PLAN_M_CT_MARK, n->mark->masquerade, n->mark->masquerade),
	};

	glue(n->l, c, plain, 3, PLAN_A_ACCEPT, "reply to a masqueraded connection");
	glue(n->l, c, asked, 4, PLAN_A_ACCEPT, "reply to an expected connection");
	glue_goto(n->l, c, data, 4, n->masquerading);
}

/* Nor are errors about them, but the output list sees those translated. */
static void error_skip_add(struct nft *n, struct plan_chain *c)
{
	const struct plan_match error[] = {
		match_is(PLAN_M_CT_STATUS_SNAT),
		match_bits(PLAN_M_CT_STATE, FW_STATE_RELATED, FW_STATES),
		match_proto(FW_PROTO_ICMP),
		match_ranges(PLAN_M_ICMP_TYPE, lower_icmp_errors, 3),
	};
	struct lower_actions as = { .n = 0 };

	lower_act_bits(&as, PLAN_A_MARK, n->mark->masquerade, n->mark->masquerade);
	lower_act(&as, PLAN_A_ACCEPT);
	lower_glue(n->l, c, error, 4, &as, "error about a masqueraded connection");
}

/* what comes before the forward list */
static void forward_head_add(struct nft *n, struct plan_chain *c)
{
	const struct plan_match redirected = lower_redirect_match(n->l);

	if (n->l->masquerades)
		reply_skip_add(n, c);
	if (n->l->redirects)
		glue_jump(n->l, c, &redirected, 1, n->unredirected);
	if (n->l->masquerades)
		error_skip_add(n, c);
}

/* forwarded packets; those to be masqueraded wait for their new source */
static void forwarded_fill(struct nft *n)
{
	struct plan_chain *c = base_add(n, "forwarded-output", "filter", PLAN_FORWARD,
					PRIORITY_FORWARDED);
	const struct plan_match masquerade = match_mark(n->mark->masquerade);
	const struct plan_match rejected = match_mark(n->mark->reject);
	const struct plan_match other[] = {
		masquerade, match_not(match_protocols()),
	}, answer[] = {
		masquerade, match_proto(FW_PROTO_ICMP), match_not(match_requests()),
	}, error[] = {
		answer[0], answer[1], answer[2], match_is(PLAN_M_CT_STATUS_SNAT),
	}, untracked[] = {
		masquerade, match_tcp_udp(),
		match_bits(PLAN_M_CT_STATE, FW_STATE_INVALID, FW_STATES),
	};

	if (n->l->masquerades) {
		glue(n->l, c, other, 2, PLAN_A_DROP, "cannot be masqueraded");
		/* a packet that is not tracked has no status to compare */
		glue(n->l, c, error, 4, PLAN_A_ACCEPT, "see translated-output");
		glue_bits(n->l, c, answer, 3, PLAN_A_MARK, 0, n->mark->masquerade,
			  "leaves as it is: no request");
		/* or it would tell the address that is to be hidden */
		glue(n->l, c, untracked, 3, PLAN_A_DROP, "no connection to masquerade");
		glue_goto(n->l, c, &masquerade, 1, n->masquerading);
	}
	glue_jump(n->l, c, NULL, 0, n->output_all);
	if (n->l->rejects[FW_OUTPUT])
		glue_bits(n->l, c, &rejected, 1, PLAN_A_REJECT, 1, 0, NULL);
}

/* where a reject can only be a drop, which a local sender sees as EPERM */
static void output_base_fill(struct nft *n, struct plan_chain *c,
			     const struct plan_match *match, unsigned int nmatches)
{
	const struct plan_match rejected = match_mark(n->mark->reject);

	glue_jump(n->l, c, match, nmatches, n->output_all);
	if (n->l->rejects[FW_OUTPUT])
		glue(n->l, c, &rejected, 1, PLAN_A_DROP, NULL);
}

static void masquerade_fill(struct nft *n)
{
	struct plan_chain *c = base_add(n, "masqueraded", "nat", PLAN_POSTROUTING,
					PRIORITY_MASQUERADE);
	const struct plan_match marked = match_mark(n->mark->masquerade);
	const struct plan_match ports[] = { marked, match_tcp_udp() };
	const struct plan_match request[] = {
		marked, match_proto(FW_PROTO_ICMP), match_requests(),
	};
	struct lower_actions as = { .n = 0 };

	lower_act(&as, PLAN_A_MASQUERADE);
	lower_glue(n->l, c, request, 3, &as, NULL);
	as.a[0].range = (struct plan_range){ FW_MASQ_PORT_FIRST, FW_MASQ_PORT_END - 1 };
	lower_glue(n->l, c, ports, 2, &as, NULL);
}

/*
 * The last of us that a packet meets.  Only now is its connection remembered,
 * so that the packet itself is asked in every list.
 */
static void unmark_add(struct nft *n, struct plan_chain *c, __u32 mask)
{
	const struct plan_match kept = match_mark(n->mark->keep);
	const struct plan_match marked = match_not(match_bits(PLAN_M_MARK, 0, mask));

	if (n->l->keeps)
		glue_bits(n->l, c, &kept, 1, PLAN_A_CT_MARK, n->mark->keep,
			  n->mark->keep, "--keep-state");
	glue_bits(n->l, c, &marked, 1, PLAN_A_MARK, 0, mask, "our marks end here");
}

/* The ports are known once the input list has been lowered. */
static void redirect_fill(struct nft *n, struct plan_chain *c)
{
	struct lower *l = n->l;
	const struct plan_match any = lower_redirect_match(l);
	static const struct plan_range zero = { 0, 0 };
	struct lower_actions as = { .n = 0 };
	__u16 i;

	lower_act(&as, PLAN_A_REDIRECT);
	for (i = 1; i <= l->nredirects; i++) {
		__u32 number = lower_redirect_mark(l, i).bits.value;
		const struct plan_match match[] = {
			match_bits(PLAN_M_MARK, number, n->mark->redirect),
			match_tcp_udp(), match_ranges(PLAN_M_DPORT, &zero, 1),
		};

		as.a[0].bits.value = l->redirect_port[i];
		if (l->redirect_port[i])
			lower_glue(l, c, match, 2, &as, NULL);
		else
			glue(n->l, c, match, 3, PLAN_A_ACCEPT, "port 0 is not redirected");
	}
	as.a[0].bits.value = 0;
	lower_glue(l, c, &any, 1, &as, NULL);
}

static void act_accept(struct nft *n, struct lower_actions *as, const struct fw_rule *r,
		       enum fw_list_id list)
{
	if (lower_rule_alters_tos(r, list))
		lower_tos_accept(n->l, as, r);
	else
		lower_act(as, PLAN_A_ACCEPT);
}

static void act_reject(struct nft *n, struct lower_actions *as, enum fw_list_id list)
{
	if (list != FW_OUTPUT) {
		lower_act_bits(as, PLAN_A_REJECT, list == FW_INPUT ? 3 : 1, 0);
		return;
	}
	if (n->l->masquerades)
		lower_report(n->l, PLAN_APPROXIMATE,
			     "a masqueraded packet is dropped without an answer, because "
			     "nft cannot reject where its new source is known");
	lower_act_bits(as, PLAN_A_MARK, n->mark->reject, n->mark->reject);
	lower_act(as, PLAN_A_RETURN);
}

/* r: for a policy a rule that changes nothing */
static void act_verdict(struct nft *n, struct lower_actions *as, enum lower_verdict v,
			const struct fw_rule *r, enum fw_list_id list)
{
	__u16 port = r ? fw_rule_redirect_port(r) : 0;

	switch (v) {
	case LOWER_DROP:
		lower_act(as, PLAN_A_DROP);
		return;
	case LOWER_REJECT:
		act_reject(n, as, list);
		return;
	case LOWER_MASQUERADE:
		lower_act_bits(as, PLAN_A_MARK, n->mark->masquerade, n->mark->masquerade);
		break;
	case LOWER_REDIRECT:
		as->a[as->n++] = lower_redirect_mark(n->l,
						     lower_redirect_number(n->l, port));
		break;
	case LOWER_ACCEPT:
		break;
	}
	act_accept(n, as, r, list);
}

static void act_helpers(struct nft *n, struct lower_actions *as, const struct fw_rule *r)
{
	const struct plan_helper *helper[LOWER_HELPERS];
	unsigned int i, count = lower_helpers(n->l, r, helper);

	for (i = 0; i < count; i++)
		lower_act_text(as, PLAN_A_HELPER, helper[i]->name);
}

static void act_rule(struct nft *n, struct lower_actions *as, const struct fw_rule *r,
		     enum fw_list_id list)
{
	enum lower_verdict v = lower_rule_verdict(r, list);

	lower_act(as, PLAN_A_COUNTER);
	if (r->flags & FW_PRN)
		lower_act_text(as, PLAN_A_LOG,
			       lower_log_prefix(n->l, r, list, list != FW_INPUT));
	if (v >= LOWER_ACCEPT)
		act_helpers(n, as, r);
	if (r->keep_state)
		lower_act_bits(as, PLAN_A_MARK, n->mark->keep, n->mark->keep);
	act_verdict(n, as, v, r, list);
}

static bool rule_is_possible(struct nft *n, const struct fw_rule *r, enum fw_list_id list)
{
	if (lower_rule_verdict(r, list) == LOWER_REDIRECT &&
	    !lower_redirect_number(n->l, fw_rule_redirect_port(r)))
		lower_report(n->l, PLAN_IMPOSSIBLE,
			     "there are more redirect ports than the packet mark has "
			     "numbers for");
	return n->l->report->exactness != PLAN_IMPOSSIBLE;
}

static void rule_lower(struct nft *n, enum fw_list_id list, __u32 index)
{
	const struct fw_rule *r = lower_rule_begin(n->l, list, index);
	const struct lower_view view = {
		.list = list, .out = list != FW_INPUT, .alias = list == FW_INPUT,
	};
	struct lower_actions as = { .n = 0 }, hit = { .n = 0 };
	struct plan_chain *c;

	lower_conditions(n->l, r, &view);
	if (!rule_is_possible(n, r, list))
		return;
	act_rule(n, &as, r, list);
	if (n->l->nconjuncts == 1) {
		lower_add_conjuncts(n->l, n->list[list], list, index, &as);
		return;
	}
	c = lower_chain_add(n->l, list, index, "");
	lower_add_tail(n->l, c, list, index, &as);
	lower_act_chain(&hit, PLAN_A_GOTO, c);
	lower_add_conjuncts(n->l, n->list[list], list, index, &hit);
}

/*
 * The last rule of the chain that jumps to the list.  The policy of a base chain
 * would not do: it changes a moment after rules do, and starts as accept.
 */
static void policy_lower(struct nft *n, struct plan_chain *c, enum fw_list_id list)
{
	static const struct fw_rule no_rule;
	enum lower_verdict v = lower_policy_verdict(n->l->rules->list[list].policy, list);
	const struct plan_match undecided = match_not(match_mark(n->mark->reject));
	bool marks = list == FW_OUTPUT && n->l->rejects[list];
	struct lower_actions as = { .n = 0 };
	struct plan_rule *p;

	n->l->report = &n->l->plan->policy_report[list];
	if (v == LOWER_ACCEPT)
		return;
	act_verdict(n, &as, v, &no_rule, list);
	p = lower_add(n->l, c, plan_copy(n->l->plan, &undecided, sizeof(undecided)), marks,
		      &as);
	p->list = (__u8)list;
	p->origin = PLAN_ORIGIN_POLICY;
	p->comment = "default policy";
}

/* c: what is asked before the list, the list, its policy */
static void list_lower(struct nft *n, struct plan_chain *c, enum fw_list_id list)
{
	__u32 i;

	n->list[list] = plan_chain_add(n->l->plan, NULL, lower_list_name[list]);
	glue_jump(n->l, c, NULL, 0, n->fragments);
	if (list == FW_FORWARD)
		forward_head_add(n, c);
	kept_add(n, c);
	glue_jump(n->l, c, NULL, 0, n->list[list]);
	for (i = 0; i < n->l->rules->list[list].count; i++)
		rule_lower(n, list, i);
	policy_lower(n, c, list);
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

static void account_lower(struct nft *n, __u32 index)
{
	const struct fw_rule *r = fw_list_rule(&n->l->rules->list[FW_ACCT], index);
	const struct lower_account common = { { .list = FW_ACCT }, n->acct, "-any" };
	const struct lower_account both[] = {
		{ { .list = FW_ACCT }, r->state ? n->acct_tracked : n->acct_in, "-in" },
		{ { .list = FW_ACCT, .out = true }, n->acct_out, "-out" },
	};

	if (account_is_common(r))
		lower_account(n->l, index, &common, 1);
	else if (r->flags & FW_ACCTIN)
		lower_account(n->l, index, &both[0], 1);
	else if (r->flags & FW_ACCTOUT)
		lower_account(n->l, index, &both[1], 1);
	else
		lower_account(n->l, index, both, 2);
}

/* A chain for accounting rules, and the base chain that they are reached from. */
static struct plan_chain *account_chain_add(struct nft *n, const char *hook_name,
					    const char *name, enum plan_hook hook,
					    int priority, bool common)
{
	struct plan_chain *base = base_add(n, hook_name, "filter", hook, priority);
	struct plan_chain *c = plan_chain_add(n->l->plan, NULL, name);

	glue_jump(n->l, base, NULL, 0, n->uncounted);
	if (common)
		glue_jump(n->l, base, NULL, 0, n->acct);
	glue_jump(n->l, base, NULL, 0, c);
	return c;
}

static void accounting_lower(struct nft *n)
{
	const struct fw_list *acct = &n->l->rules->list[FW_ACCT];
	bool in = false, out = false, tracked = false, common = false;
	__u32 i;

	for (i = 0; i < acct->count; i++) {
		const struct fw_rule *r = fw_list_rule(acct, i);
		bool c = account_is_common(r);

		common |= c;
		in |= c || (!(r->flags & FW_ACCTOUT) && !r->state);
		tracked |= !c && !(r->flags & FW_ACCTOUT) && r->state;
		out |= c || !(r->flags & FW_ACCTIN);
	}
	if (acct->count)
		n->uncounted = uncounted_fill(n);
	if (common)
		n->acct = plan_chain_add(n->l->plan, NULL, "acct");
	if (in)
		n->acct_in = account_chain_add(n, "acct-in-hook", "acct-in",
					       PLAN_PREROUTING, PRIORITY_ACCT_IN, common);
	if (tracked)
		n->acct_tracked = account_chain_add(n, "acct-tracked-hook", "acct-tracked",
						    PLAN_PREROUTING,
						    PRIORITY_ACCT_TRACKED, false);
	if (out)
		n->acct_out = account_chain_add(n, "acct-out-hook", "acct-out",
						PLAN_POSTROUTING, PRIORITY_ACCT_OUT,
						common);
	for (i = 0; i < acct->count; i++)
		account_lower(n, i);
}

/* What a proxy answers shows the address that it was sent to only later. */
static void local_fill(struct nft *n)
{
	struct plan_chain *c = base_add(n, PLAN_LOCAL_OUTPUT, "filter", PLAN_OUTPUT,
					PRIORITY_FILTER);
	const struct plan_match answer[] = {
		match_is(PLAN_M_CT_STATUS_DNAT), match_is(PLAN_M_CT_REPLY),
	};
	struct lower_actions as = { .n = 0 };

	lower_act_bits(&as, PLAN_A_MARK, n->mark->masquerade, n->mark->masquerade);
	lower_act(&as, PLAN_A_ACCEPT);
	if (n->l->redirects)
		lower_glue(n->l, c, answer, 2, &as, "see translated-output");
	output_base_fill(n, c, NULL, 0);
}

/* packets whose new source is known by now, unless their connection is older */
static void translated_fill(struct nft *n)
{
	struct plan_chain *c = base_add(n, "translated-output", "filter", PLAN_POSTROUTING,
					PRIORITY_TRANSLATED);
	const struct plan_match untranslated[] = {
		match_mark(n->mark->masquerade),
		match_not(match_is(PLAN_M_CT_STATUS_SNAT)),
		match_not(match_is(PLAN_M_CT_STATUS_DNAT)),
	};

	glue(n->l, c, untranslated, 3, PLAN_A_DROP, "its connection began untranslated");
	output_base_fill(n, c, untranslated, 1);
}

/* our marks that a delivered packet may bear */
static __u32 marks_delivered(const struct nft *n)
{
	return (n->l->redirects ? n->mark->redirect : 0) |
	       (n->l->keeps ? n->mark->keep : 0);
}

static void delivered_fill(struct nft *n)
{
	__u32 marks = marks_delivered(n);
	const struct plan_match invalid[] = {
		lower_redirect_match(n->l),
		match_bits(PLAN_M_CT_STATE, FW_STATE_INVALID, FW_STATES),
	};
	struct plan_chain *c;

	if (!marks)
		return;
	c = base_add(n, "unmark-local", "filter", PLAN_INPUT, PRIORITY_UNMARK);
	if (n->l->redirects)
		glue_jump(n->l, c, invalid, 2, n->unredirected);
	unmark_add(n, c, marks);
}

static void leaving_fill(struct nft *n)
{
	__u32 marks = marks_delivered(n);

	if (n->l->masquerades || n->l->redirects)
		marks |= n->mark->masquerade;
	if (marks)
		unmark_add(n, base_add(n, "unmark", "filter", PLAN_POSTROUTING,
				       PRIORITY_UNMARK), marks);
}

static void nft_fill(struct lower *l)
{
	struct nft n = { .l = l, .mark = &l->plan->marks };
	struct plan_chain *redirected = NULL;

	accounting_lower(&n);
	n.fragments = fragments_fill(&n);
	list_lower(&n, base_add(&n, "input-hook", "filter", PLAN_PREROUTING,
				PRIORITY_INPUT), FW_INPUT);
	if (l->redirects) {
		redirected = base_add(&n, "redirected", "nat", PLAN_PREROUTING,
				      PRIORITY_REDIRECT);
		redirect_fill(&n, redirected);
		n.unredirected = plan_chain_add(l->plan, NULL, "unredirected");
		lower_unredirected_fill(l, n.unredirected);
	}
	if (l->masquerades)
		n.masquerading = masquerading_fill(&n);
	list_lower(&n, base_add(&n, "forward-hook", "filter", PLAN_FORWARD,
				PRIORITY_FILTER), FW_FORWARD);
	n.output_all = plan_chain_add(l->plan, NULL, "output-hook");
	list_lower(&n, n.output_all, FW_OUTPUT);
	local_fill(&n);
	forwarded_fill(&n);
	if (l->masquerades)
		masquerade_fill(&n);
	if (l->masquerades || l->redirects)
		translated_fill(&n);
	delivered_fill(&n);
	leaving_fill(&n);
}

struct plan *plan_lower_nft(const struct fw_ruleset *rs, const struct plan_options *o)
{
	return lower_run(PLAN_NFT, rs, o, nft_fill);
}
