// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * choose.c - the table of all backends.
 */
#include "backend/backend.h"
#include "backend/kmod/kmod.h"
#include "backend/nft/nft.h"
#include "backend/sim/sim.h"
#include "backend/xtables/xtables.h"

const struct backend_info backends[] = {
	{ .name = "kmod", .summary = "module ipfwadm of the running kernel",
	  .ops = &kmod_ops, .sign = "/proc/net/ip_acct",
	  .absent = "module ipfwadm is not loaded" },
	{ .name = "nft", .summary = "nftables of the running kernel", .ops = &nft_ops },
	{ .name = "xtables", .summary = "legacy iptables of the running kernel",
	  .ops = &xtables_ops },
	{ .name = "sim", .summary = "a file that stands for a Linux 2.0 kernel",
	  .ops = &sim_ops, .named_only = true },
	{ .name = NULL },
};
