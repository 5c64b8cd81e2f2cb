/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * xt_u32.h - tests of a packet's bytes, for what has no match of its own.
 */
#ifndef BACKEND_XT_U32_H
#define BACKEND_XT_U32_H

#include "backend/xtables/xt_entry.h"

/* The same tests as emit_iptables_match.c writes. */
void xt_u32_add(struct xt_builder *b, const struct plan_match *m);

#endif
