/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fwchk.h - the recorded decisions of ip_fw_chk, and who is held against them.
 */
#ifndef TESTS_FWCHK_H
#define TESTS_FWCHK_H

#include "tests/lib/recorded.h"
#include "tests/lib/tally.h"

/* a recorded rule set, loaded */
struct fwchk_set {
	long long number;
	struct recorded_devs devs;
	struct fw_ruleset rules;
	__u32 padding;		/* rules before the recorded ones of each list; none matches */
};

/* a recorded packet, as what it meets and what became of it */
struct fwchk_packet {
	size_t index;
	enum fw_list_id list;
	enum fw_direction direction;	/* accounting only */
	struct fw_packet pkt;
	const struct fw_dev *dev;
	const json_t *expected;	/* class, verdict, by, rule, matched, tos, ... */
};

/* Something that decides about packets.  All but packet may be NULL. */
struct fwchk_judge {
	const char *name;	/* of --plan and --backend; the core's is "core" */
	void (*begin)(struct tally *t, const struct fwchk_set *set);
	/* compares one packet and counts it */
	void (*packet)(struct tally *t, struct fwchk_set *set,
		       const struct fwchk_packet *p);
	void (*end)(struct tally *t, const struct fwchk_set *set);
	void (*report)(struct tally *t);	/* once, before the closing line */
};

extern const struct fwchk_judge fwchk_core, fwchk_nft, fwchk_xtables, fwchk_kmod;

/*
 * Compares a decision with what is recorded, and counts it.  matched, an array of
 * indices of rules, is given away; log is what they logged.
 */
void fwchk_compare(struct tally *t, const struct fwchk_set *set,
		   const struct fwchk_packet *p, const struct fw_decision *decision,
		   json_t *matched, const char *log);

/* the words that the recordings have for them */
const char *fwchk_verdict_word(enum fw_verdict verdict);
const char *fwchk_by_word(enum fw_by by);

#endif
