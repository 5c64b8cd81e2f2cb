/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * shell_history.h - lines of former sessions.
 */
#ifndef IPFWADM_SHELL_HISTORY_H
#define IPFWADM_SHELL_HISTORY_H

/* Reads what there is; without a place of our own, nothing is kept. */
void history_load(void);

/* Remembers a line, here and for later sessions. */
void history_keep(const char *line);

#endif
