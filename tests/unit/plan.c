// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What lowerings say of rules that they cannot take over exactly, and changes
 * of TOS, all of which they can.
 */
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "backend/plan/plan_check.h"
#include "backend/plan/plan_eval.h"
#include "backend/ruleset.h"
#include "kmod/core/names.h"

static const struct fw_dev devs[] = {
	{ "lo", 0x7f000001, 0xff000000 },
	{ "eth0", 0x0a000001, 0xffffff00 },
	{ "eth0:1", 0x0a000101, 0xffffff00 },
	{ "eth1", 0xc0a80101, 0xffffff00 },
	{ "ppp0", 0xc0a80101, 0xffffffff },
};

static struct plan_options options = {
	.devs = devs, .ndevs = FW_COUNT(devs), .mark_mask = BACKEND_MARK_MASK,
};

static struct plan *lower(enum plan_target target, const struct fw_ruleset *rs)
{
	struct plan *p = target == PLAN_NFT ? plan_lower_nft(rs, &options)
					    : plan_lower_xtables(rs, &options);

	assert_non_null(p);
	return p;
}

static void append(struct fw_ruleset *rs, enum fw_list_id list, const struct fw_rule *r)
{
	const struct fw_edit e = { .op = FW_OP_APPEND, .list = list, .rule = *r };

	assert_int_equal(fw_ruleset_edit(rs, &e), 0);
}

static struct fw_rule rule(__u16 flags)
{
	return (struct fw_rule){ .flags = flags, .tosand = 0xff };
}

static struct fw_rule rule_named(__u16 flags, const char *name)
{
	struct fw_rule r = rule(flags);

	memcpy(r.vianame, name, strnlen(name, sizeof(r.vianame)));
	return r;
}

static void expect_of(enum plan_target target, const struct fw_ruleset *rs,
		      enum fw_list_id list, enum plan_exactness exactness, const char *words)
{
	struct plan *p = lower(target, rs);
	struct plan_report *report = &p->report[list][0];

	assert_int_equal(report->exactness, exactness);
	if (words) {
		assert_non_null(report->reason);
		assert_non_null(strstr(report->reason, words));
	}
	plan_free(p);
}

/* Lowers r alone and expects the report; words: part of the reason. */
static void expect(enum plan_target target, enum fw_list_id list, const struct fw_rule *r,
		   enum plan_exactness exactness, const char *words)
{
	struct fw_ruleset rs;

	fw_ruleset_init(&rs);
	append(&rs, list, r);
	expect_of(target, &rs, list, exactness, words);
	fw_ruleset_free(&rs);
}

/* likewise with a forward rule that masquerades */
static void expect_masquerading(enum plan_target target, enum fw_list_id list,
				const struct fw_rule *r, enum plan_exactness exactness,
				const char *words)
{
	const struct fw_rule masq = rule(FW_ACCEPT | FW_MASQ);
	struct fw_ruleset rs;

	fw_ruleset_init(&rs);
	append(&rs, list, r);
	append(&rs, FW_FORWARD, &masq);
	expect_of(target, &rs, list, exactness, words);
	fw_ruleset_free(&rs);
}

static struct plan *lower_one(enum plan_target target, enum fw_list_id list,
			      const struct fw_rule *r)
{
	struct fw_ruleset rs;
	struct plan *p;

	fw_ruleset_init(&rs);
	append(&rs, list, r);
	p = lower(target, &rs);
	fw_ruleset_free(&rs);
	return p;
}

static void test_plain_is_exact(void **state)
{
	struct fw_rule r = rule(FW_ACCEPT | FW_KIND_TCP | FW_BIDIR | FW_TCPSYN);
	enum fw_list_id list;

	(void)state;
	for (list = 0; list < FW_LISTS; list++) {
		expect(PLAN_NFT, list, &r, PLAN_EXACT, NULL);
		expect(PLAN_XTABLES, list, &r, PLAN_EXACT, NULL);
	}
}

static void test_interface_absent(void **state)
{
	struct fw_rule r = rule_named(FW_ACCEPT, "ppp9");

	(void)state;
	expect(PLAN_NFT, FW_INPUT, &r, PLAN_EXACT, NULL);
	expect(PLAN_XTABLES, FW_FORWARD, &r, PLAN_EXACT, NULL);
}

static void test_interface_name(void **state)
{
	struct fw_rule quote = rule_named(FW_ACCEPT, "a\"b");
	struct fw_rule plus = rule_named(FW_ACCEPT, "eth+");
	struct fw_rule star = rule_named(FW_ACCEPT, "eth*");
	struct fw_rule space = rule_named(FW_ACCEPT, "eth 0");
	struct fw_rule full = rule_named(FW_ACCEPT, "abcdefghijklmnop");

	(void)state;
	expect(PLAN_NFT, FW_INPUT, &quote, PLAN_IMPOSSIBLE, "cannot be written");
	expect(PLAN_XTABLES, FW_INPUT, &quote, PLAN_EXACT, NULL);
	expect(PLAN_XTABLES, FW_INPUT, &plus, PLAN_IMPOSSIBLE, "cannot be written");
	expect(PLAN_NFT, FW_INPUT, &plus, PLAN_EXACT, NULL);
	expect(PLAN_XTABLES, FW_INPUT, &star, PLAN_EXACT, NULL);
	/* no interface can be called so: they match nothing, exactly */
	expect(PLAN_NFT, FW_INPUT, &space, PLAN_EXACT, NULL);
	expect(PLAN_XTABLES, FW_INPUT, &full, PLAN_EXACT, NULL);
}

static void test_address_of_nobody(void **state)
{
	struct fw_rule r = rule(FW_ACCEPT);

	(void)state;
	r.via = 0x01020304;
	expect(PLAN_NFT, FW_INPUT, &r, PLAN_APPROXIMATE, "1.2.3.4");
	expect(PLAN_XTABLES, FW_OUTPUT, &r, PLAN_APPROXIMATE, "1.2.3.4");
	r = rule_named(FW_ACCEPT, "eth1");
	r.via = devs[1].addr;	/* of another interface: never, exactly */
	expect(PLAN_NFT, FW_INPUT, &r, PLAN_EXACT, NULL);
}

static void test_alias(void **state)
{
	struct fw_rule alias = rule_named(FW_ACCEPT, "eth0:1");
	struct fw_rule parent = rule_named(FW_ACCEPT, "eth0");
	struct fw_rule unknown = rule_named(FW_ACCEPT, "eth0:9");

	(void)state;
	expect(PLAN_NFT, FW_INPUT, &alias, PLAN_EXACT, NULL);
	expect(PLAN_NFT, FW_INPUT, &parent, PLAN_EXACT, NULL);
	expect(PLAN_NFT, FW_OUTPUT, &alias, PLAN_APPROXIMATE, "alias");
	expect(PLAN_XTABLES, FW_FORWARD, &parent, PLAN_APPROXIMATE, "alias");
	expect(PLAN_NFT, FW_INPUT, &unknown, PLAN_APPROXIMATE, "eth0:9");
}

/* Rules in force follow the addresses, a text does not. */
static void test_text_keeps_addresses(void **state)
{
	struct fw_rule alias = rule_named(FW_ACCEPT, "eth0:1");
	struct fw_rule parent = rule_named(FW_ACCEPT, "eth0");
	struct fw_rule other = rule_named(FW_ACCEPT, "eth1");
	struct fw_rule via = rule(FW_ACCEPT), source = rule(FW_ACCEPT);
	const char *words = "keep the addresses";

	(void)state;
	via.via = devs[0].addr;
	expect(PLAN_NFT, FW_INPUT, &via, PLAN_EXACT, NULL);
	options.is_text = true;
	expect(PLAN_NFT, FW_INPUT, &via, PLAN_APPROXIMATE, words);
	expect(PLAN_XTABLES, FW_OUTPUT, &via, PLAN_APPROXIMATE, words);
	expect(PLAN_NFT, FW_INPUT, &alias, PLAN_APPROXIMATE, words);
	expect(PLAN_NFT, FW_INPUT, &parent, PLAN_APPROXIMATE, words);
	expect(PLAN_NFT, FW_INPUT, &other, PLAN_EXACT, NULL);
	source.src = devs[1].addr;
	source.smsk = 0xffffffff;
	expect(PLAN_XTABLES, FW_OUTPUT, &source, PLAN_EXACT, NULL);
	expect_masquerading(PLAN_NFT, FW_OUTPUT, &source, PLAN_EXACT, NULL);
	expect_masquerading(PLAN_XTABLES, FW_OUTPUT, &source, PLAN_APPROXIMATE, words);
	options.is_text = false;
	expect_masquerading(PLAN_XTABLES, FW_OUTPUT, &source, PLAN_EXACT, NULL);
}

/* A rule that denies lets more through if it matches fewer packets, others if more. */
static void test_passes_more(void **state)
{
	static const struct {
		enum plan_target target;
		__u16 flags, lo;
		const char *name;
		bool more;
	} c[] = {
		{ PLAN_XTABLES, FW_KIND_UDP, 61001, "", true },
		{ PLAN_XTABLES, FW_KIND_UDP | FW_ICMPRPL, 61001, "", true },
		{ PLAN_XTABLES, FW_KIND_UDP | FW_ACCEPT, 61001, "", false },
		{ PLAN_XTABLES, FW_KIND_UDP, 61000, "", false },
		{ PLAN_NFT, FW_KIND_UDP, 61001, "", false },
		{ PLAN_NFT, FW_ACCEPT, 0, "eth0", true },
		{ PLAN_NFT, 0, 0, "eth0", false },
		{ PLAN_NFT, FW_ACCEPT, 0, "eth1", false },
	};
	const struct fw_edit none = { .op = FW_OP_FLUSH, .list = FW_INPUT };
	const struct fw_rule masq = rule(FW_POLICY_MASQ);
	char text[256];
	size_t i;

	(void)state;
	for (i = 0; i < FW_COUNT(c); i++) {
		struct fw_edit e = { .op = FW_OP_APPEND, .list = FW_OUTPUT };
		struct fw_ruleset rs;
		struct plan *p;

		e.rule = rule_named(c[i].flags, c[i].name);
		if (c[i].lo) {
			e.rule.flags |= FW_SRNG;
			e.rule.nsp = 2;
			e.rule.pts[0] = c[i].lo;
			e.rule.pts[1] = 65095;
		}
		fw_ruleset_init(&rs);
		append(&rs, FW_OUTPUT, &e.rule);
		append(&rs, FW_FORWARD, &masq);
		p = lower(c[i].target, &rs);
		assert_int_equal(p->report[FW_OUTPUT][0].passes_more, c[i].more);
		assert_int_equal(plan_passes_more(p, p->needs, &rs, &e, 1, text, sizeof(text)),
				 c[i].more);
		assert_int_equal(plan_passes_more(p, 0, &rs, &none, 1, text, sizeof(text)),
				 c[i].more);
		assert_false(plan_passes_more(p, p->needs, &rs, &none, 1, text, sizeof(text)));
		assert_false(plan_passes_more(p, 0, &rs, NULL, 0, text, sizeof(text)));
		plan_free(p);
		fw_ruleset_free(&rs);
	}
}

/* 2.0 masqueraded without a helper whose module was not loaded. */
static void test_helpers_missing(void **state)
{
	struct fw_rule masq = rule(FW_ACCEPT | FW_MASQ), named = rule(FW_ACCEPT);
	enum plan_target target;

	(void)state;
	named.helper = FW_HELPER_IRC;
	options.helpers_missing = 1u << FW_HELPER_IRC;
	for (target = PLAN_NFT; target <= PLAN_XTABLES; target++) {
		struct plan *p;

		expect(target, FW_FORWARD, &masq, PLAN_APPROXIMATE, "the helper irc");
		expect(target, FW_FORWARD, &named, PLAN_IMPOSSIBLE, "the helper irc");
		p = lower_one(target, FW_FORWARD, &masq);
		assert_int_equal(p->nhelpers, 1);
		assert_string_equal(p->helpers[0].name, "ftp-tcp");
		plan_free(p);
	}
	options.helpers_missing = 0;
}

/* -V finds every interface that has the address */
static void test_address_of_two(void **state)
{
	struct fw_rule r = rule(FW_ACCEPT);
	struct fw_ruleset rs;
	struct plan *p;
	struct plan_chain *c;
	struct plan_rule *pr;
	__u32 names = 0;

	(void)state;
	r.via = devs[3].addr;
	fw_ruleset_init(&rs);
	append(&rs, FW_INPUT, &r);
	p = lower(PLAN_NFT, &rs);
	for (c = p->chains; c; c = c->next)
		for (pr = c->rules; pr; pr = pr->next)
			if (pr->origin == 0 && pr->nmatches)
				names += pr->match->names.count;
	assert_int_equal(names, 2);
	plan_free(p);
	fw_ruleset_free(&rs);
}

static void test_reject_behind_masquerading(void **state)
{
	struct fw_rule reject = rule(FW_ICMPRPL), masq = rule(FW_POLICY_MASQ);
	struct fw_ruleset rs;
	struct plan *p;

	(void)state;
	fw_ruleset_init(&rs);
	append(&rs, FW_OUTPUT, &reject);
	append(&rs, FW_FORWARD, &masq);
	rs.list[FW_OUTPUT].policy = FW_POLICY_REJECT;
	p = lower(PLAN_NFT, &rs);
	assert_int_equal(p->report[FW_OUTPUT][0].exactness, PLAN_APPROXIMATE);
	assert_int_equal(p->policy_report[FW_OUTPUT].exactness, PLAN_APPROXIMATE);
	plan_free(p);
	p = lower(PLAN_XTABLES, &rs);
	assert_int_equal(p->report[FW_OUTPUT][0].exactness, PLAN_EXACT);
	assert_int_equal(p->policy_report[FW_OUTPUT].exactness, PLAN_EXACT);
	plan_free(p);
	fw_ruleset_free(&rs);
}

/* source ports of masqueraded packets are known only as 61000-65095 */
static void test_ports_behind_masquerading(void **state)
{
	static const struct {
		__u16 lo, hi;
		enum plan_exactness exactness;
	} ports[] = {
		{ 1024, 65535, PLAN_EXACT },	   { 61000, 65095, PLAN_EXACT },
		{ 1, 60999, PLAN_EXACT },	   { 65096, 65535, PLAN_EXACT },
		{ 61001, 65095, PLAN_APPROXIMATE }, { 1, 61000, PLAN_APPROXIMATE },
	};
	struct fw_rule masq = rule(FW_POLICY_MASQ);
	size_t i;

	(void)state;
	for (i = 0; i < FW_COUNT(ports); i++) {
		struct fw_rule r = rule(FW_ACCEPT | FW_KIND_TCP | FW_SRNG);
		struct fw_ruleset rs;
		struct plan *p;

		r.nsp = 2;
		r.pts[0] = ports[i].lo;
		r.pts[1] = ports[i].hi;
		fw_ruleset_init(&rs);
		append(&rs, FW_OUTPUT, &r);
		append(&rs, FW_FORWARD, &masq);
		p = lower(PLAN_XTABLES, &rs);
		assert_int_equal(p->report[FW_OUTPUT][0].exactness, ports[i].exactness);
		plan_free(p);
		fw_ruleset_free(&rs);
	}
}

static void test_helpers(void **state)
{
	struct fw_rule r = rule(FW_ACCEPT | FW_KIND_TCP);

	(void)state;
	r.helper = FW_HELPER_FTP;
	expect(PLAN_NFT, FW_FORWARD, &r, PLAN_EXACT, NULL);
	expect(PLAN_XTABLES, FW_INPUT, &r, PLAN_EXACT, NULL);
	expect(PLAN_XTABLES, FW_FORWARD, &r, PLAN_EXACT, NULL);
	expect(PLAN_XTABLES, FW_OUTPUT, &r, PLAN_EXACT, NULL);
	memcpy(r.vianame, "eth1", 5);
	expect(PLAN_NFT, FW_FORWARD, &r, PLAN_EXACT, NULL);
	expect(PLAN_XTABLES, FW_FORWARD, &r, PLAN_APPROXIMATE, "interface it leaves by");
	expect(PLAN_XTABLES, FW_INPUT, &r, PLAN_EXACT, NULL);
	r.vianame[0] = '\0';
	r.state = FW_STATE_NEW;
	expect(PLAN_XTABLES, FW_INPUT, &r, PLAN_APPROXIMATE, "earlier rule");
	expect(PLAN_NFT, FW_ACCT, &r, PLAN_APPROXIMATE, "only counts");
	r.flags = FW_ACCEPT | FW_KIND_UDP;
	expect(PLAN_NFT, FW_INPUT, &r, PLAN_APPROXIMATE, "protocol");
}

/* With --helper sip and -P all there are two helpers, each for its protocol. */
static void test_helpers_declared(void **state)
{
	struct fw_rule r = rule(FW_ACCEPT);
	struct fw_ruleset rs;
	struct plan *p;

	(void)state;
	r.helper = FW_HELPER_SIP;
	fw_ruleset_init(&rs);
	append(&rs, FW_INPUT, &r);
	append(&rs, FW_INPUT, &r);
	p = lower(PLAN_NFT, &rs);
	assert_int_equal(p->nhelpers, 2);
	assert_string_equal(p->helpers[0].name, "sip-tcp");
	assert_string_equal(p->helpers[1].name, "sip-udp");
	assert_string_equal(p->helpers[1].type, "sip");
	plan_free(p);
	fw_ruleset_free(&rs);
}

static struct plan *lower_masquerading(enum plan_target target, __u32 tcp, __u32 udp)
{
	struct fw_rule r = rule(FW_ACCEPT | FW_MASQ);
	struct fw_ruleset rs;
	struct plan *p;

	fw_ruleset_init(&rs);
	rs.timeouts.tcp = tcp;
	rs.timeouts.udp = udp;
	append(&rs, FW_FORWARD, &r);
	p = lower(target, &rs);
	assert_int_equal(p->report[FW_FORWARD][0].exactness, PLAN_EXACT);
	fw_ruleset_free(&rs);
	return p;
}

/* An object's name tells its values, so that others are another object. */
static void test_masquerading_timeouts(void **state)
{
	struct plan *p = lower_masquerading(PLAN_NFT, 7200, 0xffffffff);
	const struct plan_timeout *t = p->timeouts;

	(void)state;
	assert_int_equal(p->ntimeouts, 2);
	assert_string_equal(t[0].name, "tcp-7200-120");
	assert_int_equal(t[0].seconds[PLAN_TCP_SYN_SENT], 7200);
	assert_int_equal(t[0].seconds[PLAN_TCP_CLOSE_WAIT], 7200);
	assert_int_equal(t[0].seconds[PLAN_TCP_UNACK], 7200);
	assert_int_equal(t[0].seconds[PLAN_TCP_LAST_ACK], 120);
	assert_int_equal(t[0].seconds[PLAN_TCP_TIME_WAIT], 120);
	assert_int_equal(t[0].seconds[PLAN_TCP_CLOSE], 1);
	/* as long as the kernel can count at 1000 Hz, in 31 bits */
	assert_true(t[1].seconds[PLAN_UDP_REPLIED] < 0x7fffffff / 1000);
	assert_true(t[1].seconds[PLAN_UDP_UNREPLIED] > 0x7fffffff / 1100);
	plan_free(p);
}

static void test_masquerading_helpers(void **state)
{
	enum plan_target target;

	(void)state;
	for (target = PLAN_NFT; target <= PLAN_XTABLES; target++) {
		struct plan *p = lower_masquerading(target, 900, 300);

		assert_int_equal(p->nhelpers, 2);
		assert_string_equal(p->helpers[0].name, "ftp-tcp");
		assert_string_equal(p->helpers[1].name, "irc-tcp");
		plan_free(p);
	}
}

/* sixteen bits of mark have twelve for the number of the redirect port */
/* rules and policies of a plan by exactness */
static void reports_count(const struct plan *p, __u32 n[PLAN_IMPOSSIBLE + 1])
{
	memset(n, 0, (PLAN_IMPOSSIBLE + 1) * sizeof(*n));
	for (unsigned int list = 0; list < FW_LISTS; list++) {
		for (__u32 i = 0; i < p->nreports[list]; i++)
			n[p->report[list][i].exactness]++;
		if (list != FW_ACCT)
			n[p->policy_report[list].exactness]++;
	}
}

static void test_redirect_ports_run_out(void **state)
{
	enum { NUMBERS = 4095 };
	enum plan_target target;
	struct fw_ruleset rs;
	__u32 n[PLAN_IMPOSSIBLE + 1];
	unsigned int i;

	(void)state;
	fw_ruleset_init(&rs);
	for (i = 0; i < NUMBERS + 10; i++) {
		struct fw_rule r = rule(FW_ACCEPT | FW_REDIR | FW_KIND_TCP);

		r.pts[0] = (__u16)i;
		append(&rs, FW_INPUT, &r);
	}
	for (target = PLAN_NFT; target <= PLAN_XTABLES; target++) {
		struct plan *p = lower(target, &rs);

		reports_count(p, n);
		assert_int_equal(n[PLAN_EXACT], NUMBERS + 3);	/* and three policies */
		assert_int_equal(n[PLAN_APPROXIMATE], 0);
		assert_int_equal(n[PLAN_IMPOSSIBLE], 10);
		plan_free(p);
	}
	fw_ruleset_free(&rs);
}

/* what a plan of one rule for the input list makes of a TOS byte */
static __u8 tos_after(const struct plan *p, __u8 tos)
{
	static const struct plan_watch nobody;
	struct plan_packet pp = {
		.pkt = { .proto = 47, .tos = tos, .len = 20 }, .in = &devs[1],
	};

	plan_eval_hook(p, PLAN_PREROUTING, INT_MIN, INT_MAX, &pp, &nobody);
	assert_int_equal(pp.verdict, PLAN_V_ACCEPT);
	return pp.pkt.tos;
}

/* every pair of masks that -t can give, on every TOS */
static void test_tos_is_exact(void **state)
{
	unsigned int and, xor, tos, wrong = 0;
	enum plan_target target;

	(void)state;
	for (and = 1; and < 256; and += 2) {
		for (xor = 0; xor < 256; xor += 2) {
			struct fw_rule r = rule(FW_ACCEPT);
			struct fw_ruleset rs;

			r.tosand = (__u8)and;
			r.tosxor = (__u8)xor;
			fw_ruleset_init(&rs);
			append(&rs, FW_INPUT, &r);
			for (target = PLAN_NFT; target <= PLAN_XTABLES; target++) {
				struct plan *p = lower(target, &rs);

				for (tos = 0; tos < 256; tos++)
					wrong += tos_after(p, (__u8)tos) !=
						 fw_match_tos(&r.match, (__u8)tos);
				plan_free(p);
			}
			fw_ruleset_free(&rs);
		}
	}
	assert_int_equal(wrong, 0);
}

static unsigned int notes_of(const struct fw_rule *r)
{
	unsigned int n = 0;

	while (plan_note(r, n))
		n++;
	return n;
}

/* Only what can see another state is noted. */
static void test_notes(void **state)
{
	struct fw_rule r = rule(FW_ACCEPT | FW_KIND_TCP);

	(void)state;
	assert_int_equal(notes_of(&r), 0);
	r.state = FW_STATES;
	assert_int_equal(notes_of(&r), 0);
	r.state = FW_STATE_ESTABLISHED;
	assert_int_equal(notes_of(&r), 2);
	assert_non_null(strstr(plan_note(&r, 0), "reset"));
	assert_non_null(strstr(plan_note(&r, 1), "SYN"));
	r.flags = FW_ACCEPT | FW_KIND_UDP;
	assert_int_equal(notes_of(&r), 0);
	r.flags = FW_ACCEPT | FW_KIND_ICMP;
	assert_int_equal(notes_of(&r), 1);
	assert_non_null(strstr(plan_note(&r, 0), "ICMP"));
	r.flags = FW_ACCEPT;
	assert_int_equal(notes_of(&r), 4);
	r.state = 0;
	assert_int_equal(notes_of(&r), 0);
	r.keep_state = 1;
	assert_int_equal(notes_of(&r), 4);
	r.keep_state = 0;
	r.helper = FW_HELPER_TFTP;
	assert_int_equal(notes_of(&r), 2);
	r.helper = FW_HELPER_FTP;
	assert_int_equal(notes_of(&r), 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plain_is_exact),
		cmocka_unit_test(test_interface_absent),
		cmocka_unit_test(test_interface_name),
		cmocka_unit_test(test_address_of_nobody),
		cmocka_unit_test(test_address_of_two),
		cmocka_unit_test(test_alias),
		cmocka_unit_test(test_text_keeps_addresses),
		cmocka_unit_test(test_helpers_missing),
		cmocka_unit_test(test_passes_more),
		cmocka_unit_test(test_reject_behind_masquerading),
		cmocka_unit_test(test_ports_behind_masquerading),
		cmocka_unit_test(test_helpers),
		cmocka_unit_test(test_helpers_declared),
		cmocka_unit_test(test_masquerading_timeouts),
		cmocka_unit_test(test_masquerading_helpers),
		cmocka_unit_test(test_redirect_ports_run_out),
		cmocka_unit_test(test_tos_is_exact),
		cmocka_unit_test(test_notes),
	};

	return cmocka_run_group_tests_name("plan", tests, NULL, NULL);
}
