/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * session_command.h - one command of a script: its request, and its answer.
 */
#ifndef IPFWADM_SESSION_COMMAND_H
#define IPFWADM_SESSION_COMMAND_H

#include <sys/socket.h>

#include "ipfwadm/app/app.h"
#include "ipfwadm/run/staged.h"
#include "ipfwadm/run/tools.h"

#define SESSION_FAILURES 20	/* that are kept to be reported */

/* a command, where it is, and the first line of its errors; malloc'ed */
struct session_failure {
	char *at;		/* as in client.h */
	char *command, *message;
};

/* what the commands of a script work on, and what has become of them */
struct session_commands {
	struct app *app;
	struct staged staged;
	struct tools *tools;	/* that are answered for; NULL: none */
	bool has_places;
	char **place;		/* of each command, see staged.origin; malloc'ed */
	const struct source *script;	/* where lines that are not reported are searched */
	size_t count, failed;
	struct session_failure failure[SESSION_FAILURES];	/* the first of those */
	struct session_failure last;	/* the last command, whatever became of it */
	void (*changed)(void *ctx);	/* rules were edited; NULL: nobody asks */
	void *ctx;
};

struct session_buffer {
	char *bytes;		/* malloc'ed */
	size_t len, size;
};

/* The first used bytes of a request; what is none is refused before its end. */
bool session_request_is_valid(const char *request, size_t used);
bool session_request_is_complete(const char *request, size_t used);

/*
 * Carries out a complete request of a process.  The answer is empty if memory is too
 * short to tell it.  Returns the seconds after which it is to be sent.
 */
double session_command_run(struct session_commands *s, const char *request,
			   const struct ucred *peer, struct session_buffer *answer);

/* Frees failures and places, but not what is staged. */
void session_commands_free(struct session_commands *s);

#endif
