/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * shell_rules.h - rules of the engine.
 */
#ifndef IPFWADM_SHELL_RULES_H
#define IPFWADM_SHELL_RULES_H

#include "ipfwadm/shell/shell.h"

/* a parsed saved form */
struct rules {
	struct program program;
	unsigned int *rule[FW_LISTS];	/* indices of edits */
	unsigned int count[FW_LISTS];
	__u32 policy[FW_LISTS];
};

/* 0, or -errno, after a message if the text is wrong; text: see engine_wire_text() */
int shell_rules_read(struct rules *r, const json_t *text);
void shell_rules_free(struct rules *r);

/* rule number (from 1) of a list */
static inline const struct fw_edit *shell_rules_rule(const struct rules *r, enum fw_list_id list,
						     unsigned int number)
{
	return &r->program.edit[r->rule[list][number - 1]];
}

/* Asks for the rules with the staged edits; NULL after a message. */
json_t *shell_rules_ask(struct shell *sh);
/* Their text: of the staged rules if edits are staged. */
const json_t *shell_rules_text(const json_t *answer);

#endif
