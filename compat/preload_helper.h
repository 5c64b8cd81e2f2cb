/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * preload_helper.h - the preload library's way to the backends.
 *
 * Parser and backends are large and keep state, and a program of 1996 does one or two
 * requests.  So each request is a process of its own, `ipfwadm compat-helper': it has
 * the program's namespaces and user, the library shares no state among threads and
 * leaves no descriptor in the program, and fork, exec, unshare and a crash in a backend
 * need no care.
 */
#ifndef COMPAT_PRELOAD_HELPER_H
#define COMPAT_PRELOAD_HELPER_H

#include <stdbool.h>

/* environment that `ipfwadm compat' sets: the program, and --mark-mask=MASK */
#define PRELOAD_PROGRAM "IPFWADM_COMPAT"
#define PRELOAD_MASK "IPFWADM_COMPAT_MASK"

#define PRELOAD_SUBCOMMAND "compat-helper"
#define PRELOAD_MOUNTED "mounted"	/* its first word for a file that is opened by FUSE */

/* Reads the environment; false if there is no program, or this process is the program. */
bool preload_helper_init(void);

/*
 * Runs the helper with up to three words, of which later ones may be NULL, and with
 * descriptors of standard input and output.  Returns 0 or a positive errno.  Safe in
 * threads and signal handlers; errno may change.
 */
int preload_helper_run(const char *const words[3], int in, int out);

#endif
