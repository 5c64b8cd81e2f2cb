/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * expect.h - expectations: connections that the helper of another connection, their
 * master, has read of.
 *
 * An expectation is fulfilled once, by the first packet that matches it, lasts 300 s
 * and ends with its master.  Slots are numbered from 1.  The functions take the
 * host's expectation lock; fw_expect_first and _next are for one thread.
 */
#ifndef FW_EXPECT_H
#define FW_EXPECT_H

#include "kmod/core/entry.h"

#define FW_EXPECT_SECONDS 300

void fw_expect_init(struct fw_track *t);

/*
 * Finds what the key fulfils.  Fills in s->expect and s->expect_slot, and flags and marks
 * of the entry that begins so.  use: it is used up at once.
 */
bool fw_expect_match(struct fw_track *t, const struct fw_key *k, bool use, __u32 now,
		     struct fw_seen *s, struct fw_entry *c);

/* Does a masqueraded connection of the packet's sender expect it? */
bool fw_expect_masqueraded(struct fw_track *t, const struct fw_key *k, __u32 now);

/* Uses up what fw_expect_match() found; false if it is gone. */
bool fw_expect_use(struct fw_track *t, const struct fw_seen *s, __u32 now);

/*
 * Adds an expectation, of which addresses, port, and proto are taken from like.  An
 * equal one of the same master is replaced, beyond limit the master's oldest.
 * -EEXIST: another master's is in the way; -ENOSPC; -ESTALE: the master has ended.
 */
int fw_expect_add(struct fw_track *t, struct fw_entry *master,
		  const struct fw_expect *like, unsigned int limit, __u32 now);

/* Ends all of a master. */
void fw_expect_end(struct fw_track *t, struct fw_entry *master);

/* The helper data of an entry, made on first use; NULL if there is no room. */
struct fw_help *fw_help_of(struct fw_track *t, struct fw_entry *c);
void fw_help_end(struct fw_track *t, struct fw_entry *c);

/* Is this slot's expectation in force? */
bool fw_expect_live(const struct fw_track *t, const struct fw_expect *e, __u32 now);

#endif
