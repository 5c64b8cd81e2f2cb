// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * tcp_states.c - the states of a TCP connection and what moves it between them.
 */
#include "kmod/core/tcp.h"

#include "kmod/core/packet.h"

/* short names for the columns of the table */
enum {
	SS = FW_TCP_SYN_SENT,
	S2 = FW_TCP_SYN_SENT2,
	SR = FW_TCP_SYN_RECV,
	ES = FW_TCP_ESTABLISHED,
	FW = FW_TCP_FIN_WAIT,
	CW = FW_TCP_CLOSE_WAIT,
	LA = FW_TCP_LAST_ACK,
	TW = FW_TCP_TIME_WAIT,
	CL = FW_TCP_CLOSE,
	OK = FW_TCP_SAME,
	NO = FW_TCP_BAD,
};

/* clang-format off */
const __u8 fw_tcp_moves[2][FW_TCP_KINDS][FW_TCP_STATES] = {
	[FW_ORIGINAL] = {		/* none SS  S2  SR  ES  FW  CW  LA  TW  CL */
		[FW_TCP_KIND_SYN]	= { SS, SS, S2, OK, OK, OK, OK, OK, SS, SS },
		[FW_TCP_KIND_SYN_ACK]	= { NO, NO, SR, SR, NO, NO, NO, NO, NO, NO },
		[FW_TCP_KIND_FIN]	= { NO, NO, NO, FW, FW, LA, LA, LA, TW, CL },
		[FW_TCP_KIND_ACK]	= { ES, NO, NO, ES, ES, CW, CW, TW, TW, CL },
		[FW_TCP_KIND_RST]	= { NO, CL, CL, CL, CL, CL, CL, CL, CL, CL },
	},
	[FW_REPLY] = {
		[FW_TCP_KIND_SYN]	= { NO, S2, S2, NO, NO, NO, NO, NO, SS, NO },
		[FW_TCP_KIND_SYN_ACK]	= { NO, SR, SR, OK, OK, OK, OK, OK, OK, OK },
		[FW_TCP_KIND_FIN]	= { NO, NO, NO, FW, FW, LA, LA, LA, TW, CL },
		[FW_TCP_KIND_ACK]	= { NO, OK, OK, SR, ES, CW, CW, TW, TW, CL },
		[FW_TCP_KIND_RST]	= { NO, CL, CL, CL, CL, CL, CL, CL, CL, CL },
	},
};
/* clang-format on */

const char *const fw_tcp_state_names[FW_TCP_STATES] = {
	"NONE",     "SYN_SENT",   "SYN_SENT2", "SYN_RECV",  "ESTABLISHED",
	"FIN_WAIT", "CLOSE_WAIT", "LAST_ACK",  "TIME_WAIT", "CLOSE",
};

bool fw_tcp_flags_good(__u8 flags)
{
	switch (flags &
		(FW_TCP_FIN | FW_TCP_SYN | FW_TCP_RST | FW_TCP_ACK | FW_TCP_URG)) {
	case FW_TCP_SYN:
	case FW_TCP_SYN | FW_TCP_URG:
	case FW_TCP_SYN | FW_TCP_ACK:
	case FW_TCP_RST:
	case FW_TCP_RST | FW_TCP_ACK:
	case FW_TCP_FIN | FW_TCP_ACK:
	case FW_TCP_FIN | FW_TCP_ACK | FW_TCP_URG:
	case FW_TCP_ACK:
	case FW_TCP_ACK | FW_TCP_URG:
		return true;
	default:
		return false;
	}
}
