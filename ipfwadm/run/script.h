/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * script.h - the process of a script whose commands go to a session.
 *
 * A directory of the session's own holds its socket; bin, which stands first in PATH, with
 * links to the client by all names of the program; tools, with links by those of
 * client_tool(), which stands before the system's folders; `env', which bash reads before
 * a script and which has it note the line of each command and load client_bash.c; and `end',
 * where and how a script of bash has ended.
 * Where a private mount namespace can be made, bin and tools also cover the system's folders.
 * In the sandbox all that is in place already.
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
	const char *backend;		/* of commands after the script's end; NULL: any */
	char dir[SCRIPT_PATH_MAX];
	char socket[SCRIPT_PATH_MAX];
	bool has_tools;			/* client_tool() are the client, too */
	/* 2.0's files are put in /proc, or a message says why not; mask: --mark-mask for them */
	bool has_files;
	char mask[32];
	bool names_places;		/* it names a command by its path */
	bool asks_places;		/* it asks the shell where one is: builtins are nowhere */
	unsigned int confined;		/* in the sandbox: seconds of processor time; else 0 */
	int output;			/* there the script's output and errors */
	pid_t pid;
};

/* The names by which a script calls this program, from ipfwadm, up to NULL. */
const char *script_name(size_t i);

/* Opens what stands for ipfwadm in a script, the client or this program: or -errno. */
int script_client_open(void);

/* Makes the directory: 0, or -errno with *e set.  script_remove() in any case. */
int script_prepare(struct script *s, struct fw_error *e);

/* Starts argv[0], a file, with its arguments: 0, or -errno with *e set. */
int script_start(struct script *s, char **argv, struct fw_error *e);

/* The line at which the script has ended, as a client reports it, and its command, if known. */
bool script_end_read(const struct script *s, char *place, char *command, size_t size);

/*
 * Removes the directory.  If it is still used by processes its commands stay, for a shell
 * remembers where it has found them, and the next script removes them.
 */
void script_remove(struct script *s, bool is_used);

#endif
