/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * reasons.h - why a kernel of today does otherwise than recorded, rightly.
 *
 * Each is decided by what the packet and its connection are, and says what the
 * kernel does instead; any other outcome stays a failure.
 */
#ifndef TESTS_NET_REASONS_H
#define TESTS_NET_REASONS_H

#include "tests/programs/paths/replay.h"

/* Counts the reason that explains the step.  False: there is none. */
bool reason_explains(const struct replay *r, const struct step *s);

/* Prints how often each was given. */
void reasons_print(void);

#endif
