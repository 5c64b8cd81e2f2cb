/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * scenario_kmod.h - recorded scenarios as real packets, for the module.
 *
 * A namespace is the recorded router.  Its two interfaces are tunnels whose far ends are
 * this program: a packet that is written has passed all hooks when write() returns.  Own
 * packets come from a raw socket; others that the stack would send are dropped before
 * they are tracked.  Rules for each state, with and without the helper's port, count the
 * packets.
 */
#ifndef TESTS_STATE_SCENARIO_KMOD_H
#define TESTS_STATE_SCENARIO_KMOD_H

#include "tests/programs/state/scenario.h"

/* The same as scenario_run(), for the module of the running kernel. */
void scenario_kmod_run(const json_t *scenario, __u16 own, struct scenario_run *run);

/* Ends the namespace of this process. */
void scenario_kmod_end(void);

#endif
