/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * staged.h - a backend of rules that are not yet in force.
 *
 * It begins with the rules of another backend and keeps in memory what edits make of
 * them, and the edits, so that the other backend can make all of them at once.
 * Interfaces and connections are those of the other backend.
 */
#ifndef IPFWADM_STAGED_H
#define IPFWADM_STAGED_H

#include "backend/backend.h"

struct staged {
	struct backend live;		/* borrowed, open */
	struct fw_interfaces ifs;	/* as they were at the beginning */
	struct fw_ruleset before, rules;
	struct fw_edit *edit;		/* all that were made, malloc'ed */
	size_t nedits, room;
	__u32 origin;			/* of edits to come */
	struct backend_ops ops;
	struct track_ops track;
	struct backend backend;		/* what commands use */
};

/* Reads the rules of live: 0, or -errno with *e set.  Free it in any case. */
int staged_init(struct staged *s, const struct backend *live, struct fw_error *e);
void staged_free(struct staged *s);

/*
 * Makes all edits in the live backend: 0, or -errno with *e set; -EBUSY: somebody else
 * has changed its rules meanwhile.
 */
int staged_commit(struct staged *s, struct fw_error *e);

#endif
