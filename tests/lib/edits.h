/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * edits.h - are two programs the same, member by member?
 */
#ifndef TESTS_EDITS_H
#define TESTS_EDITS_H

#include "parser/command.h"

/* everything in a rule, counters included: more than delete compares */
bool rules_same(const struct fw_rule *a, const struct fw_rule *b);
bool edits_same(const struct fw_edit *a, const struct fw_edit *b);

/*
 * The edits and interfaces of a program as text, one a line; malloc'ed, *len is
 * its length.
 */
char *program_text(const struct program *p, size_t *len);

/* Is the text of a program read back as the same program?  false tells why. */
bool program_inverse(const struct program *p);

#endif
