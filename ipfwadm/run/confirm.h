/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * confirm.h - a change of the rules that is taken back unless it is confirmed.
 *
 * A process of its own holds the rules from before the change.  It is nobody's child, has
 * no terminal, and puts the rules back when the time is over, when whoever started it
 * ends before it said that the change is made, or when it is told to.  An attempt that
 * fails is repeated every second.
 *
 * There is one such change at a time, and `ipfwadm confirm' finds it from any terminal:
 * see confirm_wire.h.  The process listens to root and to its own user.
 */
#ifndef IPFWADM_CONFIRM_H
#define IPFWADM_CONFIRM_H

#include "ipfwadm/app/app.h"
#include "ipfwadm/run/confirm_wire.h"

/*
 * Starts the process.  Returns a connected descriptor, or -errno with *e set: -EBUSY if
 * there is such a change already, and whose.
 */
int confirm_start(const struct app *app, const struct confirm_start *start,
		  struct fw_error *e);

/* Connects to the process that holds a change of this backend (NULL: the kernel's). */
int confirm_connect(const char *backend, struct fw_error *e);

/*
 * The same for the rules that b has now, before b changes them.  *fd is closed by
 * confirm_change_end().
 */
int confirm_change_begin(const struct app *app, struct backend *b, const char *what,
			 unsigned int seconds, int *fd, struct fw_error *e);

/* err: of the change, which is made as a whole or not at all.  Returns fd, or -1. */
int confirm_change_end(int fd, int err);

/* A number of seconds that a person gave; 0: none that can be. */
unsigned int confirm_seconds_parse(const char *word);

/*
 * After CONFIRM_MADE: asks on a terminal whether the rules are to stay, until that is
 * decided; without one tells how to keep them.  Closes fd and returns an exit status.
 */
int confirm_prompt(const struct app *app, int fd, unsigned int seconds);

/* `ipfwadm confirm' */
int confirm_run(struct app *app, int argc, char **argv);

#endif
