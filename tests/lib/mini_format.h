/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mini_format.h - a ruleset_format of the fewest words, so that what stores
 * text can be tested without the parser.
 *
 *	interface NAME ADDRESS MASK
 *	policy LIST NUMBER
 *	timeouts TCP TCPFIN UDP
 *	rule LIST FLAGS SOURCE PACKETS BYTES
 *
 * Numbers only, a rule has no more than that, everything else is an error.
 */
#ifndef TESTS_LIB_MINI_FORMAT_H
#define TESTS_LIB_MINI_FORMAT_H

#include "backend/backend.h"

extern const struct ruleset_format mini_format;

/* the rule that a source address stands for */
struct fw_rule mini_rule(__u32 src);

#endif
