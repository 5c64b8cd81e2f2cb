// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * nft_write.c - a plan, or parts of it, as messages of a batch.
 */
#include "backend/nft_write.h"

#include <arpa/inet.h>
#include <errno.h>
#include <libnftnl/chain.h>
#include <libnftnl/object.h>
#include <libnftnl/set.h>
#include <libnftnl/table.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <stdlib.h>
#include <string.h>

#include "backend/emit_text.h"

static const __u32 hook_number[PLAN_HOOKS] = {
	[PLAN_PREROUTING] = NF_INET_PRE_ROUTING,
	[PLAN_INPUT] = NF_INET_LOCAL_IN,
	[PLAN_FORWARD] = NF_INET_FORWARD,
	[PLAN_OUTPUT] = NF_INET_LOCAL_OUT,
	[PLAN_POSTROUTING] = NF_INET_POST_ROUTING,
};

/* The first kernel rule of each ipfwadm rule tells it. */
static void tellers_find(struct nft_writer *w)
{
	const struct plan_chain *c;
	const struct plan_rule *r;

	for (c = w->plan->chains; c; c = c->next)
		for (r = c->rules; r; r = r->next)
			if (r->origin >= 0 && !w->teller[r->list][r->origin])
				w->teller[r->list][r->origin] = r;
}

int nft_writer_init(struct nft_writer *w, const struct plan *p,
		    const struct fw_ruleset *rules, __u32 generation)
{
	const struct plan_chain *output = p->base[PLAN_OUTPUT];
	unsigned int i;

	*w = (struct nft_writer){ .plan = p, .rules = rules };
	nft_batch_begin(&w->batch, generation);
	for (i = 0; i < FW_LISTS; i++) {
		w->teller[i] = calloc(rules->list[i].count + 1, sizeof(w->teller[i][0]));
		if (!w->teller[i])
			return -ENOMEM;
	}
	tellers_find(w);
	w->settings = output ? output->rules : NULL;
	return 0;
}

void nft_writer_free(struct nft_writer *w)
{
	unsigned int i;

	for (i = 0; i < FW_LISTS; i++)
		free(w->teller[i]);
	nft_sets_free(&w->sets);
	nft_batch_free(&w->batch);
}

static void writer_fail(struct nft_writer *w, int error)
{
	if (!w->error)
		w->error = error;
}

static void write_table(struct nft_writer *w, __u16 type, __u16 flags)
{
	struct nlmsghdr *h = nft_batch_message(&w->batch, type, flags, NFT_ABOUT_NONE);

	mnl_attr_put_strz(h, NFTA_TABLE_NAME, NFT_TABLE);
	nft_batch_end_message(&w->batch, h);
}

static void write_hook(struct nlmsghdr *h, const struct plan_chain *c)
{
	struct nlattr *nest = mnl_attr_nest_start(h, NFTA_CHAIN_HOOK);

	mnl_attr_put_u32(h, NFTA_HOOK_HOOKNUM, htonl(hook_number[c->hook]));
	mnl_attr_put_u32(h, NFTA_HOOK_PRIORITY, htonl((__u32)c->priority));
	mnl_attr_nest_end(h, nest);
	mnl_attr_put_u32(h, NFTA_CHAIN_POLICY, htonl(NF_ACCEPT));
	mnl_attr_put_strz(h, NFTA_CHAIN_TYPE, c->type);
}

static void write_chain(struct nft_writer *w, const struct plan_chain *c, __u16 flags)
{
	struct nlmsghdr *h = nft_batch_message(&w->batch, NFT_MSG_NEWCHAIN, flags,
					       NFT_ABOUT_NONE);

	mnl_attr_put_strz(h, NFTA_CHAIN_TABLE, NFT_TABLE);
	mnl_attr_put_strz(h, NFTA_CHAIN_NAME, c->name);
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

/* An object of our table, or NULL when memory is exhausted. */
static struct nftnl_obj *object_new(struct nft_writer *w, __u32 type, const char *name)
{
	struct nftnl_obj *o = nftnl_obj_alloc();

	if (!o) {
		writer_fail(w, -ENOMEM);
		return NULL;
	}
	nftnl_obj_set_str(o, NFTNL_OBJ_TABLE, NFT_TABLE);
	nftnl_obj_set_str(o, NFTNL_OBJ_NAME, name);
	nftnl_obj_set_u32(o, NFTNL_OBJ_TYPE, type);
	return o;
}

static void write_object(struct nft_writer *w, struct nftnl_obj *o, __u32 about)
{
	struct nlmsghdr *h = nft_batch_message(&w->batch, NFT_MSG_NEWOBJ, NLM_F_CREATE,
					       about);

	nftnl_obj_nlmsg_build_payload(h, o);
	nft_batch_end_message(&w->batch, h);
	nftnl_obj_free(o);
}

void nft_write_helper(struct nft_writer *w, const struct plan_helper *helper)
{
	struct nftnl_obj *o = object_new(w, NFT_OBJECT_CT_HELPER, helper->name);

	if (!o)
		return;
	nftnl_obj_set_str(o, NFTNL_OBJ_CT_HELPER_NAME, helper->type);
	nftnl_obj_set_u8(o, NFTNL_OBJ_CT_HELPER_L4PROTO, helper->proto);
	write_object(w, o, NFT_ABOUT_HELPER + helper->helper);
}

/* Timeouts stand in the kernel's order there, too. */
void nft_write_timeout(struct nft_writer *w, const struct plan_timeout *t)
{
	struct nftnl_obj *o = object_new(w, NFT_OBJECT_CT_TIMEOUT, t->name);

	if (!o)
		return;
	nftnl_obj_set_u16(o, NFTNL_OBJ_CT_TIMEOUT_L3PROTO, NFPROTO_IPV4);
	nftnl_obj_set_u8(o, NFTNL_OBJ_CT_TIMEOUT_L4PROTO, t->proto);
	nftnl_obj_set_data(o, NFTNL_OBJ_CT_TIMEOUT_ARRAY, t->seconds,
			   plan_timeout_states(t) * sizeof(t->seconds[0]));
	write_object(w, o, NFT_ABOUT_TIMEOUTS);
}

static void write_set(struct nft_writer *w, struct nftnl_set *s, __u32 about)
{
	struct nlmsghdr *h =
		nft_batch_message(&w->batch, NFT_MSG_NEWSET, NLM_F_CREATE, about);

	nftnl_set_nlmsg_build_payload(h, s);
	nft_batch_end_message(&w->batch, h);
	h = nft_batch_message(&w->batch, NFT_MSG_NEWSETELEM, NLM_F_CREATE, about);
	nftnl_set_elems_nlmsg_build_payload(h, s);
	nft_batch_end_message(&w->batch, h);
}

static void origin_fill(const struct nft_writer *w, const struct plan_rule *r,
			struct nft_origin *o)
{
	unsigned int i;

	if (r == w->settings) {
		o->kind = NFT_ORIGIN_SETTINGS;
		for (i = 0; i < FW_LISTS; i++)
			o->settings.policy[i] = w->rules->list[i].policy;
		o->settings.timeouts = w->rules->timeouts;
		o->settings.mark_mask = w->plan->mark_mask;
		o->settings.needs = w->plan->needs;
	} else if (r->origin < 0) {
		o->kind = NFT_ORIGIN_NONE;
	} else if (w->teller[r->list][r->origin] != r) {
		o->kind = NFT_ORIGIN_MORE;
	} else {
		o->kind = NFT_ORIGIN_RULE;
		o->list = r->list;
		o->rule = *fw_list_rule(&w->rules->list[r->list], (__u32)r->origin);
		if (r->list == FW_ACCT)
			o->order = w->order ? w->order[r->origin] : r->origin;
	}
}

static void write_udata(struct nft_writer *w, struct nlmsghdr *h,
			const struct plan_rule *r)
{
	char described[EMIT_ORIGIN], comment[NFT_COMMENT_MAX + 1];
	const char *text = r->comment;
	struct nft_origin o = { .kind = NFT_ORIGIN_NONE };
	struct nft_udata u;
	struct fw_text t;

	if (r->origin >= 0 && w->describe) {
		fw_text_init(&t, described, sizeof(described));
		w->describe(&t, r->list, fw_list_rule(&w->rules->list[r->list],
						      (__u32)r->origin));
		text = described;
	}
	fw_text_init(&t, comment, sizeof(comment));
	if (text)
		emit_nft_comment(&t, text, emit_nft_room(w->rules, r));
	origin_fill(w, r, &o);
	nft_origin_write(&u, text ? comment : NULL, &o);
	if (u.len)
		mnl_attr_put(h, NFTA_RULE_USERDATA, u.len, u.byte);
}

struct nftnl_rule *nft_rule_new(const char *chain)
{
	struct nftnl_rule *r = nftnl_rule_alloc();

	if (!r)
		return NULL;
	if (nftnl_rule_set_str(r, NFTNL_RULE_TABLE, NFT_TABLE) ||
	    nftnl_rule_set_str(r, NFTNL_RULE_CHAIN, chain)) {
		nftnl_rule_free(r);
		return NULL;
	}
	return r;
}

void nft_write_rule(struct nft_writer *w, const struct plan_chain *c,
		    const struct plan_rule *r, enum nft_place place, __u64 handle)
{
	struct nftnl_rule *rule = nft_rule_new(c->name);
	__u16 flags = NLM_F_CREATE | (place == NFT_AT_END ? NLM_F_APPEND : 0);
	struct nlmsghdr *h;
	unsigned int i;
	int err = rule ? nft_expr_build(rule, &w->sets, r) : -ENOMEM;

	if (err) {
		writer_fail(w, err);
	} else {
		for (i = 0; i < w->sets.count; i++)
			write_set(w, w->sets.set[i], nft_about(r));
		if (place == NFT_BEFORE)
			nftnl_rule_set_u64(rule, NFTNL_RULE_POSITION, handle);
		h = nft_batch_message(&w->batch, NFT_MSG_NEWRULE, flags, nft_about(r));
		nftnl_rule_nlmsg_build_payload(h, rule);
		write_udata(w, h, r);
		nft_batch_end_message(&w->batch, h);
	}
	nft_sets_free(&w->sets);
	if (rule)
		nftnl_rule_free(rule);
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
		nft_batch_message(&w->batch, NFT_MSG_DELRULE, 0, NFT_ABOUT_NONE);

	mnl_attr_put_strz(h, NFTA_RULE_TABLE, NFT_TABLE);
	mnl_attr_put_strz(h, NFTA_RULE_CHAIN, chain);
	mnl_attr_put_u64(h, NFTA_RULE_HANDLE, htobe64(handle));
	nft_batch_end_message(&w->batch, h);
}

void nft_delete_chain(struct nft_writer *w, const char *chain)
{
	struct nlmsghdr *h =
		nft_batch_message(&w->batch, NFT_MSG_DELCHAIN, 0, NFT_ABOUT_NONE);

	mnl_attr_put_strz(h, NFTA_CHAIN_TABLE, NFT_TABLE);
	mnl_attr_put_strz(h, NFTA_CHAIN_NAME, chain);
	nft_batch_end_message(&w->batch, h);
}

void nft_delete_object(struct nft_writer *w, __u32 type, const char *name)
{
	struct nlmsghdr *h =
		nft_batch_message(&w->batch, NFT_MSG_DELOBJ, 0, NFT_ABOUT_NONE);

	mnl_attr_put_strz(h, NFTA_OBJ_TABLE, NFT_TABLE);
	mnl_attr_put_strz(h, NFTA_OBJ_NAME, name);
	mnl_attr_put_u32(h, NFTA_OBJ_TYPE, htonl(type));
	nft_batch_end_message(&w->batch, h);
}
