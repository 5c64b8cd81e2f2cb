/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * shell_complete.h - completion and the hint after the cursor, for readline.
 */
#ifndef IPFWADM_SHELL_COMPLETE_H
#define IPFWADM_SHELL_COMPLETE_H

#include "ipfwadm/shell/shell.h"

void complete_init(struct shell *sh);

/* shell_hint.c */
void hint_init(struct shell *sh);
void hint_prompt(const char *prompt);
void hint_clear(void);

/* shell_input.c: the terminal's bytes, and pasted lines among them */
void input_init(void);
bool input_waiting(void);	/* bytes that were read and not used */
/* The line with pasted text instead of its placeholders; malloc'ed. */
char *input_expand(const char *line);
void input_forget(void);

#endif
