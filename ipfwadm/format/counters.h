/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * counters.h - counters of rules that are in the old set and the new one.
 */
#ifndef IPFWADM_COUNTERS_H
#define IPFWADM_COUNTERS_H

#include "kmod/core/list.h"

/* Copies the counters of rules of *from to equal rules of *to: 0 or -ENOMEM. */
int counters_copy(struct fw_ruleset *to, const struct fw_ruleset *from);

#endif
