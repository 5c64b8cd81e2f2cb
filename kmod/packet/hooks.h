/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hooks.h - netfilter hooks in which packets pass the lists.
 */
#ifndef FWK_HOOKS_H
#define FWK_HOOKS_H

#include <linux/netfilter.h>

nf_hookfn fwk_acct_in_hook, fwk_defrag_hook, fwk_input_hook, fwk_forward_hook, fwk_output_hook,
	fwk_acct_out_hook;

#endif
