/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * script.h - the process of a script whose commands go to a session.
 *
 * A directory of the session's own holds its socket; bin/ipfwadm, a link to the client,
 * which stands first in PATH; `env', which bash reads before a script and which has it
 * note the line of each command; and `end', where and how a script of bash has ended.
 * Where a private mount namespace can be made, bin also covers /sbin and /usr/sbin.  In the
 * sandbox all that is in place already.
 */
#ifndef IPFWADM_SCRIPT_H
#define IPFWADM_SCRIPT_H

#include <limits.h>
#include <sys/types.h>

#include "backend/backend.h"

#define SCRIPT_PATH_MAX 100	/* of a file in the directory: it is the name of a socket */

struct script {
	const char *name;		/* as it was named */
	char program[PATH_MAX];		/* this one */
	char dir[SCRIPT_PATH_MAX];
	char socket[SCRIPT_PATH_MAX];
	unsigned int confined;		/* in the sandbox: seconds of processor time; else 0 */
	int output;			/* there the script's output and errors */
	pid_t pid;
};

/* Opens what stands for ipfwadm in a script, the client or this program: or -errno. */
int script_client_open(void);

/* Makes the directory: 0, or -errno with *e set.  script_remove() in any case. */
int script_prepare(struct script *s, struct fw_error *e);

/* Starts argv[0], a file, with its arguments: 0, or -errno with *e set. */
int script_start(struct script *s, char **argv, struct fw_error *e);

/* Where the script has ended: "FILE:LINE COMMAND" in buf, or "" if it is not known. */
void script_end_read(const struct script *s, char *buf, size_t size);

void script_remove(struct script *s);

#endif
