/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * skb_text.h - text and numbers of a TCP segment, or the text of a datagram, are changed.
 */
#ifndef FWK_SKB_TEXT_H
#define FWK_SKB_TEXT_H

#include <linux/skbuff.h>

#include "kmod/core/entry.h"

struct fwk_segment {
	u32 seq, ack;
	struct fw_adjust acked;	/* maps what the SACK blocks acknowledge */
};

/* Reads both numbers.  Returns false if the segment is shorter than its header. */
bool fwk_segment_read(struct fwk_segment *seg, const struct sk_buff *skb);

/*
 * Writes the numbers, maps SACK blocks, carries out n edits of the payload, and updates
 * lengths and checksums.  Returns false when the packet must be dropped: without memory, or
 * if text would change in a segment that is yet to be cut.
 */
bool fwk_segment_rewrite(struct sk_buff *skb, const struct fwk_segment *seg,
			 const struct fw_text_edit *edit, unsigned int n);

/* The same for a UDP datagram, of which the edits keep the length. */
bool fwk_datagram_rewrite(struct sk_buff *skb, const struct fw_text_edit *edit, unsigned int n);

#endif
