/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * compat_mount.h - 2.0's files in /proc/net for every program, static ones too.
 *
 * The caller gets a mount namespace of its own, and a user namespace in which it is root
 * if it is not root.  There a file system of FUSE covers /proc/net: it has 2.0's files,
 * written by `ipfwadm compat-helper' when one is opened, and links to the others.  Its
 * server is no child of the caller and stays outside of that namespace, so it ends after
 * the last process there.
 */
#ifndef IPFWADM_COMPAT_MOUNT_H
#define IPFWADM_COMPAT_MOUNT_H

#include "ipfwadm/app/app.h"

/* 0, or -errno with *e set; then nothing is mounted, but namespaces may have changed. */
int compat_mount(struct fw_error *e);

#endif
