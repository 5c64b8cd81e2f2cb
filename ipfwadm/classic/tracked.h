/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tracked.h - commands on tracked connections (-T).
 */
#ifndef IPFWADM_TRACKED_H
#define IPFWADM_TRACKED_H

#include "ipfwadm/app/app.h"
#include "parser/command.h"

/* Carries out c, one of COMMAND_TRACK_*; returns an exit status. */
int tracked_run(const struct app *app, struct backend *b, const struct command *c,
		const struct program *p);

#endif
