/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tracker.h - a connection tracker with memory of its own.
 */
#ifndef SIM_TRACKER_H
#define SIM_TRACKER_H

#include <stddef.h>

#include "backend/sim/track_host.h"

/* what the simulator's file and trace have room for */
#define SIM_CONNECTIONS	16384	/* a power of two; more than 2.0 masqueraded at once */
#define SIM_EXPECTS	1024

struct sim_tracker {
	struct track_table table;
	struct fw_track_settings set;
	__u32 now;	/* ticks; the owner's clock */
	__u16 nexpects, nhelps;
	struct fw_entry *entries;
	struct fw_link **heads;
	struct fw_expect *expects;
	struct fw_help *helps;
};

/*
 * With the default settings, room for so many entries, and nheads hash heads, a power of
 * two.  0 or -ENOMEM.
 */
int sim_tracker_init(struct sim_tracker *s, __u32 entries, __u32 nheads, __u16 expects,
		     __u16 helps);
void sim_tracker_free(struct sim_tracker *s);

/* Empties the table; settings and time stay. */
void sim_tracker_reset(struct sim_tracker *s);

/* So many ticks pass. */
void sim_tracker_elapse(struct sim_tracker *s, __u64 ticks);

/* The entries in the order in which they began; *sorted is malloc'ed.  0 or -ENOMEM. */
int sim_tracker_entries(struct sim_tracker *s, struct fw_entry ***sorted, __u32 *n);

/* The masqueraded connections as 2.0 listed them; *lines is malloc'ed.  0 or -ENOMEM. */
int sim_tracker_masqueraded(struct sim_tracker *s, struct fw_conn **lines, size_t *n);

#endif
