/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * shell_rules.h - rules as the engine tells them.
 */
#ifndef IPFWADM_SHELL_RULES_H
#define IPFWADM_SHELL_RULES_H

#include "ipfwadm/shell/shell.h"

/* a saved form, read */
struct rules {
	struct program program;
	unsigned int *rule[FW_LISTS];	/* indices of edits */
	unsigned int count[FW_LISTS];
	__u32 policy[FW_LISTS];
};

/* 0, or -errno after a message */
int rules_read(struct rules *r, const char *text);
void rules_free(struct rules *r);

/* rule number (from 1) of a list */
static inline const struct fw_edit *rules_rule(const struct rules *r, enum fw_list_id list,
					       unsigned int number)
{
	return &r->program.edit[r->rule[list][number - 1]];
}

/* Asks for the rules, staged edits made; NULL after a message. */
json_t *rules_ask(struct shell *sh);
const char *rules_text(const json_t *answer);

#endif
