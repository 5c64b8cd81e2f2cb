/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * scenario_text.h - what recorded scenarios say, as text and as values of the core.
 */
#ifndef TESTS_STATE_SCENARIO_TEXT_H
#define TESTS_STATE_SCENARIO_TEXT_H

#include "tests/programs/state/scenario.h"

/* False: a setting that the tests do not know. */
bool scenario_setting(struct fw_track_settings *set, const char *name, __u32 value);

/*
 * Does a line of a recorded table describe the entry, which ends in left seconds, give
 * or take slack?  mine gets the line that would.
 */
bool scenario_entry_agrees(const struct fw_entry *c, __u32 left, int slack,
			   const char *line, char *mine, size_t size);

#define SCENARIO_EXPECT 64

void scenario_expect_text(const struct fw_expect *e, char text[SCENARIO_EXPECT]);

/* Compares n texts, which are sorted, with those that were recorded. */
void scenario_expected_compare(char (*texts)[SCENARIO_EXPECT], size_t n,
			       const json_t *expected, size_t packet,
			       struct scenario_run *run);

/* Notes a disagreement. */
void scenario_say(struct scenario_run *run, size_t packet, const char *what,
		  const char *theirs, const char *mine);

const char *scenario_state(__u8 state);
const char *scenario_dir(__u8 dir);

/* Reads up to size bytes; returns how many. */
size_t scenario_hex(const char *hex, __u8 *bytes, size_t size);

/* A member of a packet, "-" if it is absent. */
const char *scenario_string(const json_t *packet, const char *key);

#endif
