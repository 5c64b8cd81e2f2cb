/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fragment.h - fragments: reassembled on receipt, predicted for accounting.
 */
#ifndef FWK_FRAGMENT_H
#define FWK_FRAGMENT_H

#include <linux/netfilter.h>
#include <linux/skbuff.h>

#include "kmod/core/packet.h"

/* Returns whether skb is a whole packet now; otherwise the queue owns it. */
bool fwk_fragment_reassemble(struct sk_buff *skb, const struct nf_hook_state *state);

/*
 * Payload bytes of each fragment in which skb, which is packet pkt, will be sent;
 * U32_MAX if it will not be fragmented.
 */
u32 fwk_fragment_size(const struct sk_buff *skb, const struct fw_packet *pkt,
		      const struct nf_hook_state *state);

/*
 * Makes *pkt the fragment of whole at that payload offset.  Returns the offset of the
 * next fragment, 0 after the last.
 */
u32 fwk_fragment_make(struct fw_packet *pkt, const struct fw_packet *whole, u32 size,
		      u32 offset);

#endif
