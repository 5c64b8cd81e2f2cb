/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * plan_commands.h - the commands of a plan's rules as comments.
 *
 * A kernel table that is saved and restored as text loses the tags of its rules, but
 * not their comments.  So the comments contain all that a tag does:
 *
 *  - a rule's comment is the command that adds it, "-I -a deny -S 10.0.0.0/8"; the first
 *    rules of a command that needs several, LOG before a verdict, say, have none, because
 *    a comment is half of what an entry of iptables costs;
 *  - the comment of an accounting rule ends with its number, " #3", because accounting
 *    rules are in several chains;
 *  - the first rule of one chain has the settings, which belong to no rule; that of a
 *    policy other than accept has the command that sets it, too;
 *  - a command that does not fit, or has bytes that a comment cannot have, ends with
 *    "..." and a key.  The key is a hash of the command.  A chain that no rule leads
 *    to has the whole command in pieces: "key.number text", where %xx is a byte.
 */
#ifndef BACKEND_PLAN_COMMANDS_H
#define BACKEND_PLAN_COMMANDS_H

#include "backend/backend.h"
#include "backend/plan/plan.h"
#include "backend/rule_tag.h"
#include "kmod/core/text.h"

#define PLAN_POLICY_COMMENT "default policy: " /* before the command that sets it */
#define PLAN_COMMAND_MAX 1024 /* bytes of a command, NUL included */
#define PLAN_COMMAND_CUT "..." /* before the key */
#define PLAN_COMMAND_KEY 8 /* digits of a key */

typedef void (*plan_describe_fn)(struct fw_text *t, enum fw_list_id list,
				 const struct fw_rule *r);

/* the chain that has the whole commands, and the one whose first rule has the settings */
const char *plan_commands_chain(enum plan_target target);
const char *plan_settings_chain(enum plan_target target);

/* Bytes of a rule's comment, NUL not included. */
size_t plan_command_room(enum plan_target target, const struct fw_rule *r);

/* Writes the comment of list's rule r.  number: of an accounting rule. */
void plan_command_write(struct fw_text *t, enum plan_target target, enum fw_list_id list,
			const struct fw_rule *r, const char *command, __s64 number);

/* Returns how many bytes of text fit into max, no UTF-8 character being cut in two. */
size_t plan_text_fit(const char *text, size_t max);

/* Has the comment of list's rule r its whole command? */
bool plan_command_fits(enum plan_target target, enum fw_list_id list,
		       const struct fw_rule *r, plan_describe_fn describe);

/*
 * Adds settings, commands of forwards and whole commands of rules to a plan that was
 * lowered from rs: 0 or -ENOMEM.
 */
int plan_commands_add(struct plan *p, const struct fw_ruleset *rs,
		      const struct ruleset_format *format);

/* the comments of a table that was restored */
struct plan_comments {
	const char **piece; /* comments of the commands' chain, sorted; malloc'ed */
	size_t npieces;
};

/* Reads settings from a comment; false: it has none. */
bool plan_settings_read(struct rule_settings *s, const char *comment);

/* Reads a list's policy from the comment of its kernel rule; false: it is none. */
bool plan_policy_read(struct rule_settings *s, const char *comment);

/*
 * The command in a comment, of at most PLAN_COMMAND_MAX bytes, its list and its number
 * (0: none).  1; 0 if the comment is not of a rule; -EINVAL if the command is not all
 * there.
 */
int plan_command_read(char *command, enum fw_list_id *list, __s64 *number,
		      enum plan_target target, const char *comment,
		      const struct plan_comments *all);

#endif
