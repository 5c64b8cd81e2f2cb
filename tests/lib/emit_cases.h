/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * emit_cases.h - plan rules and how they are spelled, for the unit test of the
 * emitters and for loading the same rules into a kernel.
 */
#ifndef TESTS_LIB_EMIT_CASES_H
#define TESTS_LIB_EMIT_CASES_H

#include "backend/text/emit.h"

/* the chain that a case is put into */
enum emit_place {
	EMIT_IN_MANGLE,		/* mangle PREROUTING, nft: prerouting -150 */
	EMIT_IN_RAW,		/* raw PREROUTING, nft: prerouting -150 */
	EMIT_IN_FORWARD,	/* filter FORWARD */
	EMIT_IN_REDIRECT,	/* nat PREROUTING */
	EMIT_IN_MASQUERADE,	/* nat POSTROUTING */
	EMIT_PLACES,
};

/*
 * A rule and its line, NULL where the emitter must refuse it.  listed is what
 * nft 1.0.6 lists if it is not what was loaded, saved what iptables-save does.
 */
struct emit_case {
	const char *name;
	enum emit_place place;
	struct plan_rule rule;
	const char *nft, *listed;
	const char *iptables, *saved;
};

extern const struct emit_case emit_cases[];
extern const size_t emit_cases_count;

/* A plan of one case; of all that the target can have.  Static. */
const struct plan *emit_case_plan(const struct emit_case *k, enum plan_target target);
const struct plan *emit_cases_plan(enum plan_target target);

typedef int (*emit_fn)(FILE *out, const struct plan *p, const struct emit_options *o);

/* The text of a plan, malloc'ed, or NULL with *error. */
char *emit_to_text(emit_fn emit, const struct plan *p, const struct emit_options *o,
		   int *error);

#endif
