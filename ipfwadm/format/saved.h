/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * saved.h - rule sets and the saved form.
 */
#ifndef IPFWADM_SAVED_H
#define IPFWADM_SAVED_H

#include <stdio.h>

#include "backend/backend.h"
#include "parser/command.h"

/* for the backends that keep text */
extern const struct ruleset_format saved_format;

/*
 * Reads a whole file, "-" is stdin.  0 and malloc'ed, NUL-terminated text (free
 * with source_free), or -errno with a message in *e.
 */
int saved_open(const char *name, struct source *source, struct fw_error *e);

/*
 * saved_open and parse; what is wrong is told on stderr, with carets.  0, or
 * -errno; source and program are to be freed in any case.
 */
int saved_parse(const char *name, bool color, struct source *source,
		struct program *program);

/*
 * Carries out the edits of a parsed file on *rs and adds its interfaces to
 * *ifs.  A rule to be deleted that is not there is only warned of, since
 * scripts delete before they add; warn may be NULL.
 */
int saved_apply(const struct program *p, const struct source *source,
		struct fw_ruleset *rs, struct fw_interfaces *ifs, FILE *warn,
		struct fw_error *e);

enum saved_counters { SAVED_NO_COUNTERS, SAVED_SOME_COUNTERS, SAVED_ALL_COUNTERS };

/*
 * The saved form as malloc'ed *text of *len bytes; ifs may be NULL.  0 or -ENOMEM.
 */
int saved_text(const struct fw_ruleset *rs, const struct fw_interfaces *ifs,
	       enum saved_counters counters, char **text, size_t *len);

/* The same, written to out; write errors are left in out. */
int saved_write(FILE *out, const struct fw_ruleset *rs, enum saved_counters counters);

#endif
