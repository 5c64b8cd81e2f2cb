/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * track_view.h - what the tracker reads of a packet of which only the header is known.
 */
#ifndef BACKEND_SIM_TRACK_VIEW_H
#define BACKEND_SIM_TRACK_VIEW_H

#include "kmod/core/entry.h"
#include "kmod/core/packet.h"

/*
 * A segment has the numbers that its connection would send next: a new connection begins
 * at 1, and a SYN is the first segment of its side.
 */
void sim_view_make(struct fw_track_packet *view, const struct fw_packet *pkt,
		   struct fw_track *track, __u32 now);

#endif
