/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * emit_iptables.h - how a plan's rule is put to iptables, in words or in bytes.
 */
#ifndef BACKEND_EMIT_IPTABLES_H
#define BACKEND_EMIT_IPTABLES_H

#include "backend/text/emit_text.h"

#define EMIT_IPTABLES_COMMENT 255	/* bytes of a comment, without NUL */
#define EMIT_IPTABLES_PREFIX 29		/* of the text that LOG begins with */

/* all matches of a rule, each with a blank in front */
void emit_iptables_matches(struct emit *e, const struct emit_rule *s);

enum emit_iptables_form {
	EMIT_OPTION,	/* of iptables itself */
	EMIT_PROTOCOL,	/* of the match that is called like the protocol */
	EMIT_MODULE,	/* a match of its own */
};

enum emit_iptables_form emit_iptables_form(const struct emit_rule *s,
					   const struct plan_match *m);

/*
 * What stands in a rule's comment, of room bytes; and the room for that of r, which
 * comes from a rule of rules or from none.
 */
void emit_iptables_comment(struct fw_text *t, const char *text, size_t room);
size_t emit_iptables_room(const struct fw_ruleset *rules, const struct plan_rule *r);

#endif
