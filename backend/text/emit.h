/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * emit.h - a plan as text that loads unmodified.
 *
 * Emitting is mechanical: what a plan says is written, or the whole plan is
 * refused; nothing is weakened or left out.  What the emitters expect of a
 * plan rule:
 *
 *  - A rule with port, ICMP type or flag matches, or translation to ports, also has
 *    a PLAN_M_PROTO match for one protocol.
 *  - xtables: there is one action at most but PLAN_A_COUNTER, and one
 *    interface name per direction.
 */
#ifndef BACKEND_EMIT_H
#define BACKEND_EMIT_H

#include <stdio.h>

#include "backend/plan/plan.h"
#include "backend/ruleset.h"
#include "kmod/core/text.h"

/*
 * The origin of emitted rules: writes the ipfwadm command that list's
 * rule r came from, without "ipfwadm", such as "-I -a deny -S 10.0.0.0/8".
 * The backends do not know the parser, so the program hands this in.
 */
typedef void (*emit_describe_fn)(struct fw_text *t, enum fw_list_id list,
				 const struct fw_rule *r);

struct emit_options {
	const struct fw_ruleset *rules;	/* that the plan was lowered from */
	emit_describe_fn describe;
	bool counters;		/* write packets and bytes */
	/* or NULL; a remark before each rule, because comments stay */
	const struct rule_origins *origins;
	bool maps;		/* nft: runs of rules as lookups, see emit_nft.h */
};

/*
 * 0; -EIO when out cannot be written; -EINVAL when the plan holds what the
 * target cannot express, such as an interface name that nft cannot spell
 * (plan_name_ok) or an xtables rule with two targets; -ENOMEM.
 */
int emit_nft(FILE *out, const struct plan *p, const struct emit_options *o);
int emit_iptables(FILE *out, const struct plan *p, const struct emit_options *o);

#endif
