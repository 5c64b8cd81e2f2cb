/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * command.h - what a line means: resolved commands, ready to be carried out.
 *
 * The front door of the parser:
 *
 *	words or text --parse--> AST (ast.h) --resolve--> struct command
 *
 * One grammar serves the command line, saved files and the shell.  Files hold
 * only what changes rules, and `interface'.
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
	COMMAND_TRACK_LIST,	/* -T -l */
	COMMAND_TRACK_END,	/* -T -d */
	COMMAND_TRACK_FLUSH,	/* -T -f */
	COMMAND_TRACK_TIMEOUTS,	/* -T -s: shows them, or sets some */
	COMMAND_INTERFACE,	/* only in files */
};

/* a packet to be asked about, one per source and destination address */
struct check {
	struct fw_packet pkt;
	__u32 smsk, dmsk;	/* shown with -v as those of a rule */
	struct fw_dev dev;	/* -W and -V */
	__u16 icmp_type;	/* as typed: shown with -v, though type 0 is checked */
};

#define TIMEOUT_NAME_SIZE 48

/* of tracked connections: "tcp-established", if there is one of that name */
struct named_timeout {
	char name[TIMEOUT_NAME_SIZE];
	__u32 seconds;
};

struct command {
	enum command_kind kind;
	enum fw_list_id list;
	bool extended, numeric, verbose, exact, zero;	/* -e -n -v -x, -z */
	struct loc loc;		/* the whole line */
	/* COMMAND_EDIT: edit[first_edit ... + nedits) of the program */
	unsigned int first_edit, nedits;
	unsigned int first_check, nchecks;	/* COMMAND_CHECK */
	struct fw_dev dev;	/* COMMAND_INTERFACE */
};

/* everything that one source meant; all arrays malloc'ed */
struct program {
	struct command *command;
	unsigned int ncommands;
	/* rules as typed (-v shows them so); origin: index of the command */
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
 * A command line, argv[0] included (it is not looked at).  *source gets the
 * joined words and belongs to the caller (source_free).  Returns 0, or -EINVAL
 * with the errors in *d: for argv exactly one, the one 2.3.0 would have told.
 * Out of memory is such an error too, and -ENOMEM.  *d need not be initialized
 * and belongs to the caller (diags_free).
 * When -h is met *p holds one COMMAND_HELP.
 */
int program_parse_argv(struct program *p, int argc, char *const *argv,
		       struct source *source, struct diags *d);

/* A file in saved form, or a flat legacy script.  Several errors are told. */
int program_parse_text(struct program *p, const struct source *source,
		       struct diags *d);

/*
 * A line of the shell: as in a file, but with every command.  What names mean
 * is remembered for the next line; the caller ends that with names_forget().
 */
int program_parse_line(struct program *p, const struct source *source,
		       struct diags *d);

void program_free(struct program *p);
void source_free(struct source *s);

#endif
