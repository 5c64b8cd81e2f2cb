// SPDX-License-Identifier: GPL-2.0-or-later
#include "kmod/core/adjust.h"

void fw_adjust_add(struct fw_adjust *a, __u32 seq, __s32 more)
{
	if (!more)
		return;
	/* A repeated segment is changed again, and counts once. */
	if (a->before == a->after || fw_seq_after(seq, a->pos)) {
		a->pos = seq;
		a->before = a->after;
		a->after += more;
	}
}

__u32 fw_adjust_seq(const struct fw_adjust *a, __u32 seq)
{
	return seq + (__u32)(fw_seq_after(seq, a->pos) ? a->after : a->before);
}

void fw_adjust_sack(const struct fw_adjust *a, __u8 *options, unsigned int size)
{
	unsigned int at = 0, len = 0;
	__u8 kind, *edge;
	__u32 n;

	while ((kind = fw_tcp_option_next(options, size, &at, &len))) {
		edge = options + at - len + 2;
		for (; kind == FW_TCP_OPTION_SACK && edge + 4 <= options + at; edge += 4) {
			n = (__u32)edge[0] << 24 | edge[1] << 16 | edge[2] << 8 | edge[3];
			n -= (__u32)fw_adjust_shift(a, n);
			edge[0] = (__u8)(n >> 24);
			edge[1] = (__u8)(n >> 16);
			edge[2] = (__u8)(n >> 8);
			edge[3] = (__u8)n;
		}
	}
}
