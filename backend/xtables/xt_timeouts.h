/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * xt_timeouts.h - the timeouts of -M -s as sysctls of connection tracking.
 *
 * iptables has none for masqueraded connections alone.  So once they are set, those of
 * all connections of the network namespace are.
 */
#ifndef BACKEND_XT_TIMEOUTS_H
#define BACKEND_XT_TIMEOUTS_H

#include "backend/backend.h"
#include "backend/track.h"

struct xt_timeouts {
	struct track_timeout item[8];
	size_t count;
};

/*
 * Sets those that are not 0, and stores the old ones in *before.  0, or -errno with a
 * text and nothing is set.
 */
int xt_timeouts_set(const struct fw_timeouts *t, struct xt_timeouts *before,
		    struct fw_error *e);

void xt_timeouts_restore(const struct xt_timeouts *before);

#endif
