/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * command.h - commands, edits and checks: what a line means, ready to be carried out.
 *
 * The interface of the parser.  One grammar is used for the command line, saved
 * files and the shell:
 *
 *	source	text with a name; a command line is made one by quoting its
 *		arguments, so that every error has a place (source.c)
 *	words	split as by a POSIX shell (lexer.l)
 *	tokens	letters of clusters, options with their required argument, free
 *		arguments, as getopt took them (tokens.c)
 *	AST	the options of a line in their order (grammar.y, ast.h)
 *	resolve	option by option from left to right, then the checks of the
 *		combination, then addresses and ports: the order of 2.3.0, because
 *		it decides which error is reported (resolve.c, option_value.c,
 *		check.c, endpoint.c; names.c asks the name services)
 *	edits	one per pair of addresses, with the place of its line (build.c)
 *
 * Every option is one row of the table in option.c, which all of these steps read,
 * as do the canonical form (print.c, the inverse of all this) and completion
 * (expect.c).  Memory of an AST is reused by the next line; a program
 * owns its arrays.
 *
 * On a command line the first error is the only one, in the words of 2.3.0.  In a
 * file every line is read and up to DIAG_MAX errors are reported, with a caret and
 * perhaps a suggestion (diag.h); nothing is returned then.  A file may contain
 * only commands that change rules, and `interface'.
 */
#ifndef PARSER_COMMAND_H
#define PARSER_COMMAND_H

#include "kmod/core/list.h"
#include "parser/diag.h"

enum command_kind {
	COMMAND_HELP,		/* -h */
	COMMAND_EDIT,		/* -a -i -d -f -z -p, -M -s */
	COMMAND_LIST,		/* -l, with -z if zero */
	COMMAND_CHECK,		/* -c */
	COMMAND_MASQ_LIST,	/* -M -l */
	COMMAND_PORTFW_LIST,	/* -M --forward -l */
	COMMAND_TRACK_LIST,	/* -T -l */
	COMMAND_TRACK_END,	/* -T -d */
	COMMAND_TRACK_FLUSH,	/* -T -f */
	COMMAND_TRACK_TIMEOUTS,	/* -T -s: shows them, or sets some */
	COMMAND_INTERFACE,	/* only in files */
};

/* a packet to be checked, one per source and destination address */
struct check {
	struct fw_packet pkt;
	__u32 smsk, dmsk;	/* shown with -v as those of a rule */
	struct fw_dev dev;	/* -W and -V */
	__u16 icmp_type;	/* as typed, for -v; type 0 is checked */
};

#define TIMEOUT_NAME_SIZE 48

/* of tracked connections: "tcp-established"; the kernel may not have it */
struct named_timeout {
	char name[TIMEOUT_NAME_SIZE];
	__u32 seconds;
};

struct command {
	enum command_kind kind;
	enum fw_list_id list;
	bool extended, numeric, verbose, exact, zero;	/* -e -n -v -x, -z */
	bool follow;		/* COMMAND_TRACK_LIST: events instead of a list */
	struct loc loc;		/* the whole line */
	/* COMMAND_EDIT: edit[first_edit ... + nedits) of the program */
	unsigned int first_edit, nedits;
	unsigned int first_check, nchecks;	/* COMMAND_CHECK */
	struct fw_dev dev;	/* COMMAND_INTERFACE */
};

/* the meaning of a source; all arrays are malloc'ed */
struct program {
	struct command *command;
	unsigned int ncommands;
	/* rules as typed, for -v; origin: index of the command */
	struct fw_edit *edit;
	unsigned int nedits;
	struct check *check;
	unsigned int nchecks;
	/* only on command lines, of their one command: -T -l and -T -d; -T -s */
	struct fw_rule *filter;
	unsigned int nfilters;
	struct named_timeout *timeout;
	unsigned int ntimeouts;
};

/*
 * Parses a command line; argv[0] is ignored.  *source gets the joined arguments;
 * the caller frees it (source_free) and *d (diags_free), which need not be
 * initialized.  Returns 0, or -EINVAL with one error in *d, that of 2.3.0.  Without
 * memory that is the error, and the result is -ENOMEM.  For -h, *p has one
 * COMMAND_HELP.
 */
int program_parse_argv(struct program *p, int argc, char *const *argv,
		       struct source *source, struct diags *d);

/* A file in saved form, or a flat legacy script; *d may get several errors. */
int program_parse_text(struct program *p, const struct source *source,
		       struct diags *d);

/*
 * A line of the shell: as in a file, but with every command.  Answers of name
 * services are cached for the next line, until the caller's names_forget().
 */
int program_parse_line(struct program *p, const struct source *source,
		       struct diags *d);

void program_free(struct program *p);

#endif
