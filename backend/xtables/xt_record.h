/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * xt_record.h - the record of what was loaded, in chain ipfw-record of table mangle.
 */
#ifndef BACKEND_XT_RECORD_H
#define BACKEND_XT_RECORD_H

#include "backend/store/store_record.h"
#include "backend/xtables/xt_table.h"

/* Replays the record into a view: 0 or -ENOMEM. */
int xt_record_read(struct store_view *v, struct xt_image *image);

/* The newest entry's head; false: there is none. */
bool xt_record_head_read(struct store_record_head *head, const struct xt_image *image);

/* Adds entries to table mangle, or replaces those that are there: false: see xt_errno(). */
bool xt_record_write(struct xt_tables *t, const struct store_record *r);

/* The sum of the keys of our entries in table mangle, the record's not included. */
__u32 xt_record_state(const struct xt_image *image);

#endif
