// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * store_dump.c - a dump that iptables-nft has loaded.
 *
 * iptables-nft has tables of its own, which neither nft nor xtables reads, and the chains
 * of `dump iptables' filter there.
 */
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>

#include "backend/netlink/netlink.h"
#include "backend/netlink/netlink_attr.h"
#include "backend/plan/plan_commands.h"
#include "backend/store/store.h"

bool store_dump_is_loaded(void)
{
	char buf[NETLINK_REQUEST];
	struct nlmsghdr *h = netlink_netfilter(buf, NFNL_SUBSYS_NFTABLES,
					       NFT_MSG_GETCHAIN, NLM_F_ACK);
	struct netlink link;
	bool found;

	if (netlink_open(&link, NETLINK_NETFILTER, NULL))
		return false;
	netlink_put_text(h, NFTA_CHAIN_TABLE, "mangle");
	netlink_put_text(h, NFTA_CHAIN_NAME, plan_settings_chain(PLAN_XTABLES));
	found = !netlink_query(&link, h, NULL, NULL, NULL);
	netlink_close(&link);
	return found;
}
