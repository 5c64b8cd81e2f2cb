/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * progress.h - that something goes on, for a person who waits at a terminal.
 */
#ifndef IPFWADM_PROGRESS_H
#define IPFWADM_PROGRESS_H

/*
 * Until the end there is a line on standard error, if that is a terminal, from the first
 * second on: "what: 3 s".  What is printed meanwhile begins where it does.  One at a time.
 */
void progress_begin(const char *what);
void progress_end(void);

#endif
