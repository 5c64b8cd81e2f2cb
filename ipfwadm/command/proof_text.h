/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * proof_text.h - what proofs are about, and packets that they find, for people.
 */
#ifndef IPFWADM_PROOF_TEXT_H
#define IPFWADM_PROOF_TEXT_H

#include "backend/analysis/plan_read.h"
#include "backend/analysis/prove.h"
#include "kmod/core/text.h"

#define PROOF_TARGETS 2

/* a translation, by enum plan_target */
struct proof_target {
	const char *name, *backend;
	struct plan *(*lower)(const struct fw_ruleset *rs, const struct plan_options *o);
	int (*read)(struct plan_read *r, const struct plan *wanted, const char *text,
		    size_t length);
	const char *list;	/* the command that prints what the kernel has */
};

extern const struct proof_target proof_targets[PROOF_TARGETS];

const char *proof_verdict_name(const struct traversal_end *e);
/* "accepted, type of service becomes 0x10; input rule 4" */
void proof_end_show(struct fw_text *t, const struct traversal_end *e, __u8 tos);
/* "tcp 192.0.2.7:1024 -> 198.51.100.17:25 SYN, arrives on ppp0, new" */
void proof_packet_show(struct fw_text *t, const struct traversal_packet *p);
/* Why a text cannot be read, with its place there. */
void proof_error_show(struct fw_text *t, const char *name, enum plan_target target,
		      const struct filter_error *e);

/* rules, and policies, that the plan reports as inexact */
unsigned long proof_inexact_count(const struct plan *p);

#endif
