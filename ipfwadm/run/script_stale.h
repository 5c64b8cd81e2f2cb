/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * script_stale.h - directories that killed sessions have left behind.
 */
#ifndef IPFWADM_SCRIPT_STALE_H
#define IPFWADM_SCRIPT_STALE_H

/*
 * Calls remove for each session's directory in a folder that is ours, a minute old, and
 * nobody's: no session listens there, and no process of its script is left, whose commands
 * have to fail.
 */
void script_stale_each(const char *folder, void (*remove)(const char *dir));

#endif
