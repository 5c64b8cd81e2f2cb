/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tick.h - time, which is an argument: __u32 ticks of 1/100 s that wrap around.
 *
 * Ticks are compared by their signed difference, so the longest timeout is 248 days.
 */
#ifndef FW_TICK_H
#define FW_TICK_H

#include "kmod/core/base.h"

#define FW_TRACK_HZ 100

static inline bool fw_tick_over(__u32 expires, __u32 now)
{
	return (__s32)(expires - now) <= 0;
}

/* Whole seconds until then, rounded up. */
static inline __u32 fw_tick_left(__u32 expires, __u32 now)
{
	return fw_tick_over(expires, now)
		       ? 0
		       : (expires - now + FW_TRACK_HZ - 1) / FW_TRACK_HZ;
}

#endif
