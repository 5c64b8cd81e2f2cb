/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * forwards.h - the table of port forwards in a transaction.  Callers hold fwk_rules.lock.
 */
#ifndef FWK_FORWARDS_H
#define FWK_FORWARDS_H

#include "kmod/rules/rules.h"

struct fwk_rules;

struct fwk_forwards {
	struct fwk_rules *rules;
	const struct fwk_transaction *tx;
	struct fw_portfw_table table;	/* as the edits make it */
	struct fw_portfw *cut;	/* deleted ones whose connections are cut; table.cap of them */
	u32 ncut;
	bool is_edited;
};

/* Copies the table in force if tx edits it.  0 or -ENOMEM; then nothing is to be ended. */
int fwk_forwards_begin(struct fwk_forwards *f, struct fwk_rules *rules,
		       const struct fwk_transaction *tx);
/* As fw_portfw_table_edit(). */
int fwk_forwards_edit(struct fwk_forwards *f, const struct fw_portfw_edit *e);
/* Puts the table in force.  False: packets change the other one without pause. */
bool fwk_forwards_commit(struct fwk_forwards *f);
/* Frees the copy, or the table that was in force. */
void fwk_forwards_end(struct fwk_forwards *f);

#endif
