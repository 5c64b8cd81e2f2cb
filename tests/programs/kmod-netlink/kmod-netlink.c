// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * kmod-netlink.c - the module's operations, and how they are announced.
 *
 * usage: kmod-netlink
 *
 * Needs the module and root; works in network namespaces of its own.
 */
#include <errno.h>
#include <linux/genetlink.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/ruleset.h"
#include "tests/lib/edits.h"
#include "tests/lib/family.h"
#include "tests/lib/random_rules.h"
#include "tests/lib/tally.h"

#define MESSAGE_MAX 4096
#define TRANSACTIONS 300
#define EDITS_MAX 12
#define GATE 0xc0000201	/* an outer address */
#define RULES_MAX (TRANSACTIONS * EDITS_MAX)
#define FORWARDS_MAX 256	/* of random_portfw_edit(), and more */

static struct tally tally;

#define check(good, ...) \
	((good) ? tally_pass(&tally) : tally_fail(&tally, __VA_ARGS__))

/* a new namespace, so that the module is there as after loading */
static void begin(struct family *f)
{
	if (unshare(CLONE_NEWNET)) {
		perror("unshare");
		exit(1);
	}
	int err = family_open(f);
	if (err) {
		fprintf(stderr, "cannot reach the module: %s\n", strerror(-err));
		exit(1);
	}
}

static const struct fw_rule full = {
	.src = 0x0a000000, .smsk = 0xff00ff00, .dst = 0xc0a80101, .dmsk = 0xffffffff,
	.via = 0x7f000001, .flags = FW_KIND_TCP | FW_ACCEPT | FW_SRNG | FW_BIDIR | FW_TCPSYN,
	.nsp = 3, .ndp = 4, .pts = { 1, 65535, 3, 4, 5, 6, 7, 8, 9, 10 },
	.tosand = 0x10, .tosxor = 0x0f,
	.vianame = { 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l', 'm', 'n',
		     'o', 'p' },
	.comment = "1234567890123456789012345678901234567890"
		   "1234567890123456789012345678901234567890",
	.pcnt = 1ull << 40, .bcnt = ~0ull,
};

static void status_check(void)
{
	struct family_status s;
	struct family f;

	begin(&f);
	check(!family_status(&f, &s), "status");
	check(s.generation == 1, "first generation is %u", s.generation);
	check(!(s.features & ~IPFWADM_FEATURES), "unknown features %x", s.features);
	for (int list = 0; list < FW_ACCT; list++)
		check(s.policy[list] == FW_POLICY_ACCEPT, "policy %d", list);
	for (int list = 0; list < FW_LISTS; list++)
		check(!s.count[list], "rules of list %d", list);
	check(s.timeouts.tcp == FW_TIMEOUT_TCP && s.timeouts.tcpfin == FW_TIMEOUT_TCPFIN &&
	      s.timeouts.udp == FW_TIMEOUT_UDP, "timeouts");
	family_close(&f);
}

/* every member of a rule comes back as the 2.0 kernel would have kept it */
static void rule_members_check(void)
{
	struct fw_edit e = { .op = FW_OP_APPEND, .list = FW_ACCT, .rule = full };
	struct fw_rule got[3], want = full;
	struct family f;

	begin(&f);
	fw_rule_prepare(&want);
	check(!family_edit(&f, &e, 1), "append a full rule");
	e.counters = true;
	check(!family_edit(&f, &e, 1), "append with counters");
	check(family_rules(&f, FW_ACCT, false, got, 3) == 2, "two rules");
	check(rules_same(&got[0], &want), "all members, counters at zero");
	want.pcnt = full.pcnt;
	want.bcnt = full.bcnt;
	check(rules_same(&got[1], &want), "all members and the counters");
	e = (struct fw_edit) { .op = FW_OP_DELETE, .list = FW_ACCT, .rule = full };
	check(!family_edit(&f, &e, 1) && !family_edit(&f, &e, 1), "delete it twice");
	check(family_edit(&f, &e, 1) == -EINVAL, "and not thrice");
	family_close(&f);
}

/* what is absent from a rule is 0, but for the TOS mask */
static void rule_absent_check(void)
{
	char buf[MESSAGE_MAX];
	struct fw_rule got, want = { .tosand = 0xff };
	struct nlattr *edit, *rule;
	struct nlmsghdr *nlh;
	struct family f;
	struct answer a;

	begin(&f);
	nlh = family_message(&f, buf, IPFWADM_CMD_EDIT, 0);
	edit = mnl_attr_nest_start(nlh, IPFWADM_A_EDIT);
	mnl_attr_put_u32(nlh, IPFWADM_EDIT_OP, IPFWADM_OP_INSERT);
	mnl_attr_put_u32(nlh, IPFWADM_EDIT_LIST, FW_INPUT);
	rule = mnl_attr_nest_start(nlh, IPFWADM_EDIT_RULE);
	mnl_attr_nest_end(nlh, rule);
	mnl_attr_nest_end(nlh, edit);
	family_ask(&f, nlh, NULL, NULL, &a);
	check(!a.error, "an empty rule: %s", a.text);
	check(family_rules(&f, FW_INPUT, false, &got, 1) == 1 && rules_same(&got, &want),
	      "an empty rule comes back");
	family_close(&f);
}

/* of an attribute that stands twice the last one counts */
static void twice_check(void)
{
	char buf[MESSAGE_MAX];
	struct nlmsghdr *nlh;
	struct nlattr *edit;
	struct family_status s = { 0 };
	struct family f;
	struct answer a;

	begin(&f);
	nlh = family_message(&f, buf, IPFWADM_CMD_EDIT, 0);
	mnl_attr_put_u32(nlh, IPFWADM_A_GENERATION, 99);
	mnl_attr_put_u32(nlh, IPFWADM_A_GENERATION, 1);
	edit = mnl_attr_nest_start(nlh, IPFWADM_A_EDIT);
	mnl_attr_put_u32(nlh, IPFWADM_EDIT_OP, IPFWADM_OP_FLUSH);
	mnl_attr_put_u32(nlh, IPFWADM_EDIT_OP, IPFWADM_OP_POLICY);
	mnl_attr_put_u32(nlh, IPFWADM_EDIT_LIST, FW_INPUT);
	mnl_attr_put_u32(nlh, IPFWADM_EDIT_LIST, FW_OUTPUT);
	mnl_attr_put_u32(nlh, IPFWADM_EDIT_POLICY, FW_POLICY_REJECT);
	mnl_attr_put_u32(nlh, IPFWADM_EDIT_POLICY, FW_POLICY_DENY);
	mnl_attr_nest_end(nlh, edit);
	family_ask(&f, nlh, NULL, NULL, &a);
	check(!a.error && !family_status(&f, &s), "attributes twice: %s", a.text);
	check(s.policy[FW_OUTPUT] == FW_POLICY_DENY && s.policy[FW_INPUT] == FW_POLICY_ACCEPT,
	      "the last of two counts");
	family_close(&f);
}

/* a transaction with the two attributes that are not edits */
static void transaction_ask(struct family *f, __u32 generation, bool replace,
			    const struct fw_edit *edits, size_t n, struct answer *a)
{
	char buf[MESSAGE_MAX];
	struct nlmsghdr *nlh = family_message(f, buf, IPFWADM_CMD_EDIT, 0);

	if (generation)
		mnl_attr_put_u32(nlh, IPFWADM_A_GENERATION, generation);
	if (replace)
		mnl_attr_put(nlh, IPFWADM_A_REPLACE, 0, NULL);
	for (size_t i = 0; i < n; i++)
		family_edit_put(nlh, &edits[i]);
	family_ask(f, nlh, NULL, NULL, a);
}

static void transaction_check(void)
{
	const struct fw_edit edits[] = {
		{ .op = FW_OP_APPEND, .list = FW_OUTPUT, .rule = full },
		{ .op = FW_OP_POLICY, .list = FW_OUTPUT, .policy = FW_POLICY_REJECT },
		{ .op = FW_OP_TIMEOUTS, .timeouts = { .tcpfin = 77 } },
	};
	struct family_status s, t;
	struct family f;
	struct answer a;

	begin(&f);
	family_status(&f, &s);
	transaction_ask(&f, s.generation, false, edits, FW_COUNT(edits), &a);
	check(!a.error, "at the present generation: %s", a.text);
	family_status(&f, &t);
	check(t.generation > s.generation, "a transaction makes a generation");
	check(t.count[FW_OUTPUT] == 1 && t.policy[FW_OUTPUT] == FW_POLICY_REJECT,
	      "a rule and a policy");
	check(t.timeouts.tcp == FW_TIMEOUT_TCP && t.timeouts.tcpfin == 77, "one timeout");
	transaction_ask(&f, s.generation, false, edits, FW_COUNT(edits), &a);
	check(a.error == -ESTALE && *a.text && a.offset == NLMSG_HDRLEN + GENL_HDRLEN,
	      "at an old generation: %d %s, offset %d", a.error, a.text, a.offset);
	transaction_ask(&f, 0, true, edits, 1, &a);
	check(!a.error, "replace: %s", a.text);
	family_status(&f, &t);
	check(t.count[FW_OUTPUT] == 1 && t.policy[FW_OUTPUT] == FW_POLICY_ACCEPT &&
	      t.timeouts.tcpfin == FW_TIMEOUT_TCPFIN, "everything is replaced");
	transaction_ask(&f, 0, true, NULL, 0, &a);
	family_status(&f, &t);
	check(!a.error && !t.count[FW_OUTPUT], "replaced by nothing");
	family_close(&f);
}

static void random_edit(struct random *r, const struct fw_ruleset *rs, struct fw_edit *e)
{
	static const enum fw_op ops[] = {
		FW_OP_APPEND, FW_OP_APPEND, FW_OP_APPEND, FW_OP_INSERT, FW_OP_INSERT,
		FW_OP_DELETE, FW_OP_DELETE, FW_OP_POLICY, FW_OP_TIMEOUTS, FW_OP_ZERO,
	};
	static const __u32 policies[] = { FW_POLICY_DENY, FW_POLICY_ACCEPT, FW_POLICY_REJECT };
	const struct fw_list *l;

	memset(e, 0, sizeof(*e));
	e->op = ops[random_below(r, FW_COUNT(ops))];
	if (random_one_in(r, 100))
		e->op = FW_OP_FLUSH;
	e->list = random_below(r, e->op == FW_OP_POLICY ? FW_ACCT : FW_LISTS);
	l = &rs->list[e->list];
	if (e->op == FW_OP_POLICY) {
		e->policy = policies[random_below(r, FW_COUNT(policies))];
	} else if (e->op == FW_OP_TIMEOUTS) {
		e->timeouts.udp = random_below(r, 3);
		e->timeouts.tcp = random_below(r, 3);
	} else if (e->op <= FW_OP_DELETE) {
		if (l->count && random_chance(r, e->op == FW_OP_DELETE ? 98 : 20))
			e->rule = *fw_list_rule(l, random_below(r, l->count));
		else
			random_rule(r, e->list, &e->rule);
		e->rule.state = e->rule.keep_state = e->rule.helper = 0;
		e->counters = e->op != FW_OP_DELETE && random_one_in(r, 3);
		e->rule.pcnt = e->counters ? random_word(r) : 0;
		e->rule.bcnt = e->counters ? random_word(r) : 0;
	}
}

/* Is everything in force as in the model? */
static bool model_agrees(struct family *f, const struct fw_ruleset *rs,
			 struct fw_rule rules[RULES_MAX])
{
	struct family_status s;
	__u32 i;

	if (family_status(f, &s) || memcmp(&s.timeouts, &rs->timeouts, sizeof(s.timeouts)))
		return false;
	for (enum fw_list_id list = 0; list < FW_LISTS; list++) {
		const struct fw_list *l = &rs->list[list];

		if ((list != FW_ACCT && s.policy[list] != l->policy) ||
		    s.count[list] != l->count ||
		    family_rules(f, list, false, rules, RULES_MAX) != (long)l->count)
			return false;
		for (i = 0; i < l->count; i++)
			if (!rules_same(&rules[i], fw_list_rule(l, i)))
				return false;
	}
	return true;
}

/* Are the module's forwards these, in their order? */
static bool forwards_agree(struct family *f, const struct fw_portfw_table *t)
{
	static struct fw_portfw got[FORWARDS_MAX];
	__u32 i;

	if (family_forwards(f, got, FORWARDS_MAX) != (long)t->count)
		return false;
	for (i = 0; i < t->count; i++)
		if (!fw_portfw_equal(&got[i], &t->entry[i]) ||
		    got[i].weight != t->entry[i].weight || got[i].left != t->entry[i].left ||
		    got[i].trigger_time != t->entry[i].trigger_time ||
		    got[i].conns != t->entry[i].conns)
			return false;
	return true;
}

/* transactions by chance, and the simulator's rule set as the model of them */
static void model_check(__u64 seed)
{
	static struct fw_rule rules[RULES_MAX];
	struct fw_edit edits[EDITS_MAX];
	struct fw_ruleset now, next;
	struct fw_error why;
	struct random r;
	struct family f;

	begin(&f);
	random_seed(&r, seed);
	fw_ruleset_init(&now);
	for (int i = 0; i < TRANSACTIONS; i++) {
		__u32 n = 1 + random_below(&r, EDITS_MAX);
		int want, got;

		if (fw_ruleset_copy(&next, &now))
			exit(1);
		for (want = 0, got = 0; (__u32)got < n; got++) {
			if (random_one_in(&r, 4))
				random_portfw_edit(&r, &edits[got]);
			else
				random_edit(&r, &next, &edits[got]);
			if (!want)
				want = fw_ruleset_edit_all(&next, &edits[got], 1, &why);
		}
		got = family_edit(&f, edits, n);
		check(got == want, "seed %llu, transaction %d: %d, not %d", seed, i, got,
		      want);
		fw_ruleset_free(want ? &next : &now);
		if (!want)
			now = next;
		check(model_agrees(&f, &now, rules) && forwards_agree(&f, &now.portfw),
		      "seed %llu: other rules after transaction %d", seed, i);
	}
	fw_ruleset_free(&now);
	family_close(&f);
}

/* how a packet is built; what is 0 may be left out */
static void packet_put(struct nlmsghdr *nlh, const struct fw_packet *p)
{
	struct nlattr *nest = mnl_attr_nest_start(nlh, IPFWADM_A_PACKET);

	mnl_attr_put_u32(nlh, IPFWADM_PACKET_SADDR, p->saddr);
	mnl_attr_put_u32(nlh, IPFWADM_PACKET_DADDR, p->daddr);
	mnl_attr_put_u8(nlh, IPFWADM_PACKET_PROTO, p->proto);
	mnl_attr_put_u16(nlh, IPFWADM_PACKET_LENGTH, p->len);
	if (p->tos)
		mnl_attr_put_u8(nlh, IPFWADM_PACKET_TOS, p->tos);
	if (p->frag_off)
		mnl_attr_put_u16(nlh, IPFWADM_PACKET_FRAGMENT, p->frag_off);
	if (p->dport)
		mnl_attr_put_u16(nlh, IPFWADM_PACKET_DPORT, p->dport);
	if (p->tcpflags)
		mnl_attr_put_u8(nlh, IPFWADM_PACKET_TCP_FLAGS, p->tcpflags);
	if (p->icmp_type)
		mnl_attr_put_u8(nlh, IPFWADM_PACKET_ICMP_TYPE, p->icmp_type);
	if (p->noptions)
		mnl_attr_put(nlh, IPFWADM_PACKET_OPTIONS, 4 * p->noptions, p->options);
	mnl_attr_nest_end(nlh, nest);
}

struct decision {
	__u32 verdict, by, tos;
	long index, port;		/* -1: not told */
};

static int decision_take(const struct nlmsghdr *nlh, void *ctx)
{
	const struct nlattr *tb[IPFWADM_A_END];
	struct decision *d = ctx;

	family_attrs(nlh, tb, IPFWADM_A_END - 1);
	if (!tb[IPFWADM_A_VERDICT] || !tb[IPFWADM_A_BY] || !tb[IPFWADM_A_TOS])
		return MNL_CB_OK;
	d->verdict = mnl_attr_get_u32(tb[IPFWADM_A_VERDICT]);
	d->by = mnl_attr_get_u32(tb[IPFWADM_A_BY]);
	d->tos = mnl_attr_get_u8(tb[IPFWADM_A_TOS]);
	if (tb[IPFWADM_A_INDEX])
		d->index = mnl_attr_get_u32(tb[IPFWADM_A_INDEX]);
	if (tb[IPFWADM_A_REDIRECT_PORT])
		d->port = mnl_attr_get_u16(tb[IPFWADM_A_REDIRECT_PORT]);
	return MNL_CB_OK;
}

static void decision_check(struct family *f, const char *name, enum fw_list_id list,
			   const struct fw_packet *p, struct decision want)
{
	struct decision d = { .verdict = ~0u, .index = -1, .port = -1 };
	char buf[MESSAGE_MAX];
	struct nlmsghdr *nlh = family_message(f, buf, IPFWADM_CMD_CHECK, 0);
	struct answer a;

	mnl_attr_put_u32(nlh, IPFWADM_A_LIST, list);
	packet_put(nlh, p);
	family_ask(f, nlh, decision_take, &d, &a);
	check(!a.error, "%s: %s", name, a.text);
	check(d.verdict == want.verdict && d.by == want.by && d.tos == want.tos &&
	      d.index == want.index && d.port == want.port,
	      "%s: verdict %u by %u index %ld tos %u port %ld", name, d.verdict, d.by,
	      d.index, d.tos, d.port);
}

static void check_check(void)
{
	const struct fw_edit edits[] = {
		{ .op = FW_OP_POLICY, .list = FW_INPUT, .policy = FW_POLICY_DENY },
		{ .op = FW_OP_APPEND, .list = FW_INPUT, .rule = {
			.flags = FW_KIND_TCP | FW_ACCEPT | FW_TCPSYN, .ndp = 1,
			.pts = { 22 }, .tosand = 1, .tosxor = 0x10 } },
		{ .op = FW_OP_APPEND, .list = FW_INPUT, .rule = {
			.flags = FW_KIND_UDP | FW_ACCEPT | FW_REDIR, .pts = { 53 },
			.tosand = 0xff } },
		{ .op = FW_OP_APPEND, .list = FW_FORWARD, .rule = {
			.flags = FW_KIND_ALL | FW_ACCEPT | FW_MASQ, .tosand = 0xff } },
		{ .op = FW_OP_APPEND, .list = FW_OUTPUT, .rule = {
			.flags = FW_KIND_ICMP | FW_ICMPRPL, .nsp = 1, .pts = { 8 } } },
	};
	struct fw_packet p = {
		.saddr = 0x0a000001, .daddr = 0x0a000002, .proto = FW_PROTO_TCP,
		.len = 60, .tos = 0x08, .dport = 22, .tcpflags = FW_TCP_SYN,
	};
	struct fw_rule rules[4];
	struct family f;

	begin(&f);
	check(!family_edit(&f, edits, FW_COUNT(edits)), "rules to check packets by");
	decision_check(&f, "a rule that changes TOS", FW_INPUT, &p,
		       (struct decision) { FW_V_ACCEPT, FW_BY_RULE, 0x10, 0, -1 });
	p.tcpflags = FW_TCP_ACK;
	decision_check(&f, "flags", FW_INPUT, &p,
		       (struct decision) { FW_V_DENY, FW_BY_POLICY, 8, -1, -1 });
	p.frag_off = 1;
	decision_check(&f, "fragment", FW_INPUT, &p,
		       (struct decision) { FW_V_DENY, FW_BY_EARLY, 8, -1, -1 });
	p.frag_off = 0;
	p.noptions = 10;
	p.len = 75;
	decision_check(&f, "options make the header longer", FW_INPUT, &p,
		       (struct decision) { FW_V_DENY, FW_BY_EARLY, 8, -1, -1 });
	p.noptions = 0;
	p.proto = FW_PROTO_UDP;
	decision_check(&f, "redirect", FW_INPUT, &p,
		       (struct decision) { FW_V_REDIRECT, FW_BY_RULE, 8, 1, 53 });
	decision_check(&f, "masquerade", FW_FORWARD, &p,
		       (struct decision) { FW_V_MASQUERADE, FW_BY_RULE, 8, 0, -1 });
	p.proto = FW_PROTO_ICMP;
	p.icmp_type = 8;
	decision_check(&f, "reject", FW_OUTPUT, &p,
		       (struct decision) { FW_V_REJECT, FW_BY_RULE, 8, 0, -1 });
	check(family_rules(&f, FW_INPUT, false, rules, 4) == 2 && !rules[0].pcnt,
	      "a check does not count");
	family_close(&f);
}

/* what netlink itself refuses, because of how the operations are announced */
static void announcement_check(void)
{
	char buf[MESSAGE_MAX];
	struct nlmsghdr *nlh;
	struct family f;
	struct answer a;

	begin(&f);
	family_ask(&f, family_message(&f, buf, IPFWADM_CMD_END, 0), NULL, NULL, &a);
	check(a.error == -EOPNOTSUPP, "unknown command: %d", a.error);
	family_ask(&f, family_message(&f, buf, IPFWADM_CMD_CHANGED, 0), NULL, NULL, &a);
	check(a.error == -EOPNOTSUPP, "an event is no command: %d", a.error);
	family_ask(&f, family_message(&f, buf, IPFWADM_CMD_RULES_GET, 0), NULL, NULL, &a);
	check(a.error == -EOPNOTSUPP, "get is a dump: %d", a.error);
	family_ask(&f, family_message(&f, buf, IPFWADM_CMD_EDIT, NLM_F_DUMP), NULL, NULL, &a);
	check(a.error == -EOPNOTSUPP, "edit is no dump: %d", a.error);
	nlh = family_message(&f, buf, IPFWADM_CMD_STATUS, 0);
	((struct genlmsghdr *)mnl_nlmsg_get_payload(nlh))->reserved = 1;
	family_ask(&f, nlh, NULL, NULL, &a);
	check(a.error == -EINVAL, "reserved bits: %d", a.error);
	nlh = family_message(&f, buf, IPFWADM_CMD_EDIT, 0);
	memset(mnl_nlmsg_get_payload_tail(nlh), 0, 4);
	nlh->nlmsg_len += 2;
	family_ask(&f, nlh, NULL, NULL, &a);
	check(a.error == -EINVAL && *a.text, "two bytes left over: %d %s", a.error, a.text);
	family_close(&f);
}

/* One edit more than a transaction may have, and as many as it may. */
static void excess_check(void)
{
	const struct fw_edit e = { .op = FW_OP_ZERO, .list = FW_INPUT };
	size_t i, size = 64 + 20 * ((size_t)IPFWADM_EDITS_MAX + 1);
	char *buf = calloc(1, size);
	struct nlmsghdr *nlh;
	struct nlattr *last = NULL;
	struct family f;
	struct answer a;

	if (!buf)
		exit(1);
	begin(&f);
	nlh = family_message(&f, buf, IPFWADM_CMD_EDIT, 0);
	for (i = 0; i <= IPFWADM_EDITS_MAX; i++)
		last = family_edit_put(nlh, &e);
	family_ask(&f, nlh, NULL, NULL, &a);
	check(a.error == -E2BIG && *a.text && a.offset == (char *)last - buf,
	      "too many edits: %d %s at %d", a.error, a.text, a.offset);
	nlh->nlmsg_len -= 20;
	nlh->nlmsg_seq = ++f.seq;
	family_ask(&f, nlh, NULL, NULL, &a);
	check(!a.error, "as many as can be: %d %s", a.error, a.text);
	family_close(&f);
	free(buf);
}

static struct fw_edit forward_to(__u32 to)
{
	return (struct fw_edit){
		.op = FW_OP_PORTFW,
		.portfw.forward = { .addr = GATE, .to = to, .low = 80, .high = 80,
				    .to_port = 8080, .proto = FW_PROTO_TCP, .weight = 1,
				    .flags = FW_PORTFW_HAS_PORT },
	};
}

/* As many forwards as there can be, in one transaction, and one more. */
static void forwards_full_check(void)
{
	static struct fw_edit edits[IPFWADM_FORWARDS_MAX + 1];
	static struct fw_portfw got[IPFWADM_FORWARDS_MAX];
	const struct fw_edit none = { .op = FW_OP_PORTFW, .portfw.op = FW_PORTFW_FLUSH,
				      .portfw.cut = true };
	struct family_status before, after;
	struct family f;
	long i, same = 0;

	begin(&f);
	for (i = 0; i <= IPFWADM_FORWARDS_MAX; i++)
		edits[i] = forward_to(1 + (__u32)i);
	check(family_edit(&f, edits, IPFWADM_FORWARDS_MAX + 1) == -ENOSPC, "one too many");
	check(!family_forwards(&f, got, 1), "nothing was added");
	check(!family_edit(&f, edits, IPFWADM_FORWARDS_MAX), "as many as can be");
	check(family_forwards(&f, got, IPFWADM_FORWARDS_MAX) == IPFWADM_FORWARDS_MAX, "are listed");
	for (i = 0; i < IPFWADM_FORWARDS_MAX; i++)
		same += got[i].to == 1 + (__u32)i;
	check(same == IPFWADM_FORWARDS_MAX, "in order: %ld", same);
	family_status(&f, &before);
	edits[0] = none;
	edits[1] = (struct fw_edit){ .op = FW_OP_DELETE, .list = FW_INPUT };
	check(family_edit(&f, edits, 2) == -EINVAL, "no such rule");
	family_status(&f, &after);
	check(before.generation == after.generation &&
	      family_forwards(&f, got, 1) == IPFWADM_FORWARDS_MAX, "so no forward was deleted");
	check(!family_edit(&f, &none, 1) && !family_forwards(&f, got, 1), "all are deleted");
	family_close(&f);
}

int main(void)
{
	status_check();
	rule_members_check();
	rule_absent_check();
	twice_check();
	transaction_check();
	check_check();
	announcement_check();
	excess_check();
	forwards_full_check();
	for (__u64 seed = 1; seed <= 3; seed++)
		model_check(seed);
	return tally_end(&tally);
}
