/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sim_table.h - the connections of a tracker as the last lines of the simulator's file.
 *
 *	time SECONDS			the tracker's clock; always the first of them
 *	next-port PORT			what is masqueraded next gets it
 *	timeout NAME SECONDS		one that was set
 *	trigger RULE ADDRESS TICK	the host that a port forward has learned, until then
 *	connection NAME=VALUE...	in the order in which they began
 *	expect NAME=VALUE...
 *
 * Names and values are those of struct fw_entry, struct fw_help and struct fw_expect:
 * private to this version of the program.  A value that is 0 is left out.  Connections
 * are numbered by their lines, from 1.
 */
#ifndef BACKEND_SIM_TABLE_H
#define BACKEND_SIM_TABLE_H

#include <stdio.h>

#include "backend/backend.h"
#include "backend/sim/tracker.h"

/* Where these lines begin in a file's text; its end if there are none. */
char *sim_table_find(char *text);

/*
 * Reads them into a tracker that is empty.  text is overwritten; name and line are of
 * the file and of the first of these lines, for messages.
 */
int sim_table_read(struct sim_tracker *s, char *text, const char *name, unsigned int line,
		   struct fw_error *e);

/* Writes nothing if the tracker is as it was in the beginning.  0 or -ENOMEM. */
int sim_table_write(FILE *out, struct sim_tracker *s);

#endif
