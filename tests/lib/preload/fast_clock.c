// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * fast_clock.c - a monotonic clock that is ten times as fast, for LD_PRELOAD.
 */
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

int clock_gettime(clockid_t clock, struct timespec *ts)
{
	long long ns;

	if (syscall(SYS_clock_gettime, clock, ts) < 0)
		return -1;
	if (clock != CLOCK_MONOTONIC)
		return 0;
	ns = 10 * (ts->tv_sec * 1000000000LL + ts->tv_nsec);
	ts->tv_sec = ns / 1000000000;
	ts->tv_nsec = ns % 1000000000;
	return 0;
}
