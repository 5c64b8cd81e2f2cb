/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * flow.h - what a protocol makes of a packet of an entry; UDP, ICMP queries, GRE and
 * all other protocols but TCP.
 */
#ifndef FW_FLOW_H
#define FW_FLOW_H

#include "kmod/core/entry.h"

enum fw_move {
	FW_MOVE_INVALID,
	FW_MOVE_PASS,	/* belongs to the entry and changes nothing */
	FW_MOVE_TAKE,
	FW_MOVE_END,	/* taken, and the entry is over */
	FW_MOVE_AGAIN,	/* the entry is over; look the packet up again */
};

/* Sets the entry's timeout; the packet was checked. */
void fw_flow_packet(const struct fw_track_settings *set, struct fw_entry *c, __u32 now);

static inline void fw_entry_refresh(struct fw_entry *c, __u32 seconds, __u32 now)
{
	c->expires = now + seconds * FW_TRACK_HZ;
}

#endif
