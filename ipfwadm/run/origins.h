/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * origins.h - which command of a script each staged rule comes from.
 */
#ifndef IPFWADM_ORIGINS_H
#define IPFWADM_ORIGINS_H

#include "ipfwadm/format/rules_dump.h"
#include "ipfwadm/run/session_command.h"

/* Borrows the places of s.  0 or -ENOMEM; origins_free() in any case. */
int origins_make(struct rule_origins *o, const struct session_commands *s);
void origins_free(struct rule_origins *o);

#endif
