/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sandbox.h - a place where a script of the time runs and changes nothing outside.
 *
 * An ordinary user makes it, out of user, mount, PID, network, UTS and IPC namespaces:
 * root becomes one first.  Where user namespaces are forbidden root makes the others
 * itself, and the script is an ordinary user's who has root's rights to files.  Without
 * any namespace there is no sandbox.  Its first process, which is ours, serves the script;
 * when that ends the kernel kills what is left.
 *
 *	/		read-only, without devices and set-uid programs; what is no part of a
 *			system, such as /home, is empty but for the script's folder
 *	/etc		changes go to an upper layer; begins with files of the time
 *	/tmp /var /run	empty and to be written, as is /root
 *	/sbin /bin ...	the tools of the time before those of today
 *	/proc/sys/net, /proc/net	files of the time; other sysctls cannot be written
 *	/dev		null, zero, full, random, urandom
 *
 * Bounds: SANDBOX_PROCESSES by pid_max of the PID namespace or by RLIMIT_NPROC, which
 * holds if the user is ordinary, and is tried; memory of a process by RLIMIT_AS, of all by the
 * first process, which looks at them; files by the size of each tmpfs.
 *
 * The first process cannot be traced from inside: it is not dumpable, and the script's
 * processes lack CAP_SYS_PTRACE, as they lack all that reaches beyond files.
 *
 *	sandbox.c		processes, limits, environment
 *	sandbox_user.c		users, namespaces, rights
 *	sandbox_mount.c		what is where
 *	sandbox_files.c		files of the time
 *	sandbox_changes.c	what a script has changed
 */
#ifndef IPFWADM_SANDBOX_H
#define IPFWADM_SANDBOX_H

#include <limits.h>
#include <sys/types.h>

#include "ipfwadm/run/machine.h"

#define SANDBOX_PROCESSES 310	/* the kernel takes none below 301 */
#define SANDBOX_PROCESS_MEMORY (256ul << 20)	/* bytes of one process */
#define SANDBOX_MEMORY (1024ul << 20)	/* bytes of all, shared ones counted for each */
#define SANDBOX_COPIES 200	/* files by a script that only root may read: open ones */

struct sandbox_copy {
	char *path;		/* malloc'ed */
	int fd;
};

struct sandbox {
	const struct machine *machine;
	char script[PATH_MAX];		/* absolute */
	unsigned int seconds;		/* of processor time for a process */
	bool is_roots;			/* it has no user namespace */
	uid_t uid;			/* outside */
	gid_t gid;
	int client;			/* the program behind the names of tools */
	int folder, file;		/* mounts of the script's folder and file; -1: none */
	int device[5];
	int stage;			/* what the sandbox is made of: its files, layers */
	bool etc_is_copy;		/* and no overlay */
	/* Only root could read the script, so it and its folder were opened. */
	struct sandbox_copy copy[SANDBOX_COPIES];
	size_t ncopies;
};

/*
 * Calls fn in the first process of a sandbox; returns its result, or -errno with *e
 * set, also if the sandbox cannot be made.
 */
int sandbox_run(struct sandbox *s, int (*fn)(void *ctx), void *ctx, struct fw_error *e);

/* In a process that is to become the script: its limits and environment.  0 or -errno. */
int sandbox_confine(unsigned int seconds);

/* The namespaces of the child to come, whose first process it is: 0, or -errno with *e set. */
int sandbox_namespaces_make(struct sandbox *s, struct fw_error *e);

/*
 * In the first process, when all is mounted: no more namespaces, no writing to /proc, no
 * rights but those to files; the number of processes has a limit.  0, or -errno with *e set.
 */
int sandbox_rights_limit(const struct sandbox *s, struct fw_error *e);

/* The mounts, in the first process: 0, or -errno with *e set. */
int sandbox_mount(struct sandbox *s, struct fw_error *e);

/* Files of the time, below the folder that the descriptor is of: 0 or -errno. */
int sandbox_files_write(int folder, const struct machine *m);
/* The lists in /proc/net are these; in the first process, the folder is the stage. */
int sandbox_lists_write(int folder, const struct fw_ruleset *rs);

/*
 * Reports each file that has changed in the sandbox; a sysctl by its name, such as
 * "net.ipv4.ip_forward", and with its value, another with NULL.
 */
typedef void (*sandbox_change_fn)(void *ctx, const char *path, const char *value);
int sandbox_changes(const struct sandbox *s, sandbox_change_fn fn, void *ctx);

#endif
