/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * emit.h - a plan as text that loads unmodified.
 */
#ifndef BACKEND_EMIT_H
#define BACKEND_EMIT_H

#include <stdio.h>

#include "backend/plan.h"
#include "kmod/core/text.h"

/*
 * How emitted rules tell their origin: writes the ipfwadm command that list's
 * rule r came from, without "ipfwadm", such as "-I -a deny -S 10.0.0.0/8".
 * The backends do not know the parser, so the program hands this in.
 */
typedef void (*emit_describe_fn)(struct fw_text *t, enum fw_list_id list,
				 const struct fw_rule *r);

struct emit_options {
	const struct fw_ruleset *rules;	/* that the plan was lowered from */
	emit_describe_fn describe;
	bool counters;		/* write packets and bytes */
};

/* 0, or -EIO when out cannot be written. */
int emit_nft(FILE *out, const struct plan *p, const struct emit_options *o);
int emit_iptables(FILE *out, const struct plan *p, const struct emit_options *o);

#endif
