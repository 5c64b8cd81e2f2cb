/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * live.h - ways to put rules in force in this thread's namespace.
 */
#ifndef TESTS_NET_LIVE_H
#define TESTS_NET_LIVE_H

#include "backend/ruleset.h"

struct live {
	const char *name;
	bool conntrack;	/* masquerades by nf_conntrack; if not, as 2.0 did, with its ports */
	/*
	 * Replaces all rules; devs are the interfaces they are meant for.  rs
	 * stays as it is until unload.  0 or -errno, and the reason was told.
	 */
	int (*load)(const struct fw_ruleset *rs, const struct fw_dev *devs, __u32 ndevs);
	/* Reads the counters of all rules into rs, a copy of what was loaded. */
	int (*counters)(struct fw_ruleset *rs);
	/* Forgets what it knows; the rules go with their namespace. */
	void (*unload)(void);
};

extern const struct live live_nft, live_xtables, live_kmod;	/* the backends */
extern const struct live live_nft_text;	/* what `ipfwadm dump nft' prints */

#endif
