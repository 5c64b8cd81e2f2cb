/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * emit_iptables.h - what the files of the iptables emitter know of each other.
 */
#ifndef BACKEND_EMIT_IPTABLES_H
#define BACKEND_EMIT_IPTABLES_H

#include "backend/emit_text.h"

/* all matches of a rule, each with a blank in front */
void emit_iptables_matches(struct emit *e, const struct emit_rule *s);

#endif
