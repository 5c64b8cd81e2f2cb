/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * saved.h - the saved form: commands that make a rule set.
 */
#ifndef IPFWADM_SAVED_H
#define IPFWADM_SAVED_H

#include <stdio.h>

#include "backend/ruleset.h"
#include "ipfwadm/app/app.h"
#include "parser/command.h"

/* for the backends that keep text */
extern const struct ruleset_format saved_format;

/*
 * Carries out the edits of a parsed file on *rs and adds its interfaces to *ifs.
 * The deletion of a rule that does not exist is only warned of (nobody if warned is NULL),
 * because scripts delete before they add.  Returns 0, or -errno with *e set.
 */
int saved_apply(const struct program *p, const struct source *source,
		struct fw_ruleset *rs, struct fw_interfaces *ifs, const struct app *warned,
		struct fw_error *e);

enum saved_counters { SAVED_NO_COUNTERS, SAVED_SOME_COUNTERS, SAVED_ALL_COUNTERS };

/*
 * The saved form as malloc'ed *text of *len bytes; ifs may be NULL.  0 or -ENOMEM.
 */
int saved_text(const struct fw_ruleset *rs, const struct fw_interfaces *ifs,
	       enum saved_counters counters, char **text, size_t *len);

/*
 * The same, written to out; ifs and origins may be NULL.  Write errors are left in out.
 */
void saved_write(FILE *out, const struct fw_ruleset *rs, const struct fw_interfaces *ifs,
		 const struct rule_origins *origins, enum saved_counters counters);

#endif
