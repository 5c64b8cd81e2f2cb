/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * plan_note.h - where the kernel's connection tracking differs from ours, rule by rule.
 *
 * A rule on nft or xtables sees the states of nf_conntrack, one of the simulator or the
 * module those of kmod/core's tracker.  Their deliberate differences concern packets that
 * are forged, damaged or rare, so such a rule remains exact; a note names the difference.
 */
#ifndef BACKEND_PLAN_NOTE_H
#define BACKEND_PLAN_NOTE_H

#include "kmod/core/rule.h"

/*
 * The nth note about a rule, from 0 on: a sentence about the kernel, without full stop.
 * NULL: there are no more.
 */
const char *plan_note(const struct fw_rule *r, unsigned int n);

#endif
