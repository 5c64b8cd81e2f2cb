/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * masquerade.h - masquerading in the hooks of the input and the forward list.
 *
 * Both functions get the packet after its list has accepted it, and pkt as it was read
 * before.  Packets are translated at once, as in 2.0: received ones before IP looks for
 * their route, forwarded ones before the output list.
 */
#ifndef FWK_MASQUERADE_H
#define FWK_MASQUERADE_H

#include <linux/netfilter.h>

#include "kmod/track/track.h"

/*
 * A received packet, which is for this host if redirected.  Returns true if it was for a
 * masqueraded connection, with what the hook returns in *verdict.
 */
bool fwk_masquerade_received(struct fwk_track *t, struct sk_buff *skb,
			     const struct nf_hook_state *state, const struct fw_packet *pkt,
			     bool redirected, unsigned int *verdict);

/*
 * Before the forward list: does the packet skip it, because it was demasqueraded, or is an
 * ICMP error from inside about a masqueraded connection?  *verdict as above.
 */
bool fwk_masquerade_skips_list(struct fwk_track *t, struct sk_buff *skb,
			       const struct fw_packet *pkt, unsigned int *verdict);

#endif
