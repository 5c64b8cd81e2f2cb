/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * report.h - what a person is told about a script that was run.
 */
#ifndef IPFWADM_REPORT_H
#define IPFWADM_REPORT_H

#include "ipfwadm/run/script.h"
#include "ipfwadm/run/session_command.h"

/* The commands that were refused, with their lines, on stderr. */
void report_failures(const struct session_commands *s, const struct script *script);

/* What the tools were called for, on stderr; effects: words, or NULL for those not told. */
void report_tools(const struct session_commands *s, const struct script *script,
		  const char *const effects[TOOL_EFFECTS]);

/* How and where the script has failed; status: as of wait(); effect: "nothing changed". */
void report_end(const struct session_commands *s, const struct script *script, int status,
		const char *effect);

/* Control characters, which a script may choose, become "?".  Returns text; NULL stays. */
char *report_clean(char *text);

/*
 * The places of commands become "NAME:12" or "NAME near 12", in the script or in another
 * file, without folders, or NULL if they are not known; for origins_make().
 */
void report_origins_name(struct session_commands *s);

#define REPORT_PLACE 300
/* "line 12: ", "near line 12: " or "FILE:12: "; "" if it is not known.  Returns buf. */
const char *report_place(char buf[REPORT_PLACE], const struct script *script, const char *at);

/* Processes of the script that have not ended, on stderr; false: there are none. */
bool report_processes(const struct session_commands *s);

#endif
