/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sim_state.h - what the simulator's file contains: rules, interfaces, connections.
 *
 *	sim_state_begin		locks and reads the file
 *	sim_state_write		perhaps
 *	sim_state_end		always, unless begin failed
 *
 * sim_state_peek() reads without the lock, which only writers need.
 *
 * The clock of the connections goes on between commands: what has passed is the time
 * since the file was written.  struct sim_state must not be moved.
 */
#ifndef BACKEND_SIM_STATE_H
#define BACKEND_SIM_STATE_H

#include "backend/sim/state_file.h"
#include "backend/sim/tracker.h"

struct sim_state {
	struct state_file file;
	struct fw_ruleset rules;
	struct fw_interfaces ifs;
	struct sim_tracker tracker;	/* without memory until it is needed */
};

int sim_state_peek(struct backend *b, struct sim_state *s, struct fw_error *e);
int sim_state_begin(struct backend *b, struct sim_state *s, struct fw_error *e);
int sim_state_write(struct backend *b, struct sim_state *s, const struct fw_ruleset *rules,
		    struct fw_error *e);
void sim_state_end(struct sim_state *s);

/* Gives the tracker memory, if it has none. */
int sim_state_track(struct sim_state *s, struct fw_error *e);

/* Those of the `interface' lines, or else of the running system; malloc'ed ifs->dev. */
int sim_state_interfaces(const struct sim_state *s, struct fw_interfaces *ifs,
			 struct fw_error *e);

#endif
