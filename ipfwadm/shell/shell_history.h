/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * shell_history.h - lines of former sessions.
 */
#ifndef IPFWADM_SHELL_HISTORY_H
#define IPFWADM_SHELL_HISTORY_H

/* Reads the file; without a folder of our own there is none. */
void shell_history_load(void);

/* Adds a line to this session's history and to the file. */
void shell_history_record(const char *line);

#endif
