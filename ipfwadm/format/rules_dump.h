/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rules_dump.h - rules as text for other programs, and what is not exact of them.
 */
#ifndef IPFWADM_RULES_DUMP_H
#define IPFWADM_RULES_DUMP_H

#include "backend/ruleset.h"
#include "ipfwadm/app/app.h"

struct rules_dump {
	const struct fw_ruleset *rs;
	const struct fw_interfaces *ifs;
	const struct rule_origins *origins;	/* or NULL */
	bool partial;	/* print although some rules cannot be expressed */
	bool prove;	/* print only what is proved to do what the rules do */
	bool maps;	/* nft: neighbours as lookups in maps */
	bool notes;	/* also report where the kernel's states differ */
	FILE *out;	/* set by rules_dump() */
};

struct dump_format;

/* "nft", "iptables", "json", "ipfwadm", for which --json is set; NULL after a message. */
const struct dump_format *rules_dump_format(struct app *app, const char *name);

/* Prints on stdout and reports on stderr; returns an exit status. */
int rules_dump(struct app *app, const struct dump_format *format, struct rules_dump *d);

#endif
