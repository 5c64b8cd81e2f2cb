/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * confirm_keeper.h - the process that holds rules to go back to.
 */
#ifndef IPFWADM_CONFIRM_KEEPER_H
#define IPFWADM_CONFIRM_KEEPER_H

#include "ipfwadm/app/app.h"
#include "ipfwadm/run/confirm_wire.h"

#define CONFIRM_CLIENTS 8	/* connections at a time, with the starter's */

struct confirm_keeper {
	const struct app *app;
	const struct confirm_start *start;
	int client[CONFIRM_CLIENTS];	/* 0: none; the first is the starter's */
	int listener;
	char about[CONFIRM_TEXT_MAX / 2];
	long long deadline;	/* ms; of the end of the time, or of the next attempt */
	bool is_made;		/* the time runs */
	bool reverts;
	bool is_delayed;	/* an attempt has failed, which has been told */
};

/* The process; k->client[0] is connected. */
void confirm_keeper_main(struct confirm_keeper *k) __attribute__((noreturn));

#endif
