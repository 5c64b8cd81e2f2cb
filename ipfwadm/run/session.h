/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * session.h - the connections of a script's commands.
 *
 * One command is carried out after the other, in this process, with what it prints
 * kept in memory, so that a client that does not read its answer stops nobody.  A
 * session has SESSION_CLIENTS connections at most; further clients wait.
 */
#ifndef IPFWADM_SESSION_H
#define IPFWADM_SESSION_H

#include "ipfwadm/run/session_command.h"

#define SESSION_CLIENTS 32

struct session_client {
	int fd;
	struct ucred peer;
	char *in;		/* the request, as far as it has been read; malloc'ed */
	size_t used, size;
	struct session_buffer out;	/* the answer; empty before it is known */
	size_t written;		/* bytes of it */
	double wake;		/* by the session's clock, when it is to be written */
};

struct session {
	struct session_commands commands;
	int listener;		/* -1: none */
	double clock;		/* seconds; see session_clock_jump() */
	struct session_client *client[SESSION_CLIENTS];	/* malloc'ed; NULL: none */
};

/* Listens at path: 0, or -errno. */
int session_listen(struct session *s, const char *path);

/*
 * Serves commands until one of fds can be read; those that wait then are still carried
 * out if they are complete.
 */
void session_serve(struct session *s, const int *fd, size_t n);

/*
 * Sets the clock forward to when the first of the clients that sleep wakes; false: none
 * sleeps.
 */
bool session_clock_jump(struct session *s);

/* The line of each client that sleeps, and for how long yet. */
void session_sleepers(const struct session *s,
		      void (*each)(void *ctx, const char *at, double seconds), void *ctx);

/* Those that are connected get no answer and try again. */
void session_close(struct session *s);

#endif
