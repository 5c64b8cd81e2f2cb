// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * nft_write.c - a plan, or parts of it, as messages of a batch.
 */
#include "backend/nft/nft_write.h"

#include <errno.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <stdlib.h>
#include <string.h>

#include "backend/text/emit_text.h"
#include "backend/nft/nft_expr.h"
#include "backend/netlink/netlink_attr.h"
#include "backend/nft/nft_set.h"

static const __u32 hook_number[PLAN_HOOKS] = {
	[PLAN_PREROUTING] = NF_INET_PRE_ROUTING,
	[PLAN_INPUT] = NF_INET_LOCAL_IN,
	[PLAN_FORWARD] = NF_INET_FORWARD,
	[PLAN_OUTPUT] = NF_INET_LOCAL_OUT,
	[PLAN_POSTROUTING] = NF_INET_POST_ROUTING,
};

/* The first kernel rule of each ipfwadm rule has TAG_RULE. */
static void tagged_find_all(struct nft_writer *w)
{
	const struct plan_chain *c;
	const struct plan_rule *r;

	for (c = w->plan->chains; c; c = c->next)
		for (r = c->rules; r; r = r->next)
			if (r->origin >= 0 && !w->tagged[r->list][r->origin])
				w->tagged[r->list][r->origin] = r;
}

int nft_writer_init(struct nft_writer *w, const struct plan *p,
		    const struct fw_ruleset *rules, __u32 generation)
{
	const struct plan_chain *output = p->base[PLAN_OUTPUT];
	unsigned int i;

	*w = (struct nft_writer){ .plan = p, .rules = rules };
	nft_batch_begin(&w->batch, generation);
	for (i = 0; i < FW_LISTS; i++) {
		w->tagged[i] = calloc(rules->list[i].count + 1, sizeof(w->tagged[i][0]));
		if (!w->tagged[i])
			return -ENOMEM;
	}
	tagged_find_all(w);
	w->settings = output ? output->rules : NULL;
	return 0;
}

void nft_writer_free(struct nft_writer *w)
{
	unsigned int i;

	for (i = 0; i < FW_LISTS; i++)
		free(w->tagged[i]);
	nft_batch_free(&w->batch);
}

static void writer_fail(struct nft_writer *w, int error)
{
	if (!w->error)
		w->error = error;
}

static void write_table(struct nft_writer *w, __u16 type, __u16 flags)
{
	struct nlmsghdr *h = nft_batch_message(&w->batch, type, flags, NFT_COOKIE_NONE);

	netlink_put_text(h, NFTA_TABLE_NAME, NFT_TABLE);
	nft_batch_end_message(&w->batch, h);
}

static void write_hook(struct nlmsghdr *h, const struct plan_chain *c)
{
	struct nlattr *nest = netlink_nest_start(h, NFTA_CHAIN_HOOK);

	netlink_put_be32(h, NFTA_HOOK_HOOKNUM, hook_number[c->hook]);
	netlink_put_be32(h, NFTA_HOOK_PRIORITY, (__u32)c->priority);
	mnl_attr_nest_end(h, nest);
	netlink_put_be32(h, NFTA_CHAIN_POLICY, NF_ACCEPT);
	netlink_put_text(h, NFTA_CHAIN_TYPE, c->type);
}

static void write_chain(struct nft_writer *w, const struct plan_chain *c, __u16 flags)
{
	struct nlmsghdr *h =
		nft_batch_message(&w->batch, NFT_MSG_NEWCHAIN, flags, NFT_COOKIE_NONE);

	netlink_put_text(h, NFTA_CHAIN_TABLE, NFT_TABLE);
	netlink_put_text(h, NFTA_CHAIN_NAME, c->name);
	if (c->hook != PLAN_HOOKS)
		write_hook(h, c);
	nft_batch_end_message(&w->batch, h);
}

void nft_write_chain(struct nft_writer *w, const struct plan_chain *c)
{
	write_chain(w, c, NLM_F_CREATE);
}

void nft_write_own_chain(struct nft_writer *w, const struct plan_chain *c)
{
	write_chain(w, c, NLM_F_CREATE | NLM_F_EXCL);
}

/* Begins an object of our table; what it holds is to be put into *data. */
static struct nlmsghdr *object_begin(struct nft_writer *w, __u32 type, const char *name,
				     __u32 cookie, struct nlattr **data)
{
	struct nlmsghdr *h =
		nft_batch_message(&w->batch, NFT_MSG_NEWOBJ, NLM_F_CREATE, cookie);

	netlink_put_text(h, NFTA_OBJ_TABLE, NFT_TABLE);
	netlink_put_text(h, NFTA_OBJ_NAME, name);
	netlink_put_be32(h, NFTA_OBJ_TYPE, type);
	*data = netlink_nest_start(h, NFTA_OBJ_DATA);
	return h;
}

static void object_end(struct nft_writer *w, struct nlmsghdr *h, struct nlattr *data)
{
	mnl_attr_nest_end(h, data);
	nft_batch_end_message(&w->batch, h);
}

void nft_write_helper(struct nft_writer *w, const struct plan_helper *helper)
{
	struct nlattr *data;
	struct nlmsghdr *h = object_begin(w, NFT_OBJECT_CT_HELPER, helper->name,
					  NFT_COOKIE_HELPER + helper->helper, &data);

	netlink_put_text(h, NFTA_CT_HELPER_NAME, helper->type);
	netlink_put_u8(h, NFTA_CT_HELPER_L4PROTO, helper->proto);
	object_end(w, h, data);
}

/* Timeouts are in the kernel's order, which counts from 1. */
void nft_write_timeout(struct nft_writer *w, const struct plan_timeout *t)
{
	struct nlattr *data, *seconds;
	struct nlmsghdr *h = object_begin(w, NFT_OBJECT_CT_TIMEOUT, t->name,
					  NFT_COOKIE_TIMEOUTS, &data);
	unsigned int i;

	netlink_put_be16(h, NFTA_CT_TIMEOUT_L3PROTO, NFPROTO_IPV4);
	netlink_put_u8(h, NFTA_CT_TIMEOUT_L4PROTO, t->proto);
	seconds = netlink_nest_start(h, NFTA_CT_TIMEOUT_DATA);
	for (i = 0; i < plan_timeout_states(t); i++)
		netlink_put_be32(h, i + 1, t->seconds[i]);
	mnl_attr_nest_end(h, seconds);
	object_end(w, h, data);
}

/* The sets that a rule looks up go before it; returns the number of the first. */
static __u32 write_sets(struct nft_writer *w, const struct emit_rule *s)
{
	__u32 first = w->last_set + 1;
	unsigned int i;

	for (i = 0; i < s->nmatches; i++)
		if (nft_match_has_set(&s->match[i]))
			nft_set_write(&w->batch, &s->match[i], ++w->last_set,
				      nft_cookie(s->plan));
	return first;
}

static void origin_fill(const struct nft_writer *w, const struct plan_rule *r,
			struct rule_tag *o)
{
	unsigned int i;

	if (r == w->settings) {
		o->kind = TAG_SETTINGS;
		for (i = 0; i < FW_LISTS; i++)
			o->settings.policy[i] = w->rules->list[i].policy;
		o->settings.timeouts = w->rules->timeouts;
		o->settings.mark_mask = w->plan->mark_mask;
		o->settings.needs = w->plan->needs;
		o->settings.log_group = w->plan->log_group;
	} else if (r->origin < 0) {
		o->kind = TAG_NONE;
	} else {
		o->kind = TAG_MORE;
		o->list = r->list;
		if (r->list == FW_ACCT)
			o->number = w->order ? w->order[r->origin] : r->origin;
		if (w->tagged[r->list][r->origin] != r)
			return;
		o->kind = TAG_RULE;
		o->rule = *fw_list_rule(&w->rules->list[r->list], (__u32)r->origin);
	}
}

static void write_udata(struct nft_writer *w, struct nlmsghdr *h,
			const struct plan_rule *r)
{
	char described[EMIT_ORIGIN], comment[RULE_TAG_COMMENT_MAX + 1];
	const char *text = r->comment;
	struct rule_tag o = { .kind = TAG_NONE };
	struct rule_udata u;
	struct fw_text t;

	if (r->origin >= 0 && w->describe) {
		fw_text_init(&t, described, sizeof(described));
		w->describe(&t, r->list, fw_list_rule(&w->rules->list[r->list],
						      (__u32)r->origin));
		text = described;
	}
	fw_text_init(&t, comment, sizeof(comment));
	origin_fill(w, r, &o);
	if (text && r->origin < 0)
		emit_nft_comment(&t, text, RULE_TAG_COMMENT_MAX);
	else if (text)
		plan_command_write(
			&t, PLAN_NFT, r->list,
			fw_list_rule(&w->rules->list[r->list], (__u32)r->origin), text,
			(__s64)o.number + 1);
	rule_tag_write(&u, text ? comment : NULL, &o);
	if (u.len)
		netlink_put(h, NFTA_RULE_USERDATA, u.byte, (unsigned int)u.len);
}

/* At the head of the chain with the record. */
static void write_record_entry(struct nft_writer *w, const struct rule_udata *u)
{
	static const struct plan_action action = {.type = PLAN_A_RETURN};
	const struct plan_rule r = {.action = &action, .nactions = 1};
	struct emit_rule simple;
	struct nlmsghdr *h = nft_batch_message(&w->batch, NFT_MSG_NEWRULE, NLM_F_CREATE,
					       NFT_COOKIE_NONE);

	netlink_put_text(h, NFTA_RULE_TABLE, NFT_TABLE);
	netlink_put_text(h, NFTA_RULE_CHAIN, store_record_chain(PLAN_NFT));
	if (emit_rule_simplify(&simple, &r) || nft_expr_write(h, &simple, 0))
		writer_fail(w, -EINVAL);
	netlink_put(h, NFTA_RULE_USERDATA, u->byte, (unsigned int)u->len);
	nft_batch_end_message(&w->batch, h);
}

void nft_write_record(struct nft_writer *w, const struct store_record *r, bool present)
{
	const struct plan_chain c = {.name = store_record_chain(PLAN_NFT),
				     .hook = PLAN_HOOKS};
	size_t i;

	if (r->replaces)
		nft_write_chain(w, &c);
	if (r->replaces && present)
		nft_delete_rule(w, c.name, 0);
	for (i = 0; i < r->count; i++)
		write_record_entry(w, &r->entry[i]);
}

void nft_write_rule(struct nft_writer *w, const struct plan_chain *c,
		    const struct plan_rule *r, enum nft_place place, __u64 handle)
{
	static const __u16 flags[] = {
		[NFT_AT_END] = NLM_F_CREATE | NLM_F_APPEND,
		[NFT_AT_HEAD] = NLM_F_CREATE,
		[NFT_BEFORE] = NLM_F_CREATE,
		[NFT_INSTEAD] = NLM_F_REPLACE,
	};
	struct emit_rule simple;
	struct nlmsghdr *h;
	__u32 first_set;

	if (emit_rule_simplify(&simple, r)) {
		writer_fail(w, -EINVAL);
		return;
	}
	first_set = write_sets(w, &simple);
	h = nft_batch_message(&w->batch, NFT_MSG_NEWRULE, flags[place], nft_cookie(r));
	netlink_put_text(h, NFTA_RULE_TABLE, NFT_TABLE);
	netlink_put_text(h, NFTA_RULE_CHAIN, c->name);
	if (handle)
		netlink_put_be64(h, place == NFT_BEFORE ? NFTA_RULE_POSITION : NFTA_RULE_HANDLE,
				 handle);
	writer_fail(w, nft_expr_write(h, &simple, first_set));
	write_udata(w, h, r);
	nft_batch_end_message(&w->batch, h);
}

void nft_write_chain_rules(struct nft_writer *w, const struct plan_chain *c)
{
	const struct plan_rule *r;

	for (r = c->rules; r && !w->error; r = r->next)
		nft_write_rule(w, c, r, NFT_AT_END, 0);
}

void nft_write_table(struct nft_writer *w, bool present)
{
	const struct plan_chain *c;
	__u32 i;

	if (present)
		write_table(w, NFT_MSG_DELTABLE, 0);
	write_table(w, NFT_MSG_NEWTABLE, NLM_F_CREATE);
	for (i = 0; i < w->plan->nhelpers; i++)
		nft_write_helper(w, &w->plan->helpers[i]);
	for (i = 0; i < w->plan->ntimeouts; i++)
		nft_write_timeout(w, &w->plan->timeouts[i]);
	for (c = w->plan->chains; c; c = c->next)
		nft_write_chain(w, c);
	for (c = w->plan->chains; c; c = c->next)
		nft_write_chain_rules(w, c);
}

void nft_delete_rule(struct nft_writer *w, const char *chain, __u64 handle)
{
	struct nlmsghdr *h =
		nft_batch_message(&w->batch, NFT_MSG_DELRULE, 0, NFT_COOKIE_NONE);

	netlink_put_text(h, NFTA_RULE_TABLE, NFT_TABLE);
	netlink_put_text(h, NFTA_RULE_CHAIN, chain);
	if (handle)
		netlink_put_be64(h, NFTA_RULE_HANDLE, handle);
	nft_batch_end_message(&w->batch, h);
}

void nft_delete_chain(struct nft_writer *w, const char *chain)
{
	struct nlmsghdr *h =
		nft_batch_message(&w->batch, NFT_MSG_DELCHAIN, 0, NFT_COOKIE_NONE);

	netlink_put_text(h, NFTA_CHAIN_TABLE, NFT_TABLE);
	netlink_put_text(h, NFTA_CHAIN_NAME, chain);
	nft_batch_end_message(&w->batch, h);
}

void nft_delete_object(struct nft_writer *w, __u32 type, const char *name)
{
	struct nlmsghdr *h =
		nft_batch_message(&w->batch, NFT_MSG_DELOBJ, 0, NFT_COOKIE_NONE);

	netlink_put_text(h, NFTA_OBJ_TABLE, NFT_TABLE);
	netlink_put_text(h, NFTA_OBJ_NAME, name);
	netlink_put_be32(h, NFTA_OBJ_TYPE, type);
	nft_batch_end_message(&w->batch, h);
}
