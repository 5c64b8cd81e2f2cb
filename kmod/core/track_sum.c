// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * track_sum.c - Internet checksums of a datagram's bytes.
 */
#include "kmod/core/packet.h"
#include "kmod/core/track_packet.h"

#define UDP_HEADER 8

static __u16 get16(const __u8 *at)
{
	return (__u16)(at[0] << 8 | at[1]);
}

__u32 fw_sum_add(__u32 sum, const __u8 *bytes, __u32 len)
{
	for (; len > 1; len -= 2, bytes += 2)
		sum += get16(bytes);
	if (len)
		sum += (__u32)bytes[0] << 8;
	return sum;
}

__u16 fw_sum_fold(__u32 sum)
{
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return (__u16)~sum;
}

bool fw_track_sum_ok(const __u8 *ip, __u32 total)
{
	__u32 hlen = 4u * (ip[0] & 15), len = total - hlen, sum = 0;
	const __u8 *at = ip + hlen;

	switch (ip[9]) {
	case FW_PROTO_ICMP:
		return !fw_sum_fold(fw_sum_add(0, at, len));
	case FW_PROTO_UDP:
		if (len < UDP_HEADER || !get16(at + 6))
			return true;
		if (get16(at + 4) < len)
			len = get16(at + 4);
		break;
	case FW_PROTO_TCP:
		break;
	default:
		return true;
	}
	sum = fw_sum_add(sum, ip + 12, 8);
	sum += ip[9] + len;
	return !fw_sum_fold(fw_sum_add(sum, at, len));
}
