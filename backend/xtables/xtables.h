/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * xtables.h - rules in force: legacy iptables.
 */
#ifndef BACKEND_XTABLES_H
#define BACKEND_XTABLES_H

#include "backend/backend.h"

extern const struct backend_ops xtables_ops;

#endif
