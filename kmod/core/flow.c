// SPDX-License-Identifier: GPL-2.0-or-later
#include "kmod/core/flow.h"

#include "kmod/core/packet.h"

#define PROTO_GRE 47
#define UDP_STREAM_AFTER (2 * FW_TRACK_HZ)

void fw_flow_packet(const struct fw_track_settings *set, struct fw_entry *c, __u32 now)
{
	bool stream = c->flags & FW_ENTRY_ANSWERED;
	enum fw_timeout_id timeout = FW_TIMEOUT_GENERIC;

	switch (c->proto) {
	case FW_PROTO_ICMP:
		timeout = FW_TIMEOUT_ICMP_QUERY;
		stream = false;
		break;
	case FW_PROTO_UDP:
		/* One question with one answer is no stream. */
		stream = stream && (__s32)(now - c->begun) > UDP_STREAM_AFTER;
		timeout = stream ? FW_TIMEOUT_UDP_STREAM : FW_TIMEOUT_UDP_ONE_WAY;
		break;
	case PROTO_GRE:
		timeout = stream ? FW_TIMEOUT_GRE_STREAM : FW_TIMEOUT_GRE;
		break;
	default:
		stream = false;
	}
	if (stream)
		c->flags |= FW_ENTRY_ASSURED;
	fw_entry_refresh(c, set->timeout[timeout], now);
}
