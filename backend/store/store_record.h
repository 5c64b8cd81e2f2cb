/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * store_record.h - the lists as they were loaded, in a chain of their own.
 *
 * A kernel rule of ours that somebody deletes leaves no trace: the tags that are left make
 * lists without it.  So what was loaded is recorded in a chain that no rule leads
 * to, as the edits that make it, in user data (nft) or after empty comments (xtables).
 * The newest entry comes first, so that an edit of one rule adds an entry and reads one.
 * When many edits have been added, the lists are recorded as they are then.
 *
 * An entry is (type, length, value) of user data: the state of the kernel's rules after
 * it, how many more entries may be added, and edits in their order.  An edit is a byte,
 * op << 2 | list, and what it sets: the tag of a rule, a policy, timeouts, or a forward
 * that is appended.  An edit of forwards records all anew, as their kernel rules are then.
 */
#ifndef BACKEND_STORE_RECORD_H
#define BACKEND_STORE_RECORD_H

#include "backend/store/store.h"

/* entries to be written, the newest last */
struct store_record {
	struct store_record_head head;
	struct rule_udata *entry; /* malloc'ed */
	size_t count, cap;
	bool replaces; /* those that are there */
};

const char *store_record_chain(enum plan_target target);

/* Reads the head of an entry; false: this is none. */
bool store_record_head_read(struct store_record_head *head, const void *data, size_t len);

/*
 * The entries for a change that leads to rules.  v: NULL if nothing is known of what was
 * before.  replaces: the chain is empty.  To be freed in any case; 0 or -ENOMEM.
 */
int store_record_make(struct store_record *r, const struct store_view *v,
		      const struct store_change *c, const struct fw_ruleset *rules,
		      __u32 state, bool replaces);
/* The entry for one edit that is recorded after head. */
int store_record_edit(struct store_record *r, const struct store_record_head *head,
		      const struct fw_edit *edit, __u32 state);
void store_record_free(struct store_record *r);

/*
 * Replays an entry; all of them, from the oldest to the newest.  What cannot be replayed
 * is a change by others.  0 or -ENOMEM.
 */
int store_record_replay(struct store_view *v, const void *data, size_t len);

/* Notes what of the record is not installed, after store_view_finish(). */
void store_record_compare(struct store_view *v);

/* What was loaded, as far as it is known, with the counters of what is installed. */
const struct fw_ruleset *store_record_rules(struct store_view *v);

#endif
