/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * track_timeouts.h - the tracker's timeouts: one table of names and defaults.
 */
#ifndef FW_TRACK_TIMEOUTS_H
#define FW_TRACK_TIMEOUTS_H

#include "kmod/core/base.h"

/* The TCP states begin with 1 and are in the order of enum fw_tcp_state. */
enum fw_timeout_id {
	FW_TIMEOUT_SYN_SENT,
	FW_TIMEOUT_SYN_SENT2,
	FW_TIMEOUT_SYN_RECV,
	FW_TIMEOUT_ESTABLISHED,
	FW_TIMEOUT_FIN_WAIT,
	FW_TIMEOUT_CLOSE_WAIT,
	FW_TIMEOUT_LAST_ACK,
	FW_TIMEOUT_TIME_WAIT,
	FW_TIMEOUT_CLOSE,
	FW_TIMEOUT_MAX_RETRANS,
	FW_TIMEOUT_UNACKNOWLEDGED,
	FW_TIMEOUT_UDP_ONE_WAY,
	FW_TIMEOUT_UDP_STREAM,
	FW_TIMEOUT_ICMP_QUERY,
	FW_TIMEOUT_GRE,
	FW_TIMEOUT_GRE_STREAM,
	FW_TIMEOUT_GENERIC,
	FW_TIMEOUT_FRAGMENTS,
	FW_TIMEOUTS,
};

#define FW_TIMEOUT_LONGEST 21474836	/* seconds: 2^31 ticks */

struct fw_timeout {
	const char *name;
	__u32 seconds;	/* default */
};

extern const struct fw_timeout fw_timeout_table[FW_TIMEOUTS];

/* The timeout of that name, or -ENOENT. */
int fw_timeout_find(const char *name);

#endif
