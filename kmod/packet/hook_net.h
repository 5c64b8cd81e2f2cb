/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hook_net.h - what hooks need of their network namespace.
 *
 * It is the priv of all of them, because to look it up would cost more than an empty list.
 */
#ifndef FWK_HOOK_NET_H
#define FWK_HOOK_NET_H

#include "kmod/packet/redirect.h"
#include "kmod/rules/rules.h"
#include "kmod/track/track_skb.h"

struct fwk_hook_net {
	struct fwk_generation __rcu **active;
	struct fwk_track *track;
	struct fwk_redirect redirect;
};

static inline struct fwk_generation *fwk_hook_generation(const struct fwk_hook_net *h)
{
	return rcu_dereference(*h->active);
}

#endif
