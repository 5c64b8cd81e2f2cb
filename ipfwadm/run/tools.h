/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tools.h - what scripts of the time call besides ipfwadm, answered as it was then.
 *
 * In the sandbox each of these names is the client, so that a call arrives at the session
 * like a command of ipfwadm.  What a tool prints goes to stdout and stderr; what it
 * would have done to a system is recorded.  Under `run' some of them are the client, too,
 * but what is no question, nor about masquerading, is left to the system's own program.
 *
 *	tools.c			the table of names; what has no layout of its own
 *	tool_ifconfig.c		ifconfig, and netstat -i
 *	tool_route.c		route, netstat -r, arp
 *	tool_module.c		modprobe and its kin
 *	tool_name.c		hostname, uname, id, nslookup, host, ping
 */
#ifndef IPFWADM_TOOLS_H
#define IPFWADM_TOOLS_H

#include "backend/backend.h"
#include "ipfwadm/run/machine.h"

#define TOOLS_RECORDS 200	/* that are kept; the others are counted */

enum tool_effect {
	TOOL_NONE,
	TOOL_KEPT,		/* has the same effect in what is translated */
	TOOL_LEFT_OUT,		/* is no part of what is translated */
	TOOL_REFUSED,		/* not in a sandbox */
	TOOL_EFFECTS,
};

struct tool_record {
	enum tool_effect effect;
	char *at, *command;	/* malloc'ed; NULL: no memory */
};

struct tools {
	struct machine *machine;
	struct backend *backend;	/* has the ports of helpers, as forwards */
	bool of_system;			/* under `run' */
	bool has_core;			/* the backend masquerades by itself, with all helpers */
	enum tool_effect effect;	/* of the call that is carried out */
	double sleep;			/* seconds that its process is to sleep */
	struct tool_record record[TOOLS_RECORDS];
	size_t nrecords;		/* of all */
	size_t count[TOOL_EFFECTS];
};

typedef int (*tool_fn)(struct tools *t, int argc, char **argv);

/* The names, up to NULL. */
const char *tools_name(size_t i);
/* Is this argv[0] the name of one? */
bool tools_has(const char *name);
/* Under `run': is it answered here, not by the system's program? */
bool tools_answer(int argc, char **argv);
/* Carries out a call at a line of the script; returns its exit status. */
int tools_run(struct tools *t, const char *at, int argc, char **argv);
void tools_free(struct tools *t);

int tool_ifconfig(struct tools *t, int argc, char **argv);
int tool_route(struct tools *t, int argc, char **argv);
int tool_netstat(struct tools *t, int argc, char **argv);
int tool_arp(struct tools *t, int argc, char **argv);
int tool_lsmod(struct tools *t, int argc, char **argv);
int tool_modprobe(struct tools *t, int argc, char **argv);
int tool_rmmod(struct tools *t, int argc, char **argv);
int tool_hostname(struct tools *t, int argc, char **argv);
int tool_uname(struct tools *t, int argc, char **argv);
int tool_id(struct tools *t, int argc, char **argv);
int tool_whoami(struct tools *t, int argc, char **argv);
int tool_nslookup(struct tools *t, int argc, char **argv);
int tool_host(struct tools *t, int argc, char **argv);
int tool_ping(struct tools *t, int argc, char **argv);

/* The table that `netstat -i' prints. */
void tool_interfaces_print(const struct machine *m);
/* Reports and returns the status of a call whose words it does not know. */
int tool_usage(const char *name);

#define QUAD "%u.%u.%u.%u"
#define QUAD_OF(a) (a) >> 24, (a) >> 16 & 255, (a) >> 8 & 255, (a) & 255

/* The text of an address, in one of some static buffers. */
const char *tool_quad(__u32 addr);

#endif
