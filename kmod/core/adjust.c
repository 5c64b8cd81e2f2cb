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
