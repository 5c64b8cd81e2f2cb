/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * xt_foreign.h - chains of other programs in legacy iptables.
 */
#ifndef BACKEND_XT_FOREIGN_H
#define BACKEND_XT_FOREIGN_H

#include "backend/backend.h"

/* Reports the chains that are not ours of all tables in use.  0 or -errno. */
int xt_foreign_chains(foreign_chain_fn each, void *ctx);

#endif
