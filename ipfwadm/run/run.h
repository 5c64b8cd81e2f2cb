/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * run.h - `ipfwadm run': a script whose commands take effect in one step.
 *
 *	script.c		starts the script so that its commands are clients
 *	client.c, client_main.c	a command there: sends its arguments, prints the answer
 *	session.c		the connections of the clients
 *	session_command.c	carries a command out on the staged rules
 *	staged.c		the staged rules: a backend in memory
 *	report.c		what was refused, what would change
 *	run.c			the order of all this
 */
#ifndef IPFWADM_RUN_H
#define IPFWADM_RUN_H

#include "ipfwadm/app/app.h"

int run_run(struct app *app, int argc, char **argv);

/* The program as modprobe, insmod and rmmod, in the mount namespace of `compat --mount'. */
int module_run(struct app *app, int argc, char **argv);

#endif
