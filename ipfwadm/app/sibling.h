/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sibling.h - the other program, in the folder of this one.
 */
#ifndef IPFWADM_BESIDE_H
#define IPFWADM_BESIDE_H

#include <limits.h>

/* The path of the program called name, whatever PATH may say; 0 or -errno. */
int sibling_path(char path[PATH_MAX], const char *name);

#endif
