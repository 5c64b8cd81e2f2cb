// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * netlink.c - the generic netlink family: table of operations, STATUS, events.
 *
 * Operations run in parallel.  fwk_rules_edit() and fwk_counts_read() serialise changes.
 */
#include <linux/module.h>

#include "kmod/control/control.h"
#include "kmod/control/netlink.h"

/* Messages contain numbers of the core. */
static_assert((int)IPFWADM_VERDICT_DENY == FW_V_DENY);
static_assert((int)IPFWADM_VERDICT_ACCEPT == FW_V_ACCEPT);
static_assert((int)IPFWADM_VERDICT_REJECT == FW_V_REJECT);
static_assert((int)IPFWADM_VERDICT_REDIRECT == FW_V_REDIRECT);
static_assert((int)IPFWADM_VERDICT_MASQUERADE == FW_V_MASQUERADE);
static_assert((int)IPFWADM_BY_NONE == FW_BY_NONE);
static_assert((int)IPFWADM_BY_EARLY == FW_BY_EARLY);
static_assert((int)IPFWADM_BY_STATE == FW_BY_STATE);
static_assert((int)IPFWADM_BY_RULE == FW_BY_RULE);
static_assert((int)IPFWADM_BY_POLICY == FW_BY_POLICY);
static_assert(IPFWADM_MATCHED_MAX == FWK_MATCHED_MAX);
static_assert((int)IPFWADM_OP_APPEND == FW_OP_APPEND);
static_assert((int)IPFWADM_OP_INSERT == FW_OP_INSERT);
static_assert((int)IPFWADM_OP_DELETE == FW_OP_DELETE);
static_assert((int)IPFWADM_OP_FLUSH == FW_OP_FLUSH);
static_assert((int)IPFWADM_OP_ZERO == FW_OP_ZERO);
static_assert((int)IPFWADM_OP_POLICY == FW_OP_POLICY);
static_assert((int)IPFWADM_OP_TIMEOUTS == FW_OP_TIMEOUTS);
static_assert(IPFWADM_OP_FORWARD_ZERO - IPFWADM_OP_FORWARD_APPEND == FW_PORTFW_ZERO);

static int status_lists_put(struct sk_buff *skb, const struct fw_ruleset *rules)
{
	struct nlattr *nest = nla_nest_start(skb, IPFWADM_A_POLICY);
	enum fw_list_id list;

	if (!nest)
		return -EMSGSIZE;
	for (list = 0; list < FW_ACCT; list++)
		if (nla_put_u32(skb, 1 + list, rules->list[list].policy))
			return -EMSGSIZE;
	nla_nest_end(skb, nest);
	nest = nla_nest_start(skb, IPFWADM_A_COUNT);
	if (!nest)
		return -EMSGSIZE;
	for (list = 0; list < FW_LISTS; list++)
		if (nla_put_u32(skb, 1 + list, rules->list[list].count))
			return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static int status_put(struct sk_buff *skb, const struct genl_info *info,
		      const struct fwk_generation *g)
{
	void *hdr = genlmsg_put(skb, info->snd_portid, info->snd_seq, &fwk_netlink_family,
				0, IPFWADM_CMD_STATUS);

	if (!hdr || nla_put_u32(skb, IPFWADM_A_GENERATION, g->number) ||
	    nla_put_u32(skb, IPFWADM_A_FEATURES, fwk_features()) ||
	    status_lists_put(skb, &g->rules) ||
	    nla_put_u32(skb, IPFWADM_A_IPV6,
			g->rules.denies_ipv6 ? FW_POLICY_DENY : FW_POLICY_ACCEPT) ||
	    fwk_timeouts_put(skb, &g->rules.timeouts) ||
	    fwk_track_timeouts_put(skb, g->track_timeouts))
		return -EMSGSIZE;
	genlmsg_end(skb, hdr);
	return 0;
}

static int status_do(struct sk_buff *skb, struct genl_info *info)
{
	struct sk_buff *reply = genlmsg_new(GENLMSG_DEFAULT_SIZE, GFP_KERNEL);
	struct fwk_generation *g;
	int err;

	if (!reply)
		return -ENOMEM;
	g = fwk_generation_get(genl_info_net(info));
	err = status_put(reply, info, g);
	fwk_generation_put(g);
	if (err) {
		nlmsg_free(reply);
		return err;
	}
	return genlmsg_reply(reply, info);
}

static const struct genl_ops netlink_ops[] = {
	{
		.cmd = IPFWADM_CMD_STATUS,
		.doit = status_do,
	},
	{
		.cmd = IPFWADM_CMD_RULES_GET,
		.start = fwk_dump_start,
		.dumpit = fwk_dump_fill,
		.done = fwk_dump_done,
		.policy = fwk_dump_policy,
		.maxattr = ARRAY_SIZE(fwk_dump_policy) - 1,
	},
	{
		.cmd = IPFWADM_CMD_EDIT,
		.flags = GENL_UNS_ADMIN_PERM,
		.doit = fwk_edit_do,
		.policy = fwk_edit_policy,
		.maxattr = ARRAY_SIZE(fwk_edit_policy) - 1,
	},
	{
		.cmd = IPFWADM_CMD_CHECK,
		.doit = fwk_check_do,
		.policy = fwk_check_policy,
		.maxattr = ARRAY_SIZE(fwk_check_policy) - 1,
	},
	{
		.cmd = IPFWADM_CMD_CONNS_GET,
		.flags = GENL_UNS_ADMIN_PERM,
		.start = fwk_conns_start,
		.dumpit = fwk_conns_fill,
		.done = fwk_conns_done,
		.policy = fwk_conn_policy,
		.maxattr = ARRAY_SIZE(fwk_conn_policy) - 1,
	},
	{
		.cmd = IPFWADM_CMD_CONNS_END,
		.flags = GENL_UNS_ADMIN_PERM,
		.doit = fwk_conns_end_do,
		.policy = fwk_conn_policy,
		.maxattr = ARRAY_SIZE(fwk_conn_policy) - 1,
	},
	{
		.cmd = IPFWADM_CMD_EXPECTS_GET,
		.flags = GENL_UNS_ADMIN_PERM,
		.dumpit = fwk_expects_fill,
	},
};

static const struct genl_multicast_group netlink_groups[] = {
	[FWK_GROUP_CHANGES] = { .name = IPFWADM_GROUP_CHANGES },
	[FWK_GROUP_CONNS] = { .name = IPFWADM_GROUP_CONNS, .flags = GENL_MCAST_CAP_NET_ADMIN },
};

struct genl_family fwk_netlink_family __ro_after_init = {
	.name = IPFWADM_FAMILY,
	.version = IPFWADM_FAMILY_VERSION,
	.netnsok = true,
	.parallel_ops = true,
	.ops = netlink_ops,
	.n_ops = ARRAY_SIZE(netlink_ops),
	.mcgrps = netlink_groups,
	.n_mcgrps = ARRAY_SIZE(netlink_groups),
	.module = THIS_MODULE,
};

static int changed_put(struct sk_buff *skb, u32 generation, u32 edits, u32 portid)
{
	void *hdr = genlmsg_put(skb, 0, 0, &fwk_netlink_family, 0, IPFWADM_CMD_CHANGED);

	if (!hdr || nla_put_u32(skb, IPFWADM_A_GENERATION, generation) ||
	    nla_put_u32(skb, IPFWADM_A_EDITS, edits) ||
	    nla_put_u32(skb, IPFWADM_A_PORTID, portid))
		return -EMSGSIZE;
	genlmsg_end(skb, hdr);
	return 0;
}

/* Without memory the listeners get -ENOBUFS, which means that a message was lost. */
void fwk_netlink_report(struct net *net, u32 generation, u32 edits, u32 portid)
{
	struct sk_buff *skb;

	if (!genl_has_listeners(&fwk_netlink_family, net, FWK_GROUP_CHANGES))
		return;
	skb = genlmsg_new(3 * nla_total_size(sizeof(u32)), GFP_KERNEL);
	if (!skb || changed_put(skb, generation, edits, portid)) {
		nlmsg_free(skb);
		genl_set_err(&fwk_netlink_family, net, 0, FWK_GROUP_CHANGES, -ENOBUFS);
		return;
	}
	genlmsg_multicast_netns(&fwk_netlink_family, net, skb, 0, FWK_GROUP_CHANGES,
				GFP_KERNEL);
}

int __init fwk_netlink_init(void)
{
	int err = fwk_conn_events_init();

	if (err)
		return err;
	err = genl_register_family(&fwk_netlink_family);
	if (err)
		fwk_conn_events_exit();
	return err;
}

void fwk_netlink_exit(void)
{
	fwk_conn_events_exit();
	genl_unregister_family(&fwk_netlink_family);
}
