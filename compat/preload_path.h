/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * preload_path.h - which paths are files of 2.0.
 */
#ifndef COMPAT_PRELOAD_PATH_H
#define COMPAT_PRELOAD_PATH_H

#include "compat/proc_file.h"

/*
 * The number of the file of proc_file.h at path, which is relative to directory dir; -1 if
 * it is none.  Only a relative path with such a name costs a system call.
 */
int preload_path_file(int dir, const char *path);

#endif
