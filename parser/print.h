/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * print.h - the parser's inverse: what is printed here is read back as the same.
 */
#ifndef PARSER_PRINT_H
#define PARSER_PRINT_H

#include "kmod/core/list.h"
#include "kmod/core/text.h"

/*
 * The canonical command for a rule, numeric and without program name:
 * "-I -a accept -P tcp -S 0.0.0.0/0 -D 10.0.0.1/32 25 --state new".  Options with
 * their default value are omitted.  At most PRINT_RULE_MAX bytes.
 */
#define PRINT_RULE_MAX 768
void print_rule(struct fw_text *t, enum fw_op op, enum fw_list_id list,
		const struct fw_rule *r);

/* The same command to append a rule, in buf, which is returned. */
const char *print_rule_text(char buf[PRINT_RULE_MAX], enum fw_list_id list,
			    const struct fw_rule *r);

/* any edit, after its counters if it has them */
void print_edit(struct fw_text *t, const struct fw_edit *e);

/* "--state new,established --keep-state --helper ftp --comment 'x'", no leading
 * blank, nothing for a classic rule: the last column of listings */
void print_extensions(struct fw_text *t, const struct fw_rule *r);

/*
 * A name of at most max bytes as printable UTF-8, for JSON: itself if it is that,
 * else as files spell it, $'eth\001'.  Names that begin with $' are spelled, too, so
 * that all names differ.
 */
void print_utf8(struct fw_text *t, const char *s, unsigned int max);

/*
 * A warning if -W looks like a pattern of other programs, "eth+" or "!lo"; false and
 * nothing if it does not.
 */
#define PRINT_WARNING_MAX 192
bool print_pattern_warning(struct fw_text *t, const struct fw_edit *e);

/* "interface eth0 10.0.0.1/24" */
void print_interface(struct fw_text *t, const struct fw_dev *dev);

#endif
