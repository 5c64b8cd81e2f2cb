/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * emit_iptables.h - a plan's rule in the words of iptables.
 */
#ifndef BACKEND_EMIT_IPTABLES_H
#define BACKEND_EMIT_IPTABLES_H

#include "backend/text/emit_text.h"

#define EMIT_IPTABLES_COMMENT 255	/* bytes of a comment, without NUL */
#define EMIT_IPTABLES_PREFIX 29		/* of the text that LOG begins with */

/*
 * Writes a rule's matches and targets as words of iptables, each with a blank before it,
 * without comment.  *target: where the words of the targets begin in e->text.
 */
void emit_iptables_words(struct emit *e, const struct plan_rule *r, size_t *target);

/* all matches of a rule, each with a blank before it */
void emit_iptables_matches(struct emit *e, const struct emit_rule *s);

/* The comment of a rule of no ipfwadm rule, of room bytes. */
void emit_iptables_comment(struct fw_text *t, const char *text, size_t room);

#endif
