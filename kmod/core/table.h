/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * table.h - the tracker's table: entries are found, stored and ended, on the host's memory.
 */
#ifndef FW_TABLE_H
#define FW_TABLE_H

#include "kmod/core/entry.h"

/* The entry of a key, NULL if there is none; one whose time is over is ended. */
struct fw_entry *fw_track_find(struct fw_track *t, const struct fw_key *k,
			       unsigned int *dir, __u32 now);

/*
 * Stores a copy of the draft, by eviction if there is no room.  NULL: no room, or
 * *winner, if not NULL, is the entry that has one of its keys already.
 */
struct fw_entry *fw_track_add(struct fw_track *t, const struct fw_entry *draft, __u32 now,
			      struct fw_entry **winner);

/* Ends an entry and what it expects. */
void fw_track_end(struct fw_track *t, struct fw_entry *c);

#endif
