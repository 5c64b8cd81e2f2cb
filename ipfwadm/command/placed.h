/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * placed.h - a rule set with the place of each rule in its file.
 */
#ifndef IPFWADM_PLACED_H
#define IPFWADM_PLACED_H

#include "backend/analysis/filter.h"
#include "backend/analysis/pieces.h"
#include "ipfwadm/app/app.h"
#include "parser/command.h"

/* reads a text as chains */
typedef int (*placed_reader)(struct filter *f, const char *text, size_t length);

struct placed {
	const char *name;		/* as the user spells it */
	/* of a file: pcnt, and conns of forwards, is the index of the command */
	struct fw_ruleset rules;
	struct fw_interfaces ifs;
	bool is_file;
	struct source source;		/* of a file */
	struct program program;
	unsigned int *line;		/* of each command */
	placed_reader foreign;		/* of a text of another program; NULL: it is none */
};

/*
 * Reads a file; those in force if name is NULL or "live"; or those of the backend of that
 * name.  ifs are those that the file names, or those of the backend.  takes_foreign: a
 * file of iptables-save or nft -j is only recognised, and the rules are empty.  Returns an
 * exit status, after a message if it is not 0; the caller frees *p in any case.
 */
int placed_read(const struct app *app, const char *name, bool takes_foreign, struct placed *p);
/* The same of source and program, which *p has, and empty rules; warned: who is, or NULL. */
int placed_apply(const struct app *app, struct placed *p, const struct app *warned);
void placed_free(struct placed *p);

/* The command of a rule; NULL if it is not of a file. */
const struct command *placed_command(const struct placed *p, enum fw_list_id list, __u32 rule);

/* the number of its line, 0 if it is not of a file */
unsigned int placed_line(const struct placed *p, enum fw_list_id list, __u32 rule);

/* "tcp 192.0.2.7:1024 -> 198.51.100.17:25 SYN, arrives on ppp0, established" */
void witness_show(struct fw_text *t, enum fw_list_id list, const struct witness *w);

/* --budget MILLIONS, as comparisons; 0 if it is not a number */
__u64 budget_parse(const char *word);

#endif
