/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * proc_mount.h - 2.0's files in /proc for every program, static ones too.
 *
 * The caller gets a mount namespace of its own, and a user namespace in which it is root
 * if it is not root.  There a file system of FUSE covers /proc/net: it has 2.0's files,
 * written by `ipfwadm compat-helper' when one is opened, and links to the others.  Its
 * server is no child of the caller and stays outside of that namespace, so it ends after
 * the last process there.
 */
#ifndef COMPAT_PROC_MOUNT_H
#define COMPAT_PROC_MOUNT_H

#include "backend/backend.h"

#define PROC_MOUNT_SERVER "ipfwadm-files"	/* the name of the server's process */

struct proc_mount {
	const char *mask;	/* the option --mark-mask of helpers */
	const char *version;	/* what /proc/version says; NULL: as it is */
	/* commands that are this program, where the system's are; a list up to NULL, or NULL */
	const char *const *commands;
};

/* 0, or -errno with *e set; then nothing is mounted, but namespaces may have changed. */
int proc_mount(const struct proc_mount *p, struct fw_error *e);

#endif
