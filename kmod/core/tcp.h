/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tcp.h - TCP as the tracker follows it: states, kinds of segments, windows.
 *
 * The moves between states are one table, fw_tcp_moves.  A move takes place only if
 * the segment is in window; the windows are those of Guido van Rooij, "Real Stateful
 * TCP Packet Filtering in IP Filter", 2000.  The caller holds the entry's lock.
 */
#ifndef FW_TCP_H
#define FW_TCP_H

#include "kmod/core/flow.h"

enum fw_tcp_state {
	FW_TCP_STATE_NONE,
	FW_TCP_SYN_SENT,
	FW_TCP_SYN_SENT2,	/* both ends sent a SYN */
	FW_TCP_SYN_RECV,
	FW_TCP_ESTABLISHED,
	FW_TCP_FIN_WAIT,
	FW_TCP_CLOSE_WAIT,
	FW_TCP_LAST_ACK,
	FW_TCP_TIME_WAIT,
	FW_TCP_CLOSE,
	FW_TCP_STATES,
	/* moves to no state: */
	FW_TCP_SAME,	/* the segment passes, the entry stays as it is */
	FW_TCP_BAD,	/* the segment is invalid */
};

enum fw_tcp_kind {
	FW_TCP_KIND_SYN,
	FW_TCP_KIND_SYN_ACK,
	FW_TCP_KIND_FIN,
	FW_TCP_KIND_ACK,
	FW_TCP_KIND_RST,
	FW_TCP_KINDS,
	FW_TCP_KIND_NONE,
};

#define FW_TCP_OPTION_SACK 5
#define FW_TCP_SCALE_MAX 14	/* of windows */

extern const __u8 fw_tcp_moves[2][FW_TCP_KINDS][FW_TCP_STATES];
extern const char *const fw_tcp_state_names[FW_TCP_STATES];

/* A segment as sections 3 to 5 of the specification see it. */
struct fw_segment {
	const struct fw_track_packet *pkt;
	const struct fw_track_settings *set;
	enum fw_tcp_kind kind;
	unsigned int dir;
	__u32 seq, end;
	__u32 ack;	/* in the numbers of the end that is acknowledged */
	__s32 shift;	/* what was subtracted to get there */
};

/* Are these flags a good set? */
bool fw_tcp_flags_good(__u8 flags);

/* Fills in a draft whose first packet this is. */
enum fw_move fw_tcp_begin(const struct fw_track_settings *set, struct fw_entry *c,
			  const struct fw_track_packet *p, __u32 now, struct fw_seen *s);

enum fw_move fw_tcp_packet(const struct fw_track_settings *set, struct fw_entry *c,
			   const struct fw_track_packet *p, __s32 shift, __u32 now,
			   struct fw_seen *s);

/* FW_MOVE_TAKE, FW_MOVE_PASS or FW_MOVE_INVALID */
enum fw_move fw_tcp_window(struct fw_entry *c, const struct fw_segment *seg,
			   struct fw_seen *s);

/*
 * The option that begins at or after *at in a list: its kind, with *at at its end and its
 * bytes (kind and length included) before that.  The list ends with kind 0, or where
 * no option fits; the result is 0 then.
 */
__u8 fw_tcp_option_next(const __u8 *options, unsigned int size, unsigned int *at,
			unsigned int *len);

/* Scale and permission of the option list; *flags gets FW_SIDE_SCALE and _SACK. */
void fw_tcp_options(const struct fw_track_packet *p, __u8 *flags, __u8 *scale);

/* a > b, a < b of sequence numbers */
static inline bool fw_seq_after(__u32 a, __u32 b)
{
	return (__s32)(a - b) > 0;
}

static inline bool fw_seq_before(__u32 a, __u32 b)
{
	return (__s32)(a - b) < 0;
}

#endif
