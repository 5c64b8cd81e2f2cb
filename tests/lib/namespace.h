/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * namespace.h - network namespaces without a name.
 *
 * They last as long as a process is in them or has their descriptor, so nothing
 * is left behind whatever ends the test.
 */
#ifndef TESTS_NET_NAMESPACE_H
#define TESTS_NET_NAMESPACE_H

/*
 * Moves this thread into a new namespace where lo is down and nothing else is.
 * Its descriptor, or -errno; not closed by exec, so that commands can name it.
 */
int namespace_new(void);

/* Moves this thread into it.  0 or -errno. */
int namespace_enter(int ns);

/* Writes a value below /proc/sys/net, "ipv4/ip_forward".  0 or -errno. */
int namespace_sysctl(const char *name, const char *value);

/*
 * Runs a shell command in this thread's namespace with text as its standard
 * input (NULL: none).  0, or -EIO when it failed; it has told why then.
 */
int namespace_run(const char *command, const char *text);

#endif
