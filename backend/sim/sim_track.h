/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sim_track.h - the connections of the simulator's file, for -T and -M -l.
 */
#ifndef BACKEND_SIM_TRACK_H
#define BACKEND_SIM_TRACK_H

#include "backend/backend.h"

extern const struct track_ops sim_track_ops;

/* For struct backend_ops. */
int sim_connections(struct backend *b, struct fw_conn **conns, size_t *n,
		    struct fw_error *e);

#endif
