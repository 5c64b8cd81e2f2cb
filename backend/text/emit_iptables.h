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

/*
 * What stands in a rule's comment, of room bytes; and the room for that of r, which
 * comes from a rule of rules or from none.
 */
void emit_iptables_comment(struct fw_text *t, const char *text, size_t room);
size_t emit_iptables_room(const struct fw_ruleset *rules, const struct plan_rule *r);

#endif
