/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * packet_read.h - the header of a whole datagram, as rules see it.
 */
#ifndef SIM_PACKET_READ_H
#define SIM_PACKET_READ_H

#include "kmod/core/packet.h"

/* IP accepted the header of the datagram, which is total bytes long. */
void sim_packet_read(struct fw_packet *pkt, const __u8 *ip, __u32 total);

#endif
