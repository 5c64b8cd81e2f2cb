// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * kmod-message.c - messages to and from the module: what is put is read the same,
 * what is wrong is noticed, and offsets lead to edits.
 */
#include <errno.h>
#include <linux/genetlink.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "backend/kmod/kmod_message.h"
#include "backend/ruleset.h"
#include "tests/lib/random.h"
#include "tests/lib/random_rules.h"

#define RULES 300
#define MUTATIONS 20000

/* a message in memory of its own size, so that reading behind it is noticed */
struct message {
	struct nlmsghdr *h;
	size_t cap;
};

static struct message message_new(void)
{
	struct message m = { .cap = 4096 };
	struct genlmsghdr *g;

	m.h = calloc(1, m.cap);
	assert_non_null(m.h);
	mnl_nlmsg_put_header(m.h);
	g = mnl_nlmsg_put_extra_header(m.h, sizeof(*g));
	g->cmd = IPFWADM_CMD_RULES_GET;
	return m;
}

static void message_fit(struct message *m)
{
	m->cap = m->h->nlmsg_len;
	m->h = realloc(m->h, m->cap);
	assert_non_null(m->h);
}

/* the rule of an edit, as the module tells it */
static struct message rule_message(const struct fw_edit *e)
{
	struct message edit = message_new(), m = message_new();
	const struct nlattr *nest, *a;

	kmod_edit_put(edit.h, e);
	mnl_attr_put_u32(m.h, IPFWADM_A_GENERATION, 7);
	mnl_attr_put_u32(m.h, IPFWADM_A_LIST, e->list);
	mnl_attr_for_each (nest, edit.h, sizeof(struct genlmsghdr))
		mnl_attr_for_each_nested (a, nest)
			if (mnl_attr_get_type(a) == IPFWADM_EDIT_RULE)
				mnl_attr_put(m.h, IPFWADM_A_RULE | NLA_F_NESTED,
					     mnl_attr_get_payload_len(a),
					     mnl_attr_get_payload(a));
	free(edit.h);
	message_fit(&m);
	return m;
}

static struct fw_edit random_edit(struct random *r)
{
	struct fw_edit e = { .op = FW_OP_APPEND, .counters = true };

	e.list = random_below(r, FW_LISTS);
	random_rule(r, e.list, &e.rule);
	fw_rule_prepare(&e.rule);
	e.rule.pcnt = random_word(r);
	e.rule.bcnt = random_word(r);
	return e;
}

static void rules_are_read_as_they_were_put(void **state)
{
	struct random r;
	struct fw_ruleset rs;
	int i;

	(void)state;
	random_seed(&r, 1);
	fw_ruleset_init(&rs);
	for (i = 0; i < RULES; i++) {
		struct fw_edit e = random_edit(&r);
		struct message m = rule_message(&e);
		struct fw_list *l = &rs.list[e.list];
		__u32 generation = 0;

		assert_int_equal(kmod_rules_read(m.h, &rs, &generation), 0);
		assert_int_equal(generation, 7);
		assert_memory_equal(fw_list_rule(l, l->count - 1), &e.rule,
				    sizeof(e.rule));
		free(m.h);
	}
	fw_ruleset_free(&rs);
}

/* Whatever stands in them, nothing but the message is read. */
static void spoiled_messages_are_survived(void **state)
{
	struct random r;
	int i, n, good = 0, refused = 0;

	(void)state;
	random_seed(&r, 2);
	for (i = 0; i < MUTATIONS; i++) {
		struct fw_edit e = random_edit(&r);
		struct message m = rule_message(&e);
		__u8 *bytes = (__u8 *)m.h;
		struct fw_ruleset rs;
		struct fw_decision d;
		__u32 generation;

		for (n = 1 + random_below(&r, 3); n > 0; n--)
			bytes[NLMSG_HDRLEN + random_below(&r, m.cap - NLMSG_HDRLEN)] =
				random_word(&r);
		fw_ruleset_init(&rs);
		if (kmod_rules_read(m.h, &rs, &generation))
			refused++;
		else
			good++;
		kmod_status_read(m.h, &rs, &generation);
		kmod_decision_read(m.h, &d);
		fw_ruleset_free(&rs);
		free(m.h);
	}
	assert_true(good > 0);
	assert_true(refused > 0);
}

static void a_list_must_be_one(void **state)
{
	struct message m = message_new();
	struct fw_ruleset rs;
	__u32 generation;

	(void)state;
	fw_ruleset_init(&rs);
	assert_int_equal(kmod_rules_read(m.h, &rs, &generation), -EPROTO);
	mnl_attr_put_u32(m.h, IPFWADM_A_LIST, FW_LISTS);
	assert_int_equal(kmod_rules_read(m.h, &rs, &generation), -EPROTO);
	mnl_attr_put_u32(m.h, IPFWADM_A_LIST, FW_ACCT);
	assert_int_equal(kmod_rules_read(m.h, &rs, &generation), 0);
	free(m.h);
}

static void a_verdict_must_be_one(void **state)
{
	struct message m = message_new();
	struct fw_decision d;

	(void)state;
	assert_int_equal(kmod_decision_read(m.h, &d), -EPROTO);
	mnl_attr_put_u32(m.h, IPFWADM_A_VERDICT, IPFWADM_VERDICT_REJECT);
	mnl_attr_put_u32(m.h, IPFWADM_A_BY, IPFWADM_BY_POLICY);
	mnl_attr_put_u8(m.h, IPFWADM_A_TOS, 0x10);
	assert_int_equal(kmod_decision_read(m.h, &d), 0);
	assert_int_equal(d.verdict, FW_V_REJECT);
	assert_int_equal(d.by, FW_BY_POLICY);
	assert_int_equal(d.tos, 0x10);
	assert_int_equal(d.rule, -1);
	mnl_attr_put_u32(m.h, IPFWADM_A_VERDICT, IPFWADM_VERDICT_MASQUERADE + 1);
	assert_int_equal(kmod_decision_read(m.h, &d), -EPROTO);
	free(m.h);
}

/* the offset of the first attribute of a type, within nests that are named */
static __u32 offset_of(const struct nlmsghdr *h, unsigned int edit, __u16 in_edit,
		       __u16 in_rule)
{
	const struct nlattr *nest, *a, *b;

	mnl_attr_for_each (nest, h, sizeof(struct genlmsghdr)) {
		if (mnl_attr_get_type(nest) != IPFWADM_A_EDIT || edit--)
			continue;
		mnl_attr_for_each_nested (a, nest) {
			if (mnl_attr_get_type(a) != in_edit)
				continue;
			if (!in_rule)
				return (__u32)((const char *)a - (const char *)h);
			mnl_attr_for_each_nested (b, a)
				if (mnl_attr_get_type(b) == in_rule)
					return (__u32)((const char *)b - (const char *)h);
		}
	}
	return 0;
}

static void offsets_lead_to_edits(void **state)
{
	const struct fw_edit edits[] = {
		{ .op = FW_OP_POLICY, .list = FW_INPUT, .policy = FW_POLICY_ACCEPT },
		{ .op = FW_OP_APPEND, .list = FW_INPUT,
		  .rule = { .src = 1, .smsk = 3, .vianame = "eth0", .comment = "x",
			    .flags = FW_KIND_TCP, .ndp = 1, .pts = { 80 } } },
		{ .op = FW_OP_TIMEOUTS, .timeouts = { 1, 2, 3 } },
	};
	static const struct {
		unsigned int edit;
		__u16 in_edit, in_rule;
		enum fw_field field;
	} rows[] = {
		{ 0, IPFWADM_EDIT_OP, 0, FW_FIELD_NONE },
		{ 0, IPFWADM_EDIT_LIST, 0, FW_FIELD_LIST },
		{ 0, IPFWADM_EDIT_POLICY, 0, FW_FIELD_POLICY },
		{ 1, IPFWADM_EDIT_RULE, 0, FW_FIELD_NONE },
		{ 1, IPFWADM_EDIT_RULE, IPFWADM_RULE_SRC_MASK, FW_FIELD_SOURCE },
		{ 1, IPFWADM_EDIT_RULE, IPFWADM_RULE_PORTS, FW_FIELD_PORTS },
		{ 1, IPFWADM_EDIT_RULE, IPFWADM_RULE_INTERFACE, FW_FIELD_INTERFACE },
		{ 1, IPFWADM_EDIT_RULE, IPFWADM_RULE_COMMENT, FW_FIELD_COMMENT },
		{ 2, IPFWADM_EDIT_TIMEOUTS, 0, FW_FIELD_TIMEOUTS },
	};
	struct message m = message_new();
	enum fw_field field;
	size_t i, edit;

	(void)state;
	mnl_attr_put_u32(m.h, IPFWADM_A_GENERATION, 1);
	for (i = 0; i < FW_COUNT(edits); i++)
		kmod_edit_put(m.h, &edits[i]);
	message_fit(&m);
	for (i = 0; i < FW_COUNT(rows); i++) {
		__u32 offset = offset_of(m.h, rows[i].edit, rows[i].in_edit,
					 rows[i].in_rule);

		assert_int_not_equal(offset, 0);
		assert_true(kmod_edit_find(m.h, offset, &edit, &field));
		assert_int_equal(edit, rows[i].edit);
		assert_int_equal(field, rows[i].field);
	}
	assert_false(kmod_edit_find(m.h, NLMSG_HDRLEN + GENL_HDRLEN, &edit, &field));
	assert_false(kmod_edit_find(m.h, m.h->nlmsg_len, &edit, &field));
	assert_false(kmod_edit_find(m.h, 0xffffffff, &edit, &field));
	free(m.h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rules_are_read_as_they_were_put),
		cmocka_unit_test(spoiled_messages_are_survived),
		cmocka_unit_test(a_list_must_be_one),
		cmocka_unit_test(a_verdict_must_be_one),
		cmocka_unit_test(offsets_lead_to_edits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
