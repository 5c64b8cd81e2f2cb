/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * xt_timeouts.h - the timeouts of -M -s, as far as iptables can have them.
 *
 * iptables has none for masqueraded connections alone.  So once they are set, those of
 * all connections of the network namespace are.
 */
#ifndef BACKEND_XT_TIMEOUTS_H
#define BACKEND_XT_TIMEOUTS_H

#include "backend/backend.h"

/*
 * Sets what is to differ from what was; a kernel that tracks no connections has none.
 * 0, or -errno with a text, and all is as before.
 */
int xt_timeouts_change(const struct fw_timeouts *was, const struct fw_timeouts *is,
		       struct fw_error *e);

#endif
