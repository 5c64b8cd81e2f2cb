// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * netlink_dump.c - RULES_GET: the lists with their counters.
 *
 * The first step takes a reference to the generation in force and reads the
 * counters; the messages are made from these as the reader fetches them, however
 * late.  What is kept for a reader who does not come back is bounded: netlink lets
 * a socket have one dump, the memory is accounted, and those who may not edit may
 * have few dumps at a time, since each can keep an old generation alive.
 */
#include <linux/atomic.h>
#include <linux/capability.h>
#include <linux/mm.h>
#include <net/sock.h>

#include "kmod/control/netlink_ops.h"

#define GUESTS_MAX 64

struct dump {
	struct fw_table *table;
	bool guest;			/* without the capability */
	enum fw_list_id list, end;	/* next one to tell, and behind the last */
	u32 rule;			/* next one in it */
	size_t counted;			/* counters of the lists before it */
	struct fw_count count[];	/* of all lists to tell, in order */
};

const struct nla_policy fw_dump_policy[IPFWADM_A_ZERO + 1] = {
	[IPFWADM_A_LIST] = NLA_POLICY_MAX(NLA_U32, FW_LISTS - 1),
	[IPFWADM_A_ZERO] = { .type = NLA_FLAG },
};

static atomic_t guests = ATOMIC_INIT(0);

static struct dump *callback_dump(const struct netlink_callback *cb)
{
	return (struct dump *)cb->args[0];
}

/* A dump of lists list ... end - 1; takes over the reference to t if there is memory. */
static struct dump *dump_alloc(struct fw_table *t, enum fw_list_id list,
			       enum fw_list_id end)
{
	struct dump *dump;
	size_t n = 0;
	enum fw_list_id i;

	for (i = list; i < end; i++)
		n += fw_table_rules(t, i);
	dump = kvzalloc(struct_size(dump, count, n), GFP_KERNEL_ACCOUNT | __GFP_NOWARN);
	if (!dump)
		return NULL;
	dump->table = t;
	dump->list = list;
	dump->end = end;
	return dump;
}

static void dump_count(struct fw_net *fn, struct dump *dump, bool zero)
{
	struct fw_count *count = dump->count;
	enum fw_list_id list;
	u32 n;

	for (list = dump->list; list < dump->end; list++) {
		n = fw_table_rules(dump->table, list);
		fw_table_count(fn, dump->table, list, 0, n, count, zero);
		count += n;
	}
}

static void dump_free(struct dump *dump)
{
	if (dump->guest)
		atomic_dec(&guests);
	fw_table_put(dump->table);
	kvfree(dump);
}

/* What was asked for: lists *list ... *end - 1, zeroed or not. */
static int request_get(const struct netlink_callback *cb, enum fw_list_id *list,
		       enum fw_list_id *end, bool *zero)
{
	struct nlattr *tb[ARRAY_SIZE(fw_dump_policy)];
	int err = genlmsg_parse(cb->nlh, &fw_netlink_family, tb,
				ARRAY_SIZE(fw_dump_policy) - 1, fw_dump_policy,
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

/* Those who may edit are let through, others counted if they only want to read. */
static int reader_admit(const struct netlink_callback *cb, const struct net *net,
			bool zero, bool *guest)
{
	*guest = !netlink_ns_capable(cb->skb, net->user_ns, CAP_NET_ADMIN);
	if (!*guest)
		return 0;
	if (zero) {
		NL_SET_ERR_MSG(cb->extack, "zeroing needs the capability to edit");
		return -EPERM;
	}
	if (!atomic_add_unless(&guests, 1, GUESTS_MAX)) {
		NL_SET_ERR_MSG(cb->extack, "too many users read rules at the same time");
		return -EBUSY;
	}
	return 0;
}

int fw_dump_start(struct netlink_callback *cb)
{
	const struct net *net = sock_net(cb->skb->sk);
	struct fw_net *fn = fw_net(net);
	enum fw_list_id list, end;
	struct fw_table *t;
	struct dump *dump;
	bool zero, guest;
	int err;

	err = request_get(cb, &list, &end, &zero) ?: reader_admit(cb, net, zero, &guest);
	if (err)
		return err;
	t = fw_table_get(fn);
	dump = dump_alloc(t, list, end);
	if (!dump) {
		fw_table_put(t);
		if (guest)
			atomic_dec(&guests);
		NL_SET_ERR_MSG(cb->extack, "not enough memory for the counters");
		return -ENOMEM;
	}
	dump->guest = guest;
	dump_count(fn, dump, zero);
	cb->args[0] = (long)dump;
	return 0;
}

int fw_dump_done(struct netlink_callback *cb)
{
	dump_free(callback_dump(cb));
	return 0;
}

/* NLM_F_DUMP_INTR in this message and, by cb, in the one that ends the dump */
static void interruption_tell(struct netlink_callback *cb, const struct dump *dump,
			      void *hdr)
{
	cb->prev_seq = fw_table_generation(dump->table);
	genl_dump_check_consistent(cb, hdr);
	cb->prev_seq = fw_table_generation(dump->table);
}

/*
 * A message with as many rules of a list as there is room for.  -EMSGSIZE when some
 * of them, or the message itself, have to wait for the next buffer.
 */
static int list_put(struct sk_buff *skb, struct netlink_callback *cb, struct dump *dump)
{
	u32 first = dump->rule, n = fw_table_rules(dump->table, dump->list);
	const struct fw_count *count = &dump->count[dump->counted];
	void *hdr = genlmsg_put(skb, NETLINK_CB(cb->skb).portid, cb->nlh->nlmsg_seq,
				&fw_netlink_family, NLM_F_MULTI, IPFWADM_CMD_RULES_GET);

	if (!hdr)
		return -EMSGSIZE;
	if (nla_put_u32(skb, IPFWADM_A_GENERATION, fw_table_generation(dump->table)) ||
	    nla_put_u32(skb, IPFWADM_A_LIST, dump->list)) {
		genlmsg_cancel(skb, hdr);
		return -EMSGSIZE;
	}
	for (; dump->rule < n; dump->rule++)
		if (fw_rule_put(skb, fw_table_rule(dump->table, dump->list, dump->rule),
				&count[dump->rule]))
			break;
	if (dump->rule < n && dump->rule == first) {
		genlmsg_cancel(skb, hdr);
		return -EMSGSIZE;
	}
	interruption_tell(cb, dump, hdr);
	genlmsg_end(skb, hdr);
	return dump->rule < n ? -EMSGSIZE : 0;
}

static u32 generation_now(const struct sk_buff *request)
{
	struct fw_table *t = fw_table_get(fw_net(sock_net(request->sk)));
	u32 generation = fw_table_generation(t);

	fw_table_put(t);
	return generation;
}

int fw_dump_fill(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct dump *dump = callback_dump(cb);
	int err;

	cb->seq = generation_now(cb->skb);
	while (dump->list < dump->end) {
		err = list_put(skb, cb, dump);
		if (err)
			return skb->len ?: err;
		dump->counted += dump->rule;
		dump->list++;
		dump->rule = 0;
	}
	return 0;
}
