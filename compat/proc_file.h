/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * proc_file.h - the files in /proc/net that a kernel of 2.0 had for its firewall, and 2.2 for
 * port forwarding.  The latter are in a folder.
 */
#ifndef COMPAT_PROC_FILE_H
#define COMPAT_PROC_FILE_H

#include "kmod/core/rule.h"

enum {
	PROC_MASQUERADE = FW_LISTS,	/* the numbers before are lists: their rules */
	PROC_MASQ_APP,
	PROC_PORTFW,		/* from here on: forwards */
	PROC_AUTOFW,
	PROC_MASQ_PORTFW,
	PROC_MASQ_AUTOFW,
	PROC_MASQ_MFW,
	PROC_FILES,
};

#define PROC_MASQ_FOLDER "ip_masq"

extern const char *const proc_file_names[PROC_FILES];

/* The number of the file with that name, -1 if there is none. */
int proc_file_find(const char *name);

#endif
