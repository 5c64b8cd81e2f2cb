/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * shell_complete.h - completion and the hint after the cursor, for readline.
 */
#ifndef IPFWADM_SHELL_COMPLETE_H
#define IPFWADM_SHELL_COMPLETE_H

#include "ipfwadm/shell/shell.h"

void shell_complete_init(struct shell *sh);

/* shell_hint.c */
void shell_hint_init(struct shell *sh);
void shell_hint_prompt(const char *prompt);
void shell_hint_clear(void);

/* shell_input.c: the terminal's bytes, and pasted lines among them */
void shell_input_init(void);
bool shell_input_waiting(void);	/* bytes that were read and not used */
/* The line with pasted text instead of its placeholders; malloc'ed. */
char *shell_input_expand(const char *line);
void shell_input_forget(void);

#endif
