/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * client.h - a command of a script, handed to the session of `ipfwadm run'.
 *
 * The session listens at the socket that CLIENT_SESSION names; a shell such as csh
 * closes inherited descriptors, so it is a name and not a descriptor that is inherited.
 * Each command is a connection of its own:
 *
 *	client		struct client_request, then strings, each with its NUL:
 *			the line of the script, the working directory, the
 *			arguments
 *	session		any number of struct client_answer, each followed by its bytes;
 *			the last one is CLIENT_STATUS
 *
 * The line is "FILE:LINE" or "", with a blank and another one behind it for each call of a
 * function that leads there, innermost first.
 *
 * The name exists as long as the session's script: without it a command is carried out
 * by itself.  A name at which nobody listens is that of a session that was killed, and
 * its commands fail, so that half a script is never in force.
 */
#ifndef IPFWADM_CLIENT_H
#define IPFWADM_CLIENT_H

#include <stddef.h>
#include <stdint.h>

#define CLIENT_SESSION "IPFWADM_SESSION"
#define CLIENT_PROGRAM "IPFWADM_PROGRAM"	/* what carries a command out by itself */
#define CLIENT_LINE "FW_AT"
#define CLIENT_REQUEST_MAX (4u << 20)	/* bytes of strings; Linux starts no longer command */

struct client_request {
	uint32_t size;		/* of the strings */
	uint32_t argc;
	uint32_t terminals;	/* bit N: descriptor N is one */
};

/* CLIENT_SYSTEM: the last one, too: the system's program of that name is to do it. */
enum { CLIENT_STDOUT = 1, CLIENT_STDERR = 2, CLIENT_STATUS = 3, CLIENT_SYSTEM = 4 };

struct client_answer {
	uint32_t kind;
	uint32_t value;		/* CLIENT_STATUS: exit status; else bytes that follow */
};

/* The tools of the system that `run' answers for in part, up to NULL. */
const char *client_tool(size_t i);

/*
 * The exit status of a command that a session has carried out; -1: there is none.  Of a
 * tool that no session answers for it becomes the system's own program.
 */
int client_run(int argc, char **argv);

/* Becomes the system's own program of that name; else the exit status, 127. */
int client_system_execute(const char *name, char **argv);

#endif
