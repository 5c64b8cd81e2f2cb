/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * track.h - the connection tracker.
 *
 * The tracker decides which connection a packet belongs to and which state the
 * packet has: new, established, related, or invalid.  One entry holds a
 * connection's state and its translation.
 *
 * A packet is handled in two phases, so that packets that rules drop cost no
 * memory and cannot fill the table:
 *   fw_track_in()       finds the entry, checks the packet, updates the entry.  For
 *                       a packet without entry it prepares one in struct fw_seen.
 *   fw_track_confirm()  after the packet has passed all hooks: stores the prepared
 *                       entry, and shows the payload to the connection's helper.
 *
 * The core owns what packets mean, its host owns storage, locks and time.  The
 * host is a header of static inline functions, named on the compiler's line as
 * FW_HOST_H and included by the files that call it:
 *   fw_host_find     the entry of a key, expired or not, and its direction
 *   fw_host_alloc    memory for an entry, NULL if there is none
 *   fw_host_publish  links an entry in both directions, or returns the entry
 *                    that is already linked under one of its keys
 *   fw_host_unlink   removes it again; false if another caller did so before
 *   fw_host_is_linked  is it there still, as far as can be seen without a lock?
 *   fw_host_free     releases an entry that is not linked
 *   fw_host_assured  an entry must no longer be evicted
 *   fw_host_unassured  an entry that is linked may be evicted again
 *   fw_host_victim   an entry to end when the table is full: one whose time is
 *                    over, else the oldest that is not assured, else NULL
 *   fw_host_lock     guards one entry; fw_host_expect_lock guards expectations and
 *                    helper data.  The entry's lock is taken first.
 *   fw_host_count    entries in the table; fw_host_count_add changes it by one
 *   fw_host_limit    how many entries there may be, if the draft is to be one of them
 *   fw_host_id       the next number of an entry or an expectation, never 0
 *   fw_host_stat_add counts an enum fw_stat
 *   fw_host_counter_add  changes a counter of masqueraded entries
 *   fw_host_ref_get  takes a reference to an entry; false if there is none any more
 *   fw_host_ref_put  gives one back; true if it was the last
 *   fw_host_sweep    ends entries whose time is over, some or all, because all ports
 *                    are in use
 */
#ifndef FW_TRACK_H
#define FW_TRACK_H

#include "kmod/core/entry.h"

/* The arrays may be NULL with a count of 0; no helper works then. */
void fw_track_init(struct fw_track *t, const struct fw_track_settings *set, __u32 max,
		   struct fw_expect *expects, __u16 nexpects, struct fw_help *helps,
		   __u16 nhelps);

void fw_track_settings_default(struct fw_track_settings *set);

/* First phase. */
void fw_track_in(struct fw_track *t, const struct fw_track_packet *p, __u32 now,
		 struct fw_seen *s);

/*
 * Second phase, when the packet has passed all hooks.  Returns 0, or -errno when
 * the packet must be dropped: -ENOSPC table full, -EAGAIN its expectation was used
 * by another packet meanwhile, -EPERM its helper refuses it.
 */
int fw_track_confirm(struct fw_track *t, const struct fw_track_packet *p, __u32 now,
		     struct fw_seen *s);

/*
 * Between the phases: what a rule asks for the packet's connection.  An ICMP error keeps
 * none: that which it is about may have gone another way.
 */
void fw_track_keep(struct fw_seen *s, const struct fw_track_packet *p, __u8 bits);
void fw_track_helper(struct fw_seen *s, __u8 helper);

/* Why in words, into a buffer of size bytes. */
void fw_why_text(const struct fw_seen *s, char *text, unsigned int size);

#endif
