/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * helper.h - helpers: what protocols say in their payload about other connections.
 *
 * A scanner reads the text of one segment, or datagram, and finds at most one
 * connection that will follow.  It changes nothing.
 */
#ifndef FW_HELPER_H
#define FW_HELPER_H

#include "kmod/core/entry.h"

enum fw_scan {
	FW_SCAN_NOTHING,
	FW_SCAN_FOUND,
	FW_SCAN_BROKEN,	/* begins like a command, and cannot be read to its end */
};

/* A connection that was announced. */
struct fw_finding {
	__u32 addr;
	__u16 port;
	__u16 at, len;	/* where address and port are in the text, for translation */
	bool own_addr;	/* no address was given: it is the speaker's own */
	bool out_of_range;	/* a number is not a byte or a port, 0 is no port */
};

/* A line of an FTP control connection, by the client or the server. */
enum fw_scan fw_scan_ftp(const __u8 *text, __u32 len, unsigned int dir,
			 struct fw_finding *f);
/* What an IRC client sends. */
enum fw_scan fw_scan_irc(const __u8 *text, __u32 len, struct fw_finding *f);
/* Is it a TFTP request? */
bool fw_scan_tftp(const __u8 *text, __u32 len);

/*
 * 2.0's own.  Of RealAudio's first segment each port in turn: *at is 0 at first, then
 * where the last one ended.
 */
bool fw_scan_raudio(const __u8 *text, __u32 len, __u32 *at, struct fw_finding *f);
bool fw_scan_vdolive(const __u8 *text, __u32 len, struct fw_finding *f);
/* The port of the game, in a server's accept. */
bool fw_scan_quake(const __u8 *text, __u32 len, struct fw_finding *f);
/*
 * Where a CU-SeeMe message has the address of a masqueraded client, in order: as its sender,
 * or as its receiver and, by the outer address, in a list of clients.  Returns how often.
 */
unsigned int fw_scan_cuseeme(const __u8 *text, __u32 len, unsigned int dir, __u32 outer,
			     __u16 at[FW_EDITS]);

/*
 * Shows a packet to its connection's helper, after all rules.  0, or -EPERM if it
 * must be dropped (as Linux does it).
 */
int fw_helper_packet(struct fw_track *t, const struct fw_track_packet *p, __u32 now,
		     struct fw_seen *s);

#endif
