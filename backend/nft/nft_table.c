// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * nft_table.c - our table as the kernel holds it: a dump, not yet understood.
 */
#include "backend/nft/nft_table.h"

#include <errno.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#include "backend/netlink/netlink_attr.h"
#include "backend/nft/nft_expr.h"
#include "backend/netlink/netlink_attr.h"

#define TABLE_CHUNK 4096

/* in nf_tables.h since 6.2 */
#define MSG_GETRULE_RESET 25

/* the attributes that one kind of message may have */
#define ATTRIBUTES 20

struct attributes {
	const struct nlattr *at[ATTRIBUTES];
};

static struct attributes attributes_read(struct netlink_attrs row)
{
	struct attributes as = { 0 };
	const struct nlattr *a;

	while ((a = netlink_attrs_next(&row)))
		if (netlink_attr_type(a) < ATTRIBUTES)
			as.at[netlink_attr_type(a)] = a;
	return as;
}

static struct attributes attributes_of(const struct nlmsghdr *h)
{
	return attributes_read(netlink_attrs_of(h, sizeof(struct nfgenmsg)));
}

static int table_message(const struct nlmsghdr *h, void *ctx)
{
	struct nft_table *t = ctx;
	struct attributes as = attributes_of(h);
	__u32 flags = (__u32)netlink_attr_number(as.at[NFTA_TABLE_FLAGS]);

	t->present = true;
	t->owned = flags & NFT_TABLE_F_OWNER;
	t->dormant = flags & NFT_TABLE_F_DORMANT;
	return 0;
}

static struct nft_chain *chain_add(struct nft_table *t, const char *name)
{
	__u32 cap = t->chains_cap ? 2 * t->chains_cap : 32;
	struct nft_chain *c, **bigger;

	if (t->nchains == t->chains_cap) {
		bigger = reallocarray(t->chain, cap, sizeof(struct nft_chain *));
		if (!bigger)
			return NULL;
		t->chain = bigger;
		t->chains_cap = cap;
	}
	c = obstack_alloc(&t->memory, sizeof(*c));
	memset(c, 0, sizeof(*c));
	c->name = obstack_copy0(&t->memory, name, strlen(name));
	c->tail = &c->rules;
	t->chain[t->nchains++] = c;
	return c;
}

static int chain_message(const struct nlmsghdr *h, void *ctx)
{
	struct nft_table *t = ctx;
	struct attributes as = attributes_of(h), hook;
	const char *type = netlink_attr_text(as.at[NFTA_CHAIN_TYPE]);
	struct nft_chain *c;

	if (!netlink_attr_is(as.at[NFTA_CHAIN_TABLE], NFT_TABLE))
		return 0;
	c = chain_add(t, netlink_attr_text(as.at[NFTA_CHAIN_NAME]));
	if (!c)
		return -ENOMEM;
	if (!as.at[NFTA_CHAIN_HOOK])
		return 0;
	hook = attributes_read(netlink_attrs_in(as.at[NFTA_CHAIN_HOOK]));
	c->type = obstack_copy0(&t->memory, type, strlen(type));
	c->hook = (__u32)netlink_attr_number(hook.at[NFTA_HOOK_HOOKNUM]);
	c->priority = (__s32)netlink_attr_number(hook.at[NFTA_HOOK_PRIORITY]);
	c->policy = (__u32)netlink_attr_number(as.at[NFTA_CHAIN_POLICY]);
	return 0;
}

/* Finds the counter among a rule's expressions. */
static void rule_read_counter(struct nft_rule *r)
{
	struct netlink_attrs row = netlink_attrs_in(r->expressions);
	const struct nlattr *x, *data;

	while ((x = netlink_attrs_next(&row))) {
		if (!netlink_attr_is(netlink_attr_find(x, NFTA_EXPR_NAME), "counter"))
			continue;
		data = netlink_attr_find(x, NFTA_EXPR_DATA);
		r->counts = true;
		r->packets = netlink_attr_number(
			netlink_attr_find(data, NFTA_COUNTER_PACKETS));
		r->bytes =
			netlink_attr_number(netlink_attr_find(data, NFTA_COUNTER_BYTES));
	}
}

/* What points into the message is the message's still. */
static struct nft_rule rule_read(const struct attributes *as)
{
	const struct nlattr *udata = as->at[NFTA_RULE_USERDATA];
	struct nft_rule r = {
		.handle = netlink_attr_number(as->at[NFTA_RULE_HANDLE]),
		.expressions = as->at[NFTA_RULE_EXPRESSIONS],
	};

	if (udata) {
		r.udata = netlink_attr_data(udata);
		r.udata_len = netlink_attr_len(udata);
	}
	rule_read_counter(&r);
	return r;
}

static int rule_message(const struct nlmsghdr *h, void *ctx)
{
	struct nft_table *t = ctx;
	struct attributes as = attributes_of(h);
	const char *chain = netlink_attr_text(as.at[NFTA_RULE_CHAIN]);
	struct nft_rule *r;

	if (!netlink_attr_is(as.at[NFTA_RULE_TABLE], NFT_TABLE))
		return 0;
	if (!t->last || strcmp(t->last->name, chain) != 0)
		t->last = nft_table_chain(t, chain);
	if (!t->last)
		return -EAGAIN;	/* a chain that was not there a moment ago */
	r = obstack_alloc(&t->memory, sizeof(*r));
	*r = rule_read(&as);
	if (r->expressions)
		r->expressions = obstack_copy(&t->memory, r->expressions,
					      r->expressions->nla_len);
	if (r->udata)
		r->udata = obstack_copy(&t->memory, r->udata, r->udata_len);
	*t->last->tail = r;
	t->last->tail = &r->next;
	return 0;
}

static int chain_compare(const void *a, const void *b)
{
	const struct nft_chain *const *x = a, *const *y = b;

	return strcmp((*x)->name, (*y)->name);
}

struct nft_chain *nft_table_chain(const struct nft_table *t, const char *name)
{
	const struct nft_chain key = { .name = name }, *k = &key;
	struct nft_chain **found;

	if (!t->nchains)
		return NULL;
	found = bsearch(&k, t->chain, t->nchains, sizeof(struct nft_chain *),
			chain_compare);
	return found ? *found : NULL;
}

static void *chunk_new(void *table, size_t size)
{
	void *chunk = malloc(size);

	if (!chunk)
		longjmp(((struct nft_table *)table)->no_memory, 1);
	return chunk;
}

static void chunk_free(void *table, void *chunk)
{
	(void)table;
	free(chunk);
}

void nft_table_free(struct nft_table *t)
{
	free(t->chain);
	if (t->memory.chunk)
		obstack_free(&t->memory, NULL);
	*t = (struct nft_table){ 0 };
}

static int read_failed(int err, struct fw_error *e)
{
	if (err == -EAGAIN)
		return err;
	if (err == -ENOMEM)
		return fw_error_set(e, ENOMEM, "out of memory");
	if (err == -EINVAL || err == -EOPNOTSUPP)
		return fw_error_set(e, ENODEV, "this kernel has no nf_tables");
	return fw_error_set(e, -err, "cannot read table ip " NFT_TABLE ": %s",
			    strerror(-err));
}

static struct nlmsghdr *rules_request(void *buf, const char *chain)
{
	struct nlmsghdr *h = nft_request(buf, NFT_MSG_GETRULE, NLM_F_DUMP);

	netlink_put_text(h, NFTA_RULE_TABLE, NFT_TABLE);
	if (chain)
		netlink_put_text(h, NFTA_RULE_CHAIN, chain);
	return h;
}

static int rules_dump(struct nft_table *t, struct netlink *l, const char *chain)
{
	char buf[NETLINK_REQUEST];

	return netlink_query(l, rules_request(buf, chain), rule_message, t, NULL);
}

/* A link of its own, because the rest of the dump is not received. */
bool nft_record_head_read(struct store_record_head *head)
{
	char buf[NETLINK_REQUEST];
	struct nlmsghdr *h = rules_request(buf, store_record_chain(PLAN_NFT));
	const struct nlmsghdr *first = NULL;
	const struct nlattr *udata = NULL;
	struct netlink_messages answer;
	struct netlink link;
	bool found;

	if (netlink_open(&link, NETLINK_NETFILTER, NULL))
		return false;
	if (!netlink_send(&link, h, h->nlmsg_len) &&
	    !netlink_receive_head(&link, &answer))
		first = netlink_messages_next(&answer);
	if (first && first->nlmsg_type >= NLMSG_MIN_TYPE)
		udata = attributes_of(first).at[NFTA_RULE_USERDATA];
	found = udata && store_record_head_read(head, netlink_attr_data(udata),
						netlink_attr_len(udata));
	netlink_close(&link);
	return found;
}

static int table_find(struct nft_table *t, struct netlink *l)
{
	char buf[NETLINK_REQUEST];
	struct nlmsghdr *h = nft_request(buf, NFT_MSG_GETTABLE, NLM_F_ACK);

	netlink_put_text(h, NFTA_TABLE_NAME, NFT_TABLE);
	return netlink_query(l, h, table_message, t, NULL);
}

/* That there is a table shows by its rules. */
static int chain_dump(struct nft_table *t, struct netlink *l, const char *chain)
{
	int err;

	if (!chain_add(t, chain))
		return -ENOMEM;
	err = rules_dump(t, l, chain);
	t->present = t->chain[0]->rules;
	return err;
}

/* chain: NULL for all there is */
static int table_dump(struct nft_table *t, struct netlink *l, const char *chain)
{
	char buf[NETLINK_REQUEST];
	int err;

	if (chain)
		return chain_dump(t, l, chain);
	err = table_find(t, l);
	if (err)
		return err;
	err = netlink_query(l, nft_request(buf, NFT_MSG_GETCHAIN, NLM_F_DUMP),
			    chain_message, t, NULL);
	if (err)
		return err;
	if (t->nchains)
		qsort(t->chain, t->nchains, sizeof(struct nft_chain *), chain_compare);
	return rules_dump(t, l, NULL);
}

/* Memory that runs out while the table is put together ends up here. */
static int table_try(struct nft_table *t, struct netlink *l, const char *chain)
{
	if (setjmp(t->no_memory))
		return -ENOMEM;
	obstack_specify_allocation_with_arg(&t->memory, TABLE_CHUNK, 8, chunk_new,
					    chunk_free, t);
	return table_dump(t, l, chain);
}

static int table_read(struct nft_table *t, struct netlink *l, const char *chain,
		      struct fw_error *e)
{
	int err;

	*t = (struct nft_table){ 0 };
	err = table_try(t, l, chain);
	return err && err != -ENOENT ? read_failed(err, e) : 0;
}

int nft_table_find(struct nft_table *t, struct netlink *l, struct fw_error *e)
{
	int err;

	*t = (struct nft_table){ 0 };
	err = table_find(t, l);
	return err && err != -ENOENT ? read_failed(err, e) : 0;
}

int nft_table_read(struct nft_table *t, struct netlink *l, struct fw_error *e)
{
	return table_read(t, l, NULL, e);
}

int nft_table_read_chain(struct nft_table *t, struct netlink *l, const char *name,
			 struct fw_error *e)
{
	return table_read(t, l, name, e);
}

/* a reset under way */
struct reset {
	nft_count_fn each;
	void *ctx;
};

static int reset_message(const struct nlmsghdr *h, void *ctx)
{
	const struct reset *reset = ctx;
	struct attributes as = attributes_of(h);
	struct nft_rule r = rule_read(&as);

	if (r.counts)
		reset->each(reset->ctx, &r);
	return 0;
}

/*
 * What was read has been reset, whatever happens in between: an interrupted dump
 * is no failure.
 */
int nft_table_reset(struct netlink *l, const char *chain, nft_count_fn each, void *ctx)
{
	struct reset reset = { each, ctx };
	char buf[NETLINK_REQUEST];
	struct nlmsghdr *h = nft_request(buf, MSG_GETRULE_RESET, NLM_F_DUMP);
	int err;

	netlink_put_text(h, NFTA_RULE_TABLE, NFT_TABLE);
	netlink_put_text(h, NFTA_RULE_CHAIN, chain);
	err = netlink_query(l, h, reset_message, &reset, NULL);
	if (err == -EINVAL)
		return -EOPNOTSUPP;
	return err == -EAGAIN ? 0 : err;
}
