// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * kmod.c - backend of the kernel module ipfwadm.ko, over generic netlink.
 */
#include "backend/kmod/kmod.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/interfaces.h"
#include "backend/kmod/kmod_message.h"
#include "backend/kmod/kmod_track.h"
#include "backend/plan/plan.h"
#include "backend/ruleset.h"
#include "kmod/core/names.h"

/* how often a load is tried again after a concurrent change */
#define LOADS_MAX 1000

static int argument_check(const char *arg, struct fw_error *e)
{
	return arg ? fw_error_set(e, EINVAL, "backend 'kmod' takes no ':%.80s'", arg) : 0;
}

static int kmod_probe(const char *arg, struct fw_error *e)
{
	struct kmod_link link;
	int err = argument_check(arg, e);

	if (!err)
		err = kmod_link_open(&link, e);
	if (!err)
		kmod_link_close(&link);
	return err;
}

#define FEATURE_HELPER 0x80000000u	/* a helper that no module has */

/* The feature that an edit needs, IPFWADM_FEATURE_* or FEATURE_HELPER; 0: none. */
static __u32 feature_of(const struct fw_edit *edit)
{
	bool forward = edit->list == FW_FORWARD;

	switch (edit->op) {
	case FW_OP_APPEND:
	case FW_OP_INSERT:
		if (edit->rule.helper && edit->rule.helper != FW_HELPER_FTP &&
		    edit->rule.helper != FW_HELPER_IRC &&
		    edit->rule.helper != FW_HELPER_TFTP)
			return FEATURE_HELPER;
		if (edit->rule.state || edit->rule.keep_state || edit->rule.helper)
			return IPFWADM_FEATURE_STATE;
		return forward && fw_flags_masquerade(edit->rule.flags)
			       ? IPFWADM_FEATURE_MASQUERADE
			       : 0;
	case FW_OP_POLICY:
		return forward && fw_flags_masquerade(edit->policy & FW_POLICY_MASK)
			       ? IPFWADM_FEATURE_MASQUERADE
			       : 0;
	case FW_OP_TIMEOUTS:
		return IPFWADM_FEATURE_MASQUERADE;
	case FW_OP_PORTFW:
		return IPFWADM_FEATURE_FORWARD;
	case FW_OP_IPV6:
		return IPFWADM_FEATURE_IPV6;
	default:
		return 0;
	}
}

static int on_features(const struct nlmsghdr *h, void *ctx)
{
	return kmod_features_read(h, ctx);
}

static int features_get(__u32 *features, struct fw_error *e)
{
	struct netlink_refusal why;
	struct kmod_request r;
	struct kmod_link l;
	int err = kmod_link_open(&l, e);

	if (err)
		return err;
	err = kmod_request_begin(&r, &l, IPFWADM_CMD_STATUS);
	if (!err) {
		err = kmod_link_query(&l, &r, false, on_features, features, &why);
		kmod_request_free(&r);
	}
	kmod_link_close(&l);
	return err ? fw_error_set(e, -err, "module ipfwadm does not answer: %s",
				  strerror(-err)) : 0;
}

/* The sentences are those of the module, if it refuses such a rule itself. */
static const char *lack_text(__u32 feature)
{
	switch (feature) {
	case FEATURE_HELPER:
		return "this module has the helpers ftp, irc and tftp; backends nft and "
		       "xtables have others";
	case IPFWADM_FEATURE_STATE:
		return "this module does not know connection states; backends nft and "
		       "xtables do";
	case IPFWADM_FEATURE_FORWARD:
		return "this module does not forward ports";
	case IPFWADM_FEATURE_IPV6:
		return "this module has no gate for IPv6; backends nft and xtables do";
	default:
		return "this module does not masquerade; backends nft and xtables do";
	}
}

static int kmod_able(const struct fw_edit *edit, size_t n, struct fw_error *e)
{
	__u32 features = 0, lacks;
	size_t i;
	int err = features_get(&features, e);

	for (i = 0; i < n && !err; i++) {
		lacks = feature_of(&edit[i]) & ~features;
		if (!lacks)
			continue;
		err = fw_error_set(e, EOPNOTSUPP, "%s", lack_text(lacks));
		if (e)
			e->edit = i;
	}
	return err;
}

static int kmod_open(struct backend *b, const char *arg, struct fw_error *e)
{
	struct kmod_link *l;
	int err = argument_check(arg, e);

	if (err)
		return err;
	l = malloc(sizeof(*l));
	if (!l)
		return fw_error_set(e, ENOMEM, "out of memory");
	err = kmod_link_open(l, e);
	if (err)
		free(l);
	else
		b->state = l;
	return err;
}

static void kmod_close(struct backend *b)
{
	kmod_link_close(b->state);
	free(b->state);
	b->state = NULL;
}

/* Sets *e, to the text of the kernel if there is one.  Returns err. */
static int refusal_report(struct fw_error *e, int err, const struct netlink_refusal *why)
{
	if (why->text[0])
		return fw_error_set(e, -err, "%s", why->text);
	switch (err) {
	case -EPERM:
		return fw_error_rights(e, "the module's rules");
	case -ENOMEM:
		return fw_error_set(e, ENOMEM, "out of memory");
	case -EPROTO:
		return fw_error_set(
			e, EPROTO,
			"module ipfwadm sends what this program does not understand");
	case -EMSGSIZE:
	case -ENOBUFS:
		return fw_error_set(e, -err, "too much for one transaction");
	default:
		return fw_error_set(e, -err, "module ipfwadm refuses: %s",
				    strerror(-err));
	}
}

/* a transaction under construction */
struct transaction {
	struct kmod_request request;
	int err;	/* the first failure; edits after it are discarded */
};

static void transaction_begin(struct transaction *t, const struct kmod_link *l)
{
	t->err = kmod_request_begin(&t->request, l, IPFWADM_CMD_EDIT);
}

static void transaction_put(struct transaction *t, const struct fw_edit *edit)
{
	if (!t->err)
		t->err = kmod_request_grow(&t->request);
	if (!t->err)
		kmod_edit_put(t->request.message, edit);
}

/* On refusal *index is the refused edit, SIZE_MAX if unknown, and e->field is set. */
static int transaction_commit(struct transaction *t, struct kmod_link *l, size_t *index,
			      struct fw_error *e)
{
	struct netlink_refusal why = { 0 };
	enum fw_field field = FW_FIELD_NONE;
	int err = t->err;

	*index = SIZE_MAX;
	if (!err)
		err = kmod_link_query(l, &t->request, false, NULL, NULL, &why);
	if (err) {
		refusal_report(e, err, &why);
		if (why.offset)
			kmod_edit_find(t->request.message, why.offset, index, &field);
		if (e)
			e->field = field;
	}
	kmod_request_free(&t->request);
	return err;
}

/* The flags attribute has several fields: the core's check says which one is wrong. */
static enum fw_field field_refine(const struct fw_edit *edit, enum fw_field field)
{
	enum fw_field refined;

	if (field == FW_FIELD_FLAGS && fw_rule_check(&edit->rule, edit->list, &refined))
		return refined;
	return field;
}

static int kmod_edit(struct backend *b, const struct fw_edit *edit, size_t n,
		     struct fw_error *e)
{
	struct transaction t;
	size_t i, index;
	int err;

	transaction_begin(&t, b->state);
	for (i = 0; i < n; i++)
		transaction_put(&t, &edit[i]);
	err = transaction_commit(&t, b->state, &index, e);
	if (err && e) {
		e->edit = index < n ? index : n;
		if (index < n)
			e->field = field_refine(&edit[index], e->field);
	}
	return err;
}

static void forwards_put(struct transaction *t, const struct fw_portfw_table *table)
{
	struct fw_edit edit = { .op = FW_OP_PORTFW, .counters = true };

	for (__u32 i = 0; i < table->count; i++) {
		edit.portfw.forward = table->entry[i];
		transaction_put(t, &edit);
	}
}

static void list_put(struct transaction *t, const struct fw_list *l, enum fw_list_id list)
{
	struct fw_edit edit = { .op = FW_OP_POLICY, .list = list, .policy = l->policy };
	__u32 i;

	if (list != FW_ACCT)
		transaction_put(t, &edit);
	edit = (struct fw_edit){ .op = FW_OP_APPEND, .list = list, .counters = true };
	for (i = 0; i < l->count; i++) {
		edit.rule = *fw_list_rule(l, i);
		transaction_put(t, &edit);
	}
}

/* Prepends the list and number of a refused rule to e->text; index is that of the edit. */
static void replace_locate(const struct fw_ruleset *rs, size_t index, struct fw_error *e)
{
	char text[sizeof(e->text)];
	unsigned int list;
	size_t edits;

	for (list = 0; list < FW_LISTS; list++) {
		edits = rs->list[list].count + (list != FW_ACCT);
		if (index < edits)
			break;
		index -= edits;
	}
	if (list == FW_LISTS || (list != FW_ACCT && index == 0))
		return;
	snprintf(text, sizeof(text), "rule %zu of the %s list: %.200s",
		 index + (list == FW_ACCT), fw_list_names[list], e->text);
	memcpy(e->text, text, sizeof(text));
}

static int kmod_replace(struct backend *b, const struct fw_ruleset *rs,
			struct fw_error *e)
{
	struct fw_edit timeouts = { .op = FW_OP_TIMEOUTS, .timeouts = rs->timeouts };
	struct fw_edit closed = { .op = FW_OP_IPV6, .policy = FW_POLICY_DENY };
	struct transaction t;
	unsigned int list;
	size_t index;
	int err;

	transaction_begin(&t, b->state);
	if (!t.err)
		mnl_attr_put(t.request.message, IPFWADM_A_REPLACE, 0, NULL);
	for (list = 0; list < FW_LISTS; list++)
		list_put(&t, &rs->list[list], list);
	transaction_put(&t, &timeouts);
	forwards_put(&t, &rs->portfw);
	if (rs->denies_ipv6)
		transaction_put(&t, &closed);
	err = transaction_commit(&t, b->state, &index, e);
	if (err && e)
		replace_locate(rs, index, e);
	return err;
}

/* destination of a reply */
struct read_ctx {
	struct fw_ruleset *rules;
	__u32 generation;
};

static int on_status(const struct nlmsghdr *h, void *ctx)
{
	struct read_ctx *r = ctx;

	return kmod_status_read(h, r->rules, &r->generation);
}

static int on_rules(const struct nlmsghdr *h, void *ctx)
{
	struct read_ctx *r = ctx;

	return kmod_rules_read(h, r->rules, &r->generation);
}

/* Reads policies and timeouts into *rs. */
static int status_get(struct kmod_link *l, struct fw_ruleset *rs, __u32 *generation,
		      struct fw_error *e)
{
	struct read_ctx ctx = { .rules = rs };
	struct netlink_refusal why;
	struct kmod_request r;
	int err = kmod_request_begin(&r, l, IPFWADM_CMD_STATUS);

	if (err)
		return fw_error_set(e, ENOMEM, "out of memory");
	err = kmod_link_query(l, &r, false, on_status, &ctx, &why);
	kmod_request_free(&r);
	*generation = ctx.generation;
	return err ? refusal_report(e, err, &why) : 0;
}

/*
 * Reads the rules of all lists into *rs or, with list below FW_LISTS, of that list, whose
 * counters are zeroed.  One dump is of one generation with consistent counters.
 */
static int rules_get(struct kmod_link *l, unsigned int list, struct fw_ruleset *rs,
		     __u32 *generation, struct fw_error *e)
{
	struct read_ctx ctx = { .rules = rs };
	struct netlink_refusal why;
	struct kmod_request r;
	int err = kmod_request_begin(&r, l, IPFWADM_CMD_RULES_GET);

	if (err)
		return fw_error_set(e, ENOMEM, "out of memory");
	if (list < FW_LISTS) {
		mnl_attr_put_u32(r.message, IPFWADM_A_LIST, list);
		mnl_attr_put(r.message, IPFWADM_A_ZERO, 0, NULL);
	}
	err = kmod_link_query(l, &r, true, on_rules, &ctx, &why);
	/* It is whole, and its messages contain the generation, which may be an older one. */
	if (err == -EAGAIN)
		err = 0;
	kmod_request_free(&r);
	*generation = ctx.generation;
	return err ? refusal_report(e, err, &why) : 0;
}

static int kmod_load(struct backend *b, struct fw_ruleset *rs, struct fw_error *e)
{
	__u32 before = 0, generation = 0;
	int err, attempts;

	for (attempts = 0; attempts < LOADS_MAX; attempts++) {
		err = status_get(b->state, rs, &before, e);
		if (!err)
			err = rules_get(b->state, FW_LISTS, rs, &generation, e);
		if (!err && before == generation)
			return 0;
		fw_ruleset_free(rs);
		if (err)
			return err;
	}
	return fw_error_set(e, EBUSY, "others change the rules without pause");
}

/*
 * The list is read once because reading zeroes it.  The other lists are read before, so
 * after a concurrent change they are of an older generation.
 */
static int kmod_load_zero(struct backend *b, enum fw_list_id list, struct fw_ruleset *rs,
			  struct fw_error *e)
{
	int err = kmod_load(b, rs, e);
	__u32 generation;

	if (err)
		return err;
	fw_list_flush(&rs->list[list]);
	err = rules_get(b->state, list, rs, &generation, e);
	if (err)
		fw_ruleset_free(rs);
	return err;
}

/* The gate; without the module there is none. */
static int kmod_foreign(foreign_chain_fn each, void *ctx)
{
	const struct foreign_chain gate = { .name = "the gate of module ipfwadm",
					    .hook = PLAN_INPUT,
					    .sees_ipv6 = true,
					    .drops = true };
	struct fw_ruleset rs = { .denies_ipv6 = false };
	struct kmod_link l;
	struct fw_error e;
	__u32 generation;
	int err;

	if (kmod_link_open(&l, &e))
		return 0;
	err = status_get(&l, &rs, &generation, &e);
	kmod_link_close(&l);
	if (!err && rs.denies_ipv6)
		each(ctx, &gate);
	return err;
}

/* Nothing to do: the module watches interfaces, and only it changes its rules. */
static int kmod_refresh(struct backend *b, struct fw_error *e)
{
	(void)b;
	(void)e;
	return 0;
}

static int kmod_interfaces(struct backend *b, struct fw_interfaces *ifs,
			   struct fw_error *e)
{
	(void)b;
	return interfaces_system(ifs, e);
}

static int on_decision(const struct nlmsghdr *h, void *ctx)
{
	return kmod_decision_read(h, ctx);
}

static int kmod_check(struct backend *b, enum fw_list_id list,
		      const struct fw_packet *pkt, const struct fw_dev *dev,
		      struct fw_decision *d, struct fw_error *e)
{
	struct kmod_link *l = b->state;
	struct netlink_refusal why;
	struct kmod_request r;
	int err = kmod_request_begin(&r, l, IPFWADM_CMD_CHECK);

	if (err)
		return fw_error_set(e, ENOMEM, "out of memory");
	mnl_attr_put_u32(r.message, IPFWADM_A_LIST, list);
	kmod_packet_put(r.message, pkt);
	if (dev)
		kmod_device_put(r.message, dev);
	err = kmod_link_query(l, &r, false, on_decision, d, &why);
	kmod_request_free(&r);
	return err ? refusal_report(e, err, &why) : 0;
}

const struct backend_ops kmod_ops = {
	.name = "kmod",
	.foreign_chains = kmod_foreign,
	.probe = kmod_probe,
	.able = kmod_able,
	.open = kmod_open,
	.close = kmod_close,
	.edit = kmod_edit,
	.replace = kmod_replace,
	.load = kmod_load,
	.load_zero = kmod_load_zero,
	.refresh = kmod_refresh,
	.interfaces = kmod_interfaces,
	.check = kmod_check,
	.connections = kmod_masqueraded,
	.track = &kmod_track_ops,
};
