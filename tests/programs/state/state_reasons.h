/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * state_reasons.h - why rules of a kernel see another state than recorded, rightly.
 *
 * A reason is a rule about the packet, never a list of scenarios.
 */
#ifndef TESTS_STATE_REASONS_H
#define TESTS_STATE_REASONS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "kmod/core/base.h"

/*
 * Is there a reason why no rule counted this recorded packet?  Counts it.  The connection
 * tracker has seen the packet as recorded, so the table is the recorded one.
 */
bool state_reason_unseen(const json_t *packet, const __u8 *bytes, size_t len);

/*
 * Is there a reason why an entry has mine seconds left, where theirs were recorded?  The
 * entry agrees otherwise; line is the recorded one.  Counts it.
 */
bool state_reason_left(const json_t *scenario, size_t packet, const char *line,
		       long theirs, long mine);

/* Prints "differs: N: REASON" for each, and forgets. */
void state_reasons_print(void);

#endif
