/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * track_packet.h - what the tracker reads of a packet's bytes.
 */
#ifndef FW_TRACK_PACKET_H
#define FW_TRACK_PACKET_H

#include "kmod/core/entry.h"

/*
 * Reads a packet, whose first `have` bytes are linear at ip.  The IP header was
 * checked; the datagram is whole and total bytes long.  have may be less than
 * total if it covers the header of IP, of the transport protocol, and 76 bytes of
 * ICMP; helpers do not see the payload then.
 */
void fw_track_packet_read(struct fw_track_packet *p, const __u8 *ip, __u32 have,
			  __u32 total);

/* Verifies the transport checksum of a whole datagram; true if there is none. */
bool fw_track_sum_ok(const __u8 *ip, __u32 total);
/* The Internet checksum of bytes, added to a sum that is not folded yet. */
__u32 fw_sum_add(__u32 sum, const __u8 *bytes, __u32 len);
__u16 fw_sum_fold(__u32 sum);

#endif
