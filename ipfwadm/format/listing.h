/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * listing.h - rules and connections in the columns of ipfwadm 2.3.0.
 *
 * Write errors are left in out.
 */
#ifndef IPFWADM_LISTING_H
#define IPFWADM_LISTING_H

#include <stdio.h>

#include "backend/track.h"
#include "kmod/core/conn.h"
#include "kmod/core/text.h"
#include "parser/command.h"

/* -l: headers and rows; c holds the list and -e -n -x */
void listing_rules(FILE *out, const struct command *c, const struct fw_list *list);

/* -M -l; now is in ticks of FW_HZ, as in struct fw_conn.expires */
void listing_connections(FILE *out, const struct command *c, const struct fw_conn *conn,
			 size_t n, __u64 now);

/* A list as 2.0's file in /proc/net has it */
void listing_proc(FILE *out, enum fw_list_id id, const struct fw_list *list);

/* -M --forward -l */
void listing_portfw(FILE *out, const struct command *c, const struct fw_portfw_table *table);

/* -T -l: the column headers, and a row */
void listing_tracked_header(FILE *out, const struct command *c);
void listing_tracked(FILE *out, const struct command *c, const struct track_conn *conn);

/* -v of an edit, which prints nothing if it is not of a rule; and of a check */
void listing_verbose_edit(FILE *out, const struct fw_edit *edit);
void listing_verbose_check(FILE *out, const struct check *check);

#endif
