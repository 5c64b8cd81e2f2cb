/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * track_world.h - a connection tracker with a table, for tests: a client, a server, and
 * segments between them.
 */
#ifndef TESTS_TRACK_WORLD_H
#define TESTS_TRACK_WORLD_H

#include "backend/sim/tracker.h"
#include "kmod/core/packet.h"

#define CLIENT 0x0a000002
#define SERVER 0xc6336407
#define CLIENT_PORT 1025

/* interfaces */
#define IFACE_CLIENT 1
#define IFACE_SERVER 2

/* Aborts if memory is short.  nheads is a power of two. */
void track_world_init(struct sim_tracker *w, __u32 entries, __u32 nheads, __u16 expects,
		      __u16 helps);

/* The tracker, empty, at time 0. */
struct fw_track *track_world_empty(struct sim_tracker *w);

/* A packet between the client's port and a port of the server. */
struct fw_track_packet track_world_packet(__u8 proto, unsigned int dir, __u16 port);

/* A segment of len bytes without text, of the connection to port 80. */
struct fw_track_packet track_world_segment(unsigned int dir, __u8 flags, __u32 seq,
					   __u32 ack, __u32 len);

/* Both phases.  Returns what fw_track_confirm() returned. */
int track_world_see(struct sim_tracker *w, const struct fw_track_packet *p,
		    struct fw_seen *s);

/* Aborts unless the table, its links, counts and expectations agree with each other. */
void track_world_check(struct sim_tracker *w);

#endif
