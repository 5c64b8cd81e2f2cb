/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * adjust.h - sequence numbers of a connection whose text a helper made longer or
 * shorter.
 *
 * The map of a direction leads from the sender's numbers to those that the receiver
 * sees: what is behind pos is moved by after, the rest by before.  Acknowledgements
 * and SACK edges go the other way.  Windows are kept in the sender's own numbers.
 */
#ifndef FW_ADJUST_H
#define FW_ADJUST_H

#include "kmod/core/tcp.h"

/* The text of the segment that begins at seq became longer by more bytes. */
void fw_adjust_add(struct fw_adjust *a, __u32 seq, __s32 more);

/* The number that the receiver sees. */
__u32 fw_adjust_seq(const struct fw_adjust *a, __u32 seq);

/* What to subtract from an acknowledgement by the receiver. */
static inline __s32 fw_adjust_shift(const struct fw_adjust *a, __u32 ack)
{
	/* Of the two candidates, the one on the right side of pos. */
	return fw_seq_after(ack - (__u32)a->before, a->pos) ? a->after : a->before;
}

/* Maps the edges of SACK blocks by the receiver, in a list of TCP options. */
void fw_adjust_sack(const struct fw_adjust *a, __u8 *options, unsigned int size);

#endif
