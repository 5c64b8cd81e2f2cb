// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * netlink_dump.c - RULES_GET: the lists with their counters, and the port forwards.
 *
 * The start takes a reference to the active generation and reads the counters.  Messages
 * are made from these as the reader receives, so they are consistent.  The memory for a
 * reader that stops receiving is bounded: a socket has one dump at a time, memory is
 * accounted, and processes without CAP_NET_ADMIN have few dumps together, because each
 * keeps an old generation allocated.
 */
#include <linux/atomic.h>
#include <linux/capability.h>
#include <linux/mm.h>
#include <net/sock.h>

#include "kmod/control/netlink.h"

#define UNPRIVILEGED_MAX 64

struct dump {
	struct fwk_generation *generation;
	bool unprivileged;
	enum fw_list_id list, end;	/* next list, and the one after the last */
	u32 rule;		/* next rule of the list */
	struct fw_portfw *forwards;
	u32 forward;		/* the next of them */
	size_t counted;		/* counters of the lists before */
	struct fwk_count count[];	/* of all lists of the dump, in order */
};

const struct nla_policy fwk_dump_policy[IPFWADM_A_ZERO + 1] = {
	[IPFWADM_A_LIST] = NLA_POLICY_MAX(NLA_U32, FW_LISTS - 1),
	[IPFWADM_A_ZERO] = { .type = NLA_FLAG },
};

static atomic_t unprivileged_dumps = ATOMIC_INIT(0);

static struct dump *callback_dump(const struct netlink_callback *cb)
{
	return (struct dump *)cb->args[0];
}

/* A dump of lists list ... end - 1, which owns the reference to g; NULL without memory. */
static struct dump *dump_alloc(struct fwk_generation *g, enum fw_list_id list,
			       enum fw_list_id end)
{
	struct dump *dump;
	size_t n = 0;
	enum fw_list_id i;

	for (i = list; i < end; i++)
		n += g->rules.list[i].count;
	dump = kvzalloc(struct_size(dump, count, n), GFP_KERNEL_ACCOUNT | __GFP_NOWARN);
	if (!dump)
		return NULL;
	dump->generation = g;
	dump->list = list;
	dump->end = end;
	return dump;
}

static void dump_count(struct dump *dump, bool zero)
{
	struct fwk_count *count = dump->count;
	enum fw_list_id list;
	u32 n;

	for (list = dump->list; list < dump->end; list++) {
		n = dump->generation->rules.list[list].count;
		fwk_counts_read(dump->generation, list, 0, n, count, zero);
		count += n;
	}
}

static void dump_free(struct dump *dump)
{
	if (dump->unprivileged)
		atomic_dec(&unprivileged_dumps);
	fwk_generation_put(dump->generation);
	kvfree(dump->forwards);
	kvfree(dump);
}

/* The lists *list ... *end - 1 that the request asks for, zeroed or not. */
static int request_get(const struct netlink_callback *cb, enum fw_list_id *list,
		       enum fw_list_id *end, bool *zero)
{
	struct nlattr *tb[ARRAY_SIZE(fwk_dump_policy)];
	int err = genlmsg_parse(cb->nlh, &fwk_netlink_family, tb,
				ARRAY_SIZE(fwk_dump_policy) - 1, fwk_dump_policy,
				cb->extack);

	if (err)
		return err;
	*zero = nla_get_flag(tb[IPFWADM_A_ZERO]);
	*list = 0;
	*end = FW_LISTS;
	if (tb[IPFWADM_A_LIST]) {
		*list = nla_get_u32(tb[IPFWADM_A_LIST]);
		*end = *list + 1;
	} else if (*zero) {
		NL_SET_ERR_ATTR_MISS(cb->extack, NULL, IPFWADM_A_LIST);
		NL_SET_ERR_MSG(cb->extack, "one list is zeroed at a time");
		return -EINVAL;
	}
	return 0;
}

/* Limits dumps of processes without CAP_NET_ADMIN, which may not zero counters. */
static int reader_admit(const struct netlink_callback *cb, const struct net *net,
			bool zero, bool *unprivileged)
{
	*unprivileged = !netlink_ns_capable(cb->skb, net->user_ns, CAP_NET_ADMIN);
	if (!*unprivileged)
		return 0;
	if (zero) {
		NL_SET_ERR_MSG(cb->extack, "zeroing needs the capability to edit");
		return -EPERM;
	}
	if (!atomic_add_unless(&unprivileged_dumps, 1, UNPRIVILEGED_MAX)) {
		NL_SET_ERR_MSG(cb->extack, "too many users read rules at the same time");
		return -EBUSY;
	}
	return 0;
}

int fwk_dump_start(struct netlink_callback *cb)
{
	struct net *net = sock_net(cb->skb->sk);
	enum fw_list_id list, end;
	struct fwk_generation *g;
	struct fw_portfw *forwards;
	struct dump *dump;
	bool zero, unprivileged;
	int err;

	err = request_get(cb, &list, &end, &zero) ?:
	      reader_admit(cb, net, zero, &unprivileged);
	if (err)
		return err;
	forwards = fwk_forwards_copy(net, &g);
	dump = forwards ? dump_alloc(g, list, end) : NULL;
	if (!dump) {
		if (forwards)
			fwk_generation_put(g);
		kvfree(forwards);
		if (unprivileged)
			atomic_dec(&unprivileged_dumps);
		NL_SET_ERR_MSG(cb->extack, "not enough memory for the counters");
		return -ENOMEM;
	}
	dump->unprivileged = unprivileged;
	dump->forwards = forwards;
	dump->forward = end - list == FW_LISTS ? 0 : g->rules.portfw.count;
	dump_count(dump, zero);
	cb->args[0] = (long)dump;
	return 0;
}

int fwk_dump_done(struct netlink_callback *cb)
{
	dump_free(callback_dump(cb));
	return 0;
}

/* Sets NLM_F_DUMP_INTR in this message and, through cb, in the one that ends the dump. */
static void interruption_report(struct netlink_callback *cb, const struct dump *dump,
				void *hdr)
{
	cb->prev_seq = dump->generation->number;
	genl_dump_check_consistent(cb, hdr);
	cb->prev_seq = dump->generation->number;
}

/* Returns the header of a message with the generation; NULL without room. */
static void *message_begin(struct sk_buff *skb, struct netlink_callback *cb,
			   const struct dump *dump)
{
	void *hdr = genlmsg_put(skb, NETLINK_CB(cb->skb).portid, cb->nlh->nlmsg_seq,
				&fwk_netlink_family, NLM_F_MULTI, IPFWADM_CMD_RULES_GET);

	if (hdr && nla_put_u32(skb, IPFWADM_A_GENERATION, dump->generation->number)) {
		genlmsg_cancel(skb, hdr);
		return NULL;
	}
	return hdr;
}

/*
 * Puts a message with as many rules of the list as fit.  Returns -EMSGSIZE if some of
 * them, or the message itself, must be put into the next buffer.
 */
static int list_put(struct sk_buff *skb, struct netlink_callback *cb, struct dump *dump)
{
	u32 first = dump->rule, n = dump->generation->rules.list[dump->list].count;
	struct fw_rule rule;
	const struct fwk_count *count = &dump->count[dump->counted];
	void *hdr = message_begin(skb, cb, dump);

	if (!hdr)
		return -EMSGSIZE;
	if (nla_put_u32(skb, IPFWADM_A_LIST, dump->list)) {
		genlmsg_cancel(skb, hdr);
		return -EMSGSIZE;
	}
	for (; dump->rule < n; dump->rule++) {
		fwk_rule_read(dump->generation, dump->list, dump->rule, &rule);
		if (fwk_rule_put(skb, &rule, &count[dump->rule]))
			break;
	}
	if (dump->rule < n && dump->rule == first) {
		genlmsg_cancel(skb, hdr);
		return -EMSGSIZE;
	}
	interruption_report(cb, dump, hdr);
	genlmsg_end(skb, hdr);
	return dump->rule < n ? -EMSGSIZE : 0;
}

/* The same for forwards. */
static int forwards_put(struct sk_buff *skb, struct netlink_callback *cb, struct dump *dump)
{
	u32 first = dump->forward, n = dump->generation->rules.portfw.count;
	void *hdr = message_begin(skb, cb, dump);

	if (!hdr)
		return -EMSGSIZE;
	while (dump->forward < n && !fwk_forward_put(skb, &dump->forwards[dump->forward]))
		dump->forward++;
	if (dump->forward == first) {
		genlmsg_cancel(skb, hdr);
		return -EMSGSIZE;
	}
	interruption_report(cb, dump, hdr);
	genlmsg_end(skb, hdr);
	return dump->forward < n ? -EMSGSIZE : 0;
}

static u32 generation_number(struct net *net)
{
	struct fwk_generation *g = fwk_generation_get(net);
	u32 number = g->number;

	fwk_generation_put(g);
	return number;
}

int fwk_dump_fill(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct dump *dump = callback_dump(cb);
	int err;

	cb->seq = generation_number(sock_net(cb->skb->sk));
	while (dump->list < dump->end) {
		err = list_put(skb, cb, dump);
		if (err)
			return skb->len ?: err;
		dump->counted += dump->rule;
		dump->list++;
		dump->rule = 0;
	}
	if (dump->forward < dump->generation->rules.portfw.count) {
		err = forwards_put(skb, cb, dump);
		if (err)
			return skb->len ?: err;
	}
	return 0;
}
