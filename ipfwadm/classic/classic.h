/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * classic.h - a classic command line: messages and exit statuses of 2.3.0.
 */
#ifndef IPFWADM_CLASSIC_H
#define IPFWADM_CLASSIC_H

#include "ipfwadm/app/app.h"
#include "parser/command.h"

int classic_run(struct app *app, int argc, char **argv);

/* By the names ipportfw, ipautofw, ipmasqadm. */
int classic_portfw_run(struct app *app, int argc, char **argv);

/* Commands on tracked connections: c is one of COMMAND_TRACK_*. */
int classic_tracked_run(const struct app *app, struct backend *b, const struct command *c,
			const struct program *p);

/* -T -l --follow; lasts until a signal ends it. */
int classic_follow_run(const struct app *app, struct backend *b, const struct command *c,
		       const struct track_filter *filter);

#endif
